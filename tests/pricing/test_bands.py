"""Bands: every T of strategies.md §4, and what holds of orders that stay and of refills."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.bands_settings import Band, BandsParameters
from actors.model.market import Outcome, Side, tradable_price
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size, cost
from actors.model.quote import Quote
from actors.pricing.bands import PLENTY, Grid, Means, bid_of, bid_price, book_of, includes, refills, shelves, virtual

YES, NO, BUY, SELL = Outcome.YES, Outcome.NO, Side.BUY, Side.SELL
CENTS = Grid(100, 15 * SHARE)
DEFAULT = BandsParameters()


def order(outcome: Outcome, side: Side, cents: int, shares: float = 20) -> Quote:
    return Quote(outcome, side, Price(cents * 100), Size(int(shares * SHARE)))


def means(cash: int = 1000, yes: int = 0, no: int = 0) -> Means:
    return Means(cash * PUSD, {YES: yes * SHARE, NO: no * SHARE}, {BUY: PLENTY, SELL: PLENTY})


def rests(
    target: int, orders: Sequence[Quote] = (), own: BandsParameters = DEFAULT, free: Means | None = None
) -> list[Quote]:
    """What should rest at a target in cents."""
    free = free or means()
    books = shelves(own.bands, Price(target * 100), orders)
    return [quote for book in books for quote in (*book.orders, *refills(own, book, CENTS, free))]


def test_t_without_orders_and_tokens_both_outcomes_are_bought_in_all_three_bands_for_57_60() -> None:
    found = rests(50)
    assert found == [order(outcome, BUY, cents) for outcome in Outcome for cents in (49, 48, 47)]
    assert sum(cost(quote.price, quote.size) for quote in found) == 57_600_000


def test_t_thirty_tokens_of_the_other_outcome_are_sold_in_the_first_band_and_the_ten_left_are_no_order() -> None:
    found = [quote for quote in rests(50, free=means(no=30)) if book_of(quote) is YES]
    assert found == [order(NO, SELL, 51), order(YES, BUY, 48), order(YES, BUY, 47)]


def test_t_at_a_target_of_two_cents_only_the_first_band_has_a_price_and_the_other_outcome_has_all() -> None:
    assert rests(2) == [order(YES, BUY, 1), *(order(NO, BUY, cents) for cents in (97, 96, 95))]


def test_t_an_order_at_49_belongs_to_the_second_band_once_the_target_is_51() -> None:
    first, second, _ = DEFAULT.bands
    assert includes(first, 5_000, 4_900)
    assert not includes(first, 5_100, 4_900)
    assert includes(second, 5_100, 4_900)
    assert order(YES, BUY, 49) in rests(51, [order(YES, BUY, 49)])


def test_t_an_order_at_49_is_in_no_band_once_the_target_is_49() -> None:
    assert order(YES, BUY, 49) not in rests(49, [order(YES, BUY, 49)])


@pytest.mark.parametrize("number", range(3))
def test_a_sale_of_the_complement_counts_as_a_bid_for_the_token(number: int) -> None:
    sale = order(NO, SELL, 51 + number)
    assert [quote for quote in rests(50, [sale]) if book_of(quote) is YES].count(sale) == 1
    assert order(YES, BUY, 49 - number) not in rests(50, [sale])


WIDE = evolve(
    DEFAULT,
    bands=tuple(
        Band(Price(near), Price(near), Price(near + 300), Size(0), Size(20 * SHARE), Size(30 * SHARE))
        for near in (100, 400, 700)
    ),
)


@pytest.mark.parametrize(
    ("cents", "leaves"),
    [((49, 48, 47), 49), ((46, 45, 44), 45), ((43, 42, 41), 41)],
    ids=["first: nearest", "middle: largest", "last: farthest"],
)
def test_what_takes_a_band_over_its_largest_amount_is_cancelled_in_the_order_of_its_place(
    cents: tuple[int, int, int], leaves: int
) -> None:
    sizes = (10, 12, 10)
    resting = [order(YES, BUY, at, size) for at, size in zip(cents, sizes, strict=True)]
    kept = [quote for quote in rests(50, resting, WIDE) if book_of(quote) is YES]
    assert {quote.price // 100 for quote in kept} == set(cents) - {leaves}


def test_a_band_is_refilled_only_below_its_smallest_amount_and_then_up_to_its_average() -> None:
    grid = Grid(100, 5 * SHARE)
    for resting, more in ((10, 0), (9.99, 10.01)):
        book = shelves(DEFAULT.bands[:1], Price(5_000), [order(YES, BUY, 49, resting)])[0]
        found = list(refills(DEFAULT, book, grid, means()))
        assert sum(quote.size for quote in found) == int(more * SHARE)


def test_a_band_whose_average_lies_below_zero_is_placed_at_one_tick_and_stays_as_it_is() -> None:
    band = Band(Price(100), Price(500), Price(900), Size(0), Size(20 * SHARE), Size(30 * SHARE))
    assert bid_price(band, 300, 100) == 100
    assert bid_price(band, 1_000, 100) == 500


def test_balance_limits_hold_for_each_outcome() -> None:
    own = evolve(DEFAULT, book_collateral=Cash(10 * PUSD))
    assert rests(50, own=own) == [order(YES, BUY, 49), order(NO, BUY, 49)]
    own = evolve(DEFAULT, book_tokens=Size(20 * SHARE))
    sales = [quote for quote in rests(50, own=own, free=means(no=60)) if quote.side is SELL]
    assert sales == [order(NO, SELL, 51)]


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    edges = sorted(draw(st.sets(st.integers(1, 3_000), min_size=2, max_size=5)))
    found = []
    for low, high in pairwise(edges):
        amounts = sorted(draw(st.integers(1, 60)) * SHARE for _ in range(3))
        found.append(Band(Price(low), Price(draw(st.integers(low, high))), Price(high), *map(Size, amounts)))
    return tuple(found)


@st.composite
def resting(draw: st.DrawFn) -> Quote:
    cents = draw(st.integers(1, 99))
    return order(draw(st.sampled_from(Outcome)), draw(st.sampled_from(Side)), cents, draw(st.integers(1, 60)))


@given(
    bands(),
    st.integers(1, 99),
    st.lists(resting(), max_size=8),
    st.integers(0, 300),
    st.integers(0, 90),
    st.sampled_from([10, 100]),
)
def test_refills_are_in_their_band_on_the_grid_within_the_means_and_never_meet_what_stays(
    own: tuple[Band, ...], target: int, orders: list[Quote], cash: int, held: int, tick: int
) -> None:
    grid, free = Grid(tick, 5 * SHARE), means(cash, held, held)
    books = shelves(own, Price(target * 100), orders)
    new = [quote for book in books for quote in refills(BandsParameters(bands=own), book, grid, free)]
    for quote in new:
        book = books[0 if book_of(quote) is YES else 1]
        assert any(includes(band, book.target, bid_of(quote)) for band in virtual(own, book.target))
        assert tradable_price(quote.price, tick)
        assert quote.size >= grid.min_size
        assert quote.size % 10_000 == 0
    assert sum(cost(quote.price, quote.size) for quote in new if quote.side is BUY) <= cash * PUSD
    for outcome in Outcome:
        assert sum(q.size for q in new if (q.outcome, q.side) == (outcome, SELL)) <= held * SHARE
    everything = [*new, *(quote for book in books for quote in book.orders)]
    bids = [bid_of(quote) for quote in everything if book_of(quote) is YES]
    asks = [PRICE_ONE - bid_of(quote) for quote in everything if book_of(quote) is NO]
    assert not bids or not asks or max(bids) < min(asks)


@given(bands(), st.integers(1, 99), st.lists(resting(), max_size=8))
def test_no_band_holds_more_than_its_largest_amount_and_nothing_rests_outside(
    own: tuple[Band, ...], target: int, orders: list[Quote]
) -> None:
    for book in shelves(own, Price(target * 100), orders):
        for band in book.bands:
            assert book.amount(band) <= band.max_amount
        assert all(sum(includes(b, book.target, bid_of(o)) for b in book.bands) == 1 for o in book.orders)


@given(bands(), st.integers(1, 99), st.integers(0, 300))
def test_what_was_placed_stays_while_nothing_changes(own: tuple[Band, ...], target: int, cash: int) -> None:
    grid, parameters = Grid(100, 5 * SHARE), BandsParameters(bands=own)
    first = [q for book in shelves(own, Price(target * 100), ()) for q in refills(parameters, book, grid, means(cash))]
    again = [quote for book in shelves(own, Price(target * 100), first) for quote in book.orders]
    assert sorted(again, key=str) == sorted(first, key=str)
