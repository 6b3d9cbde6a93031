"""The generator is honest: naive strategies earn on it what they earn on recorded days (strategies.md §10).

Results are taken against the truth of each trade, which is a martingale: the same mean as the result itself, a fraction of
its noise. What is left of that noise is allowed for, at two standard errors. Tuning seeds; frozen before any strategy was tuned.
"""

from __future__ import annotations

import pytest

from adapters.simulated.family import BASE, FAMILIES, Family
from adapters.simulated.path import path
from tests.simulated.direct import Prices, edge_bps, played, touch, two_cents
from tests.simulated.random_taker import RandomTaker

QUICK, FULL = range(8), range(200)
BOUNDS = [
    ("crypto", touch, 17.0, 15.0),
    ("crypto", two_cents, -57.0, 20.0),
    ("event", touch, 66.0, 20.0),
    ("event", two_cents, -57.0, 20.0),
]


def _off(family: str, prices: Prices, seeds: range, wanted: float) -> tuple[float, float]:
    """(how far from what is wanted, the standard error of that) in bps of notional."""
    mean, error = edge_bps(played(FAMILIES[family], prices, seeds))
    return abs(mean - wanted), error


@pytest.mark.slow
@pytest.mark.parametrize(("family", "prices", "wanted", "within"), BOUNDS)
def test_naive_makers_end_where_they_do_in_the_records(
    family: str, prices: Prices, wanted: float, within: float
) -> None:
    off, error = _off(family, prices, FULL, wanted)
    assert off <= within + 2 * error


@pytest.mark.parametrize(("family", "prices", "wanted", "within"), BOUNDS)
def test_a_few_paths_do_not_contradict_it(family: str, prices: Prices, wanted: float, within: float) -> None:
    off, error = _off(family, prices, QUICK, wanted)
    assert off <= within + 3 * error


@pytest.mark.parametrize("family", BASE, ids=lambda family: family.name)
def test_a_random_taker_loses_spread_and_fee(family: Family) -> None:
    takers = [RandomTaker(path(family, seed)).play() for seed in range(5)]
    assert sum(taker.trades for taker in takers) > 80
    assert sum(t.lost for t in takers) == pytest.approx(sum(t.charged for t in takers), rel=0.2)
