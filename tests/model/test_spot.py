"""Which of two spot prices counts, and how old none is."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.spot import CANONICAL, STALE, Mark, SpotPrice, age, supersedes

NOW = 1_763_628_000_000


def price(late_s: float, source: str = CANONICAL, value: int = 1) -> SpotPrice:
    return SpotPrice("btc", value, NOW - int(late_s * 1000), source)


def test_a_missing_price_is_infinitely_old() -> None:
    assert age(None, 5.0) == inf
    assert age(Mark(price(0), since=3.0), 5.5) == 2.5
    assert age(Mark(price(0), since=6.0), 5.5) == 0.0


def test_a_price_is_above_zero() -> None:
    with pytest.raises(ValueError, match="price"):
        price(0, value=0)


def test_a_later_price_of_a_source_replaces_an_earlier_one_and_never_the_other_way() -> None:
    assert supersedes(price(1), price(2), NOW)
    assert not supersedes(price(2), price(1), NOW)
    assert supersedes(price(1, value=2), price(1), NOW), "the same second again is a correction"
    assert not supersedes(price(2, "binance"), price(1, "pyth"), NOW), "also between two others"


def test_the_canonical_source_counts_before_any_other_while_it_is_fresh() -> None:
    assert supersedes(price(STALE), price(0, "binance"), NOW)
    assert not supersedes(price(0, "binance"), price(STALE), NOW)


def test_another_source_stands_in_for_a_stalled_canonical_one() -> None:
    stalled = price(STALE + 0.001)
    assert supersedes(price(1, "binance"), stalled, NOW)
    assert not supersedes(price(STALE + 1, "binance"), stalled, NOW), "not with something older still"
    assert not supersedes(stalled, price(20, "binance"), NOW), "nor does a stalled price come back"


late = st.floats(0, 60)
source = st.sampled_from([CANONICAL, "binance", "pyth"])


@given(a=st.builds(price, late, source), b=st.builds(price, late, source))
def test_two_prices_never_both_lose_and_only_equal_ones_both_win(a: SpotPrice, b: SpotPrice) -> None:
    won = supersedes(a, b, NOW), supersedes(b, a, NOW)
    if won == (True, True):
        assert a.at_ms == b.at_ms
    if won == (False, False):
        assert {a.source, b.source} > {CANONICAL} or a.source == b.source
        stalled = a if a.source == CANONICAL else b
        other = b if stalled is a else a
        assert NOW - stalled.at_ms > STALE * 1000
        assert other.at_ms < stalled.at_ms
