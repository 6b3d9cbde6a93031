"""Our integer amounts against polymarket-client's Decimal arithmetic: every price of every tick, and many sizes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest
from polymarket._internal.actions.orders.context import _ROUNDING_BY_TICK
from polymarket._internal.actions.orders.limit import _compute_limit_order_amounts
from polymarket._internal.actions.orders.market import _compute_market_order_amounts

from actors.model.market import Side
from adapters.polymarket.amounts import market_buy, market_sell, order_amounts

TICKS = [1_000, 100, 50, 25, 10, 1]
GRIDS = [*TICKS[:-1], pytest.param(1, marks=pytest.mark.slow)]  # ten thousand prices
FIXED = [5_000_000, 5_010_000, 20_000_000_000]
Amounts = tuple[int, int]


def grid(tick: int, smallest: int) -> Iterator[tuple[int, int]]:
    """Every price of the tick with fixed and drawn numbers of base units: whole cents, and one that has to be floored."""
    for price in range(tick, 10_000, tick):
        draw = random.Random(f"{tick}/{price}")
        yield from ((price, size) for size in FIXED)
        yield price, draw.randint(smallest // 10_000, 2_000_000) * 10_000
        yield price, draw.randint(smallest, 300_000_000)


def exact(units: int, scale: int) -> Decimal:
    return Decimal(units) / scale


def their_limit(side: Side, price: int, size: int, tick: int) -> Amounts:
    amounts: Amounts = _compute_limit_order_amounts(
        price=exact(price, 10_000), size=exact(size, 10**6), side=side.value, tick_size=exact(tick, 10_000)
    )
    return amounts


def their_market(side: Side, price: int, amount: int, tick: int) -> Amounts:
    amounts: Amounts = _compute_market_order_amounts(
        amount=exact(amount, 10**6), price=exact(price, 10_000), side=side.value, tick_size=exact(tick, 10_000)
    )
    return amounts


def clamped(amounts: Amounts) -> Amounts:
    """What the venue's cap of four taken decimals leaves of it."""
    return amounts[0], amounts[1] // 100 * 100


def protected(given: int, taken: int, price: int) -> bool:
    """polymarket-client's rule for a FAK or FOK buy: the implied limit stays below the next 0.0001."""
    return taken > 0 and given * 10_000 < (price + 1) * taken


def test_the_ticks_compared_are_all_that_the_client_knows() -> None:
    assert {exact(tick, 10_000) for tick in TICKS} == set(_ROUNDING_BY_TICK)


@pytest.mark.parametrize("tick", GRIDS)
def test_limit_amounts_are_the_clients_at_every_price_of_a_tick(tick: int) -> None:
    for price, size in grid(tick, 10_000):
        for side in Side:
            ours = order_amounts("GTC", side, price, size)
            assert ours == their_limit(side, price, size, tick), (side, price, size)


@pytest.mark.parametrize("tick", GRIDS)
def test_market_buys_are_the_clients_cut_to_the_venues_cap_wherever_that_keeps_the_price(tick: int) -> None:
    refused = 0
    for price, cash in grid(tick, 20_000):
        theirs = their_market(Side.BUY, price, cash, tick)
        if protected(*clamped(theirs), price):
            assert market_buy(cash, price, tick=tick) == clamped(theirs), (price, cash)
        else:
            refused += 1
            with pytest.raises(ValueError, match="spend more"):
                market_buy(cash, price, tick=tick)
    assert refused <= 1 + 9_999 // tick // 10


@pytest.mark.parametrize("tick", [1_000, 100])
def test_on_coarse_ticks_the_cap_changes_no_market_buy(tick: int) -> None:
    for price, cash in grid(tick, 1_000_000):
        theirs = their_market(Side.BUY, price, cash, tick)
        assert clamped(theirs) == theirs


def test_without_a_tick_only_the_coarsest_differs_by_the_fourth_decimal() -> None:
    for price, cash in grid(1_000, 1_000_000):
        given, taken = their_market(Side.BUY, price, cash, 1_000)
        known = market_buy(cash, price)
        assert known[0] == given
        assert 0 <= known[1] - taken < 1_000


@pytest.mark.parametrize("tick", GRIDS)
def test_a_market_buy_of_a_dollar_or_more_is_never_refused_for_the_cap(tick: int) -> None:
    for price, cash in grid(tick, 1_000_000):
        if protected(*their_market(Side.BUY, price, cash, tick), price):
            market_buy(cash, price, tick=tick)


@pytest.mark.parametrize("tick", GRIDS)
def test_market_sales_are_the_clients_cut_to_the_venues_cap(tick: int) -> None:
    for price, size in grid(tick, 1_000_000):
        theirs = their_market(Side.SELL, price, size, tick)
        assert market_sell(price, size) == clamped(theirs), (price, size)
        assert tick < 100 or clamped(theirs) == theirs
        given, taken = market_sell(price, size)
        assert (price - 1) * given < taken * 10_000 <= price * given


@pytest.mark.parametrize("tick", GRIDS)
def test_an_immediate_order_spends_what_its_size_costs_at_its_price(tick: int) -> None:
    for price, size in grid(tick, 2_500_000):
        if price * size < 10_000 * 1_000_000:
            continue  # a buy below the venue's minimum of a dollar
        budget = price * size // 10_000 // 10_000 * 10_000
        try:
            ours = order_amounts("FAK", Side.BUY, price, size, tick=tick)
        except ValueError:
            assert not protected(*their_market(Side.BUY, price, budget, tick), price)
            continue
        assert ours == clamped(their_market(Side.BUY, price, budget, tick))
        assert order_amounts("FOK", Side.BUY, price, size, tick=tick) == ours
        assert order_amounts("FAK", Side.SELL, price, size) == market_sell(price, size)


@pytest.mark.parametrize(
    ("side", "price", "amount", "tick", "raw"),
    [
        (Side.BUY, 5600, 100_000_000, 100, (100_000_000, 178_571_400)),
        (Side.BUY, 3700, 5_000_000, 100, (5_000_000, 13_513_500)),
        (Side.BUY, 3330, 10_000_000, 10, (10_000_000, 30_030_030)),
        (Side.BUY, 123, 7_000_000, 1, (7_000_000, 569_105_691)),
        (Side.SELL, 5600, 21_049_000, 100, (21_040_000, 11_782_400)),
        (Side.SELL, 3330, 10_129_000, 10, (10_120_000, 3_369_960)),
    ],
)
def test_the_market_vectors_of_the_reference_are_the_clients_and_ours_after_the_cap(
    side: Side, price: int, amount: int, tick: int, raw: Amounts
) -> None:
    assert their_market(side, price, amount, tick) == raw
    ours = market_buy(amount, price, tick=tick) if side is Side.BUY else market_sell(price, amount)
    assert ours == clamped(raw)
