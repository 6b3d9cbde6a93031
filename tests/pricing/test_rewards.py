"""The reward score of strategies.md §7 and polymarket.md §11.4, by their own numbers."""

from __future__ import annotations

import pytest

from actors.model.book import Depth, Level, OwnLevel
from actors.model.numbers import Cash, Price, Size
from actors.model.rewards import NO_REWARDS, Rewards
from actors.pricing.rewards import Sample, both_sides, cutoff_middle, sample, score, share, side_score

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


REWARDS = Rewards(Cash(30 * SHARE), Size(20 * SHARE), Price(300))
OWN = [
    (OwnLevel(True, Price(4900), Size(100 * SHARE)), 60.0),
    (OwnLevel(True, Price(4800), Size(100 * SHARE)), 60.0),
    (OwnLevel(False, Price(5100), Size(60 * SHARE)), 60.0),
]


def depth(rivals: int = 0) -> Depth:
    """The book of the example above with `rivals` shares beside each best order."""
    bids = (Level(Price(4900), Size((100 + rivals) * SHARE)), Level(Price(4800), Size(100 * SHARE)))
    return Depth(bids, (Level(Price(5100), Size((60 + rivals) * SHARE)),))


def taken(rewards: Rewards, yes: Depth, own: list[tuple[OwnLevel, float]]) -> Sample:
    found = sample(rewards, yes, own)
    assert found is not None
    return found


def test_a_sample_scores_every_order_of_ours_and_leaves_the_rest_to_rivals() -> None:
    found = taken(REWARDS, depth(), OWN)
    assert [score / SHARE for score in found.scores] == pytest.approx([44.444, 11.111, 26.667], abs=1e-3)
    assert found.ours / SHARE == pytest.approx(26.667, abs=1e-3)
    assert (found.rivals, found.share) == (0.0, 1.0)
    shared = taken(REWARDS, depth(60), OWN)
    assert [shared.ours, shared.rivals] == pytest.approx([found.ours, found.ours])
    assert shared.worth(REWARDS) == 15 * SHARE


def test_rivals_of_1500_leave_the_same_half_a_pusd_in_a_sample() -> None:
    assert taken(REWARDS, depth(3375), OWN).worth(REWARDS) / SHARE == pytest.approx(0.524, abs=1e-3)


def test_an_order_that_has_not_rested_long_enough_scores_nothing_yet() -> None:
    young = [(level, 29.9) for level, _ in OWN]
    assert taken(REWARDS, depth(), young).scores == (0.0, 0.0, 0.0)
    assert taken(REWARDS, depth(), young).worth(REWARDS) == 0


def test_without_a_programme_or_a_middle_there_is_no_sample() -> None:
    assert sample(NO_REWARDS, depth(), OWN) is None
    assert sample(REWARDS, Depth(depth().bids), OWN) is None


def test_an_order_counts_from_the_moment_at_which_it_is_old_enough_to_where_the_reward_ends() -> None:
    far = [
        (OwnLevel(True, Price(4700), Size(100 * SHARE)), 60.0),
        (OwnLevel(True, Price(4900), Size(10 * SHARE)), 60.0),
    ]
    yes = Depth((Level(Price(4900), Size(30 * SHARE)), Level(Price(4700), Size(100 * SHARE))), depth().asks)
    assert taken(REWARDS, yes, far).scores == (0.0, 0.0), "at the full distance, and below the smallest size"
