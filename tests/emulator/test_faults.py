"""The fault script: what it understands, what it refuses and how; today's oldest kinds against the whole exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trio
from attrs import fields
from trio.testing import MockClock

from adapters.emulator.faults import KINDS, BadFaults, Fault, Faults, load, parse, show
from adapters.emulator.faults_frames import Gap
from adapters.emulator.faults_requests import Status
from adapters.emulator.faults_when import When
from adapters.emulator.faults_where import Where
from tests.emulator.faulty import faults
from tests.emulator.harness import Venue, open_venue


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


@pytest.mark.slow
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
    fault = {"kind": "status", "path": "/order", "method": "POST", "code": 500, "after_accept": after_accept}
    async with open_venue(faults=faults({**fault, "count": 1})) as venue:
        assert [status for status, _ in await post_three(venue)] == [500, 200, 200]
        account = next(iter(venue.emulator.exchange.accounts.by_address.values()))
        assert len(list(venue.emulator.exchange.tickets.open_of(account))) == live


async def test_a_star_covers_every_path_below(autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "status", "path": "/mark*", "code": 503})) as venue:
        rest = venue.rest()
        assert (await rest.call("GET", "/markets/0xab"))[0] == 503
        assert (await rest.call("GET", "/markets"))[0] == 200


STATUS = '{"kind":"status","code":500'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}", r"a list of faults is expected, not an object: put \[ \] around it"),
        ("7", "a list of faults is expected, not 7"),
        ('[{"kind":"meteor"}]', r"fault 1 \(meteor\): kind must be one of delay, .*, not 'meteor'$"),
        ('[{"kind":"statsu"}]', r"fault 1 \(statsu\): kind must be .*; did you mean status\?$"),
        ('[{"code":500}]', "fault 1: kind is missing; it must be one of delay, "),
        ("[7]", "fault 1: an object with a kind is expected, not 7"),
        ('[{"kind":["delay"]}]', r"fault 1 .*: kind must be one of .*, not \['delay'\]"),
        ('[{"kind":"delay"}]', r"fault 1 \(delay\): seconds is missing; it must be a number from 0 to 3600"),
        ('[{"kind":"refuse_cancel","nth":1,"stuck":"0x"}]', r"stuck is no key of it; it takes: reason, name, at, "),
        (f'[{STATUS},"pth":"/order"}}]', r"pth is no key of it; did you mean path\?"),
        ('[{"kind":"refuse_cancel","nth":0}]', "nth must be a whole number from 1"),
        ('[{"kind":"refuse_cancel","nth":true}]', "nth must be a whole number from 1"),
        ('[{"kind":"delay","path":"/order","seconds":NaN}]', "seconds must be a number from 0 to 3600, not nan"),
        ('[{"kind":"delay","seconds":1e400}]', "seconds must be a number"),
        ('[{"kind":"status","path":"/order","code":200}]', "code must be a whole number from 400 to 599, not 200"),
        (f'[{STATUS},"after_accept":1}}]', "after_accept must be true or false, not 1"),
        (f'[{STATUS}}},{STATUS},"for":"long"}}]', r"fault 2 \(status\): for must be a number from 0"),
        (f'[{STATUS},"path":7}}]', "path must be a path that begins with /, not 7"),
        (f'[{STATUS},"path":"order"}}]', "path must be a path that begins with /, not 'order'"),
        (f'[{STATUS},"method":"post"}}]', "method must be one of 'GET', 'POST', 'DELETE', not 'post'"),
        (
            f'[{STATUS},"service":"clop"}}]',
            "service must be one of 'clob', 'gamma', 'data', 'relayer', 'rpc', not 'clop'",
        ),
        (
            f'[{STATUS},"account":"third"}}]',
            "account must be first, second or an address of 40 hex digits, not 'third'",
        ),
        (f'[{STATUS},"account":"0xf39f"}}]', "account must be first, second or an address"),
        (f'[{STATUS},"token":"maybe"}}]', "token must be yes, no or a token's id in digits, not 'maybe'"),
        (
            '[{"kind":"drop","channel":"markets"}]',
            "channel must be one of 'market', 'user', 'spot', 'rtds', not 'markets'",
        ),
        ('[{"kind":"drop","event":"books"}]', "event must be one of 'book', 'price_change', .*, not 'books'"),
        (
            '[{"kind":"drop","channel":"user","event":"book"}]',
            "event 'book' is never sent on the user channel; its events: order, trade",
        ),
        ('[{"kind":"drop","channel":"spot","event":"book"}]', "its events: none with a type"),
        (f'[{STATUS},"name":7}}]', "name must be a text, not 7"),
        (f'[{STATUS},"side":"buy"}}]', "side must be one of 'BUY', 'SELL', not 'buy'"),
        (f'[{STATUS},"on":"moon"}}]', "on must be one of 'order', 'trade', 'cancel', 'request', 'socket', 'phase'"),
        (f'[{STATUS},"on":"order","at":3}}]', r"on \(='order'\) opens the fault, so at and every must be left out"),
        (f'[{STATUS},"after":3}}]', r"after \(=3\) counts from an event, so on must be one of order, "),
        (f'[{STATUS},"for":5,"every":5}}]', r"for must be shorter than every \(=5\), not 5"),
        (f'[{STATUS},"probability":1.5}}]', "probability must be a number from 0 to 1"),
        (f'[{STATUS},"channel":"user"}}]', "channel does not apply; these filters do: service, method, path"),
        (f'[{STATUS},"code":501}}]', r"fault 1 \(status\): code is given twice"),
        ('[{"kind":"silence","side":"BUY"}]', "side does not apply; these filters do: channel, event"),
        ('[{"kind":"clock_skew","path":"/time"}]', "these filters do: none"),
        ('[{"kind":"resolve","nth":2}]', "nth and count choose the events of an on, which is left out"),
        ('[{"kind":"resolve","for":2}]', "for does not apply"),
        ('[{"kind":"restart","for":2}]', "for does not apply"),
        ('[{"kind":"gap"}]', "for is missing; it says after how many seconds"),
        (
            '[{"kind":"retick","tick":"0.02"}]',
            "tick must be one of '0.1', '0.01', '0.005', '0.0025', '0.001', '0.0001'",
        ),
        ('[{"kind":"retick","tick":0.01}]', "tick must be one of .*, not 0.01"),
        ('[{"kind":"odd_answer","legs":"a"}]', "legs must be numbers from 0"),
        ('[{"kind":"overfill","size":"0.02"}]', "size must be a size in shares as text, at most 0.01, not '0.02'"),
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


def test_a_fault_is_a_value_that_prints_as_its_entry() -> None:
    fault = Fault(Status(code=500, after_accept=True), When(for_=3, nth=2), Where(path="/order"), "first blow")
    entry = {"kind": "status", "name": "first blow", "code": 500, "after_accept": True, "for": 3, "nth": 2}
    assert show([fault]) == [{**entry, "path": "/order"}]
    assert parse(show([fault])) == [fault]
    assert len({fault, *parse(show([fault]))}) == 1


async def test_a_fault_made_in_python_is_checked_when_the_exchange_opens(autojump_clock: MockClock) -> None:
    with pytest.raises(BadFaults, match=r"fault 1 \(gap\): for is missing"):
        async with open_venue(faults=Faults([Fault(Gap())])):
            raise AssertionError("the exchange must not open")


def test_no_key_of_a_kind_means_something_else_in_a_trigger_or_a_filter() -> None:
    common = {f.name for part in (When, Where) for f in fields(part)} | {"kind", "name", "for"}
    own = {kind: {f.name for f in fields(effect)} for kind, effect in KINDS.items()}
    assert {kind: names & common for kind, names in own.items() if names & common} == {}


def test_every_kind_is_shown_over_the_wire() -> None:
    sources = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_faults_*.py"))
    assert [kind for kind in KINDS if f'"{kind}"' not in sources] == []
