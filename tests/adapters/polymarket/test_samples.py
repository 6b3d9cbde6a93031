"""Captured wire samples, read in place where they exist: each decodes, or is refused with a named reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.messages import BookSnapshot, Fill, LevelChange, MarketEvent, OrderUpdate, Print, Resolved, TickChange
from adapters.polymarket.frames import FrameReader
from adapters.polymarket.placement import placement
from adapters.polymarket.user_frames import user_frame
from adapters.polymarket.wire import Page, decode
from adapters.polymarket.wire_account import Owner, fills, order_update
from adapters.polymarket.wire_book import book_snapshots
from adapters.polymarket.wire_market import full_market
from adapters.polymarket.wire_replies import Balance, CancelAnswer
from tests.adapters.polymarket.samples import ADDRESS, fixtures

US = Owner("00000000-0000-4000-8000-000000000001", ADDRESS)

MARKET_EVENTS: dict[str, set[type]] = {
    "jg_new_market_202604.jsonl": set(),
    "jg_price_change_202604.jsonl": {LevelChange},
    "nt_ws_market_best_bid_ask_msg.json": set(),
    "nt_ws_market_book_msg.json": {BookSnapshot},
    "nt_ws_market_last_trade_msg.json": {Print},
    "nt_ws_market_new_market_msg.json": set(),
    "nt_ws_market_price_change_msg.json": {LevelChange},
    "nt_ws_market_tick_size_msg.json": {TickChange},
    "ntpy_price_change.json": set(),
    "rs_market_resolved.json": {Resolved},
}
REFUSED = {"ntpy_price_change.json": {"price_change: no changes"}}  # the flat format of before September 2025


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def texts(path: Path) -> Iterator[str]:
    """The messages of a file: one a line in .jsonl, else the whole."""
    raw = content(path)
    name = path.name.removesuffix(".gz")
    yield from (
        (line for line in raw.decode().splitlines() if line.strip()) if name.endswith(".jsonl") else [raw.decode()]
    )


def test_captured_market_frames_decode_or_are_refused_by_kind() -> None:
    checked = 0
    for path in fixtures("clob_ws_market"):
        if path.name not in MARKET_EVENTS:
            continue
        reader = FrameReader()
        events = [event for text in texts(path) for event in reader.read(text.strip())]
        assert {type(event) for event in events} == MARKET_EVENTS[path.name], path.name
        assert set(reader.oddities) == REFUSED.get(path.name, set()), path.name
        checked += 1
    assert checked == len(MARKET_EVENTS)


def test_a_captured_session_replays_with_only_foreign_frames_refused() -> None:
    (path,) = [p for p in fixtures("clob_ws_market") if p.name.startswith("mf_replay")]
    reader, events = FrameReader(), list[MarketEvent]()
    for text in texts(path):
        events += reader.read(text)
    kinds = {type(event) for event in events}
    assert {BookSnapshot, LevelChange} <= kinds
    assert all(kind.startswith("unknown event type ''") for kind in reader.oddities), reader.oddities


@pytest.mark.parametrize(
    ("name", "kind"),
    [("order_cancellation", OrderUpdate), ("order_fok_killed", OrderUpdate), ("order_placement", OrderUpdate),
     ("user_trade_msg", Fill), ("ntpy_order", OrderUpdate), ("user_trade1", Fill), ("user_trade3", Fill)],
)  # fmt: skip
def test_captured_user_events_decode(name: str, kind: type) -> None:
    (path,) = [
        p for p in fixtures("clob_ws_user") if name in p.name and not (name == "order_placement" and "ntpy" in p.name)
    ]
    us = Owner("none", "0xa3D82Ed56F4c68d2328Fb8c29e568Ba2cAF7d7c8") if "user_trade" in name else US
    for text in texts(path):
        seen = user_frame(text, us)
        assert seen.lost == seen.ignored == ()
        assert {type(event) for event in seen.events} == {kind}


def test_a_captured_trade_of_our_taker_order_is_read_as_rest_tells_it() -> None:
    (path,) = [p for p in fixtures("clob_ws_user") if p.name == "ntpy_trades.json"]
    (fill,) = fills(path.read_bytes(), US)
    assert (fill.price, fill.size, fill.taker) == (4890, 5_000_000, True)


def rest(name: str) -> bytes:
    found = {path.name: path for path in fixtures("clob_rest")}
    return content(found[name])


def test_captured_orders_trades_cancels_and_balances_decode() -> None:
    assert order_update(rest("nt_http_open_order.json")).matched == 25_000_000
    page = decode(rest("nt_http_open_orders_page.json"), Page)
    assert [order_update(row).price for row in page.data] == [6000, 4000]
    (fill,) = fills(rest("nt_http_trade_report.json"), Owner("none", ADDRESS))
    assert (fill.price, fill.size) == (5000, 25_000_000)
    assert len(decode(rest("nt_http_cancel_response_ok.json"), CancelAnswer).cancelled().done) == 1
    assert decode(rest("nt_http_balance_allowance_collateral.json"), Balance).balance == "1000000000"


def test_captured_placement_answers_have_their_outcome() -> None:
    ok = rest("nt_http_order_response_ok.json")
    assert type(placement(json.loads(ok)["orderID"], 200, {}, ok)).__name__ == "Unknown"  # it states no status
    failed = rest("nt_http_order_response_failed.json")
    assert type(placement("0x1", 200, {}, failed)).__name__ == "Rejected"


def test_captured_exchanges_of_a_live_session_are_read() -> None:
    for name in ("td_poly_full_fill_real.json", "td_poly_order_status_full_real.json"):
        captured = json.loads(rest(name))
        body = captured["response"]["body_raw"].encode()
        if captured["request"]["method"] == "POST":
            outcome = placement(json.loads(body)["orderID"], captured["response"]["status"], {}, body)
            assert type(outcome).__name__ == "Accepted"
        else:
            assert order_update(body).status == "MATCHED"


def test_captured_books_decode() -> None:
    names = ["jg_book_202604.jsonl", "nt_clob_book_response.json", "ntpy_book.json"]
    paths = {path.name: path for path in fixtures("clob_rest")}
    for text in (text for name in names for text in texts(paths[name])):
        (book,) = book_snapshots(f"[{text}]".encode())
        assert book.bids
        assert book.asks
    for text in texts(paths["wk_books_batch_20260311.jsonl.gz"]):
        answer = next(value for value in json.loads(text).values() if isinstance(value, list) and "bids" in str(value))
        assert len(book_snapshots(json.dumps(answer).encode())) == len(answer)


def test_captured_markets_decode_and_closed_ones_take_no_orders() -> None:
    single = full_market(rest("nt_clob_market_closed_binary_accepting_true.json"))
    page = decode(rest("ntpy_clob_markets_page.json.gz"), Page)
    markets = [single, *(full_market(row) for row in page.data)]
    assert len(markets) == 26
    assert not any(market.takes_orders for market in markets if market.closed)
