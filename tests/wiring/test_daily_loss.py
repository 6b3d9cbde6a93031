"""A day that loses too much is killed, and no restart, second reading or clock makes it lose less."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from attrs import evolve

from actors.commands.status import _lines
from actors.ending import Exit
from actors.messages import Fill, Resolved
from actors.model.market import Outcome
from actors.model.numbers import PUSD, SHARE, Cash
from actors.model.risk_settings import RiskSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.trading import Order, Trading
from actors.shared.risk import Command
from tests.venue import START
from tests.wiring.lives import console, life, quoted, recorded, status, still
from tests.wiring.rooted import quoting_root, rooted
from tests.wiring.world import ALPHA, LEVEL, SIMPLE, World, move, order, quoting, until, world

LIMITED = Settings((MarketSettings("alpha"),), risk=RiskSettings(max_daily_loss=Cash(2 * PUSD)), strategy=SIMPLE)


async def hold(of: World) -> Fill:
    """20 YES bought at 0.48."""
    await quoted(of)
    fill = of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.5)
    return fill


def pnl(of: World) -> float:
    found: float = status(of)["day"]["pnl"]
    return found


async def test_status_says_what_may_still_be_lost_before_all_pauses_and_before_all_is_killed(
    autojump_clock: object,
) -> None:
    of = world(ALPHA, settings=evolve(LIMITED, risk=evolve(LIMITED.risk, pause_drawdown=Cash(PUSD))))
    async with life(of):
        await hold(of)
        line = next(line for line in _lines(status(of)) if line.startswith("PnL of"))
        assert line == (
            "PnL of 2025-11-20 (UTC): +0.40; may lose"
            " 1.00 before a pause (risk.pause_drawdown), 2.40 before a kill (risk.max_daily_loss)"
        )


async def test_a_pause_that_would_only_be_logged_is_not_announced(autojump_clock: object) -> None:
    logged = evolve(LIMITED.risk, pause_drawdown=Cash(PUSD), mode="log_only")
    async with life(world(ALPHA, settings=evolve(LIMITED, risk=logged))) as of:
        await hold(of)
        line = next(line for line in _lines(status(of)) if line.startswith("PnL of"))
        assert line.endswith("may lose 2.40 before a kill (risk.max_daily_loss)")


async def test_without_a_key_the_share_of_the_balance_is_the_limit_that_status_names(autojump_clock: object) -> None:
    async with quoting(ALPHA) as of:
        await trio.sleep(2.0)
        line = next(line for line in _lines(status(of)) if line.startswith("PnL of"))
        assert line.endswith("(risk.max_balance_loss)")


async def test_a_day_that_loses_the_limit_is_killed_with_the_reason(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        foreign = of.venue.foreign(ALPHA)
        await hold(of)
        day = status(of)["day"]
        ahead = day.pop("loss_limits")
        assert day == {"date": "2025-11-20", "pnl": 0.4, "limit": 2.0, "kills_at": -2.0}
        assert ahead[0] == {"key": "risk.max_daily_loss", "does": "kill", "limit": 2.0, "left": 2.4}
        move(of, 3500)  # mid 0.37: 20 shares have lost 2.20
        await until(lambda: status(of)["kill"] is not None, within=1.5)
        assert "the day's loss of 2.2 pUSD has reached risk.max_daily_loss (2)" in status(of)["kill"]["why"]
        await until(lambda: not of.live(), within=2.0)
        assert of.venue.orders[foreign].status == "LIVE", "only a person takes orders of others"
        await recorded(of)
        assert any(getattr(row, "kind", "") == "kill" for row in of.journal.rows)
    async with life(of):
        assert await still(of)
        assert status(of)["state"] == "safe"


@pytest.mark.parametrize("frames", [(Resolved("alpha-yes", "alpha-no"),), (Resolved("alpha-yes"),), ()])
async def test_a_position_that_a_resolution_makes_worthless_is_a_loss_of_the_day(
    frames: tuple[Resolved, ...], autojump_clock: object
) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        of.sockets.say(*frames)
        if not frames:  # the venue tells it in its description alone
            of.venue.relist(evolve(ALPHA, accepting=False, standing="resolved", won=Outcome.NO))
        await until(lambda: status(of)["kill"] is not None, within=17.0)
        assert pnl(of) == -9.6


async def test_a_position_that_a_resolution_pays_is_a_gain(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        of.sockets.say(Resolved("alpha-yes", "alpha-yes"), Resolved("alpha-no", "alpha-yes"))
        await trio.sleep(2.0)
        assert (pnl(of), status(of)["kill"]) == (10.4, None)


async def test_the_loss_of_the_day_is_the_same_after_a_restart_that_reads_every_trade_again(
    autojump_clock: object,
) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        move(of, 4000)
        await trio.sleep(1.5)
        lost = pnl(of)
        assert lost < -1.0
    for _ in range(3):
        async with life(of):
            await trio.sleep(3.0)
            assert pnl(of) == lost


async def test_a_restart_does_not_grant_the_limit_anew(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        move(of, 4000)  # a loss of 1.2
        await trio.sleep(1.5)
    async with life(of):
        await trio.sleep(2.0)
        assert status(of)["kill"] is None
        move(of, 3500)  # of 2.2 in the whole day, 1.0 in this life
        await until(lambda: status(of)["kill"] is not None, within=1.5)


async def test_a_loss_past_the_limit_kills_before_the_first_order_of_a_life(autojump_clock: object) -> None:
    of = world(ALPHA, settings=evolve(LIMITED, risk=RiskSettings()))
    async with life(of):
        await hold(of)
        move(of, 3500)
        await trio.sleep(25.0)
    placed = len(of.venue.placed)
    of.settings = LIMITED
    async with life(of):
        await trio.sleep(5.0)
        assert status(of)["state"] == "safe"
        assert len(of.venue.placed) == placed


async def test_an_acknowledged_loss_grants_the_limit_anew_also_for_the_next_run(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        move(of, 3500)
        await until(lambda: status(of)["kill"] is not None, within=1.5)
        console(of).obey("resume", {"ack_kill": True})
        await recorded(of)
        await trio.sleep(2.0)
        assert status(of)["kill"] is None
        assert status(of)["day"]["kills_at"] == pytest.approx(-4.2)
    async with life(of):
        await trio.sleep(5.0)
        assert status(of)["kill"] is None
        assert status(of)["day"]["kills_at"] == pytest.approx(-4.2)


async def test_a_clock_that_is_set_back_forgives_nothing_and_midnight_does(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    skew = [0.0]
    monkeypatch.setattr("tests.wiring.world.wall", lambda: START + skew[0] + trio.current_time())
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        move(of, 4000)
        await trio.sleep(1.5)
        lost = pnl(of)
        skew[0] = -2 * 86_400.0
        await trio.sleep(3.0)
        assert (pnl(of), status(of)["day"]["date"]) == (lost, "2025-11-20")
    async with life(of):
        await trio.sleep(3.0)
        assert pnl(of) == lost
        skew[0] = 86_400.0
        await trio.sleep(3.0)
        assert (pnl(of), status(of)["day"]["date"]) == (0.0, "2025-11-21")


async def test_the_counters_cost_a_few_writes_a_minute(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        await trio.sleep(5.0)
        before = sum(type(row).__name__ == "Day" for row in of.journal.rows)
        for tick in range(60):
            move(of, 4700 + tick % 5)
            await trio.sleep(1.0)
        assert sum(type(row).__name__ == "Day" for row in of.journal.rows) - before <= 4


async def test_a_book_that_is_gone_neither_loses_nor_earns(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        move(of, 4000)
        await trio.sleep(1.5)
        lost = pnl(of)
        of.venue.books_["alpha"] = ((), ((4400, LEVEL),))
        of.sockets.say(*(of.venue.snapshot(token) for token in ALPHA.tokens))
        await trio.sleep(3.0)
        assert pnl(of) == lost


async def test_a_market_that_is_being_left_goes_on_selling_at_the_limit_and_the_next_start_is_safe(
    autojump_clock: object,
) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        await hold(of)
        order(of, Order.DRAIN, None)  # type: ignore[arg-type]
        await trio.sleep(0.1)
        move(of, 3500)
        await trio.sleep(2.0)
        assert of.report().trading is Trading.DRAINING
        await recorded(of)
    async with life(of):
        assert await still(of)
        assert status(of)["state"] == "safe"


@pytest.mark.parametrize(("on_kill", "code"), [("safe", Exit.POSITIONS_REMAIN), ("exit", Exit.KILLED)])
async def test_a_kill_for_loss_ends_the_run_where_kills_are_to(
    on_kill: str, code: Exit, autojump_clock: object, tmp_path: Path
) -> None:
    of = world(ALPHA, settings=evolve(LIMITED, risk=evolve(LIMITED.risk, on_kill=on_kill)))
    async with quoting_root(of, tmp_path) as run:
        await hold(of)
        move(of, 3500)
        await trio.sleep(2.0)
        assert run.stop.wanted.is_set() is (on_kill == "exit")
        if on_kill == "safe":
            run.stop.ask("the test is over")
        assert (await run.until_over(60.0)).code is code
    assert (await of.journal.memory()).standings["alpha"].trading is Trading.SAFE


async def test_a_run_that_starts_safe_stays_to_be_asked_even_where_kills_end_it(
    autojump_clock: object, tmp_path: Path
) -> None:
    of = world(ALPHA, settings=evolve(LIMITED, risk=evolve(LIMITED.risk, on_kill="exit")))
    async with life(of):
        await quoted(of)
        order(of, Order.KILL)
        await recorded(of)
    async with rooted(of, tmp_path) as run:
        await trio.sleep(20.0)
        assert not run.stop.wanted.is_set()
        of.shared("risk").tell(Command(Order.ACK_KILL))
        await quoted(of)
