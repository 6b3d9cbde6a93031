"""The `amm` strategy: ladders of both outcomes that stand while nothing they are made of has changed."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given

from actors.model.amm_settings import AmmParameters
from actors.model.market import Outcome, tradable_price
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost
from actors.model.quote import Decision, View
from actors.model.reason import Reason
from actors.strategies.amm import Amm
from tests.strategies.views import BUY, SELL, prices, view, views

TABLE = AmmParameters(delta=Price(100), depth=Price(1_000), max_collateral=Cash(200 * PUSD))


def decided(seen: View, own: AmmParameters = TABLE) -> Decision:
    strategy = Amm(own)
    return strategy.step(strategy.start(), seen)[1]


def test_without_shares_both_outcomes_are_bought_in_equal_ladders() -> None:
    quotes = decided(view()).quotes
    assert {quote.side for quote in quotes} == {BUY}
    yes, no = ([(q.price, q.size) for q in quotes if q.outcome is outcome] for outcome in Outcome)
    assert yes == no
    assert yes[0] == (4_900, 19_230_000)
    assert sum(cost(quote.price, quote.size) for quote in quotes) <= 200 * PUSD


def test_shares_held_are_sold_and_the_other_side_has_more_of_the_collateral() -> None:
    quotes = decided(view(yes=100)).quotes
    assert sum(q.size for q in quotes if (q.outcome, q.side) == (Outcome.YES, SELL)) <= 100 * SHARE
    spent = {o: sum(cost(q.price, q.size) for q in quotes if q.side is BUY and q.outcome is o) for o in Outcome}
    assert spent[Outcome.YES] > spent[Outcome.NO]


def test_ladders_stand_while_price_shares_and_grid_are_the_same_and_move_with_any_of_them() -> None:
    strategy = Amm(TABLE)
    state, first = strategy.step(strategy.start(), view())
    assert strategy.step(state, evolve(view(), now=9.0)) == (state, first)
    filled = evolve(view(), position=evolve(view().position, trades=1))
    for seen in (view(5_000, 5_200), view(yes=20), view(tick=10), filled):
        assert strategy.step(state, seen)[0] != state


def test_ladders_spend_no_more_than_the_account_has_and_without_a_cap_wait_to_hear_of_it() -> None:
    spent = sum(cost(quote.price, quote.size) for quote in decided(evolve(view(), free=Cash(90 * PUSD))).quotes)
    assert 80 * PUSD < spent <= 90 * PUSD
    strategy = Amm(evolve(TABLE, max_collateral=None))
    state, waiting = strategy.step(strategy.start(), view())
    assert waiting.quotes == ()
    assert strategy.step(state, evolve(view(), free=Cash(90 * PUSD)))[1].quotes


def test_rungs_below_the_smallest_order_are_left_out_and_where_all_are_it_says_so() -> None:
    decision = decided(view(), evolve(TABLE, max_collateral=Cash(PUSD)))
    assert decision.quotes == ()
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.SHORT_OF_MEANS


@given(views())
def test_it_never_raises_and_what_it_quotes_is_on_the_grid_covered_and_apart(seen: View) -> None:
    decision = decided(seen)
    bids, asks = prices(decision)
    assert not bids or not asks or bids[0] < asks[0]
    for quote in decision.quotes:
        assert tradable_price(quote.price, seen.book.tick)
        assert quote.size >= seen.market.min_size
        assert quote.size % 10_000 == 0
    for outcome in Outcome:
        sold = sum(q.size for q in decision.quotes if (q.outcome, q.side) == (outcome, SELL))
        assert sold <= Size(seen.position.holding(outcome).sellable)
