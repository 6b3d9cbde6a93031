"""Faults bite where they say, as often as they say, and a fault file that is not understood is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.faults import BadFaults, Faults, load, parse
from tests.emulator.harness import Venue, open_venue


def faults(*entries: dict[str, object]) -> Faults:
    return Faults(parse(list(entries)))


async def test_the_nth_cancelled_order_can_never_be_cancelled(autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "refuse_cancel", "nth": 2})) as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        ids = [
            (await ann.place(listing, listing.market.yes, "BUY", price, "10"))[1]["orderID"]
            for price in ("0.3", "0.31", "0.32")
        ]
        _, first = await ann.cancel(ids[0])
        assert first["canceled"] == [ids[0]]
        for _ in range(2):
            _, second = await ann.cancel(ids[1])
            assert second == {"canceled": [], "not_canceled": {ids[1]: "order can't be canceled"}}
        _, rest = await ann.call("DELETE", "/cancel-all")
        assert (rest["canceled"], list(rest["not_canceled"])) == ([ids[2]], [ids[1]])
        await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
        await trio.sleep(30)
        assert await ann.open_ids() == [ids[1]]


async def test_the_flow_never_fills_the_order_that_cannot_be_cancelled(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True, faults=faults({"kind": "refuse_cancel", "nth": 1})) as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        bid, ask = listing.book.levels(listing.market.outcome(listing.market.yes))
        inside = f"{(bid[-1][0] + 100) / 10_000:.2f}"
        assert bid[-1][0] + 100 < ask[-1][0]
        _, placed = await ann.place(listing, listing.market.yes, "BUY", inside, "10", post_only=True)
        await ann.cancel(placed["orderID"])
        await trio.sleep(900)
        assert await ann.open_ids() == [placed["orderID"]]
        _, order = await ann.call("GET", f"/data/order/{placed['orderID']}")
        assert order["size_matched"] == "0"


async def post_three(venue: Venue) -> list[tuple[int, float]]:
    """(status, virtual seconds it took) of three placements."""
    ann, listing = await venue.trader(), venue.listings[0]
    seen = []
    for _ in range(3):
        began = trio.current_time()
        status, _ = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
        seen.append((status, trio.current_time() - began))
    return seen


async def test_a_delay_hits_count_requests_of_its_path(autojump_clock: MockClock) -> None:
    delay = {"kind": "delay", "path": "/order", "method": "POST", "seconds": 0.5, "count": 2}
    async with open_venue(faults=faults(delay)) as venue:
        assert await post_three(venue) == [(200, 0.5), (200, 0.5), (200, 0.0)]


@pytest.mark.parametrize(("after_accept", "live"), [(True, 3), (False, 2)])
async def test_a_status_may_hide_an_accepted_order(after_accept: bool, live: int, autojump_clock: MockClock) -> None:
    fault = {
        "kind": "status",
        "path": "/order",
        "method": "POST",
        "code": 500,
        "after_accept": after_accept,
        "count": 1,
    }
    async with open_venue(faults=faults(fault)) as venue:
        assert [status for status, _ in await post_three(venue)] == [500, 200, 200]
        account = next(iter(venue.emulator.exchange.accounts.by_address.values()))
        assert len(list(venue.emulator.exchange.tickets.open_of(account))) == live


async def test_a_star_covers_every_path_below(autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "status", "path": "/mark*", "code": 503})) as venue:
        rest = venue.rest()
        assert (await rest.call("GET", "/markets/0xab"))[0] == 503
        assert (await rest.call("GET", "/markets"))[0] == 200


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "not JSON"),
        ("{}", "a list of faults is expected"),
        ('[{"kind":"meteor"}]', "unknown kind"),
        ("[7]", "unknown kind"),
        ('[{"kind":"refuse_cancel"}]', "missing keys"),
        ('[{"kind":"refuse_cancel","nth":1,"stuck":"0x"}]', "unknown keys"),
        ('[{"kind":"refuse_cancel","nth":0}]', "nth must be a number from 1"),
        ('[{"kind":"refuse_cancel","nth":true}]', "nth must be a number from 1"),
        ('[{"kind":"delay","path":"/order","seconds":NaN}]', "seconds must be a number"),
        ('[{"kind":"status","path":"/order","code":200}]', "code must be a number from 400"),
        ('[{"kind":"status","path":"/order","code":500,"after_accept":1}]', "after_accept"),
    ],
)
def test_a_fault_file_that_is_not_understood_says_what_is_wrong(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text(text)
    with pytest.raises(BadFaults, match=problem):
        load(path)


def test_a_good_fault_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text(json.dumps([{"kind": "refuse_cancel", "nth": 1}, {"kind": "delay", "path": "/book", "seconds": 1}]))
    assert len(load(path).all) == 2
