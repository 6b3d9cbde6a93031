"""What markets have at stake: the worst that can come of an event, and the worth of what is held and being bought.

Orders count as far as they may still fill, each in the way that is worst: nobody knows which of them will.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from actors.model.ledger import Position
from actors.model.market import Side
from actors.model.numbers import PRICE_ONE, Cash, cost, proceeds
from actors.model.plan import yes_terms
from actors.model.quote import Quote


@frozen
class Stake:
    """A market's position and what its orders not proven dead may still take or give."""

    position: Position
    orders: tuple[Quote, ...] = ()

    def plus(self, *orders: Quote) -> Stake:
        return evolve(self, orders=(*self.orders, *orders))

    @property
    def loss_if_yes(self) -> int:
        """What is lost if YES pays, every order that then loses filled, and none that then earns (cash units)."""
        position = self.position
        return position.yes.cost + position.no.cost - position.yes.size + sum(_risked(o) for o in self._asks)

    @property
    def loss_if_no(self) -> int:
        position = self.position
        return position.yes.cost + position.no.cost - position.no.size + sum(_risked(o) for o in self._bids)

    @property
    def _bids(self) -> tuple[Quote, ...]:
        return tuple(o for o in self.orders if yes_terms(o.outcome, o.side, o.price)[0])

    @property
    def _asks(self) -> tuple[Quote, ...]:
        return tuple(o for o in self.orders if not yes_terms(o.outcome, o.side, o.price)[0])

    def notional(self, yes_mid: int | None) -> Cash:
        """What the shares held are worth, at cost while they have no price, and what open buys would cost."""
        held = self.position
        worth = held.inventory_cost
        if yes_mid is not None:
            worth = Cash(proceeds(yes_mid, held.yes.size) + proceeds(PRICE_ONE - yes_mid, held.no.size))
        return Cash(worth + sum(cost(o.price, o.size) for o in self.orders if o.side is Side.BUY))


def _risked(order: Quote) -> int:
    """What an order loses if its side turns out wrong: a buy its price, a sale what its shares would have paid beyond it."""
    if order.side is Side.BUY:
        return cost(order.price, order.size)
    return order.size - proceeds(order.price, order.size)


def worst_loss(stakes: Sequence[Stake], *, exclusive: bool) -> Cash:
    """The most that an event's markets can lose from here, never below 0.

    In an `exclusive` event (neg-risk) at most one market ends in YES; it may also be one that is not traded here.
    """
    if not exclusive:
        return Cash(max(0, sum(max(stake.loss_if_yes, stake.loss_if_no) for stake in stakes)))
    none = sum(stake.loss_if_no for stake in stakes)
    return Cash(max(0, none, *(none - stake.loss_if_no + stake.loss_if_yes for stake in stakes)))
