from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import Side
from adapters.polymarket.amounts import market_buy, market_sell, order_amounts

BUY, SELL = Side.BUY, Side.SELL
AMOUNT_DIGITS = {1000: 3, 100: 4, 50: 5, 25: 6, 10: 5, 1: 6}  # tick → decimals of the computed amount (§3.5)


@pytest.mark.parametrize(
    ("side", "price", "size", "amounts"),
    [
        (BUY, 5600, 21_040_000, (11_782_400, 21_040_000)),
        (SELL, 5600, 21_040_000, (21_040_000, 11_782_400)),
        (BUY, 1230, 33_337_000, (4_099_590, 33_330_000)),
        (SELL, 1230, 33_337_000, (33_330_000, 4_099_590)),
        (BUY, 123, 10_000_000, (123_000, 10_000_000)),
        (BUY, 5050, 10_000_000, (5_050_000, 10_000_000)),
        (BUY, 5075, 12_340_000, (6_262_550, 12_340_000)),
        (BUY, 3000, 7_500_000, (2_250_000, 7_500_000)),
        (SELL, 5000, 2_477_930_000, (2_477_930_000, 1_238_965_000)),  # the official client loses 0.01 share here
    ],
)
def test_limit_amounts_are_those_of_the_reference(side: Side, price: int, size: int, amounts: tuple[int, int]) -> None:
    assert order_amounts("GTC", side, price, size) == order_amounts("GTD", side, price, size) == amounts


@pytest.mark.parametrize(
    ("cash", "price", "amounts"),
    [
        (100_000_000, 5600, (100_000_000, 178_571_400)),
        (5_000_000, 3700, (5_000_000, 13_513_500)),
        (10_000_000, 3330, (10_000_000, 30_030_000)),  # clamped to four decimals from 30.03003
        (7_000_000, 123, (7_000_000, 569_105_600)),
    ],
)
def test_market_buys_spend_cents_and_take_four_decimals(cash: int, price: int, amounts: tuple[int, int]) -> None:
    assert market_buy(cash, price) == amounts


@pytest.mark.parametrize(
    ("size", "price", "amounts"),
    [
        (21_049_000, 5600, (21_040_000, 11_782_400)),
        (10_129_000, 3330, (10_120_000, 3_369_900)),  # 3.36996, under the cap of four decimals
    ],
)
def test_market_sales_give_two_decimals_and_take_four(size: int, price: int, amounts: tuple[int, int]) -> None:
    assert market_sell(price, size) == amounts


@pytest.mark.parametrize(
    ("price", "size"),
    [
        (3330, 50_000),  # 0.01665 cut to 0.0166 would sell at 0.332
        (3331, 500_000),  # 0.16655 cut to 0.1665 would sell at 0.333 exactly
        (1, 500_000),
    ],
)
def test_a_sale_so_small_that_the_cap_would_lower_its_price_is_refused(price: int, size: int) -> None:
    with pytest.raises(ValueError, match="sell more"):
        market_sell(price, size)
    assert market_sell(price, 20 * size) == (20 * size, price * 20 * size // 10_000)


@pytest.mark.parametrize("price", [2900, 5700, 5800])
def test_prices_the_official_floats_drop_by_a_tick_keep_theirs(price: int) -> None:
    maker, taker = order_amounts("FAK", BUY, price, 100_000_000)
    assert price <= Decimal(maker) * 10_000 / taker < price + 1


@given(
    tick=st.sampled_from(sorted(AMOUNT_DIGITS)),
    step=st.integers(1, 9_999),
    size=st.integers(10_000, 20_000_000_000),
    side=st.sampled_from(Side),
)
def test_limit_amounts_equal_the_documented_rounding_on_every_grid(tick: int, step: int, size: int, side: Side) -> None:
    price = tick * (1 + step % (10_000 // tick - 1))
    shares = (Decimal(size) / 10**6).quantize(Decimal("0.01"), ROUND_FLOOR)
    cash = _fit(shares * price / 10_000, AMOUNT_DIGITS[tick])
    expected = (int(cash * 10**6), int(shares * 10**6))
    assert order_amounts("GTC", side, price, size) == (expected if side is BUY else expected[::-1])


def _fit(amount: Decimal, digits: int) -> Decimal:
    """`fit` of polymarket.md §3.5, literally."""
    for places, rounding in ((digits, None), (digits + 4, ROUND_CEILING), (digits, ROUND_FLOOR)):
        if rounding:
            amount = amount.quantize(Decimal(1).scaleb(-places), rounding)
        if -int(amount.normalize().as_tuple().exponent) <= digits:
            break
    return amount


@given(price=st.integers(1, 9_999), size=st.integers(1, 10**12), type_=st.sampled_from(["FAK", "FOK"]))
def test_a_market_buy_spends_no_more_than_asked_and_its_limit_stays_below_the_next_unit(
    price: int, size: int, type_: str
) -> None:
    try:
        maker, taker = order_amounts(type_, BUY, price, size)
    except ValueError:
        return
    assert maker <= price * size / 10_000
    assert maker % 10_000 == 0
    assert taker % 100 == 0
    assert price * taker <= maker * 10_000 < (price + 1) * taker


@pytest.mark.parametrize(
    ("type_", "price", "size"),
    [("GTC", 0, 10**7), ("GTC", 10_000, 10**7), ("GTC", -1, 10**7), ("GTC", 5000, 9_999), ("GTC", 5000, -(10**7)),
     ("FAK", 5000, 10_000), ("FOK", 0, 10**7)],
)  # fmt: skip
def test_what_the_venue_cannot_take_is_refused(type_: str, price: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"price|size|base units"):
        order_amounts(type_, BUY, price, size)
    with pytest.raises(ValueError, match=r"price|size|base units"):
        order_amounts(type_, SELL, price, min(size, 9_999))
