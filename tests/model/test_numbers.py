"""Numbers: exact in both directions, money out rounded up, money in rounded down, nonsense refused."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import ceil_tick, floor_tick, tradable_price
from actors.model.numbers import (
    PRICE_ONE,
    SHARE,
    NotANumber,
    complement,
    cost,
    format_cash,
    format_price,
    format_scaled,
    format_size,
    parse_cash,
    parse_price,
    parse_scaled,
    parse_size,
    proceeds,
)

PRICES = st.integers(0, PRICE_ONE)
SIZES = st.integers(0, 10**9 * SHARE)
NONSENSE = [
    *("", " ", ".", "-", "+1", "-1", "1e3", "1E3", "nan", "NaN", "inf", "Infinity", "-inf"),
    *("0x10", "1_000", "1,5", "1.2.3", "..1", " 1", "1 ", "1\n", "٣", "½", "²", "1/2", "0" * 41, "9" * 50),
]


@given(st.integers(0, 10**30), st.integers(1, 8))
def test_what_is_printed_reads_back_as_itself(value: int, digits: int) -> None:
    assert parse_scaled(format_scaled(value, digits), digits) == value


@given(PRICES, SIZES)
def test_prices_sizes_and_cash_print_and_read_back(price: int, amount: int) -> None:
    assert parse_price(format_price(price)) == price
    assert parse_size(format_size(amount)) == amount
    assert parse_cash(format_cash(amount)) == amount


@given(st.integers(-(10**18), 10**18))
def test_the_printed_text_is_the_exact_decimal_and_the_shortest(value: int) -> None:
    text = format_cash(value)
    assert Decimal(text) == Decimal(value) / 1_000_000
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text)


@pytest.mark.parametrize(
    ("text", "price"), [("0.5", 5000), (".5", 5000), ("1", 10_000), ("0", 0), ("0.50000000", 5000), ("00.01", 100)]
)
def test_prices_are_read_as_the_venue_prints_them(text: str, price: int) -> None:
    assert parse_price(text) == price


@pytest.mark.parametrize("text", NONSENSE)
def test_signs_exponents_blanks_and_what_is_no_number_are_refused(text: str) -> None:
    for parse in (parse_price, parse_size, parse_cash):
        with pytest.raises(NotANumber):
            parse(text)


@given(st.text(max_size=12))
def test_a_text_is_read_exactly_or_refused_and_nothing_else(text: str) -> None:
    try:
        value = parse_size(text)
    except NotANumber:
        return
    assert set(text) <= set("0123456789.")
    assert Decimal(text) * 1_000_000 == value


@given(st.integers(PRICE_ONE + 1, 10**9))
def test_a_price_above_one_is_refused(price: int) -> None:
    with pytest.raises(NotANumber, match="not a price between 0 and 1"):
        parse_price(format_price(price))


@given(st.integers(1, 10**12).filter(lambda value: value % 10))
def test_what_is_finer_than_the_scale_is_refused_not_rounded(value: int) -> None:
    with pytest.raises(NotANumber, match="more than 6 decimals"):
        parse_size(format_scaled(value, 7))


@given(PRICES, SIZES)
def test_cost_rounds_up_and_proceeds_down_by_less_than_one_unit(price: int, size: int) -> None:
    exact = Fraction(price * size, PRICE_ONE)
    assert 0 <= cost(price, size) - exact < 1
    assert 0 <= exact - proceeds(price, size) < 1


@given(PRICES, st.integers(0, 10**9).map(lambda centishares: centishares * 10_000))
def test_sizes_of_two_decimals_cost_exactly_what_they_bring(price: int, size: int) -> None:
    assert cost(price, size) == proceeds(price, size)


@given(PRICES)
def test_the_complement_of_the_complement_is_the_price(price: int) -> None:
    assert complement(complement(price)) == price
    assert price + complement(price) == PRICE_ONE


@given(PRICES, st.sampled_from([1, 10, 25, 50, 100, 1000]))
def test_ticks_round_bids_down_and_asks_up_to_the_nearest_grid_price(price: int, tick: int) -> None:
    low, high = floor_tick(price, tick), ceil_tick(price, tick)
    assert low <= price <= high
    assert low % tick == high % tick == 0
    assert high - low == (0 if price % tick == 0 else tick)


@pytest.mark.parametrize(
    ("price", "tick", "taken"),
    [
        (100, 100, True),
        (9_900, 100, True),
        (0, 100, False),
        (10_000, 100, False),
        (4_950, 100, False),
        (4_950, 10, True),
    ],
)
def test_the_venue_takes_prices_on_the_tick_strictly_between_zero_and_one(price: int, tick: int, taken: bool) -> None:
    assert tradable_price(price, tick) is taken
