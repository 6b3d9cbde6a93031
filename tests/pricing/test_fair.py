"""What a book says YES is worth (strategies.md §0)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Depth, Level
from actors.model.numbers import SHARE, Price, Size
from actors.pricing.fair import beyond_dust, microprice, mid, worth


def depth(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> Depth:
    sides = [tuple(Level(Price(price), Size(size * SHARE)) for price, size in side) for side in (bids, asks)]
    return Depth(*sides)


EVEN = depth([(4_900, 300)], [(5_100, 100)])


def test_the_mid_is_half_way_and_the_microprice_leans_to_the_thinner_side() -> None:
    assert mid(EVEN) == pytest.approx(0.50)
    assert microprice(EVEN) == pytest.approx((0.49 * 100 + 0.51 * 300) / 400)


@pytest.mark.parametrize("half", [depth([], [(5_100, 5)]), depth([(4_900, 5)], []), depth([], [])])
def test_a_book_with_an_empty_side_says_nothing(half: Depth) -> None:
    assert (mid(half), microprice(half), worth(half, SHARE, 0.5)) == (None, None, None)


def test_dust_in_front_of_the_book_is_looked_past() -> None:
    dusty = depth([(4_950, 2), (4_900, 100)], [(5_100, 100)])
    assert mid(beyond_dust(dusty, 10 * SHARE)) == pytest.approx(0.50)
    assert worth(dusty, 10 * SHARE, 0.0) == pytest.approx(0.50)
    assert worth(dusty, 1 * SHARE, 0.0) == pytest.approx(0.5025)


def test_dust_counts_where_there_is_nothing_else() -> None:
    assert worth(depth([(4_900, 1)], [(5_100, 1)]), 50 * SHARE, 1.0) == pytest.approx(0.50)


@given(
    st.integers(1, 9_998), st.integers(1, 9_999), st.integers(1, 9_999), st.floats(0, 1), st.integers(1, 10_000 * SHARE)
)
def test_the_fair_price_lies_within_the_book(bid: int, bids: int, asks: int, micro: float, least: int) -> None:
    book = depth([(bid, bids)], [(bid + 1, asks)])
    fair = worth(book, least, micro)
    assert fair is not None
    assert bid / 10_000 - 1e-12 <= fair <= (bid + 1) / 10_000 + 1e-12
