"""The generator is honest: naive strategies earn on it what they earn on recorded days (strategies.md §10).

Here a few paths, which can only contradict it grossly; `python -m tests.simulated.honesty` measures.
"""

from __future__ import annotations

import pytest

from adapters.simulated.family import BASE, Family
from adapters.simulated.path import path
from tests.simulated.honesty import BOUNDS, Bound
from tests.simulated.random_taker import RandomTaker

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: f"{bound.family} {bound.prices.__name__}")
def test_a_few_paths_do_not_contradict_the_bounds_by_three_standard_errors(bound: Bound) -> None:
    mean, error = bound.measure(range(8))
    assert abs(mean - bound.wanted) <= bound.within + 3 * error


@pytest.mark.parametrize("family", BASE, ids=lambda family: family.name)
def test_a_random_taker_loses_spread_and_fee(family: Family) -> None:
    takers = [RandomTaker(path(family, seed)).play() for seed in range(5)]
    assert sum(taker.trades for taker in takers) > 80
    assert sum(t.lost for t in takers) == pytest.approx(sum(t.charged for t in takers), rel=0.2)
