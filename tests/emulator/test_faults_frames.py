"""Faults of single frames, as a client of the market or the user socket sees them (F11, F12, F13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.emulator.faulty import Entry, heard, kinds, market_socket, user_socket, with_and_without
from tests.emulator.harness import Trader, Venue

PRICES = ("0.3", "0.31", "0.32", "0.33")
CHANGES: Entry = {"channel": "market", "event": "price_change"}


async def place_four(ann: Trader) -> None:
    """Four orders a second apart: four price_change frames."""
    listing = ann.venue.listings[0]
    for price in PRICES:
        await ann.place(listing, listing.market.yes, "BUY", price, "10")
        await trio.sleep(1)


async def market_frames(venue: Venue) -> list[Any]:
    """What a listener to both tokens of a market hears of four placements, its PING included."""
    ann = await venue.trader()
    socket = await market_socket(venue, *venue.listings[0].market.tokens)
    await trio.sleep(1)
    await place_four(ann)
    await socket.send_message("PING")
    return await heard(socket)


def prices(frames: list[Any]) -> list[str]:
    """The YES prices of price_change frames, in order of their arrival."""
    yes = [f["price_changes"][0]["price"] for f in frames if isinstance(f, dict) and f["event_type"] == "price_change"]
    return yes


FOUR = ["[book,book]", *["price_change"] * 4, "PONG"]


async def test_a_socket_may_fall_silent_though_pong_flows(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(market_frames, {"kind": "silence", "channel": "market", "at": 0.5, "for": 20})
    assert kinds(seen) == ["[book,book]", "PONG"]
    assert kinds(plain) == FOUR


async def test_silence_ends(autojump_clock: MockClock) -> None:
    seen, _ = await with_and_without(market_frames, {"kind": "silence", "channel": "market", "at": 0.5, "for": 2})
    assert prices(seen) == ["0.32", "0.33"]


async def test_one_asset_may_be_silent_while_its_sibling_talks(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[set[str], str]:
        frames = await market_frames(venue)
        flat = [
            entry for frame in frames if frame != "PONG" for entry in (frame if isinstance(frame, list) else [frame])
        ]
        changes = [change for entry in flat for change in entry.get("price_changes", ())]
        heard_of = {entry["asset_id"] for entry in [*flat, *changes] if "asset_id" in entry}
        return heard_of, venue.listings[0].market.no

    (seen, no), (plain, _) = await with_and_without(scenario, {"kind": "silence", "token": "yes"})
    assert seen == {no}
    assert len(plain) == 2


async def test_another_market_is_not_silenced(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        socket = await market_socket(venue, venue.listings[0].market.yes, venue.listings[1].market.yes)
        return kinds(await heard(socket))

    seen, plain = await with_and_without(scenario, {"kind": "silence", "market": "demo-rates"})
    assert (seen, plain) == (["[book]"], ["[book,book]"])


async def test_the_first_book_of_an_asset_may_never_come(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(market_frames, {"kind": "no_snapshot", "token": "no"})
    assert kinds(seen) == ["[book]", *FOUR[1:]]
    assert kinds(plain) == FOUR


async def test_single_frames_are_dropped(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(market_frames, {"kind": "drop", **CHANGES, "nth": 2, "count": 2})
    assert prices(seen) == ["0.3", "0.33"]
    assert prices(plain) == list(PRICES)


async def test_single_frames_are_repeated(autojump_clock: MockClock) -> None:
    seen, _ = await with_and_without(market_frames, {"kind": "repeat", **CHANGES, "nth": 2, "times": 2})
    assert prices(seen) == ["0.3", "0.31", "0.31", "0.31", "0.32", "0.33"]


@pytest.mark.parametrize("count", [1, 2])
async def test_a_frame_may_come_after_the_next_one(count: int, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann = await venue.trader()
        socket = await market_socket(venue, *venue.listings[0].market.tokens)
        listing = venue.listings[0]
        for price in PRICES:
            await ann.place(listing, listing.market.yes, "BUY", price, "10")
        return prices(await heard(socket))

    seen, plain = await with_and_without(scenario, {"kind": "reorder", **CHANGES, "nth": 2, "count": count})
    assert seen == ["0.3", "0.32", "0.31", "0.33"]
    assert plain == list(PRICES)


async def test_a_frame_held_back_for_nothing_comes_a_second_late(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[float]:
        ann, listing, times = await venue.trader(), venue.listings[0], []
        socket = await market_socket(venue, listing.market.yes)
        await heard(socket, 0.1)
        began = trio.current_time()
        await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
        await socket.get_message()
        times.append(trio.current_time() - began)
        return times

    assert await with_and_without(scenario, {"kind": "reorder", **CHANGES}) == ([1.0], [0.0])


async def test_frames_may_come_joined_in_an_array(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await market_socket(venue, *listing.market.tokens)
        for price in PRICES:
            await ann.place(listing, listing.market.yes, "BUY", price, "10")
        return kinds(await heard(socket))

    seen, plain = await with_and_without(scenario, {"kind": "join", **CHANGES, "size": 3})
    assert seen == ["[book,book]", "[price_change,price_change,price_change]", "price_change"]
    assert plain == ["[book,book]", *["price_change"] * 4]


async def test_a_join_that_waits_in_vain_lets_its_frames_go(autojump_clock: MockClock) -> None:
    seen, _ = await with_and_without(market_frames, {"kind": "join", **CHANGES, "size": 9})
    assert prices(seen) == list(PRICES)


async def test_a_frame_may_come_in_pieces(autojump_clock: MockClock) -> None:
    entries: list[Entry] = [{"kind": "split", "event": "book"}, {"kind": "split", "event": "price_change"}]
    seen, plain = await with_and_without(market_frames, *entries)
    assert kinds(seen) == ["book", "book", *["price_change"] * 5, "PONG"]
    assert [len(frame["price_changes"]) for frame in seen[2:-1]] == [1, 1, 2, 2, 2]
    assert kinds(plain) == FOUR


async def test_garbage_and_unknown_types_stand_between_frames(autojump_clock: MockClock) -> None:
    entries: list[Entry] = [
        {"kind": "garbage", **CHANGES, "text": "<nonsense"},
        {"kind": "garbage", **CHANGES, "text": "}", "instead": True, "nth": 2},
        {"kind": "unknown_type", **CHANGES, "nth": 2},
    ]
    seen, plain = await with_and_without(market_frames, *entries)
    assert kinds(seen[1:-1]) == ["<nonsense", "price_change", "}", "liquidity_snapshot", "price_change", "price_change"]
    assert prices(seen[-4:-1]) == ["0.32", "0.33"]
    assert kinds(plain) == FOUR


async def test_the_levels_of_a_book_may_come_in_any_order(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann = await venue.trader()
        await place_four(ann)
        (books,) = await heard(await market_socket(venue, venue.listings[0].market.yes))
        return [level["price"] for level in books[0]["bids"]]

    shuffled, plain = await with_and_without(scenario, {"kind": "shuffle"})
    assert plain == list(PRICES)
    assert sorted(shuffled) == plain
    assert shuffled != plain


async def test_frames_may_lag_and_keep_their_order(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[str], float]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await market_socket(venue, *listing.market.tokens)
        await heard(socket, 0.1)
        began = trio.current_time()
        for price in PRICES:
            await ann.place(listing, listing.market.yes, "BUY", price, "10")
        frames = [await socket.get_message()]
        first = trio.current_time() - began
        return prices([json.loads(frames[0]), *await heard(socket)]), first

    seen, plain = await with_and_without(scenario, {"kind": "lag", **CHANGES, "seconds": 4})
    assert (seen[0], round(seen[1], 6)) == (list(PRICES), 4.0)
    assert plain == (list(PRICES), 0.0)


async def test_own_events_are_lost_or_doubled_as_well(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann = await venue.trader()
        socket = await user_socket(ann)
        await place_four(ann)
        frames = await heard(socket)
        return [frame["price"] for frame in frames]

    entries: list[Entry] = [
        {"kind": "drop", "channel": "user", "account": "first", "nth": 2},
        {"kind": "repeat", "channel": "user", "account": "first", "nth": 3},
    ]
    seen, plain = await with_and_without(scenario, *entries)
    assert seen == ["0.3", "0.32", "0.33", "0.33"]
    assert plain == list(PRICES)


async def test_another_accounts_events_are_left_alone(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, int]:
        counts = []
        for number in (0, 1):
            trader = await venue.trader(number)
            socket = await user_socket(trader)
            await place_four(trader)
            counts.append(len(await heard(socket)))
        return counts[0], counts[1]

    entry: Entry = {"kind": "drop", "channel": "user", "account": "second", "for": 100}
    assert await with_and_without(scenario, entry) == ((4, 0), (4, 4))
