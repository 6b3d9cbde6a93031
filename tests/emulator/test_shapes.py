"""The emulator's messages have the keys of the captured ones, at every depth and of the same kinds of values.

Captured are those of the current protocol (shared samples, read in place). What differs stands in `kinds.py` with its
reason; an excuse that is not needed fails like a difference. Spot prices are compared in `test_spot.py`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.lifecycle import YES_WINS, Lifecycle
from adapters.emulator.listings import Draft, Listing, generate
from tests.adapters.polymarket.captured import every_file, messages
from tests.emulator.harness import Trader, Venue, frames_until_quiet, open_venue
from tests.emulator.kinds import ELSEWHERE, KINDS, SESSION
from tests.emulator.shapes import Json, Kind, differences, shape
from tests.emulator.test_gamma import listings
from tests.emulator.test_sockets import market_socket, user_socket


def sample(name: str) -> Json:
    """The first message of a sample file."""
    return json.loads(messages(name)[0])


def captured(name: str, kind: str) -> list[Json]:
    """The messages of a kind in a sample file; of a recorded exchange the answer, of a session the frames of the type."""
    rows = [json.loads(message) for message in messages(name)]
    rows = [row for each in rows for row in (each if isinstance(each, list) else [each])]
    if name.startswith("clob_rest/td_"):
        return [row["response"]["body_parsed"] for row in rows]
    return [row for row in rows if name != SESSION or row.get("event_type") == kind.removeprefix("WS ")]


Said = dict[str, list[Any]]


async def everything_said(venue: Venue) -> Said:
    """A market's whole life with two traders in it: every kind of message that the emulator sends, by its name here."""
    said: Said = defaultdict(list)
    ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
    public = await market_socket(venue, *listing.market.tokens, custom_feature_enabled=True)
    private = [await user_socket(ann), await user_socket(bob)]
    await trade(said, ann, bob, listing)
    await reads(said, ann, bob, listing)
    life = Lifecycle(venue.emulator.exchange)
    life.retick(listing, 10)
    life.open(generate(99, (Draft("brand-new", "Something new?", 0.5),)).all[0])
    await trio.sleep(5)  # until the trade is confirmed
    life.resolve(listing, YES_WINS)
    await trio.sleep(120)  # Gamma shows it late
    for closed in ("true", "false"):
        said["Gamma market"] += (await ann.venue.rest("gamma").call("GET", f"/markets?limit=100&closed={closed}"))[1]
    for frame in await frames_until_quiet(public):
        said[f"WS {frame['event_type']}"].append(frame)
    for frame in [frame for socket in private for frame in await frames_until_quiet(socket)]:
        kind = f" {frame['type']}" if frame["event_type"] == "order" else ""
        said[f"WS {frame['event_type']}{kind}"].append(frame)
    return said


async def trade(said: Said, ann: Trader, bob: Trader, listing: Listing) -> None:
    """A resting order that is half filled, one that is cancelled and one that is killed."""
    yes, no = listing.market.tokens
    for trader, token, price, size in ((bob, no, "0.5", "10"), (ann, yes, "0.5", "6"), (ann, yes, "0.1", "20")):
        said["placed"].append((await trader.place(listing, token, "BUY", price, size))[1])
    await ann.place(listing, yes, "BUY", "0.2", "20")
    said["refused"].append(await ann.place(listing, yes, "BUY", "0.5", "60", life="FOK"))
    said["cancelled"].append((await ann.cancel(said["placed"][-1]["orderID"], "0x" + "00" * 32))[1])


async def reads(said: Said, ann: Trader, bob: Trader, listing: Listing) -> None:
    rest, yes, condition = ann.venue.rest(), listing.market.yes, listing.market.condition_id
    said["book"].append((await rest.call("GET", f"/book?token_id={yes}"))[1])
    said["fee rate"].append((await rest.call("GET", f"/fee-rate?token_id={yes}"))[1])
    said["market"].append((await rest.call("GET", f"/markets/{condition}"))[1])
    said["balance"].append((await ann.call("GET", "/balance-allowance", query="?asset_type=COLLATERAL"))[1])
    said["open order"].append((await bob.call("GET", f"/data/order/{said['placed'][0]['orderID']}"))[1])
    said["open orders"].append((await bob.call("GET", "/data/orders"))[1])
    for trader in (ann, bob):
        said["trade report"] += (await trader.call("GET", "/data/trades"))[1]["data"]
    said["Gamma tag"] += (await ann.venue.rest("gamma").call("GET", "/tags"))[1]


async def test_every_message_has_the_keys_and_kinds_of_values_of_the_captured_ones(autojump_clock: MockClock) -> None:
    async with open_venue(listings=listings()) as venue:
        said = await everything_said(venue)
    found = {
        name: differing
        for name, kind in KINDS.items()
        if (differing := differences(kind, said[name], [row for file in kind.files for row in captured(file, name)]))
    }
    assert found == {}
    assert all(said[name] for name in KINDS)


async def test_a_refused_order_is_answered_with_an_error_text_alone(autojump_clock: MockClock) -> None:
    """The captured failure (HTTP 200 with `success` false) is what the venue answered for one order of a batch."""
    async with open_venue() as venue:
        ((status, body),) = (await everything_said(venue))["refused"]
    assert status == 400
    assert shape([body]) == {"": {"object"}, ".error": {"text"}}


def test_every_captured_file_is_compared_or_left_out_for_a_reason() -> None:
    compared = {file for kind in KINDS.values() for file in kind.files}
    assert compared | set(ELSEWHERE) >= set(every_file())
    assert compared & set(ELSEWHERE) == set()
    assert all(ELSEWHERE.values())


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"a": "1"}, {"a": "2"}, {}),
        ({"a": "1"}, {"a": "2", "b": 1}, {".b": "lacks"}),
        ({"a": "1", "c": []}, {"a": "2"}, {".c": "invents"}),
        ({"a": 1}, {"a": "2"}, {".a": "is number, captured text"}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"c": {"d": 1}}]}, {".a[].c": "lacks"}),
        ({"a": {"0xab": 1}}, {"a": {"0xcd": 1}}, {}),
        ({"a": None}, {"a": "2"}, {".a": "is nothing, captured text"}),
        ({"a": "2"}, {"a": None}, {}),
        ({"a": [1]}, {"a": []}, {}),
        ({"a": []}, {"a": [1]}, {".a[]": "lacks"}),
    ],
)
def test_a_key_that_is_missing_invented_or_of_another_kind_is_a_difference(
    ours: Json, theirs: Json, found: dict[str, str]
) -> None:
    assert differences(Kind(()), [ours], [theirs]) == found


def test_an_excuse_that_is_not_needed_is_a_difference() -> None:
    kind = Kind((), lacks={".b": "why"}, invents={".c": "why"})
    assert differences(kind, [{"a": 1, "c": 1}], [{"a": 1}]) == {".b": "excused for nothing"}
