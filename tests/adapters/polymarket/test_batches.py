"""POST /orders: one outcome for each order, by the table for single ones, whatever the answer looks like (F5)."""

from __future__ import annotations

import json
import random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.outcome import Accepted, Fault, NeverSent, Placed, Rejected, Sign, Storm, Unknown, sign_of
from adapters.polymarket.placement import placements
from tests.adapters.polymarket.samples import Answer, always, draft, signer, trading

ORDERS = [signer(seed).sign(draft()) for seed in (1, 2, 3)]
IDS = [order.order_id for order in ORDERS]
HTML = b"<!DOCTYPE html><title>Attention Required! | Cloudflare</title>"


async def placed(answer: Answer) -> tuple[Placed, ...]:
    return await (await trading(answer)).place_all(ORDERS)


def live(number: int) -> dict[str, object]:
    return {"success": True, "errorMsg": "", "orderID": IDS[number], "status": "live"}


def failed(text: str) -> dict[str, object]:
    return {"success": True, "errorMsg": text, "orderID": "", "status": ""}


async def test_the_orders_travel_once_as_they_were_signed() -> None:
    seen: list[httpx.Request] = []

    def venue(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[live(0), live(1), live(2)])

    assert await placed(venue) == tuple(Accepted(order_id, "live") for order_id in IDS)
    (request,) = seen
    assert (request.method, request.url.path) == ("POST", "/orders")
    assert json.loads(request.content) == [json.loads(order.body) for order in ORDERS]


async def test_each_leg_has_its_own_end() -> None:
    legs = [failed("invalid post-only order: order crosses book"), live(1), failed("order timed out")]
    crossed, accepted, late = await placed(always(200, legs))
    assert crossed == Rejected(Fault.CROSSES, "invalid post-only order: order crosses book")
    assert accepted == Accepted(IDS[1], "live")
    assert isinstance(late, Unknown)


async def test_a_leg_without_id_and_reason_is_unknown() -> None:
    assert [type(o) for o in await placed(always(200, [live(0), failed(""), live(2)]))] == [Accepted, Unknown, Accepted]


async def test_a_leg_may_be_limited_alone() -> None:
    _, limited, _ = await placed(always(200, [live(0), failed("Rate limit exceeded for tokenId 7"), live(2)]))
    assert limited == Rejected(Fault.RATE, "Rate limit exceeded for tokenId 7")


async def test_a_leg_that_proves_a_closed_venue_says_so() -> None:
    text = "post-only mode: only post-only orders and cancels are allowed"
    assert sign_of((await placed(always(200, [live(0), live(1), failed(text)])))[2]) == Sign(Storm.POST_ONLY)


async def test_of_an_answer_with_missing_legs_only_those_with_a_name_count() -> None:
    first, second, third = await placed(always(200, [live(2), failed("crosses the book")]))
    assert (type(first), type(second), third) == (Unknown, Unknown, Accepted(IDS[2], "live"))


async def test_answers_in_another_order_are_told_apart_by_their_names() -> None:
    outcomes = await placed(always(200, [live(2), live(0), live(1)]))
    assert outcomes == tuple(Accepted(order_id, "live") for order_id in IDS)


async def test_an_order_that_is_named_twice_is_unknown() -> None:
    assert [type(o) for o in await placed(always(200, [live(0), live(0), live(2)]))] == [Unknown, Unknown, Accepted]


@pytest.mark.parametrize("body", [{}, {"error": "no"}, None, "OK", 7, [], [live(0)] * 9, b"", b"<html>", b"["])
async def test_a_200_that_is_no_array_of_that_length_leaves_everything_unknown(body: object) -> None:
    assert {type(outcome) for outcome in await placed(always(200, body))} == {Unknown}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (always(400, {"error": "Invalid order payload"}), Fault.GRID),
        (always(401, {"error": "Unauthorized/Invalid api key"}), Fault.ACCOUNT),
        (always(403, HTML), Fault.BLOCKED),
        (always(429, b"", Poly_RateLimit_Remaining="0", Retry_After="2"), Fault.RATE),
        (always(503, {"error": "trading is disabled"}), Fault.PAUSED),
    ],
)
async def test_what_refuses_the_whole_batch_refuses_every_order(answer: Answer, fault: Fault) -> None:
    assert [o.fault for o in await placed(answer) if isinstance(o, Rejected)] == [fault] * 3


@pytest.mark.parametrize(
    "answer",
    [
        always(425, b""),
        always(429, b""),
        always(500, {"error": "order timed out"}),
        always(502, HTML),
        always(504, b""),
    ],
)
async def test_everything_else_leaves_every_order_unknown(answer: Answer) -> None:
    assert {type(outcome) for outcome in await placed(answer)} == {Unknown}


@pytest.mark.parametrize(
    ("problem", "kind"), [(httpx.ConnectError, NeverSent), (httpx.ReadTimeout, Unknown), (httpx.ReadError, Unknown)]
)
async def test_a_network_failure_is_that_of_every_order(problem: type[httpx.RequestError], kind: type) -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        raise problem("as planned")

    assert [type(outcome) for outcome in await placed(venue)] == [kind] * 3


async def test_duplicated_proves_the_existence_of_the_order_it_names_alone() -> None:
    text = f"order {IDS[1]} is invalid. Duplicated."
    outcomes = await placed(always(400, {"error": text}))
    assert [o.exists for o in outcomes if isinstance(o, Unknown)] == [False, True, False]


@pytest.mark.parametrize("count", [0, 1, 16])
async def test_no_other_number_of_orders_makes_a_batch(count: int) -> None:
    venue = await trading(always(200, []))
    with pytest.raises(ValueError, match="2 to 15"):
        await venue.place_all([ORDERS[0]] * count)


legs = st.lists(st.sampled_from([*map(live, range(3)), *map(failed, ("", "crosses the book", "Duplicated")), None, 7]))


@given(legs=legs, seed=st.integers())
def test_an_order_counts_as_accepted_only_by_its_own_name(legs: list[object], seed: int) -> None:
    random.Random(seed).shuffle(legs)
    outcomes = placements(IDS, 200, {}, json.dumps(legs).encode())
    assert len(outcomes) == 3
    for order_id, outcome in zip(IDS, outcomes, strict=True):
        named = sum(isinstance(leg, dict) and leg["orderID"] == order_id for leg in legs)
        assert isinstance(outcome, Accepted) == (named == 1)
        assert not isinstance(outcome, Rejected) or (named == 0 and len(legs) == 3)
