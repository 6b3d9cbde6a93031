"""Each key of `risk` and `budget`, and of `limits` what holds an order back: how it is made to fire, its code, what follows.

The runs are the same over the venue in memory and over the practice exchange.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from actors.model.limit_settings import LimitSettings
from actors.model.numbers import Price
from actors.model.risk_settings import BreakerSettings, RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from tests.venue import Fate
from tests.wiring.staging import (
    Stage,
    Step,
    at_most_two_rest,
    both_rest_later,
    come_back,
    forget,
    grow_poor,
    killed,
    lose,
    nothing,
    nothing_new,
    nothing_rests,
    one_rests,
    paused_for_a_while,
    paused_until_resumed,
    placed_later,
    pusd,
    reducing_for_a_while,
    reducing_until_there_is_money,
    rise,
    sell_at_a_loss,
    shares,
    wander,
)
from tests.wiring.world import SIMPLE, until


def settled(risk: RiskSettings | None = None, budget: BudgetSettings | None = None, *names: str) -> Settings:
    markets = tuple(MarketSettings(name) for name in names or ("alpha",))
    return Settings(markets, risk=risk or RiskSettings(), budget=budget or BudgetSettings(), strategy=SIMPLE)


def tripping(**keys: Any) -> RiskSettings:  # noqa: ANN401 - a settings value
    """Breakers that need two orders and hold for ten seconds."""
    own: dict[str, Any] = {"least": 2, "cool_down": 10.0, "markout_fills": 1, "markout_after": 1.0, **keys}
    return RiskSettings(max_unknown=8, breakers=BreakerSettings(**own))


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


def limited(code: str, effect: Step = one_rests, provoke: Step = nothing, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(evolve(settled(), limits=LimitSettings(**keys)), code, effect, provoke)


def governed(code: str, effect: Step, provoke: Step, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    """By the market's own governor alone."""
    return limited(code, effect, provoke, **{"min_life": 0.0, "dedupe": 0.0, **keys})


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
    "markets[].budget": Fires(
        evolve(settled(), markets=(MarketSettings("alpha", budget=pusd(5)),)), "budget_market", nothing_rests
    ),
    "budget.total": Fires(settled(None, BudgetSettings(total=pusd(15))), "budget_total", one_rests),
    "limits.max_open_orders": limited("order_ceiling", max_open_orders=1),
    "limits.order_rate": limited("rate_limit", order_rate=0.1, order_burst=1),
    "limits.min_life": governed("min_life", placed_later, rise, min_life=15.0),
    "limits.dedupe": governed("dedupe", both_rest_later, come_back, dedupe=15.0),
    "limits.actions_per_minute": governed("churn", nothing_new, wander, actions_per_minute=8),
}


async def fire(row: Fires, of: Stage) -> None:
    """Provoke it, and see its code with the rule and what helps, its row in the audit, and what follows."""
    await row.provoke(of)
    await until(lambda: bool(_telling(row, of)), within=40.0)
    shown = _telling(row, of)[0]
    assert shown["rule"]
    assert shown["remedy"] if shown["reason"] else "held back" in shown["rule"]
    await until(lambda: of.audited(row.kind, row.code) > 0, within=2.0)
    await row.effect(of)
    if row.kind == "refused":
        assert of.audited(row.kind, row.code) <= 2 * len(of.told()), "once a minute for each side"


def _telling(row: Fires, of: Stage) -> list[dict[str, Any]]:
    """What markets tell that do not quote, or hold a quote back, for that reason."""
    return [shown for shown in of.told().values() if row.code in (shown["reason"], shown.get("held"))]
