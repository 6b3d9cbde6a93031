"""Choosing markets by strategies.md §9: what is refused, what the two scores say, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.candidate import Candidate
from actors.model.discover_settings import DiscoverSettings
from actors.model.listing import Activity, ListedFees, ListedRewards, Listing, Version
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.pricing.choice import Quoting, income, quality, rank, refusal

NOW = 1_764_000_000.0
DAY = 86_400.0
WANTED = DiscoverSettings()
QUOTING = Quoting(100 * SHARE, 200)


def listing(slug: str = "demo", volume: int = 100_000, days: float | None = 15, **changes: Any) -> Listing:  # noqa: ANN401
    plain = Listing(
        gamma_id="1",
        slug=slug,
        condition_id="0x" + "ab" * 32,
        version=Version.V1,
        question="Demo?",
        labels=("Yes", "No"),
        tokens=("7" * 70, "8" * 70),
        active=True,
        closed=False,
        archived=False,
        accepting=True,
        has_book=True,
        activity=Activity(volume_day=Cash(volume * PUSD)),
        ends_at=None if days is None else NOW + days * DAY,
    )
    return evolve(plain, **changes)


def candidate(
    of: Listing | None = None,
    bid: int = 4800,
    ask: int = 5200,
    dollars: float = 250,
    **changes: Any,  # noqa: ANN401
) -> Candidate:
    """`dollars` rest at the best price of each side."""
    sizes = [int(dollars * PUSD * 10_000 / price) for price in (bid, ask)]
    return Candidate.of(of or listing(**changes), [(bid, sizes[0])], [(ask, sizes[1])], NOW)


def test_the_quality_of_the_references_example_is_78_and_a_half() -> None:
    assert quality(candidate(), WANTED.min_volume) == pytest.approx(78.5, abs=1e-3)


@pytest.mark.parametrize(
    ("spread", "points"),
    [(200, 0), (250, 50), (300, 100), (400, 100), (600, 100), (1050, 50), (1500, 0), (1700, 0)],
)
def test_a_spread_of_three_to_six_cents_is_best(spread: int, points: float) -> None:
    best, this = (quality(candidate(bid=5000 - s // 2, ask=5000 + s // 2), WANTED.min_volume) for s in (400, spread))
    assert best - this == pytest.approx(0.35 * (100 - points), abs=1e-3)


@pytest.mark.parametrize(
    ("better", "points"),
    [
        ({"volume": 1_000_000}, 0.30 * 20),
        ({"volume": 10_000}, -0.30 * 20),
        ({"volume": 10_000_000}, 0.30 * 30),
        ({"dollars": 500}, 0.15 * 50),
        ({"dollars": 5000}, 0.15 * 50),
        ({"days": 30}, 0.10 * 50),
        ({"days": None}, 0.10 * 50),
        ({"days": 365}, 0.10 * 50),
        ({"bid": 9300, "ask": 9700}, -0.10 * 100),
    ],
)
def test_each_part_of_the_quality_has_its_weight_and_its_end(better: dict[str, Any], points: float) -> None:
    gained = quality(candidate(**better), WANTED.min_volume) - quality(candidate(), WANTED.min_volume)
    assert gained == pytest.approx(points, abs=1e-2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"active": False}, "takes no orders"),
        ({"closed": True}, "takes no orders"),
        ({"has_book": False}, "takes no orders"),
        ({"accepting": False}, "takes no orders"),
        ({"tokens": None}, "takes no orders"),
        ({"days": -0.1}, "past its end"),
        ({"volume": 9_999}, "24 h volume below discover.min_volume"),
        ({"volume": 10_000}, ""),
        ({"days": 0.49}, "ends within discover.min_hours"),
        ({"days": 0.5}, ""),
        ({"days": None}, ""),
        ({"days": 0.001, "slug": "btc-updown-15m-1764000000"}, ""),
        ({"days": -0.001, "slug": "btc-updown-15m-1764000000"}, "past its end"),
        ({"bid": 4900, "ask": 5099}, "spread outside discover.min_spread to discover.max_spread"),
        ({"bid": 4900, "ask": 5100}, ""),
        ({"bid": 4000, "ask": 5500}, ""),
        ({"bid": 4000, "ask": 5501}, "spread outside discover.min_spread to discover.max_spread"),
        ({"bid": 5000, "ask": 5000}, "no two-sided book"),
        ({"bid": 300, "ask": 698}, "price outside discover.min_price to discover.max_price"),
        ({"bid": 400, "ask": 600}, ""),
        ({"bid": 9302, "ask": 9700}, "price outside discover.min_price to discover.max_price"),
        ({"dollars": 4.99}, "depth below discover.min_depth"),
        ({"dollars": 5.01}, ""),
    ],
)
def test_a_market_is_refused_for_each_of_the_filters(changes: dict[str, Any], told: str) -> None:
    assert refusal(candidate(**changes), WANTED) == told


def test_depth_counts_within_five_cents_of_the_best_price_of_each_side() -> None:
    far = Candidate.of(listing(), [(4800, 10 * SHARE), (4299, 10**12)], [(5200, 10**12)], NOW)
    assert far.depth == (Cash(4_800_000), Cash(520_000_000_000))
    assert refusal(far, WANTED) == "depth below discover.min_depth"
    assert refusal(Candidate(listing(), (), (), NOW), WANTED) == "no two-sided book"


def test_income_is_rewards_and_rebates_less_markout_for_each_pusd_tied_up() -> None:
    rewards = ListedRewards(Size(50 * SHARE), Price(300), Cash(30 * PUSD))
    fees = ListedFees(rate=700, exponent=1, taker_only=True, rebate=2_000)
    book = candidate(listing(volume=100, rewards=rewards, fees=fees, fees_enabled=True), bid=4700, ask=5300, dollars=47)
    assert income(book, QUOTING, 30) * 96 == pytest.approx(30 + 200 * (0.07 * 0.25 * 0.2) - 200 * 0.003, abs=1e-6)


def test_income_shares_rewards_with_the_orders_that_rest_there_and_fills_with_those_nearer_the_middle() -> None:
    rewards = ListedRewards(Size(50 * SHARE), Price(300), Cash(30 * PUSD))
    alone, crowd = (
        Candidate.of(listing(volume=0, rewards=rewards), [(4800, size)], [(5200, size)], NOW)
        for size in (50 * SHARE - 1, 100 * SHARE)
    )
    assert income(crowd, QUOTING, 30) * 96 == pytest.approx(15.0)
    assert income(alone, QUOTING, 30) == 0.0, "without a middle that counts nothing scores"
    losing = [income(candidate(volume=100, dollars=dollars), QUOTING, 30) for dollars in (48, 480)]
    assert losing[0] < losing[1] < 0


@pytest.mark.parametrize(
    "rewards",
    [ListedRewards(Size(101 * SHARE), Price(300), Cash(PUSD)), ListedRewards(Size(0), Price(200), Cash(PUSD))],
)
def test_orders_too_small_or_too_far_away_earn_no_rewards(rewards: ListedRewards) -> None:
    assert income(candidate(listing(volume=0, rewards=rewards), dollars=1000), QUOTING, 30) == 0.0


def test_markets_come_best_first_by_the_score_asked_for_and_refusals_are_counted() -> None:
    paying = ListedRewards(Size(50 * SHARE), Price(300), Cash(30 * PUSD))
    rich = candidate(listing("rich", volume=1_000_000))
    paid = candidate(listing("paid", volume=20_000, rewards=paying))
    twin = candidate(listing("a-twin", volume=20_000, rewards=paying))
    lost = candidate(listing("lost", volume=1))
    for score, order in (("quality", ["rich", "a-twin", "paid"]), ("income", ["a-twin", "paid", "rich"])):
        ranked, refused = rank([paid, lost, rich, twin], DiscoverSettings(score=score), QUOTING)
        assert [one.candidate.listing.slug for one in ranked] == order
        assert refused == {"24 h volume below discover.min_volume": 1}


@given(
    levels=st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 10**12)), min_size=2, max_size=6),
    volume=st.integers(0, 10**9),
    days=st.none() | st.floats(-10, 4000),
)
def test_whatever_the_book_quality_stays_within_0_and_100(
    levels: list[tuple[int, int]], volume: int, days: float | None
) -> None:
    of = Candidate.of(listing(volume=volume, days=days), levels[:1], levels[1:], NOW)
    if refusal(of, DiscoverSettings(min_volume=Cash(0), min_depth=Cash(0))) == "":
        assert 0.0 <= quality(of, 0) <= 100.0
        assert income(of, QUOTING, 0) >= 0.0
