"""VPIN and the signs in a book: the cases of strategies.md §6."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import EMPTY, Depth, Level
from actors.model.numbers import SHARE, Price, Size
from actors.pricing.toxicity import Vpin, imbalance, worth


def heard(vpin: Vpin, *trades: tuple[float, bool]) -> Vpin:
    for size, buy in trades:
        vpin = vpin.after(size, buy=buy)
    return vpin


def test_the_vpin_of_the_table() -> None:
    vpin = heard(Vpin(100), (70, True), (30, False), (50, True), (50, False), (90, True), (10, False))
    assert vpin.value == pytest.approx(0.40, abs=1e-6)


def test_there_is_no_vpin_before_the_first_bucket_is_full() -> None:
    assert heard(Vpin(100), (99, True)).value is None


def test_a_trade_larger_than_a_bucket_fills_several() -> None:
    assert heard(Vpin(100), (50, False), (250, True)).full == pytest.approx((0.0, 1.0, 1.0))


@given(st.floats(0.1, 1e6), st.integers(1, 50), st.lists(st.tuples(st.floats(0.01, 1e12), st.booleans()), max_size=30))
def test_vpin_lies_between_0_and_1_and_its_memory_is_bounded(
    volume: float, most: int, trades: list[tuple[float, bool]]
) -> None:
    vpin = heard(Vpin(volume, most), *trades)
    assert len(vpin.full) <= most
    assert vpin.value is None or 0.0 <= vpin.value <= 1.0 + 1e-9


def test_the_imbalance_counts_the_best_five_levels() -> None:
    bids = tuple(Level(Price(5_000 - 100 * n), Size(30 * SHARE)) for n in range(6))
    asks = (Level(Price(5_100), Size(50 * SHARE)),)
    assert imbalance(Depth(bids, asks)) == pytest.approx(0.5)
    assert imbalance(EMPTY) == 0.0
    assert worth(asks) == pytest.approx(25.5)
