"""Means with their intervals, tails and paired differences."""

from __future__ import annotations

from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.pricing.statistics import cvar5, estimate, paired, sure


def test_the_interval_is_as_wide_as_students_t_says_to_each_side() -> None:
    known = estimate([1.0, 2.0, 3.0, 4.0])
    assert known.mean == 2.5
    assert known.sd == pytest.approx(1.290994449)
    assert known.half == pytest.approx(3.182446 * 1.290994449 / 2, rel=2e-3)
    assert (known.low, known.high) == (known.mean - known.half, known.mean + known.half)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.706205), (2, 4.302653), (3, 3.182446), (5, 2.570582), (19, 2.093024), (99, 1.984217), (9_999, 1.960201)],
)
def test_few_results_are_less_sure_by_students_t(freedom: int, quantile: float) -> None:
    assert sure(freedom) == pytest.approx(quantile, rel=2e-3)


def test_a_single_result_says_nothing_of_how_sure_it_is() -> None:
    assert estimate([7.0]).half == inf


def test_cvar5_is_the_mean_of_the_worst_twentieth() -> None:
    assert cvar5([float(n) for n in range(100)]) == 2.0
    assert cvar5([3.0, -1.0]) == -1.0


def test_a_pair_on_common_paths_is_known_better_than_each_alone() -> None:
    rng = Random(1)
    luck = [rng.gauss(0, 10) for _ in range(200)]
    better = [x + 1 + rng.gauss(0, 0.1) for x in luck]
    difference = paired(better, luck)
    assert difference.low > 0.9
    assert estimate(better).half > 10 * difference.half


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_the_tail_is_never_better_than_the_mean(values: list[float]) -> None:
    assert cvar5(values) <= estimate(values).mean + 1e-6
