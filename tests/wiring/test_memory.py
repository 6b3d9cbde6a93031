"""What a run remembers of the ones before it: kills and pauses, whatever ended them (I13)."""

from __future__ import annotations

import pytest
import trio

from actors.model.settings import MarketSettings, OrderSettings, Settings
from actors.model.trading import ALL, Order, Standing, Trading
from actors.records import Intent
from actors.shared.control import CommandRefused
from tests.venue import START
from tests.wiring.lives import console, life, quoted, recorded, status, still
from tests.wiring.world import ALPHA, BETA, SIMPLE, order, until, world

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
    of = world(ALPHA, settings=Settings((MarketSettings("alpha"),), start_paused=True, strategy=SIMPLE))
    async with life(of):
        console(of).obey("resume", {})
        await quoted(of)
        await recorded(of)
    async with life(of):
        assert await still(of)


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
    of = world(ALPHA, settings=Settings((MarketSettings("alpha"),), order=OrderSettings("gtd", 300.0), strategy=SIMPLE))
    async with life(of):
        await quoted(of)
    drafts = [call.draft for call in of.venue.placed]
    expiries = [row.expires for row in of.journal.rows if isinstance(row, Intent)]
    assert expiries == [draft.expires for draft in drafts if draft is not None]
    assert min(expiries) > START + 300
