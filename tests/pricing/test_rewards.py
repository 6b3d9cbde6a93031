"""The reward score of strategies.md §7 and polymarket.md §11.4, by their own numbers."""

from __future__ import annotations

import pytest

from actors.pricing.rewards import both_sides, cutoff_middle, score, share, side_score

SHARE = 1_000_000
BIDS = [(4900, 100 * SHARE), (4800, 100 * SHARE)]
ASKS = [(5100, 60 * SHARE)]


def sides(bids: list[tuple[int, int]], asks: list[tuple[int, int]], middle: float) -> tuple[float, float]:
    first, second = (side_score(side, middle, 300, SHARE) / SHARE for side in (bids, asks))
    return first, second


def test_two_bids_and_an_ask_score_as_the_reference_says() -> None:
    first, second = sides(BIDS, ASKS, 5000)
    assert (first, second) == pytest.approx((55.556, 26.667), abs=1e-3)
    assert both_sides(first, second, 5000) == pytest.approx(26.667, abs=1e-3)


@pytest.mark.parametrize(("middle", "expected"), [(5000, 18.519), (9500, 0.0)])
def test_one_side_alone_scores_a_third_in_the_middle_and_nothing_at_the_edges(middle: int, expected: float) -> None:
    bids = [(price + middle - 5000, size) for price, size in BIDS]
    assert both_sides(*sides(bids, [], middle), middle) == pytest.approx(expected, abs=1e-3)


def test_rivals_of_1500_leave_half_a_pusd_of_thirty_a_day() -> None:
    first, second = sides(BIDS, ASKS, 5000)
    assert 30 * share(both_sides(first, second, 5000), 1500) == pytest.approx(0.524, abs=1e-3)


def test_the_venues_own_example_scores_as_it_says() -> None:
    assert score(4.5, 1) == pytest.approx(0.604938, abs=1e-6)
    assert both_sides(score(4.5, 1) * 100, score(4.5, 2) * 100, 5000) == pytest.approx(30.8642, abs=1e-4)


def test_an_order_at_the_widest_distance_or_beyond_scores_nothing() -> None:
    assert score(3, 3) == score(3, 4) == score(3, -1) == 0.0


def test_orders_below_the_smallest_size_score_nothing_and_do_not_move_the_middle() -> None:
    bids = [(4950, SHARE), *BIDS]
    assert side_score(bids, 5000, 300, 20 * SHARE) == side_score(BIDS, 5000, 300, 20 * SHARE)
    assert cutoff_middle(bids, ASKS, 20 * SHARE) == 5000
    assert cutoff_middle(bids, [], 20 * SHARE) is None


def test_what_scores_nothing_gets_no_share() -> None:
    assert share(0.0, 0.0) == 0.0
