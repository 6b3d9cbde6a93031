from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import Side
from actors.model.order import Settlement
from adapters.polymarket.wire_account import Owner, fills, order_update
from tests.adapters.polymarket.samples import (
    ADDRESS,
    COMPLEMENT,
    OTHER,
    OWNER,
    TOKEN,
    maker,
    order,
    trade,
)

US = Owner(OWNER.upper(), ADDRESS.lower())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"side": "HOLD"}, "side"),
        ({"price": "1.5"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": "-0.5"}, "price"),
        ({"price": None}, "price"),
        ({"original_size": "ten"}, "original_size"),
        ({"original_size": "1.2345678"}, "original_size"),
        ({"size_matched": "x"}, "size_matched"),
        ({"id": 7}, "id"),
    ],
)
def test_an_odd_order_field_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        order_update(json.dumps(order(**change)).encode())


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "ORDER_STATUS_CANCELED_MARKET_RESOLVED"}, "CANCELED_MARKET_RESOLVED"),
        ({"status": "CANCELED_order couldn't be filled"}, "CANCELED_ORDER COULDN'T BE FILLED"),
        ({"status": None, "type": "PLACEMENT"}, "LIVE"),
        ({"status": "", "type": "CANCELLATION", "size_matched": ""}, "CANCELED"),
    ],
)
def test_statuses_lose_their_prefix_and_absent_ones_follow_from_the_event(
    change: dict[str, object], status: str
) -> None:
    assert order_update(json.dumps(order(**change)).encode()).status == status


@pytest.mark.parametrize(("side", "price"), [("BUY", 3334), ("SELL", 3333)])
def test_an_order_price_finer_than_the_grid_is_rounded_against_us(side: str, price: int) -> None:
    assert order_update(json.dumps(order(side=side, price="0.33333333333")).encode()).price == price


def read(**changes: object) -> list[tuple[object, ...]]:
    """Our fills of a trade, shortened to (order, token, side, price, size, taker)."""
    found = fills(json.dumps(trade(**changes)).encode(), US)
    return [(f.order_id, f.token, f.side, f.price, f.size, f.taker) for f in found]


def test_as_taker_of_one_maker_we_fill_at_its_price() -> None:
    assert read() == [("0xaa", TOKEN, Side.BUY, 5000, 10_000_000, True)]


@pytest.mark.parametrize(("side", "price"), [("BUY", 5134), ("SELL", 5133)])
def test_as_taker_of_several_makers_the_price_is_their_average_rounded_against_us(side: str, price: int) -> None:
    makers = [maker(matched_amount="2", price="0.50"), maker(matched_amount="4", price="0.52")]
    assert read(side=side, size="6", price="0.513333", maker_orders=makers)[0][3] == price


def test_makers_of_the_other_token_count_at_one_minus_their_price() -> None:
    makers = [maker(matched_amount="5", price="0.48"),
              maker(matched_amount="5", price="0.50", asset_id=COMPLEMENT, side="BUY")]  # fmt: skip
    assert read(maker_orders=makers) == [("0xaa", TOKEN, Side.BUY, 4900, 10_000_000, True)]


@pytest.mark.parametrize("makers", [[], None, [maker(matched_amount="9")]])
def test_without_makers_that_add_up_the_top_level_price_serves_rounded_against_us(makers: object) -> None:
    assert read(price="0.33333333333", maker_orders=makers)[0][3] == 3334
    assert read(price="0.33333333333", maker_orders=makers, side="SELL")[0][3] == 3333


def test_as_maker_the_top_level_is_the_takers_and_ignored() -> None:
    ours = [maker(order_id="0xb1", owner=OWNER, matched_amount="4", price="0.47", side="BUY", maker_address=None),
            maker(order_id="0xb2", owner="x", maker_address=ADDRESS.upper().replace("0X", "0x"), matched_amount="6",
                  price="0.53", side="SELL", asset_id=COMPLEMENT)]  # fmt: skip
    assert read(trader_side="MAKER", owner="somebody", maker_address=OTHER, maker_orders=[*ours, maker()]) == [
        ("0xb1", TOKEN, Side.BUY, 4700, 4_000_000, False),
        ("0xb2", COMPLEMENT, Side.SELL, 5300, 6_000_000, False),
    ]


@pytest.mark.parametrize(
    ("taker", "token", "expected"),
    [
        ("BUY", TOKEN, Side.SELL),
        ("SELL", TOKEN, Side.BUY),
        ("BUY", COMPLEMENT, Side.BUY),
        ("SELL", COMPLEMENT, Side.SELL),
    ],
)
def test_a_maker_entry_without_a_side_gets_it_from_the_takers(taker: str, token: str, expected: Side) -> None:
    ours = maker(owner=OWNER, side=None, asset_id=token)
    ((_, _, side, _, _, _),) = read(
        trader_side="MAKER", owner="x", maker_address=OTHER, side=taker, maker_orders=[ours]
    )
    assert side is expected


def test_a_trade_with_ourselves_gives_both_parts() -> None:
    parts = read(trader_side="MAKER", maker_orders=[maker(owner=OWNER, order_id="0xbb")])
    assert [(part[0], part[-1]) for part in parts] == [("0xaa", True), ("0xbb", False)]


def test_without_a_trader_side_ownership_decides() -> None:
    assert len(read(trader_side=None)) == 1
    assert read(trader_side=None, owner="x", maker_address=OTHER) == []


@pytest.mark.parametrize("status", ["MATCHED", "MINED", "CONFIRMED", "RETRYING", "FAILED", "MATCHED_NOT_BROADCASTED"])
@pytest.mark.parametrize("prefix", ["", "TRADE_STATUS_"])
def test_settlement_is_read_with_and_without_its_prefix(status: str, prefix: str) -> None:
    (fill,) = fills(json.dumps(trade(status=prefix + status)).encode(), US)
    assert fill.settlement is Settlement(status.removesuffix("_NOT_BROADCASTED"))


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"match_time": "1763628001"}, 1_763_628_001.0),
        ({"match_time": 1763628001}, 1_763_628_001.0),
        ({"match_time": "1763628001500"}, 1_763_628_001.5),
        ({"match_time": "2025-11-20T08:40:01Z"}, 1_763_628_001.0),
        ({"match_time": "2025-11-20 08:40:01+00"}, 1_763_628_001.0),
        ({"match_time": None, "matchtime": "1763628001"}, 1_763_628_001.0),
        ({"match_time": "", "timestamp": "1763628001123"}, 1_763_628_001.123),
    ],
)
def test_every_spelling_of_the_match_time_is_read(changes: dict[str, object], seconds: float) -> None:
    (fill,) = fills(json.dumps(trade(**changes)).encode(), US)
    assert fill.matched_at == seconds


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "DREAMED"}, "status"),
        ({"side": ""}, "side"),
        ({"price": "2", "maker_orders": []}, "price"),
        ({"size": "-1"}, "size"),
        ({"match_time": "soon"}, "match_time"),
        ({"match_time": None, "last_update": None}, "match_time"),
        ({"maker_orders": [maker(price=True)]}, "price"),
    ],
)
def test_an_odd_trade_field_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        fills(json.dumps(trade(**change)).encode(), US)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({*order(), *trade()})), inner),
    max_leaves=20,
)
odd_values = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(
    ["1e9", "-1", "0", "1", "0.5", ".5", "9" * 50, "BUY", "MATCHED", [], [{}], [maker(owner=OWNER)]]
)  # fmt: skip
odd_objects = st.builds(
    lambda whole, changes: {**whole, **changes},
    st.sampled_from([order(), trade(), trade(maker_orders=[maker(owner=OWNER)])]),
    st.dictionaries(st.sampled_from(sorted({*order(), *trade()})), odd_values),
)


@given(body=st.binary() | (json_values | odd_objects).map(lambda value: json.dumps(value).encode()))
def test_no_body_makes_the_decoders_raise_anything_but_value_errors(body: bytes) -> None:
    for decoder in (order_update, lambda text: fills(text, US)):
        with contextlib.suppress(ValueError):
            decoder(body)
