"""What a bet is worth: the cases of strategies.md §6."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import FeeSchedule
from actors.model.numbers import PRICE_ONE, SHARE
from actors.pricing.odds import Odds, damped, fee_per_share

CRYPTO = FeeSchedule(rate=700)


@pytest.mark.parametrize(
    ("chance", "price", "rate", "value", "roi", "kelly"),
    [
        (0.60, 0.55, 700, 0.032675, 0.057595, 0.075519),
        (0.55, 0.50, 700, 0.0325, 0.062802, 0.067358),
        (0.97, 0.95, 700, 0.016675, 0.017491, 0.357258),
        (0.52, 0.50, 0, 0.02, 0.04, 0.04),
    ],
)
def test_value_return_and_kelly_of_the_table(
    chance: float, price: float, rate: int, value: float, roi: float, kelly: float
) -> None:
    odds = Odds(chance, price, fee_per_share(FeeSchedule(rate=rate), price))
    assert (odds.value, odds.roi, odds.kelly) == pytest.approx((value, roi, kelly), abs=1e-6)


def test_a_cent_and_a_half_of_edge_does_not_pay_the_fee() -> None:
    odds = Odds(0.515, 0.50, fee_per_share(CRYPTO, 0.50))
    assert odds.value == pytest.approx(-0.0025, abs=1e-6)
    assert odds.kelly == 0.0


@given(st.integers(1, PRICE_ONE - 1))
def test_the_fee_of_a_share_is_what_the_market_books_to_its_five_decimals(price: int) -> None:
    booked = CRYPTO.taker_fee(price, SHARE) / 1_000_000
    assert fee_per_share(CRYPTO, price / PRICE_ONE) == pytest.approx(booked, abs=0.5e-5 + 1e-12)


@given(st.floats(0, 1), st.floats(0.0001, 0.9999), st.floats(0, 0.1))
def test_kelly_is_a_share_of_the_bankroll_and_none_without_an_edge(chance: float, price: float, fee: float) -> None:
    odds = Odds(chance, price, fee)
    assert 0.0 <= odds.kelly <= 1.0
    assert odds.kelly == 0.0 or odds.value > 0


def test_the_fraction_is_damped_linearly_by_drawdown_and_halved_after_three_losses() -> None:
    assert [damped(0.25, drawdown, 0.10, 0) for drawdown in (-0.1, 0, 0.05, 0.10, 0.5)] == pytest.approx(
        [0.25, 0.25, 0.125, 0, 0]
    )
    assert [damped(0.25, 0.0, 0.10, losses) for losses in (2, 3, 9)] == pytest.approx([0.25, 0.125, 0.125])
