"""Complement arbitrage: every T of strategies.md §5, and what holds of any two books."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Level
from actors.model.market import FeeSchedule, Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE, Price, Size
from actors.pricing.complement import Costs, chance, leg_cost, walked

BUY, SELL = Side.BUY, Side.SELL


def costs(rate: float = 0.0, slippage: float = 0.0, failure: float = 0.0) -> Costs:
    return Costs(FeeSchedule(round(rate * 10_000)), slippage, failure)


def levels(*pairs: tuple[float, float]) -> tuple[Level, ...]:
    return tuple(Level(Price(round(price * PRICE_ONE)), Size(round(size * SHARE))) for price, size in pairs)


@pytest.mark.parametrize(
    ("yes", "no", "rate", "slippage", "failure", "edge"),
    [
        (0.48, 0.49, 0.0, 0.0, 0.002, 0.028),
        (0.48, 0.49, 0.04, 0.001, 0.002, 0.00702),
        (0.48, 0.48, 0.07, 0.0, 0.002, 0.003056),
        (0.30, 0.65, 0.04, 0.0, 0.002, 0.0305),
        (0.05, 0.90, 0.07, 0.0, 0.002, 0.038375),
    ],
)
def test_t_the_edge_of_two_asks(
    yes: float, no: float, rate: float, slippage: float, failure: float, edge: float
) -> None:
    assert costs(rate, slippage, failure).edge(BUY, yes, no) == pytest.approx(edge, abs=1e-6)


def test_t_walking_10_at_048_and_90_at_050_beside_100_at_049_leaves_3_cents_on_10_and_12_tenths_on_100() -> None:
    yes, no = levels((0.48, 10), (0.50, 90)), levels((0.49, 100))
    for size, gross in ((10, 0.03), (100, 0.012)):
        ways = walked(yes, size * SHARE), walked(no, size * SHARE)
        assert ways[0] is not None
        assert ways[1] is not None
        assert costs().edge(BUY, ways[0][0], ways[1][0]) == pytest.approx(gross, abs=1e-9)


def test_the_size_ends_where_the_next_level_has_no_edge_left_though_the_average_still_had() -> None:
    """The 90 at 0.50 have 0.01 of edge: no more than the threshold, so they would only dilute the first 10."""
    found = chance(levels((0.48, 10), (0.50, 90)), levels((0.49, 100)), BUY, costs(), threshold=0.01, most=500 * SHARE)
    assert found is not None
    assert (found.size, found.limits, found.first) == (10 * SHARE, (4_800, 4_900), Outcome.YES)
    assert found.edge == pytest.approx(0.03)


def test_the_reverse_side_sells_a_pair_that_costs_1_to_split() -> None:
    found = chance(
        levels((0.55, 30)), levels((0.49, 20)), SELL, costs(0.0, 0.0, 0.002), threshold=0.01, most=99 * SHARE
    )
    assert found is not None
    assert (found.size, found.first) == (20 * SHARE, Outcome.NO)
    assert found.edge == pytest.approx(0.038)
    assert costs(0.07).edge(SELL, 0.52, 0.52) == pytest.approx(0.04 - 2 * 0.07 * 0.52 * 0.48)


def test_an_expected_failed_leg_costs_the_way_out_times_its_chance() -> None:
    assert leg_cost(0.1, half_spread=0.01, fee=0.0175, sigma=0.002, timeout=4.0) == pytest.approx(0.00315)


@st.composite
def ladders(draw: st.DrawFn, side: Side) -> tuple[Level, ...]:
    prices = draw(st.sets(st.integers(1, 99), max_size=6))
    best_first = sorted(prices, reverse=side is SELL)
    return tuple(Level(Price(p * 100), Size(draw(st.integers(1, 9_000)) * SHARE // 100)) for p in best_first)


@given(st.data(), st.sampled_from(Side), st.sampled_from([0, 400, 700]), st.integers(0, 200))
def test_a_chance_has_its_edge_by_what_was_seen_is_there_in_both_books_and_no_larger_one_is_left_out(
    data: st.DataObject, side: Side, rate: int, most: int
) -> None:
    yes, no = data.draw(ladders(side)), data.draw(ladders(side))
    own = Costs(FeeSchedule(rate), 0.001, 0.002)
    found = chance(yes, no, side, own, threshold=0.01, most=most * SHARE)
    if found is None:
        best = yes and no and own.edge(side, yes[0].price / PRICE_ONE, no[0].price / PRICE_ONE) > 0.01
        assert not best or min(most * SHARE, yes[0].size, no[0].size) < 10_000
        return
    ways = walked(yes, found.size), walked(no, found.size)
    assert ways[0] is not None
    assert ways[1] is not None
    assert own.edge(side, ways[0][0], ways[1][0]) == found.edge > 0.01
    assert found.limits == (ways[0][1], ways[1][1])
    assert own.edge(side, found.limits[0] / PRICE_ONE, found.limits[1] / PRICE_ONE) > 0.01
    assert 0 < found.size <= most * SHARE
