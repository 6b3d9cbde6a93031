"""Shares of one outcome and what they cost. Owned by a ledger."""

from __future__ import annotations

from attrs import frozen

from actors.model.booked import Booked
from actors.model.market import Side
from actors.model.numbers import Cash, Size, cost, proceeds
from actors.model.order import Settlement


@frozen
class Holding:
    """Shares of one outcome: all that trades say, the part that is confirmed, what they cost, and what sales earned.

    Average-cost accounting: a closing trade takes its share of the cost with it. The venue lists trades in no stated
    order, so a sale may be heard of before the buy behind it: size and cost are signed, and the later buy covers it.
    `fees` are those paid when the shares held were bought: money at risk like what they cost, but no part of it.
    By the venue's balance `barred` shares cannot be sold now, and `gone` of them are not in the account any more.
    """

    size: int = 0
    confirmed: int = 0
    cost: Cash = Cash(0)
    realised: Cash = Cash(0)
    barred: int = 0
    gone: int = 0
    fees: Cash = Cash(0)

    @property
    def sellable(self) -> Size:
        """Shares that may back a sell: confirmed ones only (I1, I11), as far as they are there."""
        return Size(max(0, min(self.confirmed, self.size) - self.barred))

    @property
    def there(self) -> int:
        """Shares that are in the account, as far as anybody knows."""
        return self.size - min(self.gone, max(0, self.size))

    def after(self, fill: Booked) -> Holding:
        """The holding once `fill` is added."""
        buys = fill.side is Side.BUY
        change = int(fill.size) if buys else -int(fill.size)
        cash = cost(fill.price, fill.size) if buys else -proceeds(fill.price, fill.size)
        certain = not buys or fill.settlement is Settlement.CONFIRMED
        return self.moved(change, cash, certain=certain, fee=fill.fee if buys else 0)

    def moved(self, change: int, cash: int, *, certain: bool, fee: int = 0) -> Holding:
        """The holding once `change` shares have come (below 0: gone) for `cash` paid (below 0: earned), and a `fee`."""
        closed = min(abs(change), abs(self.size)) if self.size * change < 0 else 0
        part = self.cost * closed // abs(self.size) if closed else 0
        spent = cash * closed // abs(change) if closed else 0
        return Holding(
            size=self.size + change,
            confirmed=self.confirmed + (change if certain else 0),
            cost=Cash(self.cost - part + cash - spent),
            realised=Cash(self.realised - part - spent),
            fees=Cash(self.fees - (self.fees * closed // abs(self.size) if closed else 0) + fee),
        )
