"""What a buy may take out of the account, and how much of it fits into what is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import FeeSchedule
from actors.model.numbers import CENTISHARE, SHARE, Price, Size, cost, parse_cash, parse_price
from actors.model.outlay import affordable, outlay

PRICES = st.integers(1, 99).map(lambda cents: Price(100 * cents))
SIZES = st.integers(1, 10**6).map(lambda hundredths: Size(hundredths * CENTISHARE))
FEES = st.sampled_from([0, 400, 700]).map(FeeSchedule)


@pytest.mark.parametrize(("price", "fits"), [("0.40", 2.00), ("0.41", 1.95)])
def test_t_of_5_with_4_2_spent_so_many_of_two_shares_fit(price: str, fits: float) -> None:
    room = parse_cash("5") - parse_cash("4.2")
    assert affordable(FeeSchedule(), room, parse_price(price), 2 * SHARE, takes=True) == round(fits * SHARE)


@given(room=st.integers(0, 10**9), price=PRICES, size=SIZES, fees=FEES, takes=st.booleans())
def test_what_is_affordable_fits_and_a_hundredth_more_would_not(
    room: int, price: Price, size: Size, fees: FeeSchedule, takes: bool
) -> None:
    fits = affordable(fees, room, price, size, takes=takes)
    assert 0 <= fits <= size
    assert fits % CENTISHARE == 0
    assert fits == 0 or outlay(fees, price, fits, takes=takes) <= room
    assert fits == size or outlay(fees, price, fits + CENTISHARE, takes=takes) > room


@given(limit=PRICES, parts=st.lists(st.tuples(PRICES, SIZES), min_size=1, max_size=8), fees=FEES)
def test_whatever_it_meets_at_better_prices_a_buy_takes_no_more(
    limit: Price, parts: list[tuple[Price, Size]], fees: FeeSchedule
) -> None:
    met = [(min(price, limit), size) for price, size in parts]
    paid = sum(cost(price, size) + fees.taker_fee(price, size) for price, size in met)
    whole = sum(size for _, size in met)
    assert paid <= outlay(fees, limit, whole, takes=True) + len(met), "each cost is rounded up by itself"
