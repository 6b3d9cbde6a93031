"""Each key of `risk` and `budget`, and of `limits` what holds an order back: how it is made to fire, its code, what follows.

The runs are the same over the venue in memory and over the practice exchange; a `Stage` is what both can do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import trio
from attrs import evolve, frozen

from actors.model.limit_settings import LimitSettings
from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.risk_settings import BreakerSettings, RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from tests.venue import Fate
from tests.wiring.world import until


class Resting(Protocol):
    """An own order at the venue."""

    @property
    def side(self) -> Side: ...


class Stage(Protocol):
    """The whole bot over some venue, and whoever trades with it there. Both markets' mids are 0.50 at first."""

    def obey(self, command: str, args: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """What the control socket answers."""
        ...

    def told(self) -> dict[str, dict[str, Any]]:
        """`explain` of every market."""
        ...

    def live(self) -> Sequence[Resting]: ...

    @property
    def posts(self) -> int:
        """Orders sent so far."""
        ...

    def audited(self, kind: str, code: str) -> int:
        """Rows of the audit that tell of it: a refused order, a tripped breaker, a kill."""
        ...

    async def take_buy(self) -> None:
        """Somebody fills the resting buy of YES, and it settles."""
        ...

    async def take_sale_below_cost(self) -> None: ...

    async def move(self, bid: int) -> None:
        """The others quote at `bid` and four cents above it (price units)."""
        ...

    def hold(self, money: Cash) -> None:
        """The account's free balance is this."""
        ...

    def hurry(self) -> None:
        """Answers come at once from here on."""
        ...


Step = Callable[[Stage], Awaitable[None]]


def pusd(amount: float) -> Cash:
    return Cash(int(amount * PUSD))


def shares(size: float) -> Size:
    return Size(int(size * SHARE))


def settled(risk: RiskSettings | None = None, budget: BudgetSettings | None = None, *names: str) -> Settings:
    markets = tuple(MarketSettings(name) for name in names or ("alpha",))
    return Settings(markets, risk=risk or RiskSettings(), budget=budget or BudgetSettings())


def tripping(**keys: Any) -> RiskSettings:  # noqa: ANN401 - a settings value
    """Breakers that need two orders and hold for ten seconds."""
    own: dict[str, Any] = {"least": 2, "cool_down": 10.0, "markout_fills": 1, "markout_after": 1.0, **keys}
    return RiskSettings(max_unknown=8, breakers=BreakerSettings(**own))


async def quoted(of: Stage) -> None:
    await until(lambda: len(of.live()) >= 2 * len(of.told()), within=5.0)


# ── what provokes ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def nothing(_: Stage) -> None:
    """The strategy alone asks for too much, or the venue's answers do the rest."""


async def lose(of: Stage) -> None:
    """20 YES bought at 0.48 are worth 0.37: a loss of 2.2."""
    await quoted(of)
    await of.take_buy()
    await of.move(3500)


async def grow_poor(of: Stage) -> None:
    await quoted(of)
    await of.take_buy()
    of.hold(pusd(40))


async def sell_at_a_loss(of: Stage) -> None:
    await quoted(of)
    await of.take_buy()
    await until(lambda: any(o.side is Side.SELL for o in of.live()), within=5.0)
    await of.take_sale_below_cost()


async def forget(of: Stage) -> None:
    """One of two orders is never heard of again, and the other one is to be placed anew."""
    await until(lambda: len(of.live()) == 1, within=3.0)
    await of.move(4300)


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def nothing_rests(of: Stage) -> None:
    await trio.sleep(2.0)
    before = of.posts
    await trio.sleep(3.0)
    assert not of.live()
    assert of.posts == before


async def one_rests(of: Stage) -> None:
    await trio.sleep(3.0)
    assert len(of.live()) == 1


async def at_most_two_rest(of: Stage) -> None:
    """One market's pair or one order of each: the next would be too much."""
    await trio.sleep(3.0)
    assert 1 <= len(of.live()) <= 2


async def paused_until_resumed(of: Stage) -> None:
    """And what was lost before the resume is not held against it."""
    await nothing_rests(of)
    of.hurry()
    of.obey("resume", {})
    await quoted(of)
    await trio.sleep(3.0)
    assert of.told()["alpha"]["reason"] is None


async def killed(of: Stage) -> None:
    await nothing_rests(of)
    status = of.obey("status", {})
    assert (status["state"], status["kill"]["markets"]) == ("safe", ["alpha"])


async def paused_for_a_while(of: Stage) -> None:
    await nothing_rests(of)
    assert "until" in of.told()["alpha"]["inputs"]
    of.hurry()
    await until(lambda: len(of.live()) == 2, within=10.0)


async def only_reducing(of: Stage) -> None:
    await trio.sleep(2.0)
    assert {o.side for o in of.live()} == {Side.SELL}
    assert of.obey("status", {})["state"] == "reducing"


async def reducing_for_a_while(of: Stage) -> None:
    await only_reducing(of)
    await until(lambda: any(o.side is Side.BUY for o in of.live()), within=12.0)


async def reducing_until_there_is_money(of: Stage) -> None:
    await only_reducing(of)
    of.hold(pusd(1000))
    await until(lambda: any(o.side is Side.BUY for o in of.live()), within=35.0)


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Fires:
    """A run in which a key fires: with `code` in `explain` of some market, a row of `kind`, and the effect.

    `fates` are those of the first orders, whose answers take `slow` seconds. A `pair` is two markets of one neg-risk event.
    """

    settings: Settings
    code: str
    effect: Step
    provoke: Step = nothing
    kind: str = "refused"
    pair: bool = False
    money: int = 1000
    fates: tuple[Fate, ...] = ()
    slow: float = 0.0


LOSING: dict[str, Any] = {"provoke": lose, "effect": paused_until_resumed, "kind": "breaker"}
KILLING: dict[str, Any] = {"provoke": lose, "effect": killed, "kind": "kill"}


def capped(code: str, effect: Step = nothing_rests, *, money: int = 1000, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(settled(RiskSettings(**keys)), code, effect, money=money)


def whole(code: str, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(settled(RiskSettings(**keys), None, "alpha", "beta"), code, at_most_two_rest, pair=True)


def loss(code: str, how: dict[str, Any], *, money: int = 1000, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(settled(RiskSettings(**keys)), code, money=money, **how)


def pausing(code: str, *fates: Fate, slow: float = 0.0, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(settled(tripping(**keys)), code, paused_for_a_while, kind="breaker", fates=fates, slow=slow)


def limited(code: str, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(evolve(settled(), limits=LimitSettings(**keys)), code, one_rests)


FIRES: dict[str, Fires] = {
    "risk.max_order_size": capped("risk_order_size", max_order_size=shares(10)),
    "risk.max_order_notional": capped("risk_order_notional", max_order_notional=pusd(5)),
    "risk.max_order_share": capped("risk_order_share", money=19),
    "risk.max_position": capped("risk_position", max_position=shares(10)),
    "risk.max_orders_per_market": capped("risk_order_count", one_rests, max_orders_per_market=1),
    "risk.max_event_loss": whole("risk_event", max_event_loss=pusd(15)),
    "risk.max_strategy_notional": whole("risk_strategy", max_strategy_notional=pusd(25)),
    "risk.max_total_notional": whole("risk_total", max_total_notional=pusd(25)),
    "risk.min_balance": Fires(
        settled(RiskSettings(min_balance=pusd(50))),
        "low_balance",
        reducing_until_there_is_money,
        grow_poor,
        kind="breaker",
    ),
    "risk.max_unknown": Fires(
        settled(RiskSettings(max_unknown=1)), "unknown_orders", nothing_rests, forget, fates=(Fate.ACCEPT, Fate.LOST)
    ),
    "risk.pause_hourly_loss": loss("hourly_loss", LOSING, pause_hourly_loss=pusd(2)),
    "risk.max_hourly_loss": loss("hourly_loss", KILLING, max_hourly_loss=pusd(2)),
    "risk.pause_daily_loss": loss("daily_loss", LOSING, pause_daily_loss=pusd(2)),
    "risk.max_daily_loss": loss("daily_loss", KILLING, max_daily_loss=pusd(2)),
    "risk.pause_drawdown": loss("drawdown", LOSING, pause_drawdown=pusd(2)),
    "risk.max_drawdown": loss("drawdown", KILLING, max_drawdown=pusd(2)),
    "risk.max_balance_loss": loss("balance_loss", KILLING, money=20, max_balance_loss=10),
    "risk.breakers.error_rate": pausing("error_rate", Fate.UNHEARD, Fate.UNHEARD, error_rate=50),
    "risk.breakers.error_streak": pausing("error_streak", Fate.UNHEARD, Fate.UNHEARD, error_streak=2),
    "risk.breakers.reject_rate": pausing("reject_rate", Fate.REJECT, Fate.REJECT, reject_rate=50),
    "risk.breakers.slow_rate": pausing("slow_rate", slow=3.0, slow_rate=50),
    "risk.breakers.loss_streak": Fires(
        settled(tripping(loss_streak=1)), "loss_streak", paused_until_resumed, sell_at_a_loss, kind="breaker"
    ),
    "risk.breakers.markout": Fires(
        settled(tripping(markout=Price(500), markout_after=8.0)),
        "picked_off",
        reducing_for_a_while,
        lose,
        kind="breaker",
    ),
    "budget.per_market": Fires(settled(None, BudgetSettings(per_market=pusd(5))), "budget_market", nothing_rests),
    "budget.total": Fires(settled(None, BudgetSettings(total=pusd(15))), "budget_total", one_rests),
    "limits.max_open_orders": limited("order_ceiling", max_open_orders=1),
    "limits.order_rate": limited("rate_limit", order_rate=0.1, order_burst=1),
}


async def fire(row: Fires, of: Stage) -> None:
    """Provoke it, and see its code with the rule and what helps, its row in the audit, and what follows."""
    await row.provoke(of)
    await until(lambda: row.code in [shown["reason"] for shown in of.told().values()], within=40.0)
    shown = next(shown for shown in of.told().values() if shown["reason"] == row.code)
    assert shown["rule"]
    assert shown["remedy"]
    await until(lambda: of.audited(row.kind, row.code) > 0, within=2.0)
    await row.effect(of)
    if row.kind == "refused":
        assert of.audited(row.kind, row.code) <= 2 * len(of.told()), "once a minute for each side"
