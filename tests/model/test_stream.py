"""The stream of settlement prices: in order, bounded, honest about what it has not heard."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.spot import CANONICAL, SpotPrice
from actors.model.stream import GAP, KEPT, Stream


def price(second: float, value: int = 100, source: str = CANONICAL, symbol: str = "btc") -> SpotPrice:
    return SpotPrice(symbol, value, round(second * 1000), source)


def told(*prices: SpotPrice) -> Stream:
    stream = Stream("btc")
    for one in prices:
        stream = stream.after(one)
    return stream


def test_prices_out_of_order_find_their_place_and_the_later_word_on_a_second_holds() -> None:
    stream = told(price(3, 103), price(1, 101), price(2, 102), price(2, 202), price(2, 202))
    assert (stream.times, stream.prices) == ((1_000, 2_000, 3_000), (101, 202, 103))
    assert (stream.last, stream.at) == (103, 3.0)


def test_only_the_source_that_markets_resolve_on_is_in_the_stream() -> None:
    assert told(price(1, source="binance"), price(2, symbol="eth")) == Stream("btc")


def test_a_price_of_a_second_is_that_seconds_or_none() -> None:
    stream = told(price(10, 110), price(12, 112), price(13.2, 113), price(13.7, 114))
    assert stream.price_at(10) == 110
    assert stream.price_at(11) is None, "the next one is another strike"
    assert stream.price_at(14) == 114
    assert stream.price_at(9) is None


def test_a_mean_is_over_the_seconds_past_its_start_up_to_and_with_its_end() -> None:
    stream = told(*(price(second, 100 + second) for second in range(121)))
    assert stream.mean(60, 120) == 191, "190.5, rounded to the nearest unit"
    assert stream.mean(60, 61) == 161
    assert stream.mean(60, 60) is None


def test_a_missing_second_repeats_the_one_before_and_a_gap_leaves_no_mean() -> None:
    assert told(price(1, 10), price(3, 40)).mean(0, 3) == 20
    known = [price(second) for second in range(10)]
    assert told(*known, price(9 + GAP)).mean(5, 9 + GAP) is not None
    assert told(*known, price(10 + GAP)).mean(5, 10 + GAP) is None
    assert told(*known).mean(-1, 5) is not None
    assert told(*known).mean(-3, 5) is None, "nothing was heard before"


def test_it_keeps_half_an_hour() -> None:
    stream = told(*(price(second) for second in range(KEPT + 500)))
    assert len(stream.times) == KEPT + 1
    assert stream.times[0] == 499_000


@given(st.lists(st.tuples(st.floats(0, 5_000), st.integers(1, 10**15)), max_size=80), st.integers(0, 1_000))
def test_whatever_order_prices_come_in_the_stream_is_the_same(points: list[tuple[float, int]], seed: int) -> None:
    once = {round(second * 1000): price(second, value) for second, value in points}
    sorted_, shuffled = [once[at] for at in sorted(once)], list(once.values())
    Random(seed).shuffle(shuffled)
    in_order, jumbled = told(*sorted_), told(*shuffled)
    newest = max(once, default=0)
    assert list(in_order.times) == sorted(in_order.times)
    assert in_order == jumbled
    assert in_order.times == tuple(at for at in sorted(once) if at >= newest - KEPT * 1000)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=150, unique=True), st.integers(0, 190), st.integers(1, 60))
def test_a_mean_lies_between_the_lowest_and_the_highest_price(seconds: list[int], start: int, length: int) -> None:
    stream = told(*(price(second, 1_000 + second * 7 % 13) for second in seconds))
    mean = stream.mean(start, start + length)
    assert mean is None or min(stream.prices) <= mean <= max(stream.prices)


def test_a_stream_without_prices_is_infinitely_old() -> None:
    assert Stream("btc").age(5.0) == pytest.approx(float("inf"))
