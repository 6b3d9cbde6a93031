"""What own fills were worth later: counted once, forgotten with time (strategies.md §3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.breaker import Caught
from actors.model.numbers import SHARE
from actors.pricing.markout import MarkoutAverage

FRESH = MarkoutAverage(after=10.0, half_life=600.0)


def fill(name: str, at: float, price: int = 5_000, *, bid: bool = True) -> Caught:
    return Caught(name, bid, price, 20 * SHARE, at)


def test_a_fill_counts_once_it_is_old_enough_and_only_then() -> None:
    heard = FRESH.heard((fill("a", 0.0),))
    assert heard.looked(9.9, 0.40) == heard
    assert heard.looked(10.0, 0.40).value == pytest.approx(-0.2 * 0.10)


def test_a_sale_is_worth_more_when_the_price_falls() -> None:
    assert FRESH.heard((fill("a", 0.0, bid=False),)).looked(10.0, 0.40).value == pytest.approx(0.2 * 0.10)


def test_a_fill_that_is_told_again_counts_once() -> None:
    once = FRESH.heard((fill("a", 0.0),)).looked(10.0, 0.40)
    again = once.heard((fill("a", 0.0), fill("b", 11.0))).looked(12.0, 0.40)
    assert again.value == once.value
    assert [waiting.trade for waiting in again.waiting] == ["b"]


def test_the_average_halves_in_its_half_life_without_any_fill() -> None:
    struck = FRESH.heard((fill("a", 0.0),)).looked(10.0, 0.40)
    assert struck.by(610.0) == pytest.approx(struck.value / 2)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=30))
def test_without_fills_the_average_goes_to_nothing(mids: list[float]) -> None:
    average = FRESH
    for number, mid in enumerate(mids):
        average = average.heard((fill(str(number), 10.0 * number),)).looked(10.0 * number + 10.0, mid)
    assert abs(average.by(10.0 * len(mids))) <= 1.0
    assert abs(average.by(10.0 * len(mids) + 20 * 600.0)) < 1e-5
