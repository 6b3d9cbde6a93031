"""The `simple` market maker: every T of strategies.md §2, and when it quotes anew."""

from __future__ import annotations

import pytest
from attrs import evolve

from actors.model.book import Depth, OwnLevel
from actors.model.numbers import SHARE, Price, Size
from actors.model.reason import Reason
from actors.strategies.simple import Simple
from tests.strategies.views import (
    BUY,
    NO,
    SELL,
    TABLE,
    YES,
    decided,
    level,
    prices,
    view,
)


def test_t_mid_050_without_inventory_is_quoted_048_to_052() -> None:
    assert prices(decided(view(4_900, 5_100))) == ([4_800], [5_200])


def test_t_half_of_the_limit_shifts_both_quotes_down_by_half_of_the_largest_skew() -> None:
    assert prices(decided(view(4_900, 5_100, yes=25))) == ([4_700], [5_100])


def test_t_mid_0505_rounds_the_bid_down_and_the_ask_up() -> None:
    assert prices(decided(view(5_000, 5_100))) == ([4_800], [5_300])


def test_t_at_the_limit_only_the_ask_is_quoted_and_the_missing_bid_is_explained() -> None:
    decision = decided(view(4_900, 5_100, yes=50))
    assert prices(decision) == ([], [5_000])
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.INVENTORY_LIMIT


def test_t_at_the_short_limit_only_the_bid_is_quoted() -> None:
    assert prices(decided(view(4_900, 5_100, no=50))) == ([5_000], [])


@pytest.mark.parametrize(("moved", "requoted"), [(290, False), (-290, False), (300, True), (-300, True)])
def test_t_with_threshold_003_a_mid_of_0529_keeps_and_0530_requotes(moved: int, requoted: bool) -> None:
    strategy = Simple(evolve(TABLE, requote=Price(300), half_spread=Price(600)))
    state, first = strategy.step(strategy.start(), view(4_950, 5_050, tick=10))
    _, second = strategy.step(state, view(4_950 + moved, 5_050 + moved, tick=10))
    assert (prices(second) != prices(first)) is requoted


@pytest.mark.parametrize(
    ("tick", "half_spread", "threshold"), [(100, 200, 100), (100, 600, 300), (10, 200, 100), (100, 40, 100)]
)
def test_without_a_threshold_it_is_the_larger_of_one_tick_and_half_of_half_spread(
    tick: int, half_spread: int, threshold: int
) -> None:
    strategy = Simple(evolve(TABLE, half_spread=Price(half_spread)))
    state, _ = strategy.step(strategy.start(), view(4_500, 5_000, tick=tick))
    kept, _ = strategy.step(state, view(4_500, 5_000 + 2 * threshold - 2 * tick, tick=tick))
    moved, _ = strategy.step(state, view(4_500, 5_000 + 2 * threshold, tick=tick))
    assert kept is state
    assert moved is not state


def test_a_fill_requotes_even_if_the_net_position_is_the_same() -> None:
    strategy = Simple(TABLE)
    state, _ = strategy.step(strategy.start(), view())
    both = view(yes=20, no=20, confirmed=False)
    assert strategy.step(state, both)[0] is state, "nothing tells this from the empty position but the count of trades"
    assert strategy.step(state, evolve(both, position=evolve(both.position, trades=2)))[0] is not state


def test_shares_that_become_sellable_are_sold_instead_of_buying_the_complement() -> None:
    strategy = Simple(TABLE)
    state, first = strategy.step(strategy.start(), view(yes=20, confirmed=False))
    _, second = strategy.step(state, view(yes=20))
    assert {(q.outcome, q.side) for q in first.quotes} == {(YES, BUY), (NO, BUY)}
    assert {(q.outcome, q.side) for q in second.quotes} == {(YES, BUY), (YES, SELL)}


def test_a_new_tick_requotes_on_its_grid() -> None:
    strategy = Simple(TABLE)
    state, _ = strategy.step(strategy.start(), view(5_000, 5_100))
    _, second = strategy.step(state, view(5_000, 5_100, tick=10))
    assert prices(second) == ([4_850], [5_250])


def test_kept_quotes_that_would_cross_the_book_are_made_anew() -> None:
    """A wide threshold keeps quotes for long; a book that closes in on them must not turn them into takers."""
    strategy = Simple(evolve(TABLE, requote=Price(300)))
    state, first = strategy.step(strategy.start(), view(4_700, 5_300))
    assert prices(first) == ([4_800], [5_200])
    _, second = strategy.step(state, view(4_700, 4_800))
    assert max(prices(second)[0]) <= 4_700


def test_we_do_not_follow_our_own_quotes() -> None:
    own = (OwnLevel(True, Price(4_900), Size(100 * SHARE)), OwnLevel(False, Price(5_100), Size(40 * SHARE)))
    depth = Depth(level(4_900) + level(4_600), level(5_100))
    seen = view(own=own)
    assert prices(decided(evolve(seen, book=evolve(seen.book, yes=depth)))) == ([4_600], [5_100])
