"""The bot's account at a simulated market: what it holds, and what it earned by cause. Integers; decides nothing.

Order sizes have two decimals, so price × size is a whole number of cash units and nothing here rounds but fees and rebates.
"""

from __future__ import annotations

from attrs import define, field, frozen

from actors.model.market import FeeSchedule, Outcome, Side
from actors.model.numbers import PRICE_ONE, PUSD, Cash, cost, proceeds
from actors.model.performance import Performance
from actors.model.plan import yes_terms

FUNDS = Cash(1_000 * PUSD)
MARKOUT = 30.0  # s after a trade at which it is judged


@frozen
class Trade:
    """One own fill; `middle` is that of the others' quotes at its instant, `fair` the truth."""

    at: float
    outcome: Outcome
    side: Side
    price: int
    size: int
    taker: bool
    middle: int
    fair: int

    @property
    def signed(self) -> int:
        """What it adds to the net position."""
        return self.size if self.yes[0] else -self.size

    @property
    def yes(self) -> tuple[bool, int]:
        """(does it buy YES?, at which price), in YES terms."""
        return yes_terms(self.outcome, self.side, self.price)


@define(eq=False)
class Account:
    """`cash` is settled money, rebates and rewards left out; `held` what `shares` were before they became what they pay."""

    charges: FeeSchedule
    cash: int = FUNDS
    shares: dict[Outcome, int] = field(factory=lambda: dict.fromkeys(Outcome, 0))
    held: dict[Outcome, int] = field(factory=dict)
    trades: list[Trade] = field(factory=list)
    spread: int = 0
    inventory: int = 0
    fees: int = 0
    rebates: int = 0
    rewards: int = 0
    luck: int = 0
    _middle: int = 0
    _fair: int = 0
    _peak: int = 0
    _drawdown: int = 0
    _looks: int = 0
    _carried: int = 0
    _most: int = 0
    _due: list[Trade] = field(factory=list)
    _markout: int = 0
    _marked: int = 0

    @property
    def net(self) -> int:
        return self.shares[Outcome.YES] - self.shares[Outcome.NO]

    def book(self, trade: Trade) -> None:
        """A trade: shares and money move, and its edge over the middle is told apart from what the position does."""
        self._move(trade.middle)
        self._drift(trade.fair)
        sign, (_, price) = 1 if trade.signed > 0 else -1, trade.yes
        self.spread += sign * proceeds(trade.middle - price, trade.size)
        buys = trade.side is Side.BUY
        self.cash += -cost(trade.price, trade.size) if buys else proceeds(trade.price, trade.size)
        self.shares[trade.outcome] += trade.size if buys else -trade.size
        if trade.taker:
            fee = self.charges.taker_fee(trade.price, trade.size)
            self.fees += fee
            self.cash -= fee
        else:
            self.rebates += self.charges.maker_rebate(trade.price, trade.size)
        self.trades.append(trade)
        self._due.append(trade)

    def look(self, at: float, middle: int) -> None:
        """Once a second: how it stands now."""
        self._move(middle)
        while self._due and self._due[0].at + MARKOUT <= at:
            self._mark(self._due.pop(0), middle)
        equity = self.spread + self.inventory - self.fees
        self._peak = max(self._peak, equity)
        self._drawdown = max(self._drawdown, self._peak - equity)
        self._looks += 1
        self._carried += abs(self.net)
        self._most = max(self._most, abs(self.net))

    def settle(self, worth: int) -> None:
        """The end: a YES share is worth so much."""
        self._move(worth)
        self._drift(worth)
        for trade in self._due:
            self._mark(trade, worth)
        self._due.clear()
        self.held = dict(self.shares)
        for outcome, value in ((Outcome.YES, worth), (Outcome.NO, PRICE_ONE - worth)):
            self.cash += proceeds(value, self.shares[outcome])
            self.shares[outcome] = 0

    def performance(self, seed: int, seconds: int, placed: int, actions: int) -> Performance:
        """After the end."""
        filled = sum(trade.size for trade in self.trades)
        notional = sum(proceeds(trade.price, trade.size) for trade in self.trades)
        return Performance(
            seed=seed,
            spread=Cash(self.spread),
            inventory=Cash(self.inventory),
            luck=Cash(self.luck),
            fees=Cash(self.fees),
            rebates=Cash(self.rebates),
            rewards=Cash(self.rewards),
            drawdown=Cash(self._drawdown),
            inventory_mean=self._carried // max(self._looks, 1),
            inventory_most=self._most,
            markout=Cash(self._markout),
            marked=self._marked,
            placed=placed,
            filled=filled,
            trades=len(self.trades),
            notional=Cash(notional),
            actions=actions,
            seconds=seconds,
        )

    def _move(self, middle: int) -> None:
        self.inventory += proceeds(middle - self._middle, self.net)
        self._middle = middle

    def _drift(self, fair: int) -> None:
        """What the truth did to the position since the last trade."""
        self.luck += proceeds(fair - self._fair, self.net)
        self._fair = fair

    def _mark(self, trade: Trade, middle: int) -> None:
        sign, (_, price) = 1 if trade.signed > 0 else -1, trade.yes
        self._markout += sign * proceeds(middle - price, trade.size)
        self._marked += trade.size
