"""After the loop or the machine stood still, what waited in the socket is old news until REST has confirmed it (F24, F33)."""

from __future__ import annotations

from itertools import count

import pytest
import trio
from trio.testing import MockClock

from actors.messages import LevelChange
from actors.model.book import Book
from actors.model.numbers import SHARE
from tests.venue import wall
from tests.wiring.world import ALPHA, LEVEL, World, quoting, until


def book(of: World) -> Book:
    found = of.board.last(Book, "alpha")
    assert found is not None
    return found


def change(price: int, size: int = LEVEL) -> LevelChange:
    return LevelChange("alpha-yes", True, price, size, -1, -1)


async def test_frames_that_waited_through_a_stall_do_not_make_a_book_fresh(autojump_clock: MockClock) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("books")
        running.sockets.say(change(4700), LevelChange("alpha-no", True, 4700, LEVEL, -1, -1))
        autojump_clock.jump(5.0)
        began = trio.current_time()
        await trio.sleep(1.0)
        assert book(running).live
        assert book(running).age(trio.current_time()) > 5.0
        assert running.live() == []
        assert running.venue.since(began, "place") == []


@pytest.mark.parametrize("stalled", [1.0, 2.9, 5.0, 60.0])
async def test_a_book_that_rest_confirms_after_a_stall_is_quoted_again_at_once(
    stalled: float, autojump_clock: MockClock
) -> None:
    async with quoting(ALPHA) as running:
        autojump_clock.jump(stalled)
        began = trio.current_time()
        await until(lambda: book(running).confirmed_at >= began, within=2.5)
        await until(lambda: len(running.live()) == 2, within=8.0)  # a long one has cost a heartbeat, too
        assert all(call.at >= began for call in running.venue.since(began, "place"))
        await trio.sleep(20.0)
        assert len(running.live()) == 2


async def test_no_order_is_made_of_an_old_frame_while_the_venue_has_moved_on(autojump_clock: MockClock) -> None:
    async with quoting(ALPHA) as running:
        running.sockets.say(change(4900))
        running.venue.books_["alpha"] = (((3000, LEVEL),), ((3400, LEVEL),))
        autojump_clock.jump(5.0)
        began = trio.current_time()
        await trio.sleep(10.0)
        drafts = [call.draft for call in running.venue.since(began, "place")]
        assert drafts
        assert all(draft.price <= (3400 if draft.token == "alpha-yes" else 7000) for draft in drafts if draft)


async def test_a_busy_book_is_believed_again_though_rest_never_shows_the_same(autojump_clock: MockClock) -> None:
    async with quoting(ALPHA) as running:
        running.venue.latency["books"] = 0.3
        autojump_clock.jump(5.0)
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_chatter, running)
            await until(lambda: len(running.live()) == 2 and book(running).confirmed_at > began, within=4.0)
            await trio.sleep(10.0)
            assert len(running.live()) == 2
            nursery.cancel_scope.cancel()


async def _chatter(of: World) -> None:
    """Far from the touch a level comes and goes, several times a second on both tokens."""
    for number in count():
        size = LEVEL if number % 2 else SHARE
        of.sockets.say(change(1000, size), LevelChange("alpha-no", True, 1000, size, -1, -1))
        await trio.sleep(0.1)


async def test_a_machine_that_slept_believes_no_book_of_before(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = 0.0
    monkeypatch.setattr("tests.wiring.world.wall", lambda: wall() + slept)
    async with quoting(ALPHA) as running:
        running.venue.broken.add("books")
        slept = 3600.0
        await trio.sleep(0.5)
        assert book(running).age(trio.current_time()) > 3599.0
        await until(lambda: running.live() == [], within=1.0)
        running.venue.broken.discard("books")
        await until(lambda: len(running.live()) == 2, within=4.0)


async def test_a_wall_clock_set_back_changes_nothing(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = 0.0
    monkeypatch.setattr("tests.wiring.world.wall", lambda: wall() - back)
    async with quoting(ALPHA) as running:
        before = running.live()
        back = 3600.0
        for _ in range(100):
            await trio.sleep(0.1)
            assert running.live() == before
