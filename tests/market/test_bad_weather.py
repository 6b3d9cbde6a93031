"""What a market does when the venue cannot be read or does not answer: it cancels, it repeats, and it claims nothing."""

from __future__ import annotations

import trio

from actors.model.trading import Order
from actors.shared.requests import CancelAll
from actors.shared.risk import Command
from tests.venue import Fate
from tests.wiring.world import ALPHA, quoting, until


async def test_a_tracker_that_cannot_read_the_venue_after_a_crash_pulls_what_the_journal_says_rests(
    autojump_clock: object,
) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken |= {"read", "query"}
        running.tree("alpha").drill("tracker", 1)
        await until(lambda: not running.live(), within=6.0)
        assert not running.report().known
        placed = len(running.venue.placed)
        await trio.sleep(20.0)
        assert len(running.venue.placed) == placed, "nothing is placed on what cannot be read"


async def test_a_pause_is_obeyed_while_the_venue_cannot_be_read(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken |= {"read", "query"}
        running.tree("alpha").drill("tracker", 1)
        await trio.sleep(0.6)
        assert running.live()
        running.shared("risk").tell(Command(Order.PAUSE, "alpha"))
        await until(lambda: not running.live(), within=1.0)


async def test_a_cancel_that_nobody_answers_is_sent_again_without_any_read(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken |= {"cancel", "read", "query"}
        running.shared("risk").tell(Command(Order.PAUSE, "alpha"))
        await trio.sleep(10.0)
        assert len(running.venue.since(0.0, "cancel")) >= 3
        running.venue.broken.discard("cancel")
        await until(lambda: not running.live(), within=6.0)


async def test_an_order_written_off_that_shows_up_later_is_ours_again_and_cancelled(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.shared("risk").tell(Command(Order.PAUSE, "alpha"))
        await until(lambda: not running.live(), within=3.0)
        running.venue.fates += [Fate.LOST, Fate.LOST]
        running.shared("risk").tell(Command(Order.RESUME, "alpha"))
        await trio.sleep(1.0)
        lost = running.venue.placed[-1]
        running.shared("risk").tell(Command(Order.PAUSE, "alpha"))
        await until(lambda: not running.report().orders, within=80.0)
        assert lost.draft is not None
        appeared, (ghost,) = trio.current_time(), lost.ids
        running.venue.appear(ghost, lost.draft)
        await until(lambda: [call.ids for call in running.venue.since(appeared, "cancel")] == [(ghost,)], within=40.0)
        await until(lambda: not running.live(), within=5.0)
        assert running.report().foreign == ()


async def test_no_order_leaves_after_a_kill_however_long_the_journal_takes(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.shared("risk").tell(Command(Order.PAUSE, "alpha"))
        await until(lambda: not running.live(), within=3.0)
        running.journal.latency = 1.8
        running.shared("risk").tell(Command(Order.RESUME, "alpha"))
        await trio.sleep(1.0)
        placed = len(running.venue.placed)
        running.shared("risk").tell(Command(Order.KILL))
        await trio.sleep(6.0)
        assert len(running.venue.placed) == placed


async def test_a_cancel_all_that_is_not_answered_is_sent_again(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.foreign(ALPHA)
        running.venue.mute_cancel_all = 2
        running.shared("gateway").tell(CancelAll())
        await trio.sleep(5.0)
        assert len(running.venue.since(0.0, "cancel-all")) == 3
