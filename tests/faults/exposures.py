"""The money the bot has at risk, market by market: open buys, buys that may still arrive, and what its shares cost (I1)."""

from __future__ import annotations

from attrs import define, field, frozen

from actors.model.numbers import cost
from actors.model.settings import BudgetSettings
from tests.faults.breach import pusd
from tests.faults.case import Case
from tests.faults.evidence import BUDGET_NEARLY_USED
from tests.faults.markets import Listed
from tests.faults.orders import Arrived

_EVERYTHING = "all markets"


@frozen
class Tied:
    """Cash units: what open buys may still cost, what posts of unknown fate may, and what the shares held did cost."""

    resting: int = 0
    unproven: int = 0
    inventory: int = 0

    @property
    def sum(self) -> int:
        return self.resting + self.unproven + self.inventory

    def plus(self, other: Tied) -> Tied:
        return Tied(self.resting + other.resting, self.unproven + other.unproven, self.inventory + other.inventory)

    def text(self) -> str:
        parts = f"{pusd(self.resting)} in open buys, {pusd(self.unproven)} in posts that may still arrive"
        return f"{pusd(self.sum)} ({parts}, {pusd(self.inventory)} in shares)"


@define(eq=False)
class Exposures:
    """`_slack` are cash units by market that are not the bot's doing: rounding, and fills beyond an order's size."""

    caps: BudgetSettings
    case: Case
    _settled: dict[str, Tied] = field(factory=dict)
    _slack: dict[str, int] = field(factory=dict)
    _over: set[str] = field(factory=set)
    _nearly: set[str] = field(factory=set)

    def filled(self, arrived: Arrived, price: int, beyond: int) -> None:
        """An own order was filled, with `beyond` size units that it never asked for: dust, no fault of the bot."""
        market = arrived.order.market
        self._slack[market] = self._slack.get(market, 0) + 1 + (cost(price, beyond) if arrived.buys else 0)

    def judge(self, market: str, order_id: str = "") -> None:
        """Something about the market has changed. A breach is told once, until the money is back under its cap."""
        if market in self.case.markets.by_id:
            self._settled[market] = self._tied(self.case.markets.by_id[market])
        unproven = self._unproven()
        mine = self._settled.get(market, Tied()).plus(Tied(unproven=unproven.get(market, 0)))
        slack = self._slack.get(market, 0)
        self._compare(self._name(market), mine, self.caps.per_market, slack, order_id)
        every = Tied(unproven=sum(unproven.values()))
        for tied in self._settled.values():
            every = every.plus(tied)
        self._compare(_EVERYTHING, every, self.caps.total, sum(self._slack.values()), order_id)

    def _tied(self, market: Listed) -> Tied:
        buys = (one.order.notional for one in self.case.orders.own_in(market.id) if one.buys)
        pools = (self.case.holdings.pools.get(token) for token in market.tokens)
        return Tied(resting=sum(buys), inventory=sum(pool.cost for pool in pools if pool is not None))

    def _unproven(self) -> dict[str, int]:
        by_market: dict[str, int] = {}
        for post in self.case.posts.pending(self.case.now):
            market = post.market.id if post.market else ""
            by_market[market] = by_market.get(market, 0) + post.tied
        return by_market

    def _compare(self, scope: str, tied: Tied, cap: int, slack: int, order_id: str) -> None:
        if _crossed(scope, tied.sum * 100 > cap * 95, self._nearly):
            self.case.evidence.met(BUDGET_NEARLY_USED)
        if _crossed(scope, tied.sum > cap + slack, self._over):
            over = f"{pusd(tied.sum - cap)} more than its cap of {pusd(cap)}"
            self.case.evidence.tell("I1", f"the bot has {tied.text()} at risk in {scope}, {over}", order_id)

    def _name(self, market: str) -> str:
        return self.case.markets.by_id[market].slug if market in self.case.markets.by_id else f"market {market[:10]}…"


def _crossed(scope: str, above: bool, known: set[str]) -> bool:
    """True when it has just gone above."""
    fresh = above and scope not in known
    (known.add if above else known.discard)(scope)
    return fresh
