"""What each client's holdings cost and earned, as the Data API tells it (polymarket.md §10). A listener; moves no money.

Trades count once mined and are averaged per token; a pair that was split or converted cost half a pUSD a share.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field, frozen

from actors.model.numbers import PRICE_ONE
from adapters.emulator.accounts import Account
from adapters.emulator.events import ChainMoved, Event, Paid, TradeMoved
from adapters.emulator.trades import Leg, Trade


@define(eq=False)
class Stake:
    """One token of one account: size units held and ever bought, cash units they cost (fees apart) and earned."""

    token: str
    size: int = 0
    cost: int = 0
    fees: int = 0
    bought: int = 0
    realized: int = 0
    first_at: float = 0.0
    last_at: float = 0.0

    @property
    def average(self) -> int:
        """Price units a share cost; 0 without any."""
        return self.cost * PRICE_ONE // self.size if self.size else 0

    def gain(self, size: int, cost: int, fee: int, at: float) -> None:
        self.first_at, self.last_at = self.first_at or at, at
        self.size, self.bought = self.size + size, self.bought + size
        self.cost, self.fees = self.cost + cost, self.fees + fee

    def lose(self, size: int, proceeds: int, at: float) -> None:
        """Shares leave at their average cost; the rest of the proceeds is profit."""
        self.last_at = at
        gone = self.cost * min(size, self.size) // self.size if self.size else 0
        self.size, self.cost = max(self.size - size, 0), self.cost - gone
        self.realized += proceeds - gone


@frozen
class Deed:
    """A line of an account's activity: `leg` of a trade, what was `moved` on the chain, or `paid` by the venue."""

    at: float
    leg: Leg | None = None
    trade: Trade | None = None
    moved: ChainMoved | None = None
    paid: Paid | None = None


@define(eq=False)
class Portfolios:
    """Stakes by lower-case address and token; `deeds` by address, oldest first. The exchange's own flow has none."""

    wall: Callable[[], float]
    stakes: dict[str, dict[str, Stake]] = field(factory=dict)
    deeds: dict[str, list[Deed]] = field(factory=dict)

    def of(self, address: str) -> list[Stake]:
        return list(self.stakes.get(address.lower(), {}).values())

    def done_by(self, address: str) -> list[Deed]:
        return self.deeds.get(address.lower(), [])

    def hear(self, event: Event) -> None:
        if isinstance(event, TradeMoved) and event.trade.status == "MINED":
            for leg in event.trade.legs:
                self._traded(event.trade, leg)
        elif isinstance(event, ChainMoved):
            self._moved(event)
        elif isinstance(event, Paid):
            self._note(event.account, Deed(self.wall(), paid=event))

    def _traded(self, trade: Trade, leg: Leg) -> None:
        account = leg.ticket.account
        if account.internal:
            return
        stake = self._stake(account, leg.ticket.token)
        if leg.shares > 0:
            stake.gain(leg.size, -leg.cash - leg.fee, leg.fee, trade.matched_at)
        else:
            stake.lose(leg.size, leg.cash, trade.matched_at)
        self._note(account, Deed(trade.matched_at, leg=leg, trade=trade))

    def _moved(self, event: ChainMoved) -> None:
        """Cash is shared out over the tokens that leave in proportion to their payouts, or halved for a pair."""
        now = self.wall()
        for token, change in event.changes.items():
            if not change:
                continue
            stake = self._stake(event.account, token)
            if change > 0:
                stake.gain(change, change // 2, 0, now)
            else:
                stake.lose(-change, self._proceeds(event, token, -change), now)
        self._note(event.account, Deed(now, moved=event))

    def _proceeds(self, event: ChainMoved, token: str, size: int) -> int:
        listing = event.listing
        if event.kind != "redeem" or listing.payouts is None:
            return size // 2
        return size * listing.payouts[0 if token == listing.market.yes else 1] // 10**6

    def _stake(self, account: Account, token: str) -> Stake:
        return self.stakes.setdefault(account.address.lower(), {}).setdefault(token, Stake(token))

    def _note(self, account: Account, deed: Deed) -> None:
        self.deeds.setdefault(account.address.lower(), []).append(deed)
