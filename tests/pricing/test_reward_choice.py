"""Where resting is paid for, how wide is worth most (strategies.md §7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.pricing.reward_choice import Flow, best, income
from actors.pricing.rewards import score, share

TICKS = [0.01, 0.02, 0.03, 0.04]


def part(distance: float, rivals: float = 1_500.0, size: float = 100.0) -> float:
    return share(score(0.045, distance) * size, rivals)


def test_a_share_a_second_earns_its_distance_and_rebate_less_what_it_loses() -> None:
    flow = Flow(arrival=1.0, k=0.0, adverse=0.003)
    assert income(0.01, flow, 0.002, 0.0, part) == pytest.approx(0.009)


def test_a_rich_programme_draws_the_quotes_nearer() -> None:
    flow = Flow(adverse=0.02)
    assert best(TICKS, flow, 0.0, 0.0, part) > best(TICKS, flow, 0.0, 500.0, part)


def test_bad_fills_drive_them_away() -> None:
    assert best(TICKS, Flow(adverse=0.03), 0.0, 0.0, part) > best(TICKS, Flow(), 0.0, 0.0, part)


@given(st.floats(0, 0.1), st.floats(0, 0.02), st.floats(0, 1e5))
def test_the_choice_is_the_best_of_its_candidates(adverse: float, rebate: float, per_day: float) -> None:
    flow = Flow(adverse=adverse)
    chosen = best(TICKS, flow, rebate, per_day, part)
    earned = [income(distance, flow, rebate, per_day, part) for distance in TICKS]
    assert income(chosen, flow, rebate, per_day, part) == max(earned)
