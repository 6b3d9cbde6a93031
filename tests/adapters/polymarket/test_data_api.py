from __future__ import annotations

import json

import httpx
import pytest

from actors.model.holding import HoldingStatus
from actors.model.market import Outcome, Side
from actors.model.outcome import Unread
from adapters.polymarket import wire_data
from adapters.polymarket.data_api import MOST_CONDITIONS, DataApi
from tests.adapters.polymarket.gamma_samples import envelope, position, tape
from tests.adapters.polymarket.samples import ADDRESS, CONDITION, Answer, always


def data(answer: Answer) -> DataApi:
    return DataApi.open("http://data", lambda: httpx.MockTransport(answer))


def holding(**changes: object) -> bytes:
    return json.dumps(position(**changes)).encode()


class Pages:
    """Rows over several pages; keeps what was asked."""

    def __init__(self, *rows: dict[str, object]) -> None:
        self.rows, self.asked = rows, list[httpx.QueryParams]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.params)
        start = int(request.url.params.get("cursor", "0"))
        more = start + 1 < len(self.rows)
        return httpx.Response(200, json=envelope(list(self.rows[start : start + 1]), str(start + 1) if more else None))


async def test_positions_are_read_to_the_last_page_with_the_dust() -> None:
    pages = Pages(position(), position(token_id="22", current_size=0.000001), position(token_id="33"))
    found = await data(pages).positions(ADDRESS, [CONDITION])
    assert isinstance(found, tuple)
    assert [row.size for row in found] == [12_500_000, 1, 12_500_000]
    for asked in pages.asked:
        assert (asked["user"], asked["filter_amount"], asked["condition_id"]) == (ADDRESS, "0", CONDITION)


async def test_a_cursor_on_the_last_page_is_not_followed() -> None:
    body = {"data": [position()], "pagination": {"has_more": False, "next_cursor": "1"}}
    found = await data(always(200, body)).positions(ADDRESS)
    assert isinstance(found, tuple)
    assert len(found) == 1


async def test_trades_of_makers_are_asked_for_too() -> None:
    pages = Pages(tape())
    (trade,) = await data(pages).trades(ADDRESS)  # type: ignore[misc]
    assert (trade.side, trade.size, trade.price, trade.at) == (Side.SELL, 2_500_000, 4810, 1763628000)
    assert pages.asked[0]["taker_only"] == "false"


async def test_the_worth_of_a_wallet_is_in_cash_units() -> None:
    answer = always(200, {"data": {"proxy_wallet": ADDRESS, "value": 123.45}})
    assert await data(answer).worth(ADDRESS) == 123_450_000


async def test_more_conditions_than_one_question_may_name_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="at most 20"):
        await data(always(200)).positions(ADDRESS, ["0x"] * (MOST_CONDITIONS + 1))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([position()], "retired version 1"),
        ({"data": []}, "pagination"),
        ({"data": [], "pagination": {"has_more": True, "next_cursor": None}}, "has_more"),
        ({"data": {}, "pagination": {"has_more": False}}, "array"),
        (envelope([position(), {"proxyWallet": "0x"}]), "proxy_wallet"),
        (envelope([], "again"), "does not move on"),
        (b"<html>", "unreadable"),
    ],
)
async def test_answers_that_are_not_whole_are_unread_for_a_reason(body: object, reason: str) -> None:
    answer = await data(always(200, body)).positions(ADDRESS)
    assert isinstance(answer, Unread)
    assert reason in answer.why


async def test_an_error_is_told_in_the_services_words() -> None:
    refused = always(400, {"error": "user is required", "code": "bad_request", "retryable": False})
    assert await data(refused).positions(ADDRESS) == Unread("HTTP 400 user is required")
    assert await data(refused).worth(ADDRESS) == Unread("HTTP 400 user is required")


def test_what_the_service_marks_as_absent_is_absent() -> None:
    row = wire_data.holding(holding(outcome_index=999, end_date="1970-01-01", outcome=None, last_event_at=0))
    assert (row.outcome, row.ends_on, row.label, row.last_event_at) == (None, "", "", None)
    row = wire_data.holding(holding(outcome_index=1, status="REDEEMABLE"))
    assert (row.outcome, row.status, row.realized_pnl) == (Outcome.NO, HoldingStatus.REDEEMABLE, -500_000)


def test_doubles_with_noise_behind_are_rounded_to_the_nearest_unit() -> None:
    row = wire_data.holding(b"".join((holding()[:-1], b', "current_size": 12.4999999999, "avg_price": 0.48004999}')))
    assert (row.size, row.average_price) == (12_500_000, 4800)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "LOST"}, "status"),
        ({"current_size": -1}, "current_size"),
        ({"avg_price": 1.2}, "avg_price"),
        ({"current_value": 1e40}, "current_value"),
        ({"condition_id": "0xabc"}, "condition_id"),
        ({"redeemable": "no"}, "redeemable"),
    ],
)
def test_a_field_that_is_odd_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        wire_data.holding(holding(**changes))
