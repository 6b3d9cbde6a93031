"""When faults bite and whom: seconds, counts, events, chances and filters."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from tests.emulator.faulty import Entry, faults, with_and_without
from tests.emulator.harness import Venue, open_venue


async def every_second(venue: Venue, path: str = "/ok", seconds: int = 20) -> str:
    """A digit of the status of one read a second, at x.5 s."""
    rest, seen = venue.rest(), ""
    await trio.sleep(0.5)
    for _ in range(seconds):
        seen += str((await rest.call("GET", path))[0] // 100)
        await trio.sleep(1)
    return seen


@pytest.mark.parametrize(
    ("trigger", "seen"),
    [
        ({}, "52222222222222222222"),
        ({"count": 3}, "55522222222222222222"),
        ({"nth": 4, "count": 2}, "22255222222222222222"),
        ({"at": 5}, "22222522222222222222"),
        ({"at": 5, "for": 3}, "22222555222222222222"),
        ({"at": 5, "for": 6, "count": 2}, "22222552222222222222"),
        ({"at": 5, "for": 6, "nth": 3}, "22222225555222222222"),
        ({"at": 2, "for": 2, "every": 6}, "22552222552222552222"),
        ({"every": 7}, "52222225222222522222"),
        ({"every": 7, "nth": 2, "count": 1}, "25222222522222252222"),
        ({"at": 1, "every": 7, "count": 2}, "25522222552222255222"),
        ({"on": "request", "nth": 3}, "22252222222222222222"),
        ({"on": "request", "nth": 3, "for": 2.2}, "22255222222222222222"),
        ({"on": "request", "nth": 3, "count": 2, "for": 1.2}, "22255222222222222222"),
        ({"on": "request", "nth": 3, "after": 5.2, "for": 2}, "22222222552222222222"),
        ({"probability": 0}, "22222222222222222222"),
    ],
)
async def test_a_trigger_hits_when_it_says(trigger: Entry, seen: str, autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "status", "code": 500, "path": "/ok", **trigger})) as venue:
        assert await every_second(venue) == seen
        assert venue.emulator.desk.faults.hits == {"status": seen.count("5")}
    async with open_venue() as venue:
        assert await every_second(venue) == "2" * 20


async def test_a_chance_is_the_seeds_and_near_its_share(autojump_clock: MockClock) -> None:
    async def run(seed: int) -> str:
        entry: Entry = {"kind": "status", "code": 500, "probability": 0.3, "for": 1000}
        async with open_venue(faults=faults(entry), seed=seed) as venue:
            return await every_second(venue, seconds=200)

    first, again, other = await run(1), await run(1), await run(2)
    assert first == again != other
    assert 35 < first.count("5") < 85


@pytest.mark.parametrize(
    ("where", "hit"),
    [
        ({"path": "/order"}, True),
        ({"path": "/ord*"}, True),
        ({"path": "/orders"}, False),
        ({"method": "POST", "path": "/order"}, True),
        ({"method": "DELETE"}, False),
        ({"service": "clob", "path": "/order"}, True),
        ({"service": "gamma"}, False),
        ({"market": "demo-election"}, True),
        ({"market": "demo-cup"}, False),
        ({"market": "demo-e*"}, True),
        ({"market": "demo-c*"}, False),
        ({"token": "yes"}, True),
        ({"token": "no"}, False),
        ({"account": "first", "path": "/order"}, True),
        ({"account": "0xf39fd6E51aad88F6F4ce6aB8827279cffFb92266", "path": "/order"}, True),
        ({"account": "second"}, False),
        ({"side": "BUY"}, True),
        ({"side": "SELL"}, False),
        ({"side": "BUY", "token": "yes", "market": "demo-election", "account": "first"}, True),
        ({"side": "BUY", "token": "no", "market": "demo-election", "account": "first"}, False),
    ],
)
async def test_a_filter_lets_through_what_it_names(where: Entry, hit: bool, autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "status", "code": 500, **where})) as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        status, _ = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
        assert status == (500 if hit else 200)


async def test_a_filter_knows_a_cancel_by_the_order_it_is_about(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[int]:
        ann, listing, seen = await venue.trader(), venue.listings[0], []
        for token, side in ((listing.market.yes, "BUY"), (listing.market.no, "BUY")):
            _, placed = await ann.place(listing, token, side, "0.3", "10")
            seen.append((await ann.cancel(placed["orderID"]))[0])
        return seen

    entry: Entry = {"kind": "status", "code": 500, "method": "DELETE", "token": "no", "market": "demo-election"}
    assert await with_and_without(scenario, entry) == ([200, 500], [200, 200])


@pytest.mark.parametrize("event", ["order", "trade", "cancel", "socket", "request"])
async def test_an_event_opens_a_fault(event: str, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[int]:
        ann, bob, listing, seen = await venue.trader(), await venue.trader(1), venue.listings[0], []

        async def look() -> None:
            seen.append((await venue.rest().call("GET", "/ok"))[0])

        await look()
        _, placed = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10", post_only=True)
        await look()
        await bob.place(listing, listing.market.no, "BUY", "0.7", "5", life="FAK")
        await look()
        await ann.cancel(placed["orderID"])
        await look()
        await venue.socket("/ws/market")
        await trio.sleep(0.1)
        await look()
        return seen

    entry: Entry = {"kind": "status", "code": 500, "on": event, "path": "/ok"}
    seen, plain = await with_and_without(scenario, entry)
    place = {"request": 1, "order": 1, "trade": 2, "cancel": 3, "socket": 4}[event]
    assert seen == [500 if number == place else 200 for number in range(5)]
    assert plain == [200] * 5


async def test_an_event_is_filtered_like_anything_else(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[int]:
        seen = []
        for number in (0, 1):
            trader, listing = await venue.trader(number), venue.listings[number]
            await trader.place(listing, listing.market.yes, "BUY", "0.3", "10")
            seen.append((await venue.rest().call("GET", "/ok"))[0])
        return seen

    entry: Entry = {"kind": "silence", "on": "order", "account": "second", "for": 5, "channel": "market"}
    other: Entry = {"kind": "delay", "seconds": 1, "on": "order", "market": "demo-rates"}
    async with open_venue(faults=faults(entry, other)) as venue:
        assert await scenario(venue) == [200, 200]
        silence, delay = venue.emulator.desk.faults.armed
        assert (silence.is_open, delay.is_open) == (True, True)
        assert silence.open_for == 0


async def test_several_faults_bite_one_request_in_their_order_delays_first(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, float]:
        began = trio.current_time()
        status, _ = await venue.rest().call("GET", "/ok")
        return status, trio.current_time() - began

    entries: list[Entry] = [
        {"kind": "status", "code": 500},
        {"kind": "delay", "seconds": 2},
        {"kind": "delay", "seconds": 3},
    ]
    assert await with_and_without(scenario, *entries) == ((500, 5.0), (200, 0.0))


async def test_a_lasting_fault_is_one_hit_an_opening(autojump_clock: MockClock) -> None:
    entry: Entry = {"kind": "cancel_only", "at": 1, "for": 3, "every": 10}
    async with open_venue(faults=faults(entry)) as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        statuses = []
        for _ in range(20):
            await trio.sleep(1)
            status, placed = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10", post_only=True)
            statuses.append(status)
            if status == 200:
                await ann.cancel(placed["orderID"])
        assert statuses.count(503) == 6
        assert venue.emulator.desk.faults.hits["cancel_only"] == 2
