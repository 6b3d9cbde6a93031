"""Volatility from overlapping 15 s returns, forgetting by time."""

from __future__ import annotations

from math import log, sqrt
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.pricing.volatility import Average, Volatility, annual

SIGMA = 0.8e-4


def walked(seconds: int, sigma: float = SIGMA, seed: int = 1, skip: frozenset[int] = frozenset()) -> Volatility:
    random, level, heard = Random(seed), log(65_000), Volatility.forgetting(900)
    for second in range(seconds):
        level += random.gauss(0, sigma)
        if second not in skip:
            heard = heard.hear(level, second)
    return heard


def test_the_average_forgets_half_in_a_half_life_whether_or_not_anything_comes() -> None:
    average = Average(900).after(1.0, 0.0).after(3.0, 900.0)
    assert average.value == pytest.approx((0.5 * 1 + 3) / 1.5)
    assert average.weight == pytest.approx(1.5)


def test_it_finds_the_volatility_of_a_walk() -> None:
    found = [walked(2_000, seed=seed).sigma(0.0, 1.0, least=60) for seed in range(8)]
    assert fmean(sigma for sigma in found if sigma is not None) == pytest.approx(SIGMA, rel=0.10)


def test_correlated_seconds_are_not_mistaken_for_calm() -> None:
    """A stream that moves half at once and half a second later has its whole variance; its 1 s returns show half."""
    random, level, late, heard, ones = Random(3), 0.0, 0.0, Volatility.forgetting(900), []
    for second in range(3_000):
        step = random.gauss(0, SIGMA)
        ones.append(0.5 * step + late)
        level += ones[-1]
        late = 0.5 * step
        heard = heard.hear(level, second)
    sigma = heard.sigma(0.0, 1.0, least=60)
    assert sigma == pytest.approx(SIGMA, rel=0.15)
    assert sqrt(fmean(one * one for one in ones)) < 0.8 * SIGMA


def test_it_keeps_within_its_floor_and_cap_and_says_nothing_before_it_has_heard_enough() -> None:
    assert walked(50).sigma(0.2e-4, 6e-4, least=60) is None
    assert walked(2_000, sigma=1e-9).sigma(0.2e-4, 6e-4, least=60) == 0.2e-4
    assert walked(2_000, sigma=1e-2).sigma(0.2e-4, 6e-4, least=60) == 6e-4


def test_there_is_no_return_over_a_gap() -> None:
    """A price that jumps while nobody looks is no volatility of the seconds in which somebody did."""
    quiet = Volatility.forgetting(900)
    for second in (*range(100), *range(400, 500)):
        quiet = quiet.hear(0.0 if second < 100 else 1.0, second)
    assert quiet.squares.value == 0.0


def test_a_missing_second_costs_a_return_or_two_not_the_rest() -> None:
    whole, holed = walked(1_000), walked(1_000, skip=frozenset(range(7, 1_000, 11)))
    assert holed.squares.weight > 0.8 * whole.squares.weight
    assert holed.sigma(0.0, 1.0, 60) == pytest.approx(whole.sigma(0.0, 1.0, 60), rel=0.05)


@given(st.lists(st.tuples(st.floats(1e-6, 1e9), st.floats(0, 5_000)), max_size=60))
def test_it_never_raises_and_keeps_few_points(points: list[tuple[float, float]]) -> None:
    heard = Volatility.forgetting(900)
    for price, at in points:
        heard = heard.hear_price(price, at)
    assert heard.sigma(0.0, 1.0, 1.0) is None or 0.0 <= (heard.sigma(0.0, 1.0, 1.0) or 0.0) <= 1.0


def test_a_year_of_a_typical_second() -> None:
    assert annual(0.5e-4) == pytest.approx(0.28, abs=0.005)
    assert annual(1.0e-4) == pytest.approx(0.56, abs=0.005)
