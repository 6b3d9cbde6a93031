"""What risk has ordered outlives the process: holds end when they were to, and what was counted goes on counting."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve

from actors.messages import Draft, Place
from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE, Cash, Price
from actors.model.order import Key
from actors.model.reason import Reason
from actors.model.risk_settings import BreakerSettings, RiskSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.trading import Order, Trading
from actors.records import Note
from actors.shared.risk import Command
from tests.venue import START, Fate
from tests.wiring.lives import console, life, quoted, recorded, status, still
from tests.wiring.world import ALPHA, SIMPLE, World, move, order, until, world

NAMED = Settings((MarketSettings("alpha"),), strategy=SIMPLE)


def limited(risk: RiskSettings) -> World:
    return world(ALPHA, settings=evolve(NAMED, risk=risk))


def breaking(**keys: int) -> World:
    own = BreakerSettings(least=2, cool_down=30.0, **keys)  # type: ignore[arg-type]
    return limited(RiskSettings(max_unknown=8, breakers=own))


async def hold(of: World) -> None:
    """20 YES bought at 0.48."""
    await quoted(of)
    of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.5)


async def trip(of: World) -> None:
    of.venue.fates.extend([Fate.UNHEARD] * 2)
    await until(lambda: status(of)["state"] == "paused", within=5.0)
    await recorded(of)


def reason(of: World) -> str:
    return str(console(of).obey("explain", {"market": "alpha"})["reason"])


async def test_a_hold_is_remembered_with_its_rule_and_ends_when_it_was_to(autojump_clock: object) -> None:
    of = breaking(error_streak=2)
    async with life(of):
        began = trio.current_time()
        await trip(of)
    async with life(of):
        await trio.sleep(2.0)
        assert reason(of) == "error_streak"
        assert not of.live()
        await quoted_by(of, began + 33.0)
        assert trio.current_time() >= began + 29.0


async def quoted_by(of: World, at: float) -> None:
    await until(lambda: len(of.live()) == 2, within=at - trio.current_time())


async def test_a_hold_of_a_run_that_starts_paused_waits_for_the_resume(autojump_clock: object) -> None:
    of = breaking(error_streak=2)
    async with life(of):
        await trip(of)
    of.settings = evolve(of.settings, start_paused=True)
    async with life(of):
        await trio.sleep(35.0)
        assert await still(of)
        console(of).obey("resume", {})
        await quoted(of)


async def test_a_pause_of_a_person_during_a_hold_is_not_lifted(autojump_clock: object) -> None:
    of = breaking(error_streak=2)
    async with life(of):
        await trip(of)
        console(of).obey("pause", {"market": "alpha", "reason": "lunch"})
        await trio.sleep(35.0)
        assert await still(of)
        assert reason(of) == "paused"


async def test_a_pause_of_a_person_is_not_lifted_because_there_is_money(autojump_clock: object) -> None:
    of = limited(RiskSettings(min_balance=Cash(50 * PUSD)))
    async with life(of):
        await quoted(of)
        console(of).obey("pause", {"market": "alpha"})
        assert await still(of)


async def test_a_resume_grants_a_limit_anew_but_only_once(autojump_clock: object) -> None:
    of = limited(RiskSettings(pause_hourly_loss=Cash(2 * PUSD)))
    async with life(of):
        await hold(of)
        move(of, 3500)  # a loss of 2.2
        await until(lambda: reason(of) == "hourly_loss", within=2.0)
        console(of).obey("resume", {})
        await trio.sleep(2.0)
        assert status(of)["state"] == "running"
        move(of, 2400)  # of 4.4, and more by what was bought in between
        await until(lambda: reason(of) == "hourly_loss", within=2.0)


async def test_an_hours_loss_adds_up_over_a_restart(autojump_clock: object) -> None:
    of = limited(RiskSettings(pause_hourly_loss=Cash(2 * PUSD)))
    async with life(of):
        await hold(of)
        move(of, 4000)  # a loss of 1.2
        await trio.sleep(25.0)
    async with life(of):
        await trio.sleep(2.0)
        assert status(of)["state"] == "running"
        move(of, 3500)  # of 2.2 in the hour
        await until(lambda: reason(of) == "hourly_loss", within=2.0)


@pytest.mark.slow
async def test_a_loss_of_more_than_an_hour_ago_does_not_count_as_the_hours(autojump_clock: object) -> None:
    of = limited(RiskSettings(pause_hourly_loss=Cash(2 * PUSD)))
    async with life(of):
        await hold(of)
        move(of, 4000)
        await trio.sleep(3660.0)
        move(of, 3500)
        await trio.sleep(5.0)
        assert status(of)["state"] == "running"


async def test_a_drawdown_goes_on_over_midnight_and_a_restart(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    skew = [0.0]
    monkeypatch.setattr("tests.wiring.world.wall", lambda: START + skew[0] + trio.current_time())
    of = limited(RiskSettings(max_drawdown=Cash(2 * PUSD)))
    async with life(of):
        await hold(of)
        move(of, 4000)
        await trio.sleep(25.0)
    skew[0] = 86_400.0
    async with life(of):
        await trio.sleep(3.0)
        assert status(of)["day"]["pnl"] == 0.0
        move(of, 3500)
        await until(lambda: status(of)["state"] == "safe", within=2.0)
        assert reason(of) == "drawdown"


async def test_losing_trades_in_a_row_are_counted_over_a_restart(autojump_clock: object) -> None:
    of = breaking(loss_streak=2)
    for last in (False, True):
        async with life(of):
            await hold(of)
            await until(lambda: any(o.side is Side.SELL for o in of.live()), within=5.0)
            sale = next(o for o in of.live() if o.side is Side.SELL)
            of.venue.fill(sale.order_id, 20 * SHARE, price=4000)
            await trio.sleep(2.0)
            assert (reason(of) == "loss_streak") is last


async def test_a_kill_for_a_loss_is_acknowledged_once_and_not_repeated(autojump_clock: object) -> None:
    of = limited(RiskSettings(max_hourly_loss=Cash(2 * PUSD)))
    async with life(of):
        await hold(of)
        move(of, 3500)
        await until(lambda: status(of)["state"] == "safe", within=2.0)
        await recorded(of)
    async with life(of):
        await trio.sleep(2.0)
        assert (status(of)["state"], reason(of)) == ("safe", "hourly_loss")
        console(of).obey("resume", {"ack_kill": True})
        await quoted(of)
        await trio.sleep(3.0)
        assert status(of)["state"] == "running"
    kills = [row for row in of.journal.rows if isinstance(row, Note) and row.kind == "kill"]
    assert len(kills) == 1


async def test_a_limit_that_was_only_logged_counts_again_once_it_is_enforced(autojump_clock: object) -> None:
    risk = RiskSettings(mode="log_only", pause_hourly_loss=Cash(2 * PUSD))
    of = limited(risk)
    async with life(of):
        await hold(of)
        move(of, 3500)  # a loss of 2.2
        await trio.sleep(25.0)
        assert status(of)["state"] == "running"
    of.settings = evolve(NAMED, risk=evolve(risk, mode="enforce"))
    async with life(of):
        await trio.sleep(2.0)
        move(of, 2000)
        await until(lambda: reason(of) == "hourly_loss", within=2.0)


async def test_orders_that_are_not_ours_count_against_a_cap(autojump_clock: object) -> None:
    of = limited(RiskSettings(max_total_notional=Cash(25 * PUSD)))
    of.venue.foreign(ALPHA, price=5000, size=40 * SHARE)  # 20 pUSD
    async with life(of):
        await until(lambda: reason(of) == "risk_total", within=5.0)
        assert not of.live()


async def test_a_flatten_is_not_interrupted_by_a_breaker_and_ends_paused(autojump_clock: object) -> None:
    of = limited(RiskSettings(pause_hourly_loss=Cash(2 * PUSD)))
    async with life(of):
        await hold(of)
        of.venue.uncancellable.update(o.order_id for o in of.live())
        order(of, Order.FLATTEN)
        move(of, 3500)
        await trio.sleep(3.0)
        assert status(of)["day"]["pnl"] < -2.0
        assert of.report().trading is Trading.FLATTENING
        of.venue.uncancellable.clear()
        await until(lambda: of.report().trading is Trading.PAUSED, within=10.0)
        assert of.report().position.net == 0


async def test_the_gateway_lets_nothing_but_sales_out_while_positions_are_only_reduced(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        of.shared("risk").tell(Command(Order.REDUCE, "alpha", "test", Reason.PICKED_OFF))
        await trio.sleep(1.0)
        placed, key = len(of.venue.placed), Key(10**9, 1)
        draft = Draft("alpha-yes", False, Side.BUY, Price(4000), 20 * SHARE, tick=100)
        of.shared("gateway").tell(Place("alpha", ALPHA.condition_id, key, draft))
        await trio.sleep(1.0)
        assert len(of.venue.placed) == placed
        assert not of.live()
