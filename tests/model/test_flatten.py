"""Getting out: reducing orders sell what is confirmed, further through the bid the longer it takes, never twice."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.market.flatten import is_flat, reducing, ticks_through
from actors.model.book import EMPTY, Book, Depth, Level
from actors.model.ledger import Holding, Position
from actors.model.market import Market, Outcome, Side, tradable_price
from actors.model.numbers import SHARE, Price, Size
from actors.model.order import Key, Life, Order
from actors.model.quote import Quote

MARKET = Market("m", "0xm", "yes", "no", Price(100), Size(5 * SHARE))
YES, NO = Outcome.YES, Outcome.NO


def bid_at(price: int | None) -> Depth:
    return EMPTY if price is None else Depth(bids=(Level(Price(price), Size(10 * SHARE)),))


def book(yes: int | None = 5_000, no: int | None = 4_900, *, live: bool = True) -> Book:
    return Book("m", bid_at(yes), bid_at(no), Price(100), epoch=1, confirmed_at=0.0, live=live)


def holding(yes: int = 0, no: int = 0, unconfirmed: int = 0) -> Position:
    return Position("m", yes=Holding(yes + unconfirmed, yes), no=Holding(no, no))


BIDS = st.one_of(st.none(), st.integers(1, 99).map(lambda cents: cents * 100))
SHARES = st.integers(0, 100 * SHARE)
ORDERS = st.lists(
    st.builds(
        Order,
        st.integers(1, 9).map(lambda n: Key(1, n)),
        st.sampled_from(Outcome),
        st.sampled_from(Side),
        st.integers(1, 99).map(lambda cents: Price(cents * 100)),
        st.just(Size(SHARE)),
        st.just(0.0),
        life=st.sampled_from([Life.PENDING, Life.UNKNOWN, Life.LIVE]),
    ),
    max_size=2,
)


@given(BIDS, BIDS, SHARES, SHARES, SHARES, ORDERS, st.floats(0, 60))
def test_a_reducing_order_sells_only_confirmed_shares_once_at_a_price_the_venue_takes(
    yes_bid: int | None, no_bid: int | None, yes: int, no: int, unconfirmed: int, orders: list[Order], waited: float
) -> None:
    at, position = book(yes_bid, no_bid), holding(yes, no, unconfirmed)
    quotes = reducing(MARKET, position, at, orders, waited=waited)
    assert len({quote.outcome for quote in quotes}) == len(quotes)
    for quote in quotes:
        bid = at.depth(quote.outcome).best_bid
        assert bid is not None
        assert quote.side is Side.SELL
        assert MARKET.min_size <= quote.size <= position.holding(quote.outcome).sellable
        assert quote.size % 10_000 == 0, "FAK sizes have two decimals"
        assert tradable_price(quote.price, at.tick)
        assert bid - ticks_through(waited) * at.tick <= quote.price <= bid
        mine = [order for order in orders if order.outcome is quote.outcome]
        assert not [order for order in mine if order.side is Side.SELL], "what may still sell is not sold again"
        assert not [order for order in mine if order.price >= quote.price], "nothing is sold to ourselves"


@given(SHARES.filter(lambda size: size >= MARKET.min_size), st.integers(1, 99))
def test_whatever_can_be_sold_is_sold_down_to_a_hundredth_of_a_share(size: int, cents: int) -> None:
    (quote,) = reducing(MARKET, holding(yes=size), book(cents * 100), (), waited=0)
    assert size - 10_000 < quote.size <= size


@pytest.mark.parametrize(
    ("waited", "ticks"),
    [(0, 3), (1.99, 3), (2, 4), (3.99, 4), (4, 5), (13.99, 9), (14, 10), (16, 10), (1e6, 10)],
)
def test_the_reach_starts_at_3_ticks_and_widens_by_one_every_2_seconds_up_to_10(waited: float, ticks: int) -> None:
    assert ticks_through(waited) == ticks
    (quote,) = reducing(MARKET, holding(yes=50 * SHARE), book(5_000), (), waited=waited)
    assert quote == Quote(YES, Side.SELL, Price(5_000 - ticks * 100), Size(50 * SHARE))


def test_a_bid_near_zero_is_reached_through_no_further_than_one_tick() -> None:
    (quote,) = reducing(MARKET, holding(yes=90 * SHARE), book(200), (), waited=20)
    assert quote.price == 100


@pytest.mark.parametrize(
    ("at", "position"),
    [
        (book(live=False), holding(yes=50 * SHARE)),
        (book(yes=None), holding(yes=50 * SHARE)),
        (book(), holding(yes=5 * SHARE - 1)),
        (book(), holding(unconfirmed=50 * SHARE)),
    ],
    ids=["no live book", "no bid", "less than the minimum size", "not confirmed"],
)
def test_nothing_is_sold_where_a_sale_could_not_be_made(at: Book, position: Position) -> None:
    assert reducing(MARKET, position, at, (), waited=0) == ()


@given(st.integers(0, 20 * SHARE), st.integers(0, 20 * SHARE))
def test_flat_means_less_than_the_minimum_size_of_either_outcome(yes: int, no: int) -> None:
    assert is_flat(MARKET, holding(yes, no)) == (yes < 5 * SHARE and no < 5 * SHARE)


def test_unconfirmed_shares_are_not_flat() -> None:
    assert not is_flat(MARKET, holding(unconfirmed=5 * SHARE))


def test_the_widening_is_counted_in_the_books_own_ticks() -> None:
    fine = evolve(book(5_000), tick=Price(10))
    (quote,) = reducing(MARKET, holding(yes=50 * SHARE), fine, (), waited=0)
    assert quote.price == 4_970
