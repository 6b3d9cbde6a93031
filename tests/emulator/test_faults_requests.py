"""Faults on the way to the exchange and back, as a client sees them (F1, F2, F3, F9, F10, F34 of reliability.md §3)."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.http import Response
from tests.emulator.faulty import Entry, buy, heard, kinds, open_ids, outcome, raw, user_socket, with_and_without
from tests.emulator.harness import Trader, Venue

POST: Entry = {"method": "POST", "path": "/order"}


async def place_one(venue: Venue) -> tuple[Any, int, float]:
    """How the placement ended (status or word), how many orders the exchange then has, after how many seconds."""
    ann, began = await venue.trader(), trio.current_time()
    seen = await buy(ann, venue.listings[0])
    return (seen if isinstance(seen, str) else seen[0]), len(open_ids(venue, ann)), trio.current_time() - began


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"kind": "delay", "seconds": 3}, (200, 1, 3.0)),
        ({"kind": "late_answer", "seconds": 3}, (200, 1, 3.0)),
        ({"kind": "status", "code": 500}, (500, 0, 0.0)),
        ({"kind": "status", "code": 500, "after_accept": True}, (500, 1, 0.0)),
        ({"kind": "hang", "seconds": 40}, ("timeout", 0, 30.0)),
        ({"kind": "hang", "after_accept": True, "seconds": 40}, ("timeout", 1, 30.0)),
        ({"kind": "hang", "seconds": 7}, ("closed", 0, 7.0)),
        ({"kind": "close"}, ("closed", 0, 0.0)),
        ({"kind": "close", "after_accept": True}, ("closed", 1, 0.0)),
    ],
)
async def test_a_placement_may_be_late_lost_or_unanswered(
    entry: Entry, expected: tuple[Any, int, float], autojump_clock: MockClock
) -> None:
    seen, plain = await with_and_without(place_one, {**POST, **entry})
    assert seen == expected
    assert plain == (200, 1, 0.0)


@pytest.mark.parametrize(("then", "seen_as"), [("hang", "closed"), ("close", "closed"), ("status", 500)])
async def test_a_zombie_arrives_when_everybody_has_given_it_up(
    then: str, seen_as: object, autojump_clock: MockClock
) -> None:
    async def scenario(venue: Venue) -> tuple[object, list[int]]:
        ann = await venue.trader()
        began, seen, open_at = trio.current_time(), await buy(ann, venue.listings[0]), []
        for second in (19.9, 20.1):
            await trio.sleep(max(0.0, began + second - trio.current_time()))
            open_at.append(len(open_ids(venue, ann)))
        return (seen if isinstance(seen, str) else seen[0]), open_at

    seen, plain = await with_and_without(scenario, {**POST, "kind": "zombie", "seconds": 20, "then": then})
    assert seen[0] == seen_as
    assert seen[1][-1] == 1
    assert then == "hang" or seen[1] == [0, 1]
    assert plain == (200, [1, 1])


async def test_a_zombie_of_sixty_seconds_was_authorised_on_arrival(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> int:
        ann = await venue.trader()
        await buy(ann, venue.listings[0])
        await trio.sleep(61)
        return len(open_ids(venue, ann))

    assert await with_and_without(scenario, {**POST, "kind": "zombie", "seconds": 60, "then": "close"}) == (1, 1)


async def test_an_answer_may_be_overtaken_by_its_own_events(autojump_clock: MockClock) -> None:
    """polymarket.md §15: a trade before the POST response."""

    async def scenario(venue: Venue) -> list[str]:
        ann, bob, listing = await venue.trader(), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.7", "10")
        socket, order = await user_socket(ann), []

        async def place() -> None:
            await buy(ann, listing)
            order.append("answer")

        async def listen() -> None:
            order.extend(kinds([frame for frame in await heard(socket, 0.5) if frame["event_type"] == "trade"]))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(place)
            nursery.start_soon(listen)
        return order

    late, plain = await with_and_without(scenario, {**POST, "kind": "late_answer", "seconds": 2, "account": "first"})
    assert late == ["trade", "answer"]
    assert plain == ["answer", "trade"]


async def read_ok(venue: Venue) -> tuple[Response | str, float]:
    began = trio.current_time()
    seen = await outcome(lambda: raw(venue.rest(), "GET", "/markets"))
    return seen, trio.current_time() - began


async def test_an_answer_may_trickle_in(autojump_clock: MockClock) -> None:
    (slow, seconds), (plain, at_once) = await with_and_without(read_ok, {"kind": "trickle", "seconds": 12})
    assert isinstance(slow, Response)
    assert isinstance(plain, Response)
    assert slow.body == plain.body
    assert seconds == pytest.approx(12)
    assert at_once == 0


async def test_an_answer_may_break_off_in_the_middle_of_what_was_accepted(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(place_one, {**POST, "kind": "cut"})
    assert seen == ("closed", 1, 0.0)
    assert plain[0] == 200


async def test_half_of_an_answer_is_half_of_its_body(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> bytes:
        try:
            return (await raw(venue.rest(), "GET", "/ok")).body
        except EOFError as end:
            return bytes(end.args[0])

    assert await with_and_without(scenario, {"kind": "cut"}) == (b'"O', b'"OK"\n')


async def test_an_answer_may_be_unreadable(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> Response:
        return await raw(venue.rest(), "GET", "/ok")

    garbled, plain = await with_and_without(scenario, {"kind": "garble", "path": "/ok"})
    assert (garbled.status, garbled.body) == (200, b"<html>upstream</html>")
    assert plain.body == b'"OK"\n'


@pytest.mark.parametrize("headers", [True, False])
async def test_too_many_requests_come_with_the_signers_headers_or_without(
    headers: bool, autojump_clock: MockClock
) -> None:
    async def scenario(venue: Venue) -> tuple[Response, int]:
        ann, listing = await venue.trader(), venue.listings[0]
        body = b"[]"
        seen = await raw(venue.rest(), "DELETE", "/orders", body, ann.headers("DELETE", "/orders", body.decode()))
        again, _ = await ann.cancel()
        assert listing
        return seen, again

    entry = {"kind": "rate_limit", "headers": headers, "retry_after": 2, "method": "DELETE", "path": "/orders"}
    (limited, again), (plain, _) = await with_and_without(scenario, entry)
    named = {name.lower(): value for name, value in limited.headers}
    assert limited.status == 429
    assert again == plain.status == 200
    assert (named.get("retry-after"), "poly-ratelimit-remaining" in named) == (
        ("2", True) if headers else (None, False)
    )


async def test_cloudflares_page_is_html_with_403(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[tuple[int, str, bool]]:
        rest = venue.rest()
        answers = [await raw(rest, "GET", path) for path in ("/time", "/time", "/ok")]
        return [(a.status, a.content_type.split(";")[0], a.body.startswith(b"<!DOCTYPE")) for a in answers]

    blocked, plain = await with_and_without(scenario, {"kind": "block", "path": "/time", "count": 2})
    assert blocked == [(403, "text/html", True)] * 2 + [(200, "application/json", False)]
    assert plain == [(200, "application/json", False)] * 3


async def test_a_status_may_be_html(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, str, bytes]:
        seen = await raw(venue.rest(), "GET", "/ok")
        return seen.status, seen.content_type, seen.body

    entry: Entry = {"kind": "status", "code": 502, "html": True, "body": "<h1>Bad gateway</h1>"}
    seen, plain = await with_and_without(scenario, entry)
    assert seen == (502, "text/html; charset=UTF-8", b"<h1>Bad gateway</h1>")
    assert plain[0] == 200


async def test_a_key_works_only_some_time_after_its_creation(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[int]:
        ann, seen = await venue.trader(), []
        for _ in range(3):
            seen.append((await ann.call("GET", "/data/orders"))[0])
            await trio.sleep(61)
        await derive(ann)
        return [*seen, (await ann.call("GET", "/data/orders"))[0]]

    young, plain = await with_and_without(scenario, {"kind": "young_key", "seconds": 120})
    assert young == [401, 401, 200, 200]
    assert plain == [200] * 4


async def derive(trader: Trader) -> None:
    """Deriving an old key again makes it no younger."""
    status, _ = await trader.rest.call("GET", "/auth/derive-api-key", headers=trader.login_headers())
    assert status == 200
