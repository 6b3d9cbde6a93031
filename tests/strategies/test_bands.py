"""The `bands` strategy: a decision repeats what stays, refills what is missing, and says why where it does not."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.bands_settings import BandsParameters, TimeLimit
from actors.model.book import OwnLevel
from actors.model.market import Outcome
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost
from actors.model.order import Key, Life, Order
from actors.model.plan import yes_terms
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Hint, Reason
from actors.strategies.bands import Bands, BandsState
from tests.strategies.views import BUY, SELL, YES, prices, sides, view, views

DEFAULT = BandsParameters()


def resting(view_: View, *quotes: Quote, at: float = -60.0) -> View:
    """The view with these orders of ours in its book."""
    orders = tuple(
        Order(Key(1, number), q.outcome, q.side, q.price, q.size, at, f"0x{number}", Life.LIVE)
        for number, q in enumerate(quotes)
    )
    own = tuple(OwnLevel(*yes_terms(q.outcome, q.side, q.price), q.size) for q in quotes)
    return evolve(view_, own=own, orders=orders)


def decided(seen: View, own: BandsParameters = DEFAULT, state: BandsState | None = None) -> Decision:
    strategy = Bands(own)
    return strategy.step(state or strategy.start(), seen)[1]


def test_both_sides_rest_in_three_bands_around_the_middle() -> None:
    assert prices(decided(view())) == ([4_900, 4_800, 4_700], [5_100, 5_200, 5_300])


def test_a_decision_repeats_what_stays_so_that_it_keeps_its_place_in_the_queue() -> None:
    first = decided(view())
    assert set(decided(resting(view(), *first.quotes)).quotes) == set(first.quotes)
    half = [evolve(quote, size=Size(12 * SHARE)) for quote in first.quotes]
    assert set(decided(resting(view(), *half)).quotes) == set(half), "no refill above the smallest amount"


def test_our_own_orders_do_not_move_the_target() -> None:
    ours = resting(view(4_900, 5_100), Quote(YES, BUY, Price(4_900), Size(100 * SHARE)))
    alone = evolve(ours, book=evolve(ours.book, yes=evolve(ours.book.yes, asks=view().book.yes.asks)))
    refusal = decided(alone).refusal
    assert refusal is not None
    assert refusal.reason is Reason.ONE_SIDED


def test_an_order_whose_cancel_is_under_way_counts_for_nothing() -> None:
    seen = resting(view(), *decided(view()).quotes)
    leaving = tuple(evolve(order, cancel_sent_at=0.0) for order in seen.orders)
    assert set(decided(evolve(seen, orders=leaving)).quotes) == set(decided(view()).quotes)


def test_a_side_is_refilled_once_its_newest_order_is_a_second_old() -> None:
    first = decided(view()).quotes
    for age, refilled in ((0.5, False), (1.0, True)):
        seen = resting(view(), *first[1:], at=-age)
        assert (first[0] in decided(seen).quotes) is refilled


def test_t_of_30_in_a_minute_and_100_in_an_hour_with_25_and_90_placed_5_are_left() -> None:
    own = evolve(DEFAULT, limits=(TimeLimit(60.0, Size(30 * SHARE)), TimeLimit(3_600.0, Size(100 * SHARE))))
    placed = ((Key(1, 1), -1_000.0, BUY, 65 * SHARE), (Key(1, 2), -10.0, BUY, 25 * SHARE))
    state = BandsState(placed)
    assert sum(quote.size for quote in decided(view(), own, state).quotes) == 5 * SHARE


def test_refills_leave_alone_the_money_that_is_not_there_or_that_resting_buys_will_take() -> None:
    poor = evolve(view(), free=Cash(20 * PUSD))
    assert sum(cost(quote.price, quote.size) for quote in decided(poor).quotes) <= 20 * PUSD
    first = decided(poor).quotes
    assert set(decided(resting(poor, *first)).quotes) == set(first)


def test_buys_and_sales_are_limited_apart() -> None:
    own = evolve(DEFAULT, limits=(TimeLimit(60.0, Size(20 * SHARE)),))
    decision = decided(view(yes=100, no=100), own, BandsState(((Key(1, 1), -1.0, SELL, 20 * SHARE),)))
    assert {(q.side, q.size) for q in decision.quotes} == {(BUY, 20 * SHARE)}


def test_an_order_is_counted_once_with_its_whole_size_and_until_its_time_is_over() -> None:
    strategy = Bands(evolve(DEFAULT, limits=(TimeLimit(60.0, Size(200 * SHARE)),)))
    seen = resting(view(), Quote(YES, BUY, Price(4_900), Size(20 * SHARE)), at=-1.0)
    state, _ = strategy.step(strategy.start(), seen)
    again, _ = strategy.step(state, evolve(seen, orders=(evolve(seen.orders[0], filled=Size(15 * SHARE)),)))
    assert again == state
    assert state.placed == ((Key(1, 0), -1.0, BUY, 20 * SHARE),)
    assert strategy.step(state, evolve(view(), now=59.5))[0].placed == ()


def test_a_market_whose_smallest_order_leaves_a_band_without_refills_is_refused_and_the_hint_lifts_it() -> None:
    seen = evolve(view(), market=evolve(view().market, min_size=Size(15 * SHARE)))
    refusal = decided(seen).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.hint) == (Reason.BAND_TOO_NARROW, Hint("strategy.bands[0].avg_amount", "25"))


@pytest.mark.parametrize("bid", [100, 9_800])
def test_an_outcome_without_a_price_is_explained(bid: int) -> None:
    narrow = decided(view(bid, bid + 100))
    assert not all(sides(narrow)) or narrow.refusal is None
    thin = decided(view(100, 100 + 100), evolve(DEFAULT, bands=DEFAULT.bands[1:]))
    assert thin.refusal is not None
    assert thin.refusal.reason is Reason.NO_ROOM


@given(views(), st.integers(0, 3))
def test_it_never_raises_sells_only_what_is_confirmed_and_never_meets_its_own_orders(seen: View, kept: int) -> None:
    decision = decided(resting(seen, *decided(seen).quotes[:kept]))
    bids, asks = prices(decision)
    assert not bids or not asks or bids[0] < asks[0]
    for outcome in Outcome:
        sold = sum(q.size for q in decision.quotes if (q.outcome, q.side) == (outcome, SELL))
        assert sold <= seen.position.holding(outcome).sellable
    assert len({(q.outcome, q.side, q.price) for q in decision.quotes}) == len(decision.quotes)
