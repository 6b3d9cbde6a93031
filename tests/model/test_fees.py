"""Taker fees: the published formula, exactly, rounded to five decimals (strategies.md §0, polymarket.md §11.1)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.ledger import Ledger
from actors.model.market import FeeSchedule
from actors.model.numbers import PRICE_ONE, SHARE, format_cash, parse_price, parse_size

TABLE = [
    ("100", 700, "0.50", "1.75"),
    ("100", 700, "0.30", "1.47"),
    ("100", 400, "0.97", "0.1164"),
    ("1", 400, "0.001", "0.00004"),
    ("33.33", 500, "0.415", "0.40458"),
    ("100", 700, "0.90", "0.63"),
    ("100", 700, "0.10", "0.63"),
    ("100", 700, "0.99", "0.0693"),
    ("100", 0, "0.50", "0"),
]


@pytest.mark.parametrize(("shares", "rate", "price", "fee"), TABLE)
def test_the_tables_fees_come_out(shares: str, rate: int, price: str, fee: str) -> None:
    assert format_cash(FeeSchedule(rate).taker_fee(parse_price(price), parse_size(shares))) == fee


@given(st.integers(0, 1_000), st.integers(1, 2), st.integers(1, PRICE_ONE - 1), st.integers(0, 100_000 * SHARE))
def test_a_fee_is_the_formula_to_half_of_the_fifth_decimal(rate: int, exponent: int, price: int, size: int) -> None:
    p = Fraction(price, PRICE_ONE)
    exact = Fraction(size, SHARE) * Fraction(rate, 10_000) * (p * (1 - p)) ** exponent
    fee = FeeSchedule(rate, exponent).taker_fee(price, size)
    assert fee % 10 == 0, "five decimals"
    assert abs(Fraction(fee, 1_000_000) - exact) <= Fraction(5, 1_000_000)


@given(st.integers(1, PRICE_ONE - 1), st.integers(1, 1_000 * SHARE))
def test_yes_and_no_cost_the_same_fee(price: int, size: int) -> None:
    schedule = FeeSchedule(700)
    assert schedule.taker_fee(price, size) == schedule.taker_fee(PRICE_ONE - price, size)


def test_a_fee_too_small_for_the_fifth_decimal_is_nothing() -> None:
    assert FeeSchedule(400).taker_fee(10, SHARE // 10) == 0


def test_makers_pay_nothing() -> None:
    ledger = Ledger("m", FeeSchedule(700))
    assert ledger.fee(5_000, 100 * SHARE, taker=False) == 0
    assert ledger.fee(5_000, 100 * SHARE, taker=True) == 1_750_000
