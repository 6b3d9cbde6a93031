"""When a book may be believed, how long, and what brings it back (I10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import evolve

from actors.market.feed import Feed
from actors.messages import BookSnapshot, FeedState, LevelChange, TickChange
from actors.model.book import Book
from actors.model.market import Market
from actors.model.numbers import SHARE, Price
from tests.wiring.world import ALPHA, BETA, World, bot, until, world

LEVEL = 1000 * SHARE


@asynccontextmanager
async def feeding(of: World | None = None, *, wait: bool = True) -> AsyncIterator[World]:
    """The shared actors and the feed of alpha, with its first books in."""
    async with bot(of or world(), trees=False) as running, trio.open_nursery() as nursery:
        nursery.start_soon(running.tree("alpha").children["feed"].run)
        if wait:
            await until(lambda: live(running), within=1.0)
        yield running
        nursery.cancel_scope.cancel()


def book(of: World, slug: str = "alpha") -> Book:
    found = of.board.last(Book, slug)
    assert found is not None, "no book published"
    return found


def live(of: World) -> bool:
    found = of.board.last(Book, "alpha")
    return found is not None and found.live


def change(price: int, size: int = LEVEL, *, best: int = -1, bid: bool = True) -> LevelChange:
    """A change on YES with the frame's own best bid."""
    return LevelChange("alpha-yes", bid, price, size, best, -1)


def _timeless(book: Book) -> Book:
    return evolve(book, epoch=0, confirmed_at=0, moved_at=0)


def refused(of: World) -> dict[str, int]:
    state = of.board.last(FeedState, "alpha")
    return {} if state is None else state.refused


def move(of: World, bid: int) -> None:
    """The venue's true book moves, silently."""
    of.venue.books_["alpha"] = (((bid, LEVEL),), ((bid + 400, LEVEL),))


async def test_changes_before_their_snapshot_are_ignored(autojump_clock: object) -> None:
    deaf = world()
    deaf.sockets.mute = True
    async with feeding(deaf, wait=False) as running:
        running.sockets.say(change(4900))
        await trio.sleep(1.0)
        assert not live(running)


async def test_a_market_is_live_once_both_books_are_in(autojump_clock: object) -> None:
    half = world()
    half.sockets.dumb.add("alpha-no")
    async with feeding(half, wait=False) as running:
        await trio.sleep(1.0)
        assert not live(running)
        running.sockets.say(running.venue.snapshot("alpha-no"))
        await trio.sleep(0.1)
        assert live(running)


async def test_levels_better_than_the_frames_own_best_are_pruned(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.say(change(4900), change(5000))
        await trio.sleep(0.1)
        assert book(running).yes.best_bid == 5000
        running.sockets.say(change(4700, best=4900))
        await trio.sleep(0.1)
        assert book(running).yes.best_bid == 4900
        assert book(running).live


async def test_a_best_price_we_do_not_have_costs_the_book_its_trust_until_a_snapshot(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.mute = True
        running.sockets.say(change(4700, best=4950))
        await trio.sleep(0.1)
        assert not book(running).live
        assert len(running.sockets.resubscribed) >= 1
        running.sockets.say(running.venue.snapshot("alpha-yes"), running.venue.snapshot("alpha-no"))
        await trio.sleep(0.1)
        assert book(running).live


async def test_a_quiet_market_stays_live_on_rest_alone(autojump_clock: object) -> None:
    async with feeding() as running:
        resubscribed = len(running.sockets.resubscribed)
        for _ in range(600):
            await trio.sleep(0.1)
            assert book(running).live
            assert book(running).age(trio.current_time()) <= 3.0
        assert len(running.sockets.resubscribed) == resubscribed


async def test_a_book_that_nobody_confirms_is_stale_after_three_seconds(autojump_clock: object) -> None:
    async with feeding() as running:
        running.venue.broken.add("books")
        confirmed = book(running).confirmed_at
        await trio.sleep(4.0)
        assert book(running).confirmed_at == confirmed
        assert book(running).age(trio.current_time()) > 3.0


async def test_a_frame_of_one_token_does_not_confirm_the_other(autojump_clock: object) -> None:
    async with feeding() as running:
        running.venue.broken.add("books")
        for _ in range(8):
            await trio.sleep(0.5)
            running.sockets.say(change(4800))
        assert book(running).age(trio.current_time()) > 3.0


async def test_a_rest_book_that_differs_twice_throws_ours_away(autojump_clock: object) -> None:
    async with feeding() as running:
        before = book(running)
        move(running, 4500)
        await until(lambda: book(running).yes.best_bid == 4500, within=4.0)
        assert book(running).epoch > before.epoch
        assert book(running).live


async def test_a_rest_book_overtaken_by_a_frame_is_no_reason_for_doubt(autojump_clock: object) -> None:
    async with feeding() as running:
        running.venue.latency["books"] = 0.3
        resubscribed = len(running.sockets.resubscribed)
        for _ in range(20):
            asked = len(running.venue.since(0, "books"))
            await until(lambda seen=asked: len(running.venue.since(0, "books")) > seen, within=4.0)  # type: ignore[misc]
            running.sockets.say(change(4600 if asked % 2 else 4700))
            await trio.sleep(0.5)
            assert book(running).live
            running.sockets.say(change(4600, 0), change(4700, 0))
        assert len(running.sockets.resubscribed) == resubscribed


async def test_a_new_tick_is_a_new_epoch_without_a_book_until_its_snapshots(autojump_clock: object) -> None:
    async with feeding() as running:
        before = book(running)
        running.sockets.mute = True
        running.sockets.say(TickChange("alpha-yes", 10), TickChange("alpha-no", 10))
        await trio.sleep(0.1)
        assert not book(running).live
        running.sockets.say(
            BookSnapshot("alpha-yes", ((4805, LEVEL),), ((5200, LEVEL),), 5),
            BookSnapshot("alpha-no", ((4800, LEVEL),), ((5195, LEVEL),), 5),
        )
        await trio.sleep(0.1)
        assert (book(running).live, book(running).tick) == (True, 5)
        assert book(running).epoch > before.epoch


async def test_nonsense_is_counted_and_changes_nothing(autojump_clock: object) -> None:
    async with feeding() as running:
        before = book(running)
        running.sockets.say(BookSnapshot("alpha-yes", (), ()))
        await trio.sleep(0.01)
        assert not live(running)
        await until(lambda: live(running), within=10.0)
        running.sockets.say(change(4850), change(10_000))
        await trio.sleep(0.01)
        assert not live(running)
        await until(lambda: live(running), within=10.0)
        assert refused(running) == {"empty snapshot of an active market": 1, "level off the tick": 2}
        assert _timeless(book(running)) == _timeless(before)
        assert running.tree("alpha").children["feed"].crashes.total == 0


async def test_a_lost_socket_leaves_no_book_until_the_next_one_speaks(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.cut()
        await trio.sleep(0.05)
        assert not book(running).live
        await until(lambda: live(running), within=1.0)


async def test_lost_facts_cost_the_book_its_trust(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.mute = True
        box = running.box("alpha", "feed")
        for _ in range(box.bound + 1):
            box.tell("noise")
        await trio.sleep(0.1)
        assert not book(running).live


async def test_without_a_snapshot_for_five_seconds_rest_is_used(autojump_clock: object) -> None:
    deaf = world()
    deaf.sockets.mute = True
    async with feeding(deaf, wait=False) as running:
        waited = await until(lambda: live(running), within=7.0)
        assert waited >= 4.9


async def test_a_crossed_book_is_thrown_away_after_a_second(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.mute = True
        running.sockets.say(change(5300))
        await trio.sleep(0.5)
        assert book(running).live
        await trio.sleep(1.0)
        assert not book(running).live


async def test_targets_made_before_a_crash_match_no_book_after_it(autojump_clock: object) -> None:
    async with feeding() as running:
        before = book(running).epoch
        running.box("alpha", "feed").crash("drill")
        await until(lambda: book(running).epoch != before, within=2.0)
        assert book(running).epoch > before


async def test_good_connections_are_renewed_at_once_however_often_they_break(autojump_clock: object) -> None:
    async with feeding() as running:
        for _ in range(10):
            await trio.sleep(20.0)
            running.sockets.cut()
            await trio.sleep(0.01)
            assert not live(running)
            await until(lambda: live(running), within=1.0)


async def test_a_socket_that_only_answers_pings_is_replaced(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.mute = True
        for step in range(12):
            await trio.sleep(6.0)
            move(running, 4000 + 100 * (step % 5))
        assert len(running.sockets.connected) >= 2


async def test_a_refused_connection_is_tried_ever_more_slowly(autojump_clock: object) -> None:
    async with feeding() as running:
        running.sockets.down = True
        running.sockets.cut()
        await trio.sleep(120.0)
        running.sockets.down = False
        await until(lambda: len(running.sockets.connected) == 2, within=31.0)


async def test_one_frame_for_two_markets_wakes_each_of_them_once(autojump_clock: object) -> None:
    pair: tuple[Market, Market] = (ALPHA, BETA)
    async with feeding(world(*pair)) as running:
        box = running.box("beta", "feed")
        box.renew()
        box.read_nowait()
        running.sockets.say(*(running.venue.snapshot(t) for m in pair for t in m.tokens))
        await trio.sleep(0.05)
        assert len(box.read_nowait()) == 1


async def test_a_quiet_feed_wakes_only_when_something_is_due(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    look_after = Feed._look_after

    def counted(feed: Feed, life: object, now: float) -> bool:
        looks.append(now)
        return look_after(feed, life, now)  # type: ignore[arg-type]

    monkeypatch.setattr(Feed, "_look_after", counted)
    async with feeding():
        looks.clear()
        await trio.sleep(60.0)
        assert 30 <= len(looks) <= 80, "a probe every 2 s and its answer, the terms every 15 s and theirs"


async def test_a_book_wakes_a_tracker_only_if_targets_made_before_it_cannot_count_any_more(
    autojump_clock: object,
) -> None:
    """Until something wakes it the newest book lies in its box; the quoter hears every one."""
    async with feeding() as running, trio.open_nursery() as nursery:
        woken: dict[str, list[tuple[float, list[object]]]] = {"tracker": [], "quoter": []}

        async def listen(actor: str) -> None:
            while True:
                letters = await running.box("alpha", actor).read()
                woken[actor].append((trio.current_time(), letters))

        for actor in woken:
            nursery.start_soon(listen, actor)
        await trio.sleep(0.5)
        heard = {actor: len(reads) for actor, reads in woken.items()}
        for size in (2, 3):
            running.sockets.say(change(4800, size * LEVEL))
            await trio.sleep(0.1)
        assert [len(reads) - heard[actor] for actor, reads in woken.items()] == [0, 2]
        running.sockets.say(TickChange("alpha-yes", Price(50)))
        await until(lambda: len(woken["tracker"]) > heard["tracker"], within=0.1)
        shown = [letter for letter in woken["tracker"][-1][1] if isinstance(letter, Book)]
        assert shown == [book(running)]
        nursery.cancel_scope.cancel()
