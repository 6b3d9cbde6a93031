"""The AMM's ladders: every T of strategies.md §4, and what holds of any curve."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.amm_settings import AmmParameters
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Price, cost
from actors.pricing.amm import Curve, Rung, split

TABLE = AmmParameters(spread=Price(100), delta=Price(100), depth=Price(1_000))


def sized(rungs: tuple[Rung, ...]) -> list[tuple[float, float]]:
    return [(price / PRICE_ONE, size / SHARE) for price, size in rungs]


def test_t_a_hundred_pusd_around_050_buy_1923_at_049_1983_at_048_and_2046_at_047() -> None:
    assert sized(Curve.of(TABLE, 5_000, 100).buy(100 * PUSD))[:3] == [(0.49, 19.23), (0.48, 19.83), (0.47, 20.46)]


def test_t_a_hundred_shares_around_050_are_sold_1130_at_051_1098_at_052_and_1066_at_053() -> None:
    assert sized(Curve.of(TABLE, 5_000, 100).sell(100 * SHARE))[:3] == [(0.51, 11.30), (0.52, 10.98), (0.53, 10.66)]


def test_ladders_end_at_the_depth_and_at_the_lowest_and_highest_price() -> None:
    curve = Curve.of(TABLE, 5_000, 100)
    assert (curve.buys[-1], curve.sells[-1]) == (4_000, 6_000)
    near_zero, near_one = Curve.of(TABLE, 800, 100), Curve.of(TABLE, 9_300, 100)
    assert (near_zero.buys[-1], near_one.sells[-1]) == (500, 9_500)
    assert Curve.of(TABLE, 400, 100).buys == ()
    assert Curve.of(TABLE, 9_600, 100).sells == ()


def test_without_shares_the_collateral_is_split_evenly_at_050_and_all_goes_to_the_side_that_has_a_ladder() -> None:
    even = Curve.of(TABLE, 5_000, 100)
    assert split(100 * PUSD, even, even, (0, 0)) == (50 * PUSD, 50 * PUSD)
    low, high = Curve.of(TABLE, 300, 100), Curve.of(TABLE, 9_700, 100)
    assert low.buys == ()
    assert split(100 * PUSD, low, high, (0, 0)) == (0, 100 * PUSD)


@given(st.integers(10, 90), st.integers(0, 400), st.integers(0, 400), st.integers(1, 500))
def test_the_split_lets_bids_and_asks_begin_with_the_same_size_unless_one_side_takes_all(
    cents: int, yes_first: int, no_first: int, collateral: int
) -> None:
    yes, no = Curve.of(TABLE, cents * 100, 100), Curve.of(TABLE, PRICE_ONE - cents * 100, 100)
    firsts = yes_first * SHARE // 10, no_first * SHARE // 10
    first, second = split(collateral * PUSD, yes, no, firsts)
    assert first + second == collateral * PUSD
    assert min(first, second) >= 0
    if min(first, second) > 0:
        bid = first / PUSD * yes.phi + firsts[1] / SHARE
        ask = second / PUSD * no.phi + firsts[0] / SHARE
        assert bid == pytest.approx(ask, abs=1e-3)


@given(
    st.integers(1, 99),
    st.integers(0, 10_000),
    st.integers(1, 4_000),
    st.integers(1, 4_000),
    st.integers(1, 500),
    st.sampled_from([10, 100]),
)
def test_no_ladder_spends_or_sells_more_than_it_was_given_and_all_of_it_is_on_the_grid(
    cents: int, amount: int, spread: int, depth: int, delta: int, tick: int
) -> None:
    own = evolve(TABLE, spread=Price(min(spread, depth)), depth=Price(depth + 1), delta=Price(delta))
    curve = Curve.of(own, cents * 100, tick)
    bought, sold = curve.buy(amount * PUSD), curve.sell(amount * SHARE)
    assert sum(cost(price, size) for price, size in bought) <= amount * PUSD
    assert sum(size for _, size in sold) <= amount * SHARE
    for price, size in (*bought, *sold):
        assert 0 < price < PRICE_ONE
        assert price % tick == 0
        assert size >= 0
        assert size % 10_000 == 0
    assert all(price < cents * 100 for price, _ in bought)
    assert all(price > cents * 100 for price, _ in sold)
