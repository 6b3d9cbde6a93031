"""Filters that could never bite are refused, every mistake of a file at once; a fault that never bit is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.faults import BadFaults, Fault, Faults, load, parse
from adapters.emulator.faults_frames import Silence
from adapters.emulator.faults_listed import Listed
from adapters.emulator.faults_where import EVENTS, METHODS, SERVICES, Where
from adapters.emulator.flow_choice import choose
from tests.emulator.faulty import Entry, faults, with_and_without
from tests.emulator.harness import START, Venue, open_venue
from tests.emulator.test_crypto_series import venue_at

ROOT = Path(__file__).parents[2]
WINDOW = int(START // 300) * 300


def listed(flow: str = "demo") -> Listed:
    choice = choose(flow)
    return Listed(choice.listings(7), choice.series)


DEMO = listed().listings.by_slug


def refusals(where: Entry, flow: str = "demo") -> list[str]:
    try:
        parse([{"kind": "silence", "for": 5, **where}], listed(flow))
    except BadFaults as bad:
        return [problem.removeprefix("fault 1 (silence): ") for problem in bad.problems]
    return []


@pytest.mark.parametrize(
    ("where", "flow"),
    [
        ({"market": "demo-cup"}, "demo"),
        ({"market": "demo-*"}, "demo"),
        ({"market": DEMO["demo-cup"].market.condition_id}, "demo"),
        ({"market": "demo-cup", "token": DEMO["demo-cup"].market.no}, "demo"),
        ({"token": DEMO["demo-rates"].market.yes}, "demo"),
        ({"market": "busy-league-*"}, "busy"),
        ({"market": "demo-cup"}, "crypto"),
        ({"market": f"btc-updown-5m-{WINDOW + 3_000}"}, "crypto"),
        ({"market": "btc-updown-5m-*"}, "crypto"),
        ({"market": "btc-updown-5m-17*"}, "crypto"),
        ({"market": "btc-*", "token": "yes"}, "crypto"),
        ({"market": "*"}, "crypto"),
    ],
)
def test_a_market_that_is_listed_or_will_be_may_be_named(where: Entry, flow: str) -> None:
    assert refusals(where, flow) == []


@pytest.mark.parametrize(
    ("where", "flow", "problem"),
    [
        (
            {"market": "demo-cops"},
            "demo",
            r"market must be a condition id or one of .*, not 'demo-cops'.* mean demo-cup\?",
        ),
        ({"market": "demo-x*"}, "demo", "market must be .* not 'demo-x\\*'"),
        ({"market": "0xab"}, "demo", "market must be a condition id or one of demo-election, demo-rates, "),
        ({"market": ""}, "demo", "not ''"),
        ({"market": "busy-coin"}, "demo", "not 'busy-coin'"),
        ({"market": "btc-updown-5m-*"}, "demo", "not 'btc-updown-5m-\\*'"),
        ({"market": "btc-updown-4m-*"}, "crypto", r"one of .*btc-updown-5m-\*, .*mean btc-updown-5m-\*\?"),
        ({"market": f"btc-updown-5m-{WINDOW + 1}"}, "crypto", "not 'btc-updown-5m-"),
        ({"market": "btc-updown-5m-"}, "crypto", "not 'btc-updown-5m-'"),
        ({"market": "btc-updown-5m-now*"}, "crypto", "not 'btc-updown-5m-now"),
        ({"token": "12345"}, "demo", "token must be yes, no or the id of a listed token, not '12345'"),
        (
            {"market": "demo-cup", "token": DEMO["demo-rates"].market.yes},
            "demo",
            "token '[0-9]+' is of the market demo-rates, not of 'demo-cup'",
        ),
    ],
)
def test_a_market_or_token_that_is_not_there_is_refused(where: Entry, flow: str, problem: str) -> None:
    (said,) = refusals(where, flow)
    assert re.search(problem, said)


async def test_faults_made_in_python_are_compared_with_the_exchange_itself(autojump_clock: MockClock) -> None:
    plan = [Fault(Silence(), where=Where(market="demo-cup")), Fault(Silence(), where=Where(market="nope"))]
    with pytest.raises(BadFaults, match=r"^fault 2 \(silence\): market must be .*, not 'nope'"):
        async with open_venue(faults=Faults(plan)):
            raise AssertionError("the exchange must not open")


async def test_a_window_may_be_named_before_it_is_listed_and_is_then_hit(autojump_clock: MockClock) -> None:
    later = f"btc-updown-5m-{WINDOW + 600}"
    plan = faults(
        {"kind": "close_market", "market": later, "on": "phase"},
        {"kind": "close_market", "market": later, "at": 40},
        {"kind": "close_market", "market": "eth-updown-15m-*", "at": 1},
    )
    async with venue_at(270.0, faults=plan) as venue:  # the window is listed after thirty seconds
        await trio.sleep(50)
        assert [armed.hits for armed in venue.emulator.desk.faults.armed] == [0, 1, 1]


def test_all_mistakes_of_a_file_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    entries = [
        {"kind": "status", "code": "500", "pth": "/order", "method": "post", "channel": "user", "for": 9, "every": 3},
        {"kind": "silence", "for": 1},
        {"code": 500},
        {"kind": "statsu"},
        7,
        {"kind": "retick", "tick": "0.02", "market": "nope", "for": 3},
    ]
    path.write_text(json.dumps(entries))
    with pytest.raises(BadFaults) as caught:
        load(path, listed())
    lines = str(caught.value).splitlines()
    assert lines == list(caught.value.problems)
    assert all(line.startswith(f"{path}: fault ") for line in lines)
    assert [line.removeprefix(f"{path}: fault ").split(" must")[0].split(" is")[0].split(";")[0] for line in lines] == [
        "1 (status): pth",
        "1 (status): code",
        "1 (status): for",
        "1 (status): method",
        "1 (status): channel does not apply",
        "3: kind",
        "4 (statsu): kind",
        "5: an object with a kind",
        "6 (retick): tick",
        "6 (retick): for does not apply: it happens at one moment or says itself how long it takes",
        "6 (retick): market",
    ]


def test_the_words_that_filters_take_are_those_of_the_exchange() -> None:
    async def look() -> tuple[set[str], set[str]]:
        async with open_venue() as venue:
            every = venue.emulator.services
            return set(every), {m for rest in every.values() for m, _ in (*rest.open, *rest.private)}

    services, methods = trio.run(look)
    sources = "".join(path.read_text() for path in (ROOT / "adapters/emulator").glob("[!f]*.py"))
    assert services == set(SERVICES)
    assert methods == set(METHODS)
    assert {event for every in EVENTS.values() for event in every} == set(re.findall(r'"event_type": "(\w+)"', sources))


async def test_a_fault_that_never_hit_is_told_and_one_that_did_is_not(autojump_clock: MockClock) -> None:
    plan = faults(
        {"kind": "status", "code": 500, "path": "/time"},
        {"kind": "silence", "at": 20, "name": "quiet please"},
        {"kind": "retick", "market": "demo-cup", "at": 1},
        {"kind": "retick", "market": "demo-oscar", "tick": "0.0001", "at": 900},
    )
    async with open_venue(faults=plan) as venue:
        await trio.sleep(2)
        await venue.rest().call("GET", "/time")
        assert venue.emulator.desk.faults.unhit() == ["fault 2 (silence) never hit", "fault 4 (retick) never hit"]


async def test_a_beginning_is_enough_to_find_the_market_in_an_answer(autojump_clock: MockClock) -> None:
    async def flags(venue: Venue) -> list[bool]:
        asked = [f"/neg-risk?token_id={listing.market.yes}" for listing in venue.listings]
        return [(await venue.rest().call("GET", target))[1]["neg_risk"] for target in asked]

    wrong, right = await with_and_without(flags, {"kind": "wrong_neg_risk", "market": "demo-c*"})
    assert [w != r for w, r in zip(wrong, right, strict=True)] == [False, False, True, False, False]


async def test_of_several_markets_an_act_takes_the_one_its_event_was_about(autojump_clock: MockClock) -> None:
    entry: Entry = {"kind": "close_market", "market": "demo-*", "on": "order"}
    for number in range(5):
        async with open_venue(faults=faults(entry)) as venue:
            ann, listing = await venue.trader(), venue.listings[number]
            await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
            await trio.sleep(1)
            assert [one.accepting for one in venue.listings] == [one is not listing for one in venue.listings]
