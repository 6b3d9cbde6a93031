"""What a run remembers of the ones before it: kills, pauses and the day's loss, whatever ended them (I13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve

from actors.messages import Fill
from actors.model.numbers import PUSD, SHARE, Cash
from actors.model.settings import MarketSettings, OrderSettings, RiskSettings, Settings
from actors.model.trading import ALL, Order, Standing, Trading
from actors.ports import Intent
from actors.shared.board import Board
from actors.shared.control import CommandRefused
from actors.shared.journal import Settle
from actors.shared.risk import Command, Heeded
from actors.shutdown import Exit, Stop
from actors.wiring.console import Console
from tests.venue import START
from tests.wiring.rooted import quoting_root, rooted
from tests.wiring.world import ALPHA, BETA, LEVEL, World, bot, move, order, until, world

LIMITED = Settings((MarketSettings("alpha"),), risk=RiskSettings(max_daily_loss=Cash(2 * PUSD)))


@asynccontextmanager
async def life(of: World) -> AsyncIterator[World]:
    """One process; its end is a kill -9: nothing is told to anybody, and nothing but the journal is left of it."""
    of.board, of.services = Board(), {}
    async with bot(of) as running:
        yield running


def console(of: World) -> Console:
    return Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)


def status(of: World) -> dict[str, Any]:
    shown: dict[str, Any] = console(of).obey("status", {})
    return shown


async def recorded(of: World) -> None:
    """As the control socket waits before it answers."""
    await of.spine.risk.ask(Heeded())
    await of.spine.journal.ask(Settle())


async def quoted(of: World) -> None:
    await until(lambda: all(len(of.live(m.slug)) == 2 for m in of.venue.markets), within=5.0)


async def still(of: World) -> bool:
    """Nothing rests and nothing is placed for a while."""
    await trio.sleep(2.0)
    began = trio.current_time()
    await trio.sleep(20.0)
    return not of.venue.live() and not of.venue.since(began, "place")


# ── the kill switch ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_kill_outlives_the_process_until_it_is_acknowledged(autojump_clock: object) -> None:
    of = world(ALPHA, BETA)
    async with life(of):
        await quoted(of)
        console(of).obey("kill", {"reason": "looks wrong"})
        await recorded(of)
    left = len(of.venue.placed)
    for _ in range(2):
        async with life(of):
            assert await still(of)
            assert len(of.venue.placed) == left
            shown = status(of)
            assert shown["state"] == "safe"
            assert shown["kill"]["markets"] == ["alpha", "beta"]
            assert shown["kill"]["why"] == "looks wrong"
            assert shown["kill"]["since"].startswith("2025-11-20 08:40:0")
            with pytest.raises(CommandRefused, match="--ack-kill"):
                console(of).obey("resume", {})
    async with life(of):
        console(of).obey("resume", {"ack_kill": True})
        await quoted(of)
        await recorded(of)
    async with life(of):
        await quoted(of)
        assert status(of)["kill"] is None
    assert of.venue.breaches == []


async def test_a_killed_bot_that_starts_again_cancels_what_it_had_left(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        of.venue.broken.add("cancel")
        of.venue.mute_cancel_all = 100
        console(of).obey("kill", {})
        await recorded(of)
    assert len(of.live()) == 2
    of.venue.broken.clear()
    of.venue.mute_cancel_all = 0
    async with life(of):
        foreign = of.venue.foreign(ALPHA)
        await until(lambda: not of.live(), within=5.0)
        assert of.venue.orders[foreign].status == "LIVE"


async def test_a_kill_binds_a_market_that_is_traded_for_the_first_time_afterwards(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        order(of, Order.KILL, None)  # type: ignore[arg-type]
        await recorded(of)
    more = world(ALPHA, BETA)
    more.journal = of.journal
    async with life(more):
        assert await still(more)
        assert status(more)["kill"]["markets"] == ["alpha", "beta"]
        console(more).obey("resume", {"market": "beta", "ack_kill": True})
        await until(lambda: len(more.live("beta")) == 2, within=3.0)
        assert more.live("alpha") == []


async def test_a_kill_during_a_dead_journal_is_recorded_as_soon_as_it_is_back(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        of.journal.ill = "fail"
        console(of).obey("kill", {})
        await until(lambda: not of.live(), within=1.0)
        await trio.sleep(1.0)
        of.journal.ill = None
        await trio.sleep(5.0)
    async with life(of):
        assert await still(of)
        assert status(of)["state"] == "safe"


async def test_a_kill_while_risk_is_down_is_recorded_by_its_next_life(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        of.shared("risk").crash("drill")
        await trio.sleep(0.001)
        console(of).obey("kill", {})
        await trio.sleep(0.5)
        await recorded(of)
    async with life(of):
        assert await still(of)


async def test_a_resume_that_no_record_tells_of_leaves_the_next_start_safe(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        console(of).obey("kill", {})
        await recorded(of)
        of.journal.ill = "fail"
        console(of).obey("resume", {"ack_kill": True})
        await trio.sleep(0.2)
    of.journal.ill = None
    async with life(of):
        assert await still(of)


# ── pauses ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", [Order.PAUSE, Order.FLATTEN])
async def test_a_market_that_was_stopped_stays_so_and_the_others_quote(what: Order, autojump_clock: object) -> None:
    of = world(ALPHA, BETA)
    async with life(of):
        await quoted(of)
        order(of, what)
        await recorded(of)
    async with life(of):
        await until(lambda: len(of.live("beta")) == 2, within=3.0)
        await trio.sleep(5.0)
        assert of.live("alpha") == []
        explained = console(of).obey("explain", {"market": "alpha"})
        assert (explained["reason"], explained["remedy"]) == ("paused", "run `resume`")
        assert explained["inputs"]["since"].startswith("2025-11-20 08:40:0")
        console(of).obey("resume", {"market": "alpha"})
        await quoted(of)


async def test_the_end_of_a_run_is_not_remembered(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        order(of, Order.DRAIN)
        await trio.sleep(1.0)
        assert of.live() == []
        await recorded(of)
    async with life(of):
        await quoted(of)


async def test_a_parked_market_is_tried_again_by_the_next_run(autojump_clock: object) -> None:
    of = world(ALPHA)
    async with life(of):
        await quoted(of)
        of.tree("alpha").drill("quoter", 6)
        await until(lambda: of.tree("alpha").state == "parked", within=20.0)
    async with life(of):
        await quoted(of)


async def test_what_was_running_still_waits_for_a_resume_where_starts_are_paused(autojump_clock: object) -> None:
    of = world(ALPHA, settings=Settings((MarketSettings("alpha"),), start_paused=True))
    async with life(of):
        console(of).obey("resume", {})
        await quoted(of)
        await recorded(of)
    async with life(of):
        assert await still(of)


# ── the day's loss ──────────────────────────────────────────────────────────────────────────────────────────────────


async def hold(of: World) -> Fill:
    """20 YES bought at 0.48."""
    await quoted(of)
    fill = of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.5)
    return fill


def pnl(of: World) -> float:
    found: float = status(of)["day"]["pnl"]
    return found


async def test_a_day_that_loses_the_limit_is_killed_with_the_reason(autojump_clock: object) -> None:
    of = world(ALPHA, settings=LIMITED)
    async with life(of):
        foreign = of.venue.foreign(ALPHA)
        await hold(of)
        assert status(of)["day"] == {"date": "2025-11-20", "pnl": 0.4, "limit": 2.0, "kills_at": -2.0}
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


async def test_every_standing_is_in_the_journal_as_ordered(autojump_clock: object) -> None:
    of = world(ALPHA, BETA)
    async with life(of):
        await quoted(of)
        for what, slug in ((Order.PAUSE, "alpha"), (Order.KILL, None), (Order.ACK_KILL, "beta")):
            order(of, what, slug)  # type: ignore[arg-type]
            await recorded(of)
    standings = (await of.journal.memory()).standings
    assert {name: standing.trading for name, standing in standings.items()} == {
        ALL: Trading.SAFE,
        "alpha": Trading.SAFE,
        "beta": Trading.RUNNING,
    }
    assert all(isinstance(row, Standing) for row in standings.values())


async def test_the_expiry_of_an_order_is_in_its_intent(autojump_clock: object) -> None:
    of = world(ALPHA, settings=Settings((MarketSettings("alpha"),), order=OrderSettings("gtd", 300.0)))
    async with life(of):
        await quoted(of)
    drafts = [call.draft for call in of.venue.placed]
    expiries = [row.expires for row in of.journal.rows if isinstance(row, Intent)]
    assert expiries == [draft.expires for draft in drafts if draft is not None]
    assert min(expiries) > START + 300
