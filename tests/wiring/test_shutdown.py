"""How a run ends: nothing is claimed that two reads of the venue do not show, and the exit code says it all (I5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import trio
from attrs import evolve

from actors.ending import Ending, Exit
from actors.model.numbers import SHARE
from actors.model.settings import ControlSettings
from actors.model.trading import Order
from actors.shared.board import Board
from actors.shared.risk import Command
from actors.shutdown import Leaving
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.places import places
from actors.wiring.proof import proof
from actors.wiring.root import Root
from tests.venue import Fate
from tests.wiring.sources import unheard, unread
from tests.wiring.world import ALPHA, BETA, World, bot, quoting, until, world


async def leave(of: World, stop: Stop | None = None, *, flatten: bool = True) -> Ending:
    """The shutdown as the root runs it."""
    leaving = Leaving(
        trees=of.spine.trees,
        markets=of.spine.markets,
        board=of.board,
        account=of.spine.prove,
        journal=of.spine.journal,
        gateway=of.shared("gateway"),
        settings=of.settings.shutdown,
        stop=stop or Stop(of.board),
        flatten=flatten,
    )
    return await leaving.run()


@asynccontextmanager
async def holding(*, sure: bool = True) -> AsyncIterator[World]:
    """A bot that quotes and holds 20 YES."""
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE, sure=sure)
        await trio.sleep(1.0)
        yield running


async def test_a_clean_end_is_read_twice_from_the_venue_before_it_is_claimed(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        ending = await leave(running)
        assert ending.code is Exit.DONE
        assert running.venue.live() == []
        last = max(call.at for call in running.venue.calls if call.kind == "cancel")
        assert len([c for c in running.venue.since(last, "open orders") if c.ids == ("",)]) >= 2


async def test_nothing_is_placed_after_the_end_was_asked_for(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        began = trio.current_time()
        await leave(running)
        await trio.sleep(30.0)
        assert running.venue.since(began + 0.01, "place") == []


async def test_what_is_held_is_sold_before_the_end(autojump_clock: object) -> None:
    async with holding() as running:
        ending = await leave(running)
        assert ending.code is Exit.DONE
        assert running.venue.ledger(ALPHA).position.yes.size == 0
        assert "positions: flat" in proof(ending)


async def test_orders_that_the_venue_does_not_cancel_are_named_exactly(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        stubborn = running.live("beta")[0].order_id
        running.venue.uncancellable.add(stubborn)
        ending = await leave(running)
        assert (ending.code, ending.open_orders) == (Exit.ORDERS_REMAIN, (stubborn,))
        assert stubborn in proof(ending)


async def test_orders_that_may_still_turn_up_are_named(autojump_clock: object) -> None:
    haunted = world(ALPHA)
    haunted.venue.fates.extend([Fate.ZOMBIE] * 2)
    haunted.venue.late = 300.0
    async with bot(haunted) as running:
        await trio.sleep(1.0)
        ending = await leave(running)
        assert (ending.code, ending.open_orders) == (Exit.ORDERS_REMAIN, ("0x0001", "0x0002"))


async def test_positions_that_cannot_be_sold_are_named(autojump_clock: object) -> None:
    async with holding(sure=False) as running:
        began = trio.current_time()
        ending = await leave(running)
        assert ending.code is Exit.POSITIONS_REMAIN
        assert "alpha YES 20" in proof(ending)
        assert trio.current_time() - began < running.settings.shutdown.grace + 10.0


async def test_open_orders_outrank_positions_and_positions_a_crash(autojump_clock: object) -> None:
    async with holding(sure=False) as running:
        stop = Stop(running.board)
        stop.fail("risk crashed 6 times")
        running.venue.uncancellable |= {o.order_id for o in running.live()}
        assert (await leave(running, stop)).code is Exit.ORDERS_REMAIN
        running.venue.uncancellable.clear()
        assert (await leave(running, stop)).code is Exit.POSITIONS_REMAIN
        running.venue.settle("t0", type(running.venue.trades_[0].settlement).CONFIRMED)
        assert (await leave(running, stop)).code is Exit.CRASHED


async def test_a_venue_that_cannot_be_read_is_no_proof(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("read")
        ending = await leave(running)
        assert (ending.code, ending.unproven) == (Exit.ORDERS_REMAIN, "500")
        assert "NOT PROVEN" in proof(ending)


async def test_a_dead_account_actor_is_no_proof(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await running.services["account"].stop()
        assert (await leave(running)).code is Exit.ORDERS_REMAIN


async def test_orders_of_others_are_left_alone_and_named(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        foreign = running.venue.foreign(ALPHA)
        await trio.sleep(0.5)
        ending = await leave(running)
        assert (ending.code, ending.foreign_orders) == (Exit.DONE, (foreign,))
        assert running.venue.orders[foreign].status == "LIVE"
        assert foreign in proof(ending)


async def test_orders_of_others_in_markets_that_are_not_traded_are_not_ours(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        foreign = running.venue.foreign(BETA)
        await trio.sleep(0.5)
        ending = await leave(running)
        assert (ending.code, ending.open_orders) == (Exit.DONE, ())
        assert running.venue.orders[foreign].status == "LIVE"


async def test_positions_are_kept_when_asked_to(autojump_clock: object) -> None:
    async with holding() as running:
        stop = Stop(running.board)
        stop.ask("stop command", keep_positions=True)
        ending = await leave(running, stop)
        assert ending.code is Exit.DONE
        assert running.venue.ledger(ALPHA).position.yes.size == 20 * SHARE
        assert [c for c in running.venue.placed if c.draft and c.draft.type == "FAK"] == []


async def test_a_second_signal_leaves_the_positions_and_a_third_the_waiting(autojump_clock: object) -> None:
    async with holding(sure=False) as running, trio.open_nursery() as nursery:
        stop, began = Stop(running.board), trio.current_time()
        stop.signal("SIGTERM")

        async def impatient() -> None:
            await trio.sleep(0.5)
            stop.signal("SIGTERM")  # within a second: the same wish
            await trio.sleep(4.5)
            assert stop.count == 1
            stop.signal("SIGTERM")

        nursery.start_soon(impatient)
        ending = await leave(running, stop)
        assert 4.9 < trio.current_time() - began < 6.5
        assert ending.code is Exit.POSITIONS_REMAIN
        assert running.live() == []


async def test_a_third_signal_cancels_everything_and_leaves(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running, trio.open_nursery() as nursery:
        stop, began = Stop(running.board), trio.current_time()
        running.venue.broken.add("cancel")
        stop.signal("SIGTERM")

        async def impatient() -> None:
            for _ in range(2):
                await trio.sleep(1.1)
                stop.signal("SIGINT")
            running.venue.broken.clear()

        nursery.start_soon(impatient)
        ending = await leave(running, stop)
        assert running.venue.since(began, "cancel-all")
        assert running.live() == []
        assert ending.code in (Exit.DONE, Exit.ORDERS_REMAIN)
        assert trio.current_time() - began < 10.0


async def test_a_market_whose_tracker_is_lost_ends_with_its_orders_cancelled(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.tree("alpha").drill("tracker", 6)
        await until(lambda: running.tree("alpha").state == "lost", within=20.0)
        ending = await leave(running)
        assert (ending.code, ending.open_orders) == (Exit.DONE, ())


async def test_an_order_in_flight_when_the_end_comes_is_cancelled_too(autojump_clock: object) -> None:
    slow = world(ALPHA)
    slow.venue.latency["place"] = 1.0
    async with bot(slow) as running:
        await until(lambda: len(running.venue.placed) == 2, within=2.0)
        ending = await leave(running)
        await trio.sleep(5.0)
        assert ending.code is Exit.DONE
        assert running.live() == []


# ── the root itself ─────────────────────────────────────────────────────────────────────────────────────────────────


async def run_root(of: World, folder: Path, stop_at: float) -> tuple[Ending, float]:
    """The real root over a world, asked to stop at an instant of its life."""
    settings = evolve(of.settings, control=ControlSettings(socket=str(folder / "s")))
    root = Root(
        settings,
        of.ports,
        of.venue.markets,
        places(settings, {"XDG_STATE_HOME": str(folder)}),
        Random,
        None,
        {},
        unread(settings),
        unheard,
    )
    board = Board()
    stop = Stop(board)
    of.board = board

    async def terminate() -> None:
        await trio.sleep(stop_at)
        stop.signal("SIGTERM")

    async with trio.open_nursery() as nursery:
        of.venue.nursery = nursery
        nursery.start_soon(terminate)
        ending = await root.run(board, stop)
        return ending, trio.current_time() - stop_at


@pytest.mark.parametrize("instant", [0.0, 0.001, 0.004, 0.011, 0.02, 0.025, 0.03, 0.5, 3.3, 12.0])
async def test_a_signal_at_any_instant_ends_flat_and_proven(
    instant: float, autojump_clock: object, tmp_path: Path
) -> None:
    whole = world(ALPHA, BETA)
    ending, took = await run_root(whole, tmp_path, instant)
    assert (ending.code, ending.open_orders) == (Exit.DONE, ())
    assert whole.venue.live() == []
    assert took < 10.0


async def test_a_restart_that_is_stopped_at_once_still_cancels_what_the_last_run_left(
    autojump_clock: object, tmp_path: Path
) -> None:
    again = world(ALPHA)
    async with bot(again):
        await until(lambda: len(again.live()) == 2, within=3.0)
    ending, _ = await run_root(again, tmp_path, 0.02)
    assert (ending.code, again.live()) == (Exit.DONE, [])


async def test_a_market_whose_trades_cannot_be_read_is_never_called_flat(autojump_clock: object) -> None:
    async with holding() as running:
        running.venue.broken |= {"trades"}
        running.tree("alpha").drill("tracker", 1)
        await trio.sleep(6.0)
        ending = await leave(running)
        assert ending.code is Exit.POSITIONS_REMAIN
        assert ending.doubtful == ("alpha YES 20 (by the venue's balance)",)
        assert "flat" not in proof(ending)


async def test_a_market_beyond_repair_is_judged_by_the_venues_balances(autojump_clock: object) -> None:
    async with holding() as running:
        running.tree("alpha").drill("tracker", 100)
        await until(lambda: running.tree("alpha").state == "lost", within=60.0)
        ending = await leave(running)
        assert ending.code is Exit.POSITIONS_REMAIN
        assert ending.doubtful == ("alpha YES 20 (by the venue's balance)",)


async def test_after_a_kill_nothing_is_sold_on_the_way_out_and_the_proof_says_why(autojump_clock: object) -> None:
    async with holding() as running:
        running.shared("risk").tell(Command(Order.KILL))
        await trio.sleep(1.0)
        placed = len(running.venue.placed)
        ending = await leave(running)
        assert len(running.venue.placed) == placed
        assert ending.code is Exit.POSITIONS_REMAIN
        assert "alpha YES 20 (killed: nothing is sold before `resume --ack-kill`)" in proof(ending)


async def test_a_late_word_to_keep_the_positions_is_heard(autojump_clock: object) -> None:
    async with holding(sure=False) as running, trio.open_nursery() as nursery:
        stop = Stop(running.board)
        stop.ask("stop command")

        async def changes_their_mind() -> None:
            await trio.sleep(1.0)
            stop.ask("stop command", keep_positions=True)

        nursery.start_soon(changes_their_mind)
        began = trio.current_time()
        ending = await leave(running, stop)
        assert ending.code is Exit.DONE
        assert trio.current_time() - began < 10.0
        assert running.venue.ledger(ALPHA).position.yes.size == 20 * SHARE


async def test_a_stop_says_what_it_has_begun_and_what_becomes_of_what_is_held(autojump_clock: object) -> None:
    rest = "once `status` finds no bot it has ended"
    async with quoting(ALPHA) as running:
        console = Console(running.spine, Stop(running.board), running.settings, running.services, {}, 0.0)
        sold, kept = (f"stopping: orders are cancelled, what is held is {held}; {rest}" for held in ("sold", "kept"))
        assert console.obey("stop", {}) == {"done": sold}
        assert console.obey("stop", {"keep_positions": True}) == {"done": kept}
        killed = Console(running.spine, Stop(running.board), running.settings, running.services, {}, 0.0)
        killed.obey("kill", {})
        await trio.sleep(0.1)
        assert killed.obey("stop", {}) == {"done": kept}, "a kill sells nothing"
