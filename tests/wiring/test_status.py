"""What people are told: a reason for every market that does not quote, and a hint that really lifts it."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from attrs import evolve

from actors.commands.status import _lines
from actors.model.limit_settings import LimitSettings
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, parse_cash, parse_price, parse_size
from actors.model.rates import Lane
from actors.model.risk_settings import RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings
from actors.shared.control import CommandRefused
from actors.shared.limiter import Limited
from actors.stop import Stop
from actors.wiring.console import Console
from tests.venue import Fate
from tests.wiring.world import ALPHA, BETA, SIMPLE, World, bot, move, quoting, until, world

NAMED = Settings((MarketSettings("alpha"),), strategy=SIMPLE)
FIELDS = {
    "market", "state", "reason", "our_bid", "our_ask", "best_bid", "best_ask", "position", "pnl", "feed_age_s", "restarts",
}  # fmt: skip


def console(of: World) -> Console:
    return Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)


def status(of: World) -> dict[str, Any]:
    shown: dict[str, Any] = console(of).obey("status", {})
    return shown


def alpha(of: World) -> dict[str, Any]:
    found: dict[str, Any] = status(of)["markets"][0]
    return found


def explained(of: World) -> dict[str, Any]:
    shown: dict[str, Any] = console(of).obey("explain", {"market": "alpha"})
    return shown


async def test_a_quoting_market_shows_its_quotes_in_yes_terms(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(0.5)
        shown = alpha(running)
        assert set(shown) >= FIELDS
        assert (shown["state"], shown["reason"]) == ("quoting", None)
        assert (shown["our_bid"], shown["our_ask"], shown["best_bid"], shown["best_ask"]) == (0.48, 0.52, 0.48, 0.52)
        assert set(shown["restarts"]) == {"feed", "quoter", "tracker"}
        assert set(status(running)) >= {"mode", "state", "uptime_s", "open_orders", "exposure", "pnl", "markets"}
        assert status(running)["exposure"] == 19.2


async def test_status_counts_the_tasks_that_live(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running, trio.open_nursery() as nursery:
        before = status(running)["tasks"]
        for _ in range(3):
            nursery.start_soon(trio.sleep_forever)
        assert (before > 3, status(running)["tasks"] - before) == (True, 3)
        nursery.cancel_scope.cancel()


async def blocked(of: World, code: str, *, within: float = 6.0) -> None:
    """Wait until status gives this reason for alpha; `explain` must give the same and a remedy or a hint."""
    await until(lambda: alpha(of)["reason"] == code, within=within)
    told = explained(of)
    assert told["reason"] == code
    assert told["remedy"] or told["inputs"]


@pytest.mark.parametrize(
    ("command", "code"), [("pause", "paused"), ("kill", "safe"), ("cancel-all", "paused"), ("flatten", "paused")]
)
async def test_a_command_that_stops_a_market_is_its_reason(command: str, code: str, autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        console(running).obey(command, {"market": "alpha"})
        await blocked(running, code)
        await until(lambda: not running.live(), within=1.0)
        console(running).obey("resume", {"ack_kill": command == "kill"})
        await until(lambda: alpha(running)["state"] == "quoting", within=3.0)


async def test_a_plain_resume_after_a_kill_is_refused_with_what_to_do(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        console(running).obey("kill", {})
        await trio.sleep(0.5)
        with pytest.raises(CommandRefused, match="--ack-kill"):
            console(running).obey("resume", {})
        await trio.sleep(5.0)
        assert running.live() == []


async def test_a_kill_takes_every_order_of_the_account(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.foreign(ALPHA)
        console(running).obey("kill", {"reason": "drawdown"})
        await trio.sleep(1.0)
        assert [o for o in running.venue.orders.values() if o.status == "LIVE"] == []


async def test_a_stale_book_is_named_with_its_age(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("books")
        await blocked(running, "stale_book")
        assert "age" in explained(running)["inputs"]


async def test_a_missing_book_is_named(autojump_clock: object) -> None:
    mute = world()
    mute.sockets.mute = True
    mute.venue.broken.add("books")
    async with bot(mute) as running:
        await blocked(running, "no_book")


async def test_a_parked_market_names_the_actor_that_crashed(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.tree("alpha").drill("feed", 6)
        await blocked(running, "parked", within=10.0)
        assert "feed" in explained(running)["inputs"]["why"]
        console(running).obey("resume", {"market": "alpha"})
        await until(lambda: alpha(running)["state"] == "quoting", within=3.0)


async def test_a_shared_actor_that_is_down_is_named(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.shared("risk").crash("drill")
        await trio.sleep(0.001)
        assert alpha(running)["reason"] == "admission_closed"
        assert "risk" in explained(running)["inputs"]


async def test_too_many_unknown_orders_are_a_reason(autojump_clock: object) -> None:
    losing = world()
    losing.venue.fates.extend([Fate.LOST] * 2)
    async with bot(losing) as running:
        await until(lambda: alpha(running)["unknown_orders"] == 2, within=2.0)
        assert alpha(running)["reason"] is not None


async def test_a_venue_that_refuses_is_quoted_in_its_own_words(autojump_clock: object) -> None:
    refusing = world()
    refusing.venue.fates.extend([Fate.REJECT] * 100)
    async with bot(refusing) as running:
        await blocked(running, "venue_refused")
        assert "crosses" in explained(running)["inputs"]["venue"]


# ── the hint lifts the block ────────────────────────────────────────────────────────────────────────────────────────


def simple(**changes: Any) -> Settings:  # noqa: ANN401 - any parameter
    return evolve(NAMED, strategy=StrategySettings("simple", SimpleParameters(**changes)))


TIGHT = {
    "strategy.max_spread": simple(max_spread=Price(300)),
    "strategy.min_price": simple(min_price=Price(6000)),
    "strategy.max_price": simple(max_price=Price(4000)),
    "strategy.size": simple(size=Size(3 * SHARE)),
    "risk.max_order_size": evolve(NAMED, risk=RiskSettings(max_order_size=Size(10 * SHARE))),
    "risk.max_order_notional": evolve(NAMED, risk=RiskSettings(max_order_notional=Cash(5 * PUSD))),
    "risk.max_position": evolve(NAMED, risk=RiskSettings(max_position=Size(10 * SHARE))),
    "risk.max_orders_per_market": evolve(NAMED, risk=RiskSettings(max_orders_per_market=1)),
    "budget.per_market": evolve(NAMED, budget=BudgetSettings(per_market=Cash(12 * PUSD))),
    "limits.order_rate": evolve(NAMED, limits=LimitSettings(order_rate=0.25, order_burst=1)),
    "budget.total": evolve(NAMED, budget=BudgetSettings(per_market=Cash(90 * PUSD), total=Cash(12 * PUSD))),
}


def hinted(settings: Settings, key: str, value: str) -> Settings:
    """The settings with the hint's value under the hint's key."""
    section, name = key.split(".")
    read = {"max_spread": parse_price, "min_price": parse_price, "max_price": parse_price, "size": parse_size,
            "max_order_size": parse_size, "max_position": parse_size, "max_orders_per_market": int, "order_rate": float}.get(name, parse_cash)  # fmt: skip
    change = {name: read(value)}  # type: ignore[operator]
    if section == "strategy":
        return evolve(settings, strategy=StrategySettings("simple", evolve(settings.strategy.parameters, **change)))
    return evolve(settings, **{section: evolve(getattr(settings, section), **change)})


@pytest.mark.parametrize("key", TIGHT)
async def test_following_the_hint_makes_the_market_quote(key: str, autojump_clock: object) -> None:
    settings = TIGHT[key]
    for _ in range(3):  # one cap may hide the next value of itself, never for long
        async with bot(world(settings=settings)) as running:
            await trio.sleep(3.0)
            told = explained(running)
            if told["reason"] is None:
                break
            assert told["hint"]["key"] == key
            settings = hinted(settings, key, told["hint"]["value"])
    assert told["reason"] is None
    assert settings != TIGHT[key]


async def test_the_remedy_for_a_budget_says_that_it_is_of_one_order(autojump_clock: object) -> None:
    async with bot(world(settings=TIGHT["budget.total"])) as running:
        await trio.sleep(3.0)
        told = explained(running)
        assert told["reason"] == "budget_total"
        said = f"set budget.total to {told['hint']['value']} or more: that makes room for this order alone, and others may wait"
        assert told["remedy"] == said


async def test_status_names_the_actors_that_were_restarted(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(0.5)
        assert _lines(status(running))[-1].endswith("s  -")
        running.spine.trees["alpha"].drill("quoter", 1)
        await trio.sleep(3.0)
        assert _lines(status(running))[-1].endswith("s  quoter 1")


async def test_status_has_a_line_on_limits_only_where_one_is_near(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(2.0)
        assert status(running)["limits"]["orders"]["part"] == 1.0
        assert status(running)["limits"]["windows"]["place_many"]["most"] == 1_800
        assert not any(line.startswith("limits") for line in _lines(status(running)))
        running.shared("limiter").put(Limited(Lane.READS, trio.current_time()), about=Lane.READS)
        await trio.sleep(6.0)
        assert any(line.startswith("limits: reads at 5") for line in _lines(status(running)))


async def test_unknown_commands_and_markets_are_refused_with_what_there_is(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        with pytest.raises(CommandRefused, match="alpha"):
            console(running).obey("pause", {"market": "gamma"})
        with pytest.raises(CommandRefused, match="flatten"):
            console(running).obey("flaten", {})
        with pytest.raises(CommandRefused, match="quoter"):
            console(running).obey("drill", {"market": "alpha", "actor": "quotr"})
        assert len(running.live()) == 2


async def test_status_answers_while_every_actor_is_stuck(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        for service in running.services.values():
            await service.stop()
        before = trio.current_time()
        assert alpha(running)["reason"] == "admission_closed"
        assert trio.current_time() == before


async def test_status_tells_how_fast_the_bot_reads_decides_and_answers_itself(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        before = status(running)["speed"]
        move(running, 4600)
        await trio.sleep(2.0)
        speed = status(running)["speed"]
        assert speed["frames"] > before["frames"] > 0
        assert speed["decisions"]["count"] > before["decisions"]["count"]
        assert {name: asked["count"] > 0 for name, asked in speed["asks"].items()} == dict.fromkeys(
            ("risk", "budget", "limiter", "journal"), True
        )
        assert speed["asks"]["budget"]["p99_ms"] == 0.0, "simulated time stands still while the bot works"


async def test_a_book_that_nobody_moves_costs_no_decision(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(1.0)
        before = status(running)["speed"]["decisions"]["count"]
        await trio.sleep(20.0)
        assert status(running)["speed"]["decisions"]["count"] == before
