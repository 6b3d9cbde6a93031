"""The chance of Up: the cases of strategies.md §6, and what must hold whatever the numbers."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.pricing.digital import Jumps, Race, chance, lag_error

SIGMA = 0.9e-4
TABLE = Race(spot=65_050, strike=65_000, left=300)


def test_the_plain_digital_of_the_table() -> None:
    assert chance(TABLE, SIGMA) == pytest.approx(0.689090, abs=1e-6)


def test_the_averaged_digital_of_the_table_before_its_average_begins() -> None:
    race = evolve(TABLE, averaging=60)
    assert race.exposure == pytest.approx(260)
    assert chance(race, SIGMA) == pytest.approx(0.701895, abs=1e-6)


def test_the_averaged_digital_of_the_table_within_its_average() -> None:
    race = Race(65_050, 65_000, left=30, averaging=60, known=64_990)
    assert race.exposure == pytest.approx(2.5)
    assert chance(race, SIGMA) == pytest.approx(0.984687, abs=1e-6)
    assert chance(evolve(race, averaging=0), SIGMA) == pytest.approx(0.940604, abs=1e-6), "the plain one"


def test_the_second_case_of_the_table_within_its_average() -> None:
    race = Race(64_980, 65_000, left=15, averaging=60, known=65_010)
    assert chance(race, SIGMA) == pytest.approx(0.777701, abs=1e-6)


def test_the_jump_diffusion_of_the_table() -> None:
    """70 % diffusion, one jump expected in 300 s, equal total variance."""
    assert chance(TABLE, SIGMA, Jumps(share=0.3, per_hour=12)) == pytest.approx(0.694028, abs=1e-6)


@pytest.mark.parametrize("averaging", [0.0, 60.0])
def test_a_window_that_is_over_is_decided_and_a_tie_is_up(averaging: float) -> None:
    for final, up in ((64_999.99, 0.0), (65_000.0, 1.0), (65_000.01, 1.0)):
        assert chance(Race(final, 65_000, 0.0, averaging, known=final), SIGMA) == up
    assert Race(1.0, 65_000, 0.0, 60.0, known=65_000).final == 65_000, "the average decides, not the last price"


prices = st.floats(1e-3, 1e6)
races = st.builds(Race, prices, prices, st.floats(-10, 1_000), st.sampled_from([0.0, 30.0, 60.0]), known=prices)
sigmas = st.floats(0, 1e-2)
jumps = st.none() | st.builds(Jumps, st.floats(0, 1), st.floats(0, 1e5))


@given(races, sigmas, jumps)
def test_a_chance_is_a_chance_whatever_the_numbers(race: Race, sigma: float, jumps: Jumps | None) -> None:
    assert 0.0 <= chance(race, sigma, jumps) <= 1.0


@given(races, sigmas, jumps, st.floats(1.0, 1.1))
def test_a_higher_price_never_makes_up_less_likely(
    race: Race, sigma: float, jumps: Jumps | None, factor: float
) -> None:
    higher = evolve(race, spot=race.spot * factor)
    assert chance(higher, sigma, jumps) >= chance(race, sigma, jumps) - 1e-12


@given(st.floats(1, 1_000), st.floats(1, 1_000))
def test_less_time_is_less_variance_and_none_appears_where_the_average_begins(left: float, averaging: float) -> None:
    race = Race(1.0, 1.0, left, averaging, known=1.0)
    assert 0 <= race.exposure <= left
    assert evolve(race, left=left * 0.999).exposure <= race.exposure
    below, above = (evolve(race, left=averaging * (1 + step)).exposure for step in (-1e-9, 1e-9))
    assert below == pytest.approx(above, rel=1e-6)


@pytest.mark.parametrize(("left", "known"), [(300, 0.0), (60, 0.0), (20, 65_003.0)])
def test_the_formula_is_what_thousands_of_walks_come_to(left: int, known: float) -> None:
    """Against plain simulation of the average, second by second."""
    random, ups, paths = Random(7), 0, 4_000
    race = Race(65_010, 65_000, left, 60, known)
    for _ in range(paths):
        level, seconds = log(race.spot), known * max(0, 60 - left)
        for second in range(left):
            level += random.gauss(0, SIGMA)
            seconds += exp(level) if second >= left - 60 else 0.0
        ups += seconds / 60 >= race.strike
    wanted = chance(race, SIGMA)
    assert ups / paths == pytest.approx(wanted, abs=3.5 * sqrt(wanted * (1 - wanted) / paths) + 0.004)


def test_more_jumps_of_the_same_variance_come_back_to_the_normal() -> None:
    normal = NormalDist().cdf(log(65_050 / 65_000) / (SIGMA * sqrt(300)))
    errors = [abs(chance(TABLE, SIGMA, Jumps(0.3, rate)) - normal) for rate in (12, 24, 60, 120)]
    assert all(later < earlier for earlier, later in pairwise(errors))


def test_an_old_price_makes_the_chance_uncertain_by_what_it_may_have_done_since() -> None:
    """Against the spread of the chance over prices one standard deviation to either side."""
    for race in (TABLE, evolve(TABLE, averaging=60), Race(65_003, 65_000, left=40, averaging=60, known=65_001)):
        step = SIGMA * sqrt(1.6)
        up, down = (chance(evolve(race, spot=race.spot * exp(sign * step)), SIGMA) for sign in (1, -1))
        assert lag_error(race, SIGMA, 1.6) == pytest.approx((up - down) / 2, rel=0.05)
    assert lag_error(TABLE, SIGMA, 0.0) == 0.0
    assert lag_error(evolve(TABLE, left=0.0), SIGMA, 1.6) == 0.0
