"""What befalls markets and heartbeats at a moment, as a client sees it (F18, F20, F23)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.emulator.faulty import Entry, heard, kinds, market_socket, open_ids, with_and_without
from tests.emulator.harness import Venue

ELECTION: Entry = {"market": "demo-election"}


async def test_the_tick_changes_while_orders_rest(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[str], int, int, int]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await market_socket(venue, listing.market.yes)
        await ann.place(listing, listing.market.yes, "BUY", "0.31", "10")
        frames = kinds(await heard(socket, 10))
        fine, _ = await ann.place(listing, listing.market.yes, "BUY", "0.311", "10")
        coarse, _ = await ann.place(listing, listing.market.yes, "BUY", "0.32", "10")
        return frames, fine, coarse, len(open_ids(venue, ann))

    seen, plain = await with_and_without(scenario, {"kind": "retick", **ELECTION, "at": 5, "tick": "0.001"})
    assert seen == (["[book]", "price_change", "tick_size_change"], 200, 200, 3)
    assert plain == (["[book]", "price_change"], 400, 200, 2)


async def phase_of(venue: Venue) -> tuple[list[str], int, Any, bool]:
    """What is heard of a market's end, whether it takes an order, how ours ended, what REST says of it."""
    ann, listing = await venue.trader(), venue.listings[0]
    socket = await venue.socket("/ws/market")
    subscription = {"type": "market", "assets_ids": [listing.market.yes], "custom_feature_enabled": True}
    await socket.send_message(json.dumps(subscription))
    _, placed = await ann.place(listing, listing.market.yes, "BUY", "0.31", "10")
    frames = [kind for kind in kinds(await heard(socket, 10)) if kind == "market_resolved"]
    status, _ = await ann.place(listing, listing.market.yes, "BUY", "0.32", "10")
    _, order = await ann.call("GET", f"/data/order/{placed['orderID']}")
    _, market = await venue.rest().call("GET", f"/markets/{listing.market.condition_id}")
    return frames, status, order["status"], market["accepting_orders"]


RUNNING: tuple[list[str], int, str, bool] = ([], 200, "LIVE", True)


@pytest.mark.parametrize("kind", ["close_market", "propose"])
async def test_a_market_closes_or_is_proposed_under_resting_orders(kind: str, autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(phase_of, {"kind": kind, **ELECTION, "at": 5})
    assert seen == ([], 400, "LIVE", False)
    assert plain == RUNNING


async def test_a_proposal_may_be_disputed_and_end_the_other_way(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[str], list[int]]:
        phases, listing = [], venue.listings[0]
        for _ in range(3):
            await trio.sleep(2)
            phases.append(listing.phase.value)
        return phases, list(listing.payouts or ())

    entries: list[Entry] = [
        {"kind": "propose", "at": 1, "winner": "yes"},
        {"kind": "dispute", "at": 3},
        {"kind": "resolve", "at": 5, "winner": "no"},
    ]
    seen, plain = await with_and_without(scenario, *({**entry, **ELECTION} for entry in entries))
    assert seen == (["proposed", "disputed", "resolved"], [0, 1_000_000])
    assert plain == (["open"] * 3, [])


async def test_a_resolution_ends_orders_and_is_announced(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(phase_of, {"kind": "resolve", **ELECTION, "at": 5})
    assert seen == (["market_resolved"], 400, "CANCELED_MARKET_RESOLVED", False)
    assert plain == RUNNING


async def test_a_resolution_may_go_unannounced(autojump_clock: MockClock) -> None:
    entries: list[Entry] = [
        {"kind": "resolve", **ELECTION, "at": 5},
        {"kind": "drop", "channel": "market", "event": "market_resolved"},
    ]
    seen, _ = await with_and_without(phase_of, *entries)
    assert seen == ([], 400, "CANCELED_MARKET_RESOLVED", False)


async def test_a_phase_may_trigger_a_fault(autojump_clock: MockClock) -> None:
    entries: list[Entry] = [
        {"kind": "close_market", **ELECTION, "at": 5},
        {"kind": "status", "on": "phase", "market": "demo-election", "path": "/data/order/*", "code": 500, "after": 1},
    ]

    async def scenario(venue: Venue) -> list[int]:
        ann, seen = await venue.trader(), []
        _, placed = await ann.place(venue.listings[0], venue.listings[0].market.yes, "BUY", "0.31", "10")
        for _ in range(3):
            seen.append((await ann.call("GET", f"/data/order/{placed['orderID']}"))[0])
            await trio.sleep(7)
        return seen

    assert await with_and_without(scenario, *entries) == ([200, 500, 200], [200] * 3)


async def beats(venue: Venue) -> list[tuple[int, bool]]:
    """(status, is our order open) of a heartbeat every five seconds, each with the id of the last answer."""
    ann, beat, seen = await venue.trader(), "", []
    await ann.place(venue.listings[0], venue.listings[0].market.yes, "BUY", "0.31", "10")
    for _ in range(5):
        status, answer = await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": beat})
        beat = answer["heartbeat_id"]
        seen.append((status, bool(open_ids(venue, ann))))
        await trio.sleep(4)
    return seen


async def test_the_chain_of_heartbeat_ids_may_break(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(beats, {"kind": "break_heartbeat", "at": 6})
    assert [status for status, _ in seen] == [200, 200, 400, 200, 200]
    assert plain == [(200, True)] * 5


async def test_the_venue_may_take_a_heartbeat_for_missed(autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(beats, {"kind": "expire_heartbeat", "at": 9})
    assert [open_ for _, open_ in seen] == [True, True, True, False, False]
    assert plain == [(200, True)] * 5
