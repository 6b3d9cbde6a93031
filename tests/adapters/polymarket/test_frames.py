from __future__ import annotations

import json
from collections.abc import Callable, Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import BookSnapshot, LevelChange, MarketEvent, Print, Resolved, TickChange
from actors.model.ladder import Ladder
from actors.model.market import Side
from adapters.polymarket.frames import FrameReader
from adapters.polymarket.wire_book import Claims, Odd, Prices, Sizes
from tests.bench.frames import NO, YES, dicts, ladders, made, run_dicts, run_ours


def change(token: str = "11", **changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "asset_id": token, "price": "0.49", "size": "70", "side": "BUY", "hash": "1c", "best_bid": "0.49",
        "best_ask": "0.52",
    }  # fmt: skip
    return {**plain, **changes}


def price_change(*changes: object) -> dict[str, object]:
    """The type is last, as the venue writes it."""
    return {"market": "0xab", "price_changes": list(changes), "timestamp": "1", "event_type": "price_change"}


def book(**changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "event_type": "book", "market": "0xab", "asset_id": "11", "timestamp": "1", "hash": "9f",
        "bids": [{"price": "0.48", "size": "30"}, {"price": ".49", "size": "20.5"}, {"price": "0.4", "size": "0"}],
        "asks": [{"price": "0.52", "size": "60"}], "tick_size": "0.01",
    }  # fmt: skip
    return {**plain, **changes}


def read(frame: object) -> tuple[list[MarketEvent], dict[str, int]]:
    reader = FrameReader()
    return reader.read(frame if isinstance(frame, str) else json.dumps(frame)), reader.oddities


YES_CHANGE = LevelChange("11", True, 4900, 70_000_000, 4900, 5200)


@pytest.mark.parametrize("spacing", [(",", ":"), (", ", ": ")])
def test_a_price_change_gives_the_level_of_every_asset(spacing: tuple[str, str]) -> None:
    frame = price_change(change(), change("22", price="0.51", side="SELL", best_bid="0.48", best_ask="0.51"))
    for text in (frame, [frame], dict(reversed(frame.items()))):
        events, oddities = read(json.dumps(text, separators=spacing))
        assert events == [YES_CHANGE, LevelChange("22", False, 5100, 70_000_000, 4800, 5100)]
        assert oddities == {}


@pytest.mark.parametrize(
    ("bid", "ask", "claims"),
    [
        ("0.49", "0.52", (4900, 5200)),
        ("", "", (-1, -1)),
        (None, None, (-1, -1)),
        ("0", "1", (0, 10_000)),  # empty sides
        ("1", "0", (-1, -1)),  # impossible ones claim nothing
    ],
)
def test_best_prices_are_claims_and_empty_ones_claim_nothing(
    bid: str | None, ask: str | None, claims: tuple[int, int]
) -> None:
    ((event,), _) = read(price_change(change(best_bid=bid, best_ask=ask)))
    assert isinstance(event, LevelChange)
    assert (event.best_bid, event.best_ask) == claims


def test_absent_best_prices_claim_nothing() -> None:
    bare = {k: v for k, v in change().items() if not k.startswith("best")}
    assert read(price_change(bare))[0] == [LevelChange("11", True, 4900, 70_000_000, -1, -1)]


def test_a_book_is_a_snapshot_of_the_levels_that_hold_anything() -> None:
    bids, asks = ((4800, 30_000_000), (4900, 20_500_000)), ((5200, 60_000_000),)
    assert read(book()) == ([BookSnapshot("11", bids, asks, 100)], {})
    for unstated in (None, ""):
        assert read(book(tick_size=unstated)) == ([BookSnapshot("11", bids, asks, 0)], {})
    assert read(book(bids=[], asks=[])) == ([BookSnapshot("11", (), (), 100)], {})


def test_the_other_events_are_read() -> None:
    frames = [
        {"event_type": "last_trade_price", "asset_id": "11", "price": "0.5", "size": "3", "side": "SELL"},
        {"event_type": "tick_size_change", "asset_id": "11", "old_tick_size": "0.01", "new_tick_size": "0.001"},
        {"event_type": "market_resolved", "assets_ids": ["11", "22"], "winning_asset_id": "11"},
        {"event_type": "best_bid_ask", "asset_id": "11", "best_bid": "0.1"},
        {"event_type": "new_market", "id": "7", "tags": ["a"], "active": True, "line": None},
    ]
    expected: list[MarketEvent] = [
        Print("11", Side.SELL, 5000, 3_000_000), TickChange("11", 10), Resolved("11", "11"), Resolved("22", "11"),
    ]  # fmt: skip
    assert read(frames) == (expected, {})
    assert read([]) == ([], {})


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ("INVALID OPERATION", "not JSON"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("\ud800", "not JSON"),
        ('{"a":' * 90_000, "not JSON"),
        (7, "wrong shape"),
        ("null", "wrong shape"),
        ([7], "wrong shape"),
        ({}, "unknown event type ''"),
        ({"event_type": "surprise", "price": {}}, "unknown event type 'surprise'"),
        ({"event_type": "surprise"}, "unknown event type 'surprise'"),
        ({"event_type": 5}, "wrong shape"),
        (price_change(), "price_change: no changes"),
        ({"event_type": "price_change", "asset_id": "11", "price": "0.5", "side": "BUY", "size": "1"},
         "price_change: no changes"),
        (price_change(change(price="0")), "price_change: price out of range"),
        (price_change(change(price="1")), "price_change: price out of range"),
        (price_change(change(price="1.01")), "price_change: bad price"),
        (price_change(change(price="NaN")), "price_change: bad price"),
        (price_change(change(price="-0.5")), "price_change: bad price"),
        (price_change(change(price="0.00001")), "price_change: bad price"),
        (price_change(change(size="1000000001")), "price_change: absurd size"),
        (price_change(change(size="1e9")), "price_change: bad size"),
        (price_change(change(size="-1")), "price_change: bad size"),
        (price_change(change(size="٣")), "price_change: bad size"),
        (price_change(change(size="")), "price_change: bad size"),
        (price_change(change(size="1.2345678")), "price_change: bad size"),
        (price_change(change(best_bid="x")), "price_change: bad best price"),
        (price_change(change(side="HOLD")), "price_change: wrong shape"),
        (price_change(change(price=0.5)), "price_change: wrong shape"),
        (price_change({"asset_id": "11"}), "price_change: wrong shape"),
        (price_change(7), "price_change: wrong shape"),
        (book(bids=None), "book: wrong shape"),
        (book(bids={}), "book: wrong shape"),
        (book(asset_id=""), "book: wrong shape"),
        (book(asks=[{"price": "2", "size": "1"}]), "book: bad price"),
        (book(asks=[{"price": "0.5", "size": "9" * 30}]), "book: absurd size"),
        (book(tick_size="0.3"), "book: unknown tick"),
        (book(tick_size="tiny"), "book: bad tick"),
        ({"event_type": "last_trade_price", "asset_id": "11", "price": "0.5", "size": "3", "side": ""},
         "last_trade_price: bad side"),
        ({"event_type": "tick_size_change", "asset_id": "11"}, "tick_size_change: wrong shape"),
        ({"event_type": "market_resolved"}, "market_resolved: wrong shape"),
    ],
)  # fmt: skip
def test_what_is_refused_is_counted_by_kind_and_the_rest_of_the_array_is_delivered(frame: object, kind: str) -> None:
    assert read(frame) == ([], {kind: 1})
    if kind == "not JSON" or isinstance(frame, str | list):
        return
    events, oddities = read([price_change(change()), frame, price_change(change())])
    assert events == [YES_CHANGE, YES_CHANGE]
    assert oddities == {kind: 1}


def test_one_odd_change_does_not_hide_its_siblings() -> None:
    for odd in (change(price="7"), change(side="HOLD"), change(size=5)):
        events, oddities = read(price_change(change(), odd, change()))
        assert events == [YES_CHANGE, YES_CHANGE]
        assert sum(oddities.values()) == 1


def test_the_kinds_are_bounded_whatever_is_sent() -> None:
    reader = FrameReader()
    for n in range(1_000):
        reader.read(json.dumps({"event_type": f"made-up-{n}" * 50}))
    assert len(reader.oddities) <= 101
    assert sum(reader.oddities.values()) == 1_000


def test_the_text_tables_are_bounded_and_stay_exact() -> None:
    sizes, prices, claims = Sizes(), Prices(), Claims(nonsense=0)
    for n in range(60_000):
        assert sizes[f"{n}.25"] == n * 1_000_000 + 250_000
        assert prices.of("0.49" + "0" * (n % 7)) == 4900
    for n in range(60_000):
        claims.of(f"0.{n % 10_000:04d}" + "0" * (n // 10_000))
    assert claims.of(None) == claims.of("") == -1
    assert claims.of("0.51") == 5100
    assert max(len(sizes), len(prices.known), len(claims.known)) <= 50_000


@given(st.integers(0, 10**15), st.integers(0, 6))
def test_sizes_are_read_exactly_however_they_are_padded(size: int, zeros: int) -> None:
    text = f"{size // 10**6}.{size % 10**6:06d}"
    assert Sizes()[text] == Sizes()[text.rstrip("0").rstrip(".") or "0"] == Sizes()[text + "0" * zeros] == size


@given(st.text(max_size=12) | st.from_regex(r"[-+0-9._eE]{0,12}"))
def test_no_text_makes_the_tables_raise_anything_but_odd(text: str) -> None:
    sizes, prices, claims = Sizes(), Prices(), Claims(nonsense=0)
    tables: list[tuple[Callable[[str], int], Collection[str | None]]] = [
        (sizes.__getitem__, sizes), (prices.of, prices.known), (claims.of, claims.known),
    ]  # fmt: skip
    for look_up, known in tables:
        try:
            assert look_up(text) == look_up(text)
        except Odd:
            assert text not in known


values = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(
    ["0.5", "0", "1", "-1", "1e9", "NaN", "BUY", "11", [], [{}], [change()], [change(price=1)], {"price": "1"}]
)  # fmt: skip
frames = st.builds(
    lambda whole, changes: {**whole, **changes},
    st.sampled_from([price_change(change()), book(), {"event_type": "last_trade_price"}, {"event_type": "x"}]),
    st.dictionaries(st.sampled_from(sorted({*book(), *price_change(), *change(), "assets_ids"})), values),
)
json_values = st.recursive(values, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner))


@given(st.text() | (frames | st.lists(frames | values) | json_values).map(json.dumps))
def test_no_frame_ever_raises_and_every_event_is_within_bounds(frame: str) -> None:
    for event in read(frame)[0]:
        if isinstance(event, LevelChange | Print):
            assert 0 < event.price < 10_000
            assert 0 <= event.size <= 10**15
        if isinstance(event, BookSnapshot):
            assert all(0 < price < 10_000 and 0 < size <= 10**15 for price, size in (*event.bids, *event.asks))


@given(st.integers(0, 10**6))
def test_the_fast_path_and_a_dict_of_floats_agree_on_every_best_price(seed: int) -> None:
    import random

    frames = made(random.Random(seed), 100)
    assert run_ours(frames, ladders(), FrameReader()) == run_dicts(frames, dicts())


def test_the_benchmark_books_are_the_ones_it_claims() -> None:
    books = ladders()
    assert set(books) == {YES, NO}
    assert all(isinstance(book, Ladder) and (book.best_bid, book.best_ask) == (4900, 5100) for book in books.values())
