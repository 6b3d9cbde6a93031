"""Rate limits on request: buckets per signer with the venue's headers, windows per address, and nothing when off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from adapters.emulator.gates import WINDOWS, Count, Gates
from adapters.emulator.http import Request, Response
from adapters.emulator.limits import TIERS, Bucket
from tests.depth import examples
from tests.emulator.harness import START, Rest, Trader, Venue, open_venue
from tests.emulator.test_process import exchange

ID = "0x" + "ab" * 32


@asynccontextmanager
async def limited(tier: str = "standard") -> AsyncIterator[tuple[Venue, Trader]]:
    async with open_venue(limits=tier) as venue:
        yield venue, await venue.trader()


async def response(trader: Trader, method: str, path: str, body: object = None) -> tuple[Response, dict[str, str]]:
    """The whole answer of the CLOB, and its headers in lower case."""
    text = "" if body is None else json.dumps(body, separators=(",", ":"))
    headers = {name.lower(): value for name, value in trader.headers(method, path, text).items()}
    answer = await trader.venue.emulator.services["clob"].handle(Request(method, path, {}, headers, text.encode()))
    assert answer is not None
    return answer, {name.lower(): value for name, value in answer.headers}


async def place(trader: Trader, price: str = "0.1") -> tuple[Response, dict[str, str]]:
    listing = trader.venue.listings[0]
    return await response(trader, "POST", "/order", trader.order(listing, listing.market.yes, "BUY", price, "5"))


async def test_every_trading_answer_says_what_is_left_also_a_refused_one(autojump_clock: MockClock) -> None:
    async with limited() as (_, ann):
        answer, headers = await place(ann)
        assert answer.status == 200
        assert headers == {
            "poly-ratelimit-remaining": "59",
            "poly-ratelimit-reset": str(int(START)),
            "poly-ratelimit-tier": "standard",
            "poly-ratelimit-warning": "false",
        }
        refused, headers = await place(ann, price="0.105")
        assert (refused.status, headers["poly-ratelimit-remaining"]) == (400, "58")
        cancelled, headers = await response(ann, "DELETE", "/order", {"orderID": ID})
        assert (cancelled.status, headers["poly-ratelimit-remaining"]) == (200, "119")


async def test_reads_cost_nothing_and_without_a_tier_nothing_is_said(autojump_clock: MockClock) -> None:
    async with limited() as (_, ann):
        assert (await response(ann, "GET", "/data/orders"))[1] == {}
    async with open_venue() as venue:
        bob = await venue.trader()
        for _ in range(100):
            answer, headers = await response(bob, "DELETE", "/order", {"orderID": ID})
            assert (answer.status, headers) == (200, {})


async def test_an_empty_bucket_refuses_with_a_wait_after_which_one_more_fits(autojump_clock: MockClock) -> None:
    async with limited() as (_, ann):
        for _ in range(60):
            assert (await place(ann))[0].status == 200
        answer, headers = await place(ann)
        assert (answer.status, json.loads(answer.body)) == (429, {"error": "rate limit exceeded"})
        assert headers["retry-after"] == "1"
        assert int(headers["poly-ratelimit-remaining"]) == 0
        assert int(headers["poly-ratelimit-reset"]) == int(START) + 1
        assert len(await ann.open_ids()) == 60
        await trio.sleep(1 / 40)
        assert (await place(ann))[0].status == 200
        assert (await place(ann))[0].status == 429


async def test_orders_and_cancels_have_buckets_of_their_own_and_so_has_every_signer(autojump_clock: MockClock) -> None:
    async with limited() as (venue, ann):
        bob = await venue.trader(1)
        for _ in range(60):
            await place(ann)
        assert (await place(ann))[0].status == 429
        assert (await response(ann, "DELETE", "/order", {"orderID": ID}))[0].status == 200
        assert (await place(bob))[0].status == 200


async def test_a_batch_is_charged_whole_or_not_at_all(autojump_clock: MockClock) -> None:
    async with limited() as (_, ann):
        ids = [f"0x{number:064x}" for number in range(100)]
        assert (await response(ann, "DELETE", "/orders", ids))[0].status == 200
        answer, headers = await response(ann, "DELETE", "/orders", ids[:21])
        assert (answer.status, headers["poly-ratelimit-remaining"]) == (429, "20")
        assert (await response(ann, "DELETE", "/orders", ids[:20]))[0].status == 200
        await trio.sleep(60)
        too_long, headers = await response(ann, "DELETE", "/orders", ids + ids[:21])
        assert (too_long.status, headers["poly-ratelimit-remaining"]) == (429, "120")


async def test_a_sweep_pays_for_what_it_cancelled_and_may_go_below_zero(autojump_clock: MockClock) -> None:
    async with limited() as (_, ann):
        for _ in range(50):
            await place(ann)
        await response(ann, "DELETE", "/orders", [ID] * 100)
        answer, headers = await response(ann, "DELETE", "/cancel-all")
        assert (len(json.loads(answer.body)["canceled"]), headers["poly-ratelimit-remaining"]) == (50, "-31")
        refused, headers = await response(ann, "DELETE", "/cancel-all")
        assert (refused.status, headers["poly-ratelimit-remaining"]) == (429, "-31")
        await trio.sleep(32 / 80)
        assert (await response(ann, "DELETE", "/cancel-all"))[0].status == 200


async def test_the_highest_tiers_never_go_below_zero(autojump_clock: MockClock) -> None:
    async with limited("platinum") as (_, ann):
        for _ in range(50):
            await place(ann)
        for _ in range(2):
            await response(ann, "DELETE", "/orders", [f"0x{number:064x}" for number in range(670)])
        answer, headers = await response(ann, "DELETE", "/cancel-all")
        assert (len(json.loads(answer.body)["canceled"]), headers["poly-ratelimit-remaining"]) == (50, "0")


async def test_a_wrong_key_is_told_nothing_of_anybodys_bucket(autojump_clock: MockClock) -> None:
    async with limited() as (_, ann):
        ann.creds = {**ann.creds, "secret": "AAAA"}
        answer, headers = await place(ann)
        assert (answer.status, headers) == (401, {})


async def test_the_tier_can_be_asked_for(autojump_clock: MockClock) -> None:
    async with limited("gold") as (_, ann):
        assert await ann.call("GET", "/v1/user/rate-limit-tier") == (200, {"tier": "gold"})
    async with open_venue() as venue:
        bob = await venue.trader()
        assert await bob.call("GET", "/v1/user/rate-limit-tier") == (200, {"tier": "standard"})


@pytest.mark.parametrize("tier", TIERS.values(), ids=list(TIERS))
def test_bursts_last_a_second_and_a_half_at_every_tier(tier: Any) -> None:  # noqa: ANN401 - a Tier
    assert tier.orders[1] == tier.orders[0] * 3 // 2
    assert tier.cancels == (tier.orders[0] * 2, tier.orders[0] * 3)
    assert tier.debt is (tier.orders[0] < 450)


@settings(max_examples=examples(100))
@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 15)), max_size=60))
def test_a_bucket_never_lends_more_than_its_burst_and_its_refill(calls: list[tuple[float, int]]) -> None:
    bucket, now, spent = Bucket(40, 60, 60.0, 0.0), 0.0, 0
    for pause, cost in calls:
        now += pause
        bucket.refill(now)
        assert bucket.tokens <= 60
        if cost <= bucket.tokens:
            bucket.tokens -= cost
            spent += cost
        assert spent <= 60 + 40 * now + 1e-6


def gate(now: list[float]) -> Gates:
    return Gates(on=True, clock=lambda: now[0])


def call(method: str, path: str) -> Request:
    return Request(method, path, {}, {})


@pytest.mark.parametrize(
    ("service", "method", "path", "most"),
    [
        ("clob", "GET", "/ok", 100),
        ("clob", "GET", "/tick-size/11", 200),
        ("clob", "GET", "/balance-allowance/update", 50),
        ("clob", "POST", "/auth/api-key", 100),
        ("clob", "DELETE", "/cancel-all", 250),
        ("clob", "GET", "/notifications", 125),
        ("gamma", "GET", "/markets", 300),
        ("data", "GET", "/v2/positions", 200),
        ("relayer", "POST", "/submit", 25),
    ],
)
def test_a_path_has_its_own_window(service: str, method: str, path: str, most: int) -> None:
    gates = gate([1000.0])
    for _ in range(most):
        assert gates.shut(service, call(method, path)) is None
    refused = gates.shut(service, call(method, path))
    assert refused is not None
    assert (refused.status, refused.body) == (429, b"error code: 1015")
    assert [name for name, _ in refused.headers] == ["Retry-After"]
    assert gates.shut(service, call("GET", "/somewhere-else")) is None


def test_windows_slide_and_a_refused_call_is_not_counted() -> None:
    now = [1000.0]
    gates = gate(now)
    for _ in range(100):
        gates.shut("clob", call("GET", "/ok"))
    for second in range(1, 10):
        now[0] = 1000.0 + second
        assert gates.shut("clob", call("GET", "/ok")) is not None
    now[0] = 1010.1
    assert gates.shut("clob", call("GET", "/ok")) is None


def test_the_sustained_window_outlives_the_burst() -> None:
    now = [0.0]
    gates = gate(now)
    for _ in range(24):
        for _ in range(250):
            assert gates.shut("clob", call("DELETE", "/cancel-all")) is None
        now[0] += 10.2
    refused = gates.shut("clob", call("DELETE", "/cancel-all"))
    assert refused is not None
    assert 300 < int(dict(refused.headers)["Retry-After"]) < 600


@settings(max_examples=examples(100))
@given(st.lists(st.floats(0, 4), max_size=80))
def test_a_count_is_what_happened_within_its_window(pauses: list[float]) -> None:
    """Exact to one slice of the window, a hundredth of it."""
    count, now, calls = Count(10), 500.0, list[float]()
    for pause in pauses:
        now += pause
        count.forget(now)
        assert (
            len([at for at in calls if at > now - 9.9]) <= count.total <= len([at for at in calls if at > now - 10.1])
        )
        count.add(now)
        calls.append(now)


def test_every_trading_call_has_a_burst_and_a_sustained_window() -> None:
    sustained = {window.paths[0]: window.most for window in WINDOWS if window.seconds == 600}
    bursts = {window.paths[0]: window.most for window in WINDOWS if window.seconds == 10 and window.paths}
    assert len(sustained) == 6
    assert all(bursts[path] < most < bursts[path] * 60 for path, most in sustained.items())


@pytest.mark.process
async def test_the_command_enforces_them_on_request() -> None:
    async with exchange("--rate-limits", "standard", "--flow", "none") as (_, banner):
        host, port = banner["clob_url"].removeprefix("http://").split(":")
        async with await trio.open_tcp_stream(host, int(port)) as stream:
            client = Rest(stream)
            for _ in range(100):
                assert (await client.call("GET", "/auth/api-keys"))[0] == 401
            with pytest.raises(json.JSONDecodeError, match="Expecting value"):
                await client.call("GET", "/auth/api-keys")
