"""Captured market-channel frames give exactly the events that their JSON states, or are refused by name."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from actors.messages import BookSnapshot, LevelChange, MarketEvent, Print, Resolved, TickChange
from actors.model.market import Side
from adapters.polymarket.frames import UNUSED, FrameReader
from tests.adapters.polymarket.captured import Json, messages, parsed, price, size

FILES = (
    "clob_ws_market/jg_new_market_202604.jsonl",
    "clob_ws_market/jg_price_change_202604.jsonl",
    "clob_ws_market/mf_replay_20260519.jsonl",
    "clob_ws_market/nt_ws_market_best_bid_ask_msg.json",
    "clob_ws_market/nt_ws_market_book_msg.json",
    "clob_ws_market/nt_ws_market_last_trade_msg.json",
    "clob_ws_market/nt_ws_market_new_market_msg.json",
    "clob_ws_market/nt_ws_market_price_change_msg.json",
    "clob_ws_market/nt_ws_market_tick_size_msg.json",
    "clob_ws_market/ntpy_price_change.json",
    "clob_ws_market/rs_market_resolved.json",
)
FLAT = "clob_ws_market/ntpy_price_change.json"  # the format of before September 2025
SESSION = "clob_ws_market/mf_replay_20260519.jsonl"  # spot prices and comments interleaved
NOT_OURS = "unknown event type ''"


def levels(side: list[Json]) -> tuple[tuple[int, int], ...]:
    return tuple((price(level["price"]), size(level["size"])) for level in side if Fraction(level["size"]) > 0)


def claim(text: str | None, empty: str) -> int:
    return -1 if not text or Fraction(text) == Fraction(empty) else price(text)


def stated(frame: Json) -> list[MarketEvent]:
    """The events of one frame as a reader with no regard for speed finds them."""
    token = frame.get("asset_id", "")
    match frame.get("event_type"):
        case "book":
            tick = price(frame["tick_size"]) if frame.get("tick_size") else 0
            return [BookSnapshot(token, levels(frame["bids"]), levels(frame["asks"]), tick)]
        case "price_change":
            return [
                LevelChange(
                    c["asset_id"], c["side"] == "BUY", price(c["price"]), size(c["size"]),
                    claim(c["best_bid"], "1"), claim(c["best_ask"], "0"),
                )
                for c in frame.get("price_changes", [])
            ]  # fmt: skip
        case "last_trade_price":
            return [Print(token, Side(frame["side"]), price(frame["price"]), size(frame["size"]))]
        case "tick_size_change":
            return [TickChange(token, price(frame["new_tick_size"]))]
        case "market_resolved":
            return [Resolved(asset, frame.get("winning_asset_id") or "") for asset in frame["assets_ids"]]
    return []


@pytest.mark.parametrize("name", FILES)
def test_every_captured_frame_gives_the_events_its_json_states(name: str) -> None:
    reader, kinds = FrameReader(), Counter[str]()
    for message in messages(name):
        whole = parsed(message)
        frames = whole if isinstance(whole, list) else [whole]
        assert reader.read(message) == [event for frame in frames for event in stated(frame)]
        kinds.update(frame.get("event_type", "") for frame in frames)
    assert reader.unused == {kind: kinds[kind] for kind in UNUSED if kinds[kind]}
    if name == FLAT:
        assert reader.oddities == {"price_change: no changes": 1}
    else:
        assert reader.oddities == ({NOT_OURS: kinds[""]} if kinds[""] else {})


def test_the_captured_session_holds_books_changes_and_frames_that_are_not_for_this_channel() -> None:
    whole = [parsed(message) for message in messages(SESSION)]
    frames = [frame for one in whole for frame in (one if isinstance(one, list) else [one])]
    kinds = Counter(frame.get("event_type", "") for frame in frames)
    assert kinds == {"book": 14, "price_change": 25, "best_bid_ask": 4, "": 62}
    assert all("topic" in frame for frame in frames if "event_type" not in frame)


def test_new_markets_and_best_prices_are_refused_for_a_stated_reason() -> None:
    for name, kind in (
        ("jg_new_market_202604.jsonl", "new_market"),
        ("nt_ws_market_best_bid_ask_msg.json", "best_bid_ask"),
    ):
        reader = FrameReader()
        sent = messages(f"clob_ws_market/{name}")
        assert not any(reader.read(message) for message in sent)
        assert reader.unused == {kind: len(sent)}
        assert UNUSED[kind]
