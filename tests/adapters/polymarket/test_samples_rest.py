"""Captured answers of the order book's REST decode to what their JSON states, or are refused by name."""

from __future__ import annotations

import json

import pytest

from actors.messages import BookSnapshot
from actors.model.outcome import Accepted, Fault, Rejected, Unknown
from adapters.emulator.refusal import Refused
from adapters.emulator.signed_order import parse
from adapters.polymarket.placement import placement
from adapters.polymarket.wire import Page, decode
from adapters.polymarket.wire_account import Owner, fills, order_update
from adapters.polymarket.wire_book import book_snapshots
from adapters.polymarket.wire_market import compact_market, full_market
from adapters.polymarket.wire_replies import Balance, CancelAnswer
from tests.adapters.polymarket.captured import Json, messages, parsed, price, text
from tests.adapters.polymarket.captured_account import stated_maker, stated_order, stated_taker
from tests.adapters.polymarket.samples import draft, signer
from tests.adapters.polymarket.test_samples_market import levels

BOOKS = ("clob_rest/jg_book_202604.jsonl", "clob_rest/nt_clob_book_response.json", "clob_rest/ntpy_book.json")
BATCHES = "clob_rest/wk_books_batch_20260311.jsonl.gz"
MARKET = "clob_rest/nt_clob_market_closed_binary_accepting_true.json"
MARKETS = "clob_rest/ntpy_clob_markets_page.json.gz"
FEE_RATE = "clob_rest/nt_clob_fee_rate_response_zero.json"
BALANCE = "clob_rest/nt_http_balance_allowance_collateral.json"
CANCELLED = "clob_rest/nt_http_cancel_response_ok.json"
ORDER, ORDERS = "clob_rest/nt_http_open_order.json", "clob_rest/nt_http_open_orders_page.json"
REFUSED, PLACED = "clob_rest/nt_http_order_response_failed.json", "clob_rest/nt_http_order_response_ok.json"
SIGNED = "clob_rest/nt_http_signed_order.json"
TRADE = "clob_rest/nt_http_trade_report.json"
FILLED, STATUS = "clob_rest/td_poly_full_fill_real.json", "clob_rest/td_poly_order_status_full_real.json"


def stated_book(raw: Json) -> BookSnapshot:
    tick = price(raw["tick_size"]) if raw.get("tick_size") else 0
    return BookSnapshot(raw["asset_id"], levels(raw["bids"]), levels(raw["asks"]), tick)


@pytest.mark.parametrize("name", BOOKS)
def test_every_captured_book_has_the_levels_its_json_states(name: str) -> None:
    for message in messages(name):
        (book,) = book_snapshots(f"[{message}]".encode())
        assert book == stated_book(parsed(message))
        assert max(p for p, _ in book.bids) < min(p for p, _ in book.asks)


def test_every_captured_batch_of_books_is_read_whole() -> None:
    for message in messages(BATCHES):
        batch = parsed(message)
        (rows,) = (name for name, value in batch.items() if isinstance(value, list) and "bids" in str(value))
        books = book_snapshots(json.dumps(json.loads(message)[rows]).encode())
        assert books == tuple(stated_book(raw) for raw in batch[rows])
        assert books
        assert {book.token for book in books} <= set(batch["requested_token_ids"])


def test_captured_markets_have_the_names_tokens_and_flags_their_json_states() -> None:
    page = decode(text(MARKETS).encode(), Page)
    for raw, market in [
        (parsed(text(MARKET)), full_market(text(MARKET).encode())),
        *((parsed(bytes(row).decode()), full_market(row)) for row in page.data),
    ]:
        assert (market.condition_id, market.market_slug) == (raw["condition_id"], raw["market_slug"])
        assert [token.token_id for token in market.tokens] == [token["token_id"] for token in raw["tokens"]]
        assert (market.neg_risk, market.end_date_iso) == (raw["neg_risk"], raw["end_date_iso"])
        flags = (raw["active"], not raw["closed"], raw["accepting_orders"], raw["enable_order_book"])
        assert market.takes_orders == all(flags)
    assert len(page.data) == 25


def test_a_closed_market_that_claims_to_accept_orders_takes_none() -> None:
    raw = parsed(text(MARKET))
    assert raw["accepting_orders"]
    assert raw["closed"]
    assert not full_market(text(MARKET).encode()).takes_orders


def test_a_captured_legacy_fee_rate_is_refused_as_no_market_since_it_is_not_the_fee_charged() -> None:
    with pytest.raises(ValueError, match="missing required field `c`"):
        compact_market(text(FEE_RATE).encode())


def test_captured_orders_decode() -> None:
    assert order_update(text(ORDER).encode()) == stated_order(parsed(text(ORDER)))
    raws, page = parsed(text(ORDERS))["data"], decode(text(ORDERS).encode(), Page)
    assert [order_update(row) for row in page.data] == [stated_order(raw) for raw in raws]
    assert page.next_cursor == "LTE="


def test_a_captured_trade_decodes_for_its_taker_and_for_each_maker() -> None:
    raw = parsed(text(TRADE))
    assert fills(text(TRADE).encode(), Owner(raw["owner"], "0x" + "00" * 20)) == (stated_taker(raw),)
    to_maker = json.dumps({**json.loads(text(TRADE)), "trader_side": "MAKER"}).encode()
    for entry in raw["maker_orders"]:
        assert fills(to_maker, Owner("nobody", entry["maker_address"])) == (stated_maker(raw, entry),)


def test_captured_cancels_and_balances_decode() -> None:
    cancelled = decode(text(CANCELLED).encode(), CancelAnswer).cancelled()
    raw = parsed(text(CANCELLED))
    assert (list(cancelled.done), dict(cancelled.refused)) == (raw["canceled"], raw["not_canceled"])
    assert decode(text(BALANCE).encode(), Balance).balance == parsed(text(BALANCE))["balance"] == "1000000000"


def test_captured_placement_answers_have_their_outcome() -> None:
    ok = text(PLACED).encode()
    order_id = parsed(text(PLACED))["orderID"]
    outcome = placement(order_id, 200, {}, ok)
    assert isinstance(outcome, Unknown)  # it states no status, so whether the order rests or matched must be asked
    refused = placement("0x1", 200, {}, text(REFUSED).encode())
    assert isinstance(refused, Rejected)
    assert (refused.text, refused.fault) == ("Insufficient balance", Fault.BALANCE)


def test_our_signed_order_has_the_fields_and_the_kinds_of_values_of_the_captured_one() -> None:
    ours = json.loads(signer().sign(draft()).body)["order"]
    theirs = json.loads(text(SIGNED))
    assert {name: type(value) for name, value in ours.items()} == {name: type(value) for name, value in theirs.items()}


def test_the_captured_signed_order_is_read_to_its_amounts() -> None:
    order = parse({"order": json.loads(text(SIGNED)), "owner": "somebody", "orderType": "GTC"})
    raw = parsed(text(SIGNED))
    assert (order.maker, order.token, order.side.value) == (raw["maker"], raw["tokenId"], raw["side"])
    assert (order.maker_amount, order.taker_amount) == (100_000_000, 50_000_000)
    assert order.exact_price == 20_000  # invented amounts: two pUSD a share, which no venue would take


def test_a_captured_order_of_the_first_version_is_refused_with_the_venues_own_words() -> None:
    with pytest.raises(Refused, match="order_version_mismatch") as refusal:
        parse(json.loads(text(FILLED))["request"]["body"])
    assert refusal.value.status == 400


def test_captured_exchanges_of_a_live_session_are_read() -> None:
    filled, status = (parsed(text(name))["response"] for name in (FILLED, STATUS))
    answer = parsed(filled["body_raw"])
    outcome = placement(answer["orderID"], filled["status"], {}, filled["body_raw"].encode())
    assert isinstance(outcome, Accepted)
    assert order_update(status["body_raw"].encode()) == stated_order(parsed(status["body_raw"]))
    assert order_update(status["body_raw"].encode()).order_id == answer["orderID"]
