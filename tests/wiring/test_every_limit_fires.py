"""Each key of `risk` and `budget` in a run of the whole bot in which it fires: its reason code, its audit row, its effect.

A key without a row fails the last test; a rule that is unplugged never gives its code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve, frozen

from actors.config_keys import described
from actors.messages import Draft, Place, Refused
from actors.model.limit_settings import LimitSettings
from actors.model.market import Market, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.order import Key
from actors.model.risk_settings import BreakerSettings, RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.ports import Note
from actors.shutdown import Exit
from tests.venue import Fate, market
from tests.wiring.lives import console, life, quoted, status
from tests.wiring.rooted import quoting_root
from tests.wiring.world import ALPHA, World, bot, move, until, world

Step = Callable[[World], Awaitable[None]]
_LATER = 10**9  # a generation that no fence of this run keeps out
PAIR = (evolve(ALPHA, event_slug="7", neg_risk=True), evolve(market("beta"), event_slug="7", neg_risk=True))


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


def told(of: World) -> dict[str, dict[str, Any]]:
    """`explain` of every market."""
    return {m.slug: console(of).obey("explain", {"market": m.slug}) for m in of.venue.markets}


def audited(of: World, kind: str, code: str) -> bool:
    notes = [row for row in of.journal.rows if isinstance(row, Note) and row.kind == kind]
    return any(note.body.startswith(f"{code}: ") for note in notes) if kind != "kill" else bool(notes)


# ── what provokes ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def nothing(_: World) -> None:
    """The strategy alone asks for too much."""


async def lose(of: World) -> None:
    """20 YES bought at 0.48 are worth 0.37: a loss of 2.2."""
    await quoted(of)
    of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.5)
    move(of, 3500)


async def grow_poor(of: World) -> None:
    await quoted(of)
    of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.5)
    of.venue.money = 40 * PUSD


async def sell_at_a_loss(of: World) -> None:
    await quoted(of)
    of.venue.fill(of.buy().order_id, 20 * SHARE)
    await until(lambda: any(o.side is Side.SELL for o in of.live()), within=5.0)
    sale = next(o for o in of.live() if o.side is Side.SELL)
    of.venue.fill(sale.order_id, 20 * SHARE, price=4000)


def fated(fate: Fate, times: int) -> Step:
    async def provoke(of: World) -> None:
        of.venue.fates.extend([fate] * times)

    return provoke


async def dawdle(of: World) -> None:
    of.venue.latency["place"] = 1.5  # twice: on the way there and back


async def forget(of: World) -> None:
    """One of two orders is never heard of again, and the other one is to be placed anew."""
    of.venue.fates.extend([Fate.ACCEPT, Fate.LOST])
    await until(lambda: len(of.live()) == 1, within=3.0)
    move(of, 4300)


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def nothing_rests(of: World) -> None:
    await trio.sleep(2.0)
    began = trio.current_time()
    await trio.sleep(3.0)
    assert not of.venue.live()
    assert not of.venue.since(began, "place")


async def one_rests(of: World) -> None:
    await trio.sleep(3.0)
    assert len(of.venue.live()) == 1


async def at_most_two_rest(of: World) -> None:
    """One market's pair or one order of each: the next would be too much."""
    await trio.sleep(3.0)
    assert 1 <= len(of.venue.live()) <= 2


async def paused_until_resumed(of: World) -> None:
    """And what was lost before the resume is not held against it."""
    await nothing_rests(of)
    of.venue.latency.clear()
    console(of).obey("resume", {})
    await quoted(of)
    await trio.sleep(3.0)
    assert told(of)["alpha"]["reason"] is None


async def killed(of: World) -> None:
    await nothing_rests(of)
    assert (status(of)["state"], status(of)["kill"]["markets"]) == ("safe", ["alpha"])


async def paused_for_a_while(of: World) -> None:
    await nothing_rests(of)
    assert "until" in told(of)["alpha"]["inputs"]
    of.venue.latency.clear()
    await until(lambda: len(of.live()) == 2, within=10.0)


async def only_reducing(of: World) -> None:
    await trio.sleep(2.0)
    assert {o.side for o in of.live()} == {Side.SELL}
    assert status(of)["state"] == "reducing"


async def reducing_for_a_while(of: World) -> None:
    await only_reducing(of)
    await until(lambda: any(o.side is Side.BUY for o in of.live()), within=12.0)


async def reducing_until_there_is_money(of: World) -> None:
    await only_reducing(of)
    of.venue.money = 1000 * PUSD
    await until(lambda: any(o.side is Side.BUY for o in of.live()), within=35.0)


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Fires:
    """A run in which a key fires: with `code` in `explain` of some market, a row of `kind`, and the effect."""

    settings: Settings
    provoke: Step
    code: str
    effect: Step
    kind: str = "refused"
    markets: tuple[Market, ...] = (ALPHA,)
    money: int = 1000


LOSING: dict[str, Any] = {"provoke": lose, "effect": paused_until_resumed, "kind": "breaker"}
KILLING: dict[str, Any] = {"provoke": lose, "effect": killed, "kind": "kill"}
PAUSING: dict[str, Any] = {"effect": paused_for_a_while, "kind": "breaker"}
TWO: dict[str, Any] = {"provoke": nothing, "effect": at_most_two_rest, "markets": PAIR}


def loss(code: str, how: dict[str, Any], *, money: int = 1000, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(settled(RiskSettings(**keys)), code=code, money=money, **how)


def whole(code: str, **keys: Any) -> Fires:  # noqa: ANN401 - a settings value
    return Fires(settled(RiskSettings(**keys), None, "alpha", "beta"), code=code, **TWO)


FIRES: dict[str, Fires] = {
    "risk.max_order_size": Fires(
        settled(RiskSettings(max_order_size=shares(10))), nothing, "risk_order_size", nothing_rests
    ),
    "risk.max_order_notional": Fires(
        settled(RiskSettings(max_order_notional=pusd(5))), nothing, "risk_order_notional", nothing_rests
    ),
    "risk.max_order_share": Fires(settled(), nothing, "risk_order_share", nothing_rests, money=19),
    "risk.max_position": Fires(settled(RiskSettings(max_position=shares(10))), nothing, "risk_position", nothing_rests),
    "risk.max_orders_per_market": Fires(
        settled(RiskSettings(max_orders_per_market=1)), nothing, "risk_order_count", one_rests
    ),
    "risk.max_event_loss": whole("risk_event", max_event_loss=pusd(15)),
    "risk.max_strategy_notional": whole("risk_strategy", max_strategy_notional=pusd(25)),
    "risk.max_total_notional": whole("risk_total", max_total_notional=pusd(25)),
    "risk.min_balance": Fires(
        settled(RiskSettings(min_balance=pusd(50))),
        grow_poor,
        "low_balance",
        reducing_until_there_is_money,
        kind="breaker",
    ),
    "risk.max_unknown": Fires(settled(RiskSettings(max_unknown=1)), forget, "unknown_orders", nothing_rests),
    "risk.pause_hourly_loss": loss("hourly_loss", LOSING, pause_hourly_loss=pusd(2)),
    "risk.max_hourly_loss": loss("hourly_loss", KILLING, max_hourly_loss=pusd(2)),
    "risk.pause_daily_loss": loss("daily_loss", LOSING, pause_daily_loss=pusd(2)),
    "risk.max_daily_loss": loss("daily_loss", KILLING, max_daily_loss=pusd(2)),
    "risk.pause_drawdown": loss("drawdown", LOSING, pause_drawdown=pusd(2)),
    "risk.max_drawdown": loss("drawdown", KILLING, max_drawdown=pusd(2)),
    "risk.max_balance_loss": loss("balance_loss", KILLING, money=10, max_order_share=100),
    "risk.breakers.error_rate": Fires(
        settled(tripping(error_rate=50)), fated(Fate.UNHEARD, 2), "error_rate", **PAUSING
    ),
    "risk.breakers.error_streak": Fires(
        settled(tripping(error_streak=2)), fated(Fate.NEVER_SENT, 2), "error_streak", **PAUSING
    ),
    "risk.breakers.reject_rate": Fires(
        settled(tripping(reject_rate=50)), fated(Fate.REJECT, 2), "reject_rate", **PAUSING
    ),
    "risk.breakers.slow_rate": Fires(settled(tripping(slow_rate=50)), dawdle, "slow_rate", **PAUSING),
    "risk.breakers.loss_streak": Fires(
        settled(tripping(loss_streak=1)), sell_at_a_loss, "loss_streak", paused_until_resumed, kind="breaker"
    ),
    "risk.breakers.markout": Fires(
        settled(tripping(markout=Price(500))), lose, "picked_off", reducing_for_a_while, kind="breaker"
    ),
    "budget.per_market": Fires(
        settled(None, BudgetSettings(per_market=pusd(5))), nothing, "budget_market", nothing_rests
    ),
    "limits.max_open_orders": Fires(
        evolve(settled(), limits=LimitSettings(max_open_orders=1)), nothing, "order_ceiling", one_rests
    ),
    "limits.order_rate": Fires(
        evolve(settled(), limits=LimitSettings(order_rate=0.1, order_burst=1)), nothing, "rate_limit", one_rests
    ),
    "budget.total": Fires(settled(None, BudgetSettings(total=pusd(15))), nothing, "budget_total", one_rests),
}


@pytest.mark.parametrize("key", FIRES)
async def test_a_limit_fires_with_its_reason_its_audit_row_and_its_effect(key: str, autojump_clock: object) -> None:
    row = FIRES[key]
    of = world(*row.markets, settings=row.settings)
    of.venue.money = row.money * PUSD
    async with life(of):
        await row.provoke(of)
        await until(lambda: row.code in [shown["reason"] for shown in told(of).values()], within=40.0)
        shown = next(shown for shown in told(of).values() if shown["reason"] == row.code)
        assert shown["rule"]
        assert shown["remedy"]
        await until(lambda: audited(of, row.kind, row.code), within=2.0)
        await row.effect(of)
        if row.kind == "refused":
            assert notes(of, "refused", f"{row.code}: ") <= 2 * len(row.markets), "once a minute for each side"


# ── keys that say how another one counts ──────────────────────────────────────────────────────────────────────────────


async def rests(risk: RiskSettings, provoke: Step) -> None:
    """Nothing trips: both quotes rest, though what was provoked has happened."""
    of = world(ALPHA, settings=settled(risk))
    async with life(of):
        await provoke(of)
        await trio.sleep(12.0)
        assert told(of)["alpha"]["reason"] is None
        assert not any(isinstance(row, Note) and row.kind == "breaker" for row in of.journal.rows)


async def a_window_forgets() -> None:
    async def slowly(of: World) -> None:
        """One refusal, and the next once it is forgotten."""
        for _ in range(2):
            of.venue.fates.append(Fate.REJECT)
            of.venue.fates.extend([Fate.ACCEPT] * 2)
            await quoted(of)
            await trio.sleep(3.0)
            of.venue.fill(of.live()[0].order_id, 20 * SHARE)
            await trio.sleep(0.5)

    await rests(tripping(reject_rate=50, least=5, window=2.0), slowly)


async def few_orders_prove_nothing() -> None:
    await rests(tripping(error_rate=50, least=20), fated(Fate.UNHEARD, 2))


async def a_cool_down_lasts_as_long_as_it_says() -> None:
    of = world(ALPHA, settings=settled(tripping(error_rate=50, cool_down=50.0)))
    of.venue.fates.extend([Fate.UNHEARD] * 2)
    async with life(of):
        await until(lambda: status(of)["state"] == "paused", within=3.0)
        took = await until(lambda: len(of.live()) == 2, within=60.0)
        assert took == pytest.approx(50.0, abs=2.5)


async def what_takes_shorter_is_not_slow_and_what_is_never_answered_is_an_error() -> None:
    async def lose_answers(of: World) -> None:
        of.venue.latency["place"] = 3.0
        of.venue.fates.extend([Fate.UNHEARD] * 2)

    await rests(tripping(slow_rate=50, slow_after=4.0), dawdle)
    await rests(tripping(slow_rate=60, slow_after=2.0, least=1), lose_answers)


async def a_markout_waits_for_its_time() -> None:
    async def recover(of: World) -> None:
        await lose(of)
        await trio.sleep(3.0)
        move(of, 4800)

    await rests(tripping(markout=Price(500), markout_after=8.0), recover)


async def one_fill_is_no_mean_of_two() -> None:
    of = world(ALPHA, settings=settled(tripping(markout=Price(500), markout_fills=2)))
    async with life(of):
        await lose(of)
        await trio.sleep(5.0)
        assert status(of)["state"] == "running"
        of.venue.fill(of.live()[0].order_id, 5 * SHARE, price=6000)
        await until(lambda: status(of)["state"] == "reducing", within=5.0)


def notes(of: World, kind: str, text: str) -> int:
    return sum(isinstance(row, Note) and row.kind == kind and text in row.body for row in of.journal.rows)


async def log_only_lets_it_pass_and_says_so() -> None:
    risk = evolve(tripping(error_rate=50), mode="log_only", max_order_size=shares(10), max_daily_loss=pusd(2))
    of = world(ALPHA, settings=settled(risk))
    of.venue.fates.extend([Fate.UNHEARD] * 2)
    async with life(of):
        await quoted(of)
        await trio.sleep(3.0)
        assert len(of.live()) == 2
        assert audited(of, "log_only", "risk_order_size")
        assert audited(of, "log_only", "error_rate")
        move(of, 5000)
        await trio.sleep(3.0)
        assert notes(of, "log_only", "risk_order_size") == 1, "once a minute"
        await lose(of)
        await until(lambda: status(of)["state"] == "safe", within=3.0)


async def a_budget_that_shrinks_places_what_it_can() -> None:
    of = world(ALPHA, settings=settled(None, BudgetSettings(per_market=pusd(5), shrink=True)))
    async with life(of):
        await until(lambda: len(of.live()) == 1, within=3.0)
        (order,) = of.live()
        assert (order.size, order.price) == (10_410_000, 4800), "4.9968 of 5 pUSD"
        await trio.sleep(3.0)
        assert of.venue.exposure(ALPHA) <= 5 * PUSD


PARAMETERS: dict[str, Callable[[], Awaitable[None]]] = {
    "risk.mode": log_only_lets_it_pass_and_says_so,
    "risk.breakers.window": a_window_forgets,
    "risk.breakers.least": few_orders_prove_nothing,
    "risk.breakers.cool_down": a_cool_down_lasts_as_long_as_it_says,
    "risk.breakers.slow_after": what_takes_shorter_is_not_slow_and_what_is_never_answered_is_an_error,
    "risk.breakers.markout_after": a_markout_waits_for_its_time,
    "risk.breakers.markout_fills": one_fill_is_no_mean_of_two,
    "budget.shrink": a_budget_that_shrinks_places_what_it_can,
}


@pytest.mark.parametrize("key", PARAMETERS)
async def test_a_parameter_counts(key: str, autojump_clock: object) -> None:
    await PARAMETERS[key]()


async def test_on_kill_exit_ends_the_run(autojump_clock: object, tmp_path: Path) -> None:
    of = world(ALPHA, settings=settled(RiskSettings(max_hourly_loss=pusd(2), on_kill="exit")))
    async with quoting_root(of, tmp_path) as run:
        await lose(of)
        assert (await run.until_over(60.0)).code is Exit.KILLED


@pytest.mark.parametrize(
    ("limit", "code"),
    [({"max_order_size": shares(30)}, "risk_order_size"), ({"max_order_notional": pusd(12)}, "risk_order_notional")],
)
async def test_the_gateway_sends_no_order_that_is_too_large_whoever_asks(
    limit: dict[str, Any], code: str, autojump_clock: object
) -> None:
    of = world(ALPHA, settings=settled(RiskSettings(**limit)))
    async with bot(of, trees=False):
        for counter, size in ((1, 40), (2, 30)):
            draft = Draft("alpha-yes", False, Side.BUY, 4000, size * SHARE, tick=100)
            of.shared("gateway").tell(Place("alpha", ALPHA.condition_id, Key(_LATER, counter), draft))
        await trio.sleep(1.0)
        assert Refused(Key(_LATER, 1), code) in of.box("alpha", "tracker").read_nowait()
        assert [call.draft and call.draft.size for call in of.venue.placed] == [30 * SHARE]


def test_every_key_of_risk_and_budget_has_a_row() -> None:
    keys = {info.path for info in described(Settings) if info.path.startswith(("risk.", "budget."))}
    own = {key for key in FIRES if not key.startswith("limits.")}  # the rest of those only makes requests wait
    assert keys == own | PARAMETERS.keys() | {"risk.on_kill"}
