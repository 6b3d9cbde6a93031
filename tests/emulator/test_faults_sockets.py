"""Faults of whole connections and of the clock, as a client sees them (F10, F13, F14)."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from tests.emulator.faulty import Entry, heard, kinds, market_socket, user_socket, with_and_without
from tests.emulator.harness import Venue


@pytest.mark.parametrize("code", [1006, 1001, 1011])
async def test_connections_end_abruptly_or_with_a_code(code: int, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[object]:
        socket = await market_socket(venue, venue.listings[0].market.yes)
        return [frame for frame in await heard(socket, 10) if isinstance(frame, int)]

    seen, plain = await with_and_without(scenario, {"kind": "disconnect", "channel": "market", "at": 3, "code": code})
    assert (seen, plain) == ([code], [])


async def test_only_the_filters_connections_end(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[list[object]]:
        sockets = [await user_socket(await venue.trader(number)) for number in (0, 1)]
        sockets.append(await market_socket(venue, venue.listings[0].market.yes))
        return [[f for f in await heard(socket, 10) if isinstance(f, int)] for socket in sockets]

    entry: Entry = {"kind": "disconnect", "channel": "user", "account": "second", "at": 3}
    assert await with_and_without(scenario, entry) == ([[], [1006], []], [[], [], []])


async def test_a_closed_connection_can_be_opened_again(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        first = await market_socket(venue, venue.listings[0].market.yes)
        await heard(first, 10)
        return kinds(await heard(await market_socket(venue, venue.listings[0].market.yes)))

    assert await with_and_without(scenario, {"kind": "disconnect", "at": 3}) == (["[book]"], ["[book]"])


async def knock(venue: Venue) -> int:
    """The HTTP status of an upgrade to the market socket."""
    ours, theirs = trio.testing.memory_stream_pair()
    venue.nursery.start_soon(venue.emulator.serve_socket, theirs)
    head = "GET /ws/market HTTP/1.1\r\nHost: venue\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    await ours.send_all(f"{head}Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    return int((await ours.receive_some()).split()[1])


async def test_new_connections_may_be_turned_away(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[int]:
        return [await knock(venue) for _ in range(3)]

    refused, plain = await with_and_without(scenario, {"kind": "refuse_socket", "channel": "market", "count": 2})
    assert (refused, plain) == ([503, 503, 101], [101, 101, 101])


async def test_the_user_channel_loses_events_and_reopens_without_them(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[str], list[str]]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await user_socket(ann)
        for price in ("0.3", "0.31", "0.32"):
            await ann.place(listing, listing.market.yes, "BUY", price, "10")
            await trio.sleep(4)
        first = [str(f if isinstance(f, int) else f["price"]) for f in await heard(socket, 10)]
        socket = await user_socket(ann)
        await ann.place(listing, listing.market.yes, "BUY", "0.33", "10")
        return first, [frame["price"] for frame in await heard(socket)]

    entry: Entry = {"kind": "gap", "channel": "user", "at": 2, "for": 8}
    lossy, plain = await with_and_without(scenario, entry)
    assert lossy == (["0.3", "1006"], ["0.33"])
    assert plain == (["0.3", "0.31", "0.32"], ["0.33"])


async def test_a_client_that_reads_too_slowly_is_cut_off(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await market_socket(venue, *listing.market.tokens)
        for number in range(12):
            await ann.place(listing, listing.market.yes, "BUY", f"0.{30 + number}", "10")
        return kinds(await heard(socket, 5))

    cut, plain = await with_and_without(scenario, {"kind": "slow_reader", "channel": "market", "seconds": 2, "most": 5})
    assert cut[-1] == "1006"
    assert len(cut) < 5
    assert len(plain) == 13


async def test_a_slow_connection_that_is_not_too_slow_is_just_late(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, float]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await market_socket(venue, *listing.market.tokens)
        began = trio.current_time()
        for number in range(3):
            await ann.place(listing, listing.market.yes, "BUY", f"0.{30 + number}", "10")
        frames = await heard(socket, 5)
        return len(frames), trio.current_time() - began

    assert await with_and_without(scenario, {"kind": "slow_reader", "seconds": 2}) == ((4, 13.0), (4, 5.0))


@pytest.mark.parametrize("by", [120, -120])
async def test_the_exchanges_clock_may_be_off(by: int, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[tuple[float, int, int]]:
        ann, seen = await venue.trader(), []
        for _ in range(2):
            await trio.sleep(10)
            _, told = await venue.rest().call("GET", "/time")
            honest, _ = await ann.call("GET", "/data/orders")
            headers = ann.headers("GET", "/data/orders", "", skew=told - venue.wall())
            believer, _ = await ann.rest.call("GET", "/data/orders", headers=headers)
            seen.append((round(told - venue.wall()), honest, believer))
        return seen

    skewed, plain = await with_and_without(scenario, {"kind": "clock_skew", "at": 5, "for": 10, "by": by})
    assert skewed == [(by, 401, 200), (0, 200, 200)]
    assert plain == [(0, 200, 200)] * 2


async def test_a_login_is_judged_by_the_skewed_clock_too(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> int:
        ann = await venue.trader()
        status, _ = await ann.rest.call("GET", "/auth/derive-api-key", headers=ann.login_headers())
        return status

    assert await with_and_without(scenario, {"kind": "clock_skew", "by": 45}) == (401, 200)
