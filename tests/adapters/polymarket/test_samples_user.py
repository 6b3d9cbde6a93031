"""Captured user-channel events decode to what their JSON states, seen by every party of a trade."""

from __future__ import annotations

import json

import pytest

from actors.messages import Fill
from adapters.polymarket.user_frames import user_frame
from adapters.polymarket.wire_account import Owner, fills
from tests.adapters.polymarket.captured import Json, messages, parsed
from tests.adapters.polymarket.captured_account import stated_maker, stated_order, stated_taker

ORDERS = (
    "clob_ws_user/nt_ws_user_order_cancellation.json",
    "clob_ws_user/nt_ws_user_order_fok_killed.json",
    "clob_ws_user/nt_ws_user_order_placement.json",
    "clob_ws_user/ntpy_order_placement.json",
)
TRADES = (
    "clob_ws_user/nt_ws_user_trade_msg.json",
    "clob_ws_user/ntpy_user_trade1.json",
    "clob_ws_user/ntpy_user_trade3.json",
)
OVER_REST = "clob_ws_user/ntpy_trades.json"  # a REST trade object, kept among the channel's
NOBODY = Owner("nobody", "0x" + "00" * 20)


def only(name: str) -> tuple[str, Json]:
    (message,) = messages(name)
    return message, parsed(message)


@pytest.mark.parametrize("name", ORDERS)
def test_every_captured_order_event_gives_the_order_its_json_states(name: str) -> None:
    message, raw = only(name)
    seen = user_frame(message, NOBODY)
    assert seen.events == (stated_order(raw),)
    assert seen.lost == seen.ignored == ()


def test_a_killed_order_keeps_the_venues_own_words_and_matched_nothing() -> None:
    message, _ = only("clob_ws_user/nt_ws_user_order_fok_killed.json")
    (order,) = user_frame(message, NOBODY).events
    assert order == stated_order(parsed(message))
    assert not isinstance(order, Fill)
    assert order.status.startswith("CANCELED_ORDER COULDN'T BE FULLY FILLED")
    assert order.matched == 0


@pytest.mark.parametrize("name", TRADES)
def test_every_maker_of_a_captured_trade_sees_exactly_its_own_part(name: str) -> None:
    """As sent to that maker: the same frame with `trader_side` MAKER and somebody else as the taker."""
    _, raw = only(name)
    for entry in raw["maker_orders"]:
        frame = json.dumps({**json.loads(messages(name)[0]), "trader_side": "MAKER"})
        for us in (Owner("nobody", entry["maker_address"].lower()), Owner(entry["owner"], "0x" + "00" * 20)):
            theirs = [m for m in raw["maker_orders"] if m["owner"] == entry["owner"]]
            seen = user_frame(frame, us)
            assert seen.events == tuple(stated_maker(raw, each) for each in theirs)


@pytest.mark.parametrize("name", TRADES)
def test_a_captured_trade_is_read_from_the_side_it_was_sent_to(name: str) -> None:
    message, raw = only(name)
    ours = "0xa3D82Ed56F4c68d2328Fb8c29e568Ba2cAF7d7c8"
    entries = [m for m in raw["maker_orders"] if m["maker_address"] == ours]
    expected = (stated_taker(raw),) if raw["trader_side"] == "TAKER" else tuple(stated_maker(raw, m) for m in entries)
    seen = user_frame(message, Owner("nobody", ours))
    assert seen.events == expected
    assert len(expected) == 1
    assert seen.lost == seen.ignored == ()


def test_a_stranger_to_a_captured_trade_of_makers_sees_nothing() -> None:
    for name in ("clob_ws_user/ntpy_user_trade1.json", "clob_ws_user/ntpy_user_trade3.json"):
        assert user_frame(messages(name)[0], NOBODY).events == ()


def test_a_captured_rest_trade_gives_taker_and_maker_their_parts() -> None:
    message, raw = only(OVER_REST)
    (entry,) = raw["maker_orders"]
    assert fills(message.encode(), Owner(raw["owner"], "0x" + "00" * 20)) == (stated_taker(raw),)
    sent_to_maker = json.dumps({**json.loads(message), "trader_side": "MAKER"}).encode()
    assert fills(sent_to_maker, Owner(entry["owner"], "0x" + "00" * 20)) == (stated_maker(raw, entry),)
