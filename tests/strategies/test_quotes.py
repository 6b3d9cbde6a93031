"""What holds of the quotes of `simple` for any book, inventory and setting, whichever outcome is called YES."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Depth, Level
from actors.model.market import Outcome, tradable_price
from actors.model.numbers import PRICE_ONE, SHARE, Price, Size
from actors.model.plan import yes_terms
from actors.model.quote import Quote, View
from actors.model.simple_settings import SimpleParameters
from actors.strategies.simple import Simple
from tests.strategies.views import (
    BUY,
    MARKET,
    NO,
    SELL,
    TABLE,
    YES,
    decided,
    parameters,
    prices,
    sides,
    view,
    views,
)


@given(parameters(), st.lists(views(), min_size=1, max_size=6))
def test_every_quote_is_post_only_on_the_grid_and_large_enough(own: SimpleParameters, seen: list[View]) -> None:
    """Also quotes that are kept from an earlier book."""
    strategy = Simple(own)
    state = strategy.start()
    for now in seen:
        state, decision = strategy.step(state, now)
        depth = now.book.yes
        for quote in decision.quotes:
            assert depth.best_bid is not None
            assert depth.best_ask is not None
            bid, price = yes_terms(quote.outcome, quote.side, quote.price)
            assert price < depth.best_ask if bid else price > depth.best_bid
            assert tradable_price(quote.price, now.book.tick)
            assert quote.size >= MARKET.min_size
            assert quote.size % 10_000 == 0


@given(parameters(), views(two_sided=True))
def test_our_own_bids_stay_below_our_own_asks(own: SimpleParameters, seen: View) -> None:
    bids, asks = prices(decided(seen, own))
    assert not bids or not asks or bids[0] < asks[0]


@given(parameters(), views(two_sided=True))
def test_sizes_stay_within_what_the_limit_leaves_and_the_ladder_within_size_over_level(
    own: SimpleParameters, seen: View
) -> None:
    net = seen.position.net
    for side, room in zip(sides(decided(seen, own)), (own.limit - net, own.limit + net), strict=True):
        assert sum(side.values()) <= max(0, room)
        assert sum(side.values()) <= sum(own.size // k for k in range(1, own.levels + 1))


@given(parameters(), views(two_sided=True))
def test_no_more_is_offered_for_sale_than_is_confirmed(own: SimpleParameters, seen: View) -> None:
    for outcome in Outcome:
        sold = sum(q.size for q in decided(seen, own).quotes if (q.outcome, q.side) == (outcome, SELL))
        assert sold <= seen.position.holding(outcome).sellable


@given(parameters(), views())
def test_a_decision_lacks_a_side_exactly_when_it_says_why(own: SimpleParameters, seen: View) -> None:
    decision = decided(seen, own)
    assert all(sides(decision)) == (decision.refusal is None)


@given(views(two_sided=True), st.integers(0, 100))
def test_tapering_starts_at_half_of_the_limit_and_ends_at_it(seen: View, held: int) -> None:
    own = evolve(TABLE, limit=Size(100 * SHARE), max_spread=Price(9_999), min_price=Price(1), max_price=Price(9_999))
    bids, _ = sides(decided(evolve(seen, position=view(yes=held).position), own))
    whole = min(20 * SHARE, 20 * SHARE * (100 - held) // 50)
    if bids:
        assert sum(bids.values()) == whole // 10_000 * 10_000
    elif whole >= MARKET.min_size:
        assert own.half_spread + own.skew_max > seen.book.yes.bids[0].price - seen.book.tick


def test_a_ladder_stops_where_the_limit_does() -> None:
    steep = evolve(TABLE, levels=3, size=Size(40 * SHARE), limit=Size(50 * SHARE))
    assert sides(decided(view(), steep))[0] == {4_800: 40 * SHARE, 4_600: 10 * SHARE}


def test_the_levels_of_a_ladder_stand_half_spreads_apart_with_ever_smaller_sizes() -> None:
    three = evolve(TABLE, levels=3, limit=Size(200 * SHARE))
    assert sides(decided(view(), three)) == (
        {4_800: 20 * SHARE, 4_600: 10 * SHARE, 4_400: 6_660_000},
        {5_200: 20 * SHARE, 5_400: 10 * SHARE, 5_600: 6_660_000},
    )


def mirrored(seen: View) -> View:
    """The same market with its outcomes swapped."""
    depth = seen.book.yes

    def flip(levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(Level(Price(PRICE_ONE - each.price), each.size) for each in levels)

    book = evolve(seen.book, yes=Depth(flip(depth.asks), flip(depth.bids)))
    position = evolve(seen.position, yes=seen.position.no, no=seen.position.yes)
    return evolve(seen, book=book, position=position)


@given(parameters(), views(two_sided=True))
def test_it_makes_no_difference_which_outcome_is_called_yes(own: SimpleParameters, seen: View) -> None:
    even = evolve(own, max_price=Price(PRICE_ONE - own.min_price))
    quotes = {evolve(quote, outcome=quote.outcome.other) for quote in decided(seen, even).quotes}
    assert set(decided(mirrored(seen), even).quotes) == quotes


@given(views(two_sided=True), st.integers(0, 60))
def test_what_is_held_decides_the_token_not_the_quote(seen: View, held: int) -> None:
    """Selling YES at a and buying NO at 1 - a are one quote; only a rest below the minimum size is left out."""
    bare = evolve(seen, position=evolve(view(yes=held, confirmed=False).position))
    backed = evolve(seen, position=view(yes=held).position)
    (bids, asks), (same_bids, other_asks) = sides(decided(bare)), sides(decided(backed))
    assert bids == same_bids
    assert asks.keys() == other_asks.keys()
    assert all(size - MARKET.min_size < other_asks[price] <= size for price, size in asks.items())


@pytest.mark.parametrize(
    ("held", "orders"),
    [
        (0, {(NO, BUY): 20}),
        (4, {(NO, BUY): 20}),
        (8, {(YES, SELL): 8, (NO, BUY): 12}),
        (17, {(YES, SELL): 17}),
        (25, {(YES, SELL): 20}),
    ],
)
def test_held_shares_are_sold_before_the_complement_is_bought(held: int, orders: dict[object, int]) -> None:
    wide = evolve(TABLE, limit=Size(1_000 * SHARE))
    asks = [q for q in decided(view(yes=held), wide).quotes if (q.outcome, q.side) != (YES, BUY)]
    assert {(q.outcome, q.side): q.size // SHARE for q in asks} == orders


def test_a_ladder_sells_held_shares_once() -> None:
    two = evolve(TABLE, levels=2, limit=Size(1_000 * SHARE))
    decision = decided(view(yes=25), two)
    assert Quote(YES, SELL, Price(5_200), Size(20 * SHARE)) in decision.quotes
    assert Quote(YES, SELL, Price(5_400), Size(5 * SHARE)) in decision.quotes
    assert Quote(NO, BUY, Price(4_600), Size(5 * SHARE)) in decision.quotes
