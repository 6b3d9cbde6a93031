"""What else moves the quotes of `simple` (strategies.md §2): each on its own, off unless asked for."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Book, Depth, Level
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.quote import View
from actors.model.reason import Reason
from actors.model.simple_settings import MODULATIONS, SimpleParameters
from actors.model.tape import Tape, with_trade
from actors.strategies.modulation import Moves, modulated
from actors.strategies.simple import Simple
from tests.strategies.views import MARKET, TABLE, decided, prices, sides, view, views

HOUR = 3_600.0


def only(what: str) -> SimpleParameters:
    return evolve(TABLE, modulate=what, thin_depth=Cash(0))


def moving(steps: list[int]) -> Moves:
    """The mid moves by so many price units each 5 s."""
    moves, mid2 = Moves(), 10_000
    for number, step in enumerate(steps):
        mid2 += 2 * step * (-1) ** number
        moves = moves.after(mid2, 5.0 * number)
    return moves


def spread(own: SimpleParameters, seen: View, moves: Moves | None = None) -> int:
    return modulated(own, seen.book.yes, seen, moves or Moves()).parameters.half_spread


def lopsided(bids: int, asks: int) -> View:
    seen = view()
    depth = Depth((Level(Price(4_900), Size(bids * SHARE)),), (Level(Price(5_100), Size(asks * SHARE)),))
    return evolve(seen, book=evolve(seen.book, yes=depth))


def traded(*trades: tuple[bool, int, int, float]) -> View:
    """After public trades: (bought, price, shares, at), seen at 100 s."""
    tape: Tape = ()
    for bid, price, size, at in trades:
        tape = with_trade(tape, bid, Price(price), Size(size * SHARE), at)
    seen = view()
    book: Book = evolve(seen.book, tape=tape)
    return evolve(seen, book=book, now=100.0)


@given(views(two_sided=True))
def test_nothing_is_modulated_unless_it_is_asked_for(seen: View) -> None:
    plain = evolve(SimpleParameters(), max_spread=Price(9_999), min_price=Price(1), max_price=Price(9_999))
    restless = evolve(seen, ends_in=10.0, now=100.0)
    assert plain.modulate == "none"
    assert decided(restless, plain) == decided(seen, plain)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [([], 200), ([100] * 100, 200), ([10] * 360 + [300] * 12, 441), ([100] * 360 + [0] * 120, 100)],
)
def test_a_lively_market_is_quoted_wider_and_a_calm_one_nearer_within_2_and_10_c(
    steps: list[int], expected: int
) -> None:
    assert spread(only("volatility"), view(), moving(steps)) == expected


@given(st.lists(st.integers(-500, 500), max_size=200))
def test_liveliness_stays_within_a_half_and_three(steps: list[int]) -> None:
    assert 0.5 <= moving(steps).liveliness <= 3.0


@pytest.mark.parametrize(("net", "expected"), [(0, 200), (25, 250), (50, 300), (500, 300)])
def test_half_of_the_inventory_over_the_limit_widens(net: int, expected: int) -> None:
    assert spread(only("inventory"), view(yes=net)) == expected
    assert spread(only("inventory"), view(no=net)) == expected


@pytest.mark.parametrize(
    ("left", "half", "size"), [(30 * HOUR, 200, 20), (24 * HOUR, 200, 20), (12 * HOUR, 400, 10), (2 * HOUR, 483, 5)]
)
def test_in_the_last_day_quotes_widen_and_shrink(left: float, half: int, size: int) -> None:
    change = modulated(only("end"), view().book.yes, evolve(view(), ends_in=left), Moves())
    assert (change.parameters.half_spread, change.parameters.size) == (half, size * SHARE)


def test_in_the_last_hour_there_are_none_and_the_rule_is_named() -> None:
    decision = decided(evolve(view(), ends_in=3_599.0), only("end"))
    assert decision.quotes == ()
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.ENDING


@pytest.mark.parametrize(
    ("bids", "asks", "shift"), [(100, 100, 0), (105, 100, 0), (300, 100, 50), (100, 300, -50), (100_000, 1, 100)]
)
def test_a_lopsided_book_shifts_the_centre_by_a_tick_at_most(bids: int, asks: int, shift: int) -> None:
    seen = lopsided(bids, asks)
    assert modulated(only("imbalance"), seen.book.yes, seen, Moves()).shift == shift


def test_sizes_at_the_best_prices_draw_the_centre_by_three_tenths_of_the_microprice() -> None:
    seen = lopsided(300, 100)
    assert modulated(only("weights"), seen.book.yes, seen, Moves()).shift == round(0.3 * 50)


@pytest.mark.parametrize(
    ("seen", "shift", "half"),
    [
        (traded((True, 5_000, 10, 90.0)), 100, 240),
        (traded((False, 5_000, 10, 90.0)), -100, 240),
        (traded((True, 5_000, 10, 90.0), (False, 5_000, 10, 90.0)), 0, 200),
        (traded((True, 5_100, 10, 90.0), (False, 5_000, 10, 90.0)), 100, 240),
        (traded((True, 5_000, 10, 39.0)), 0, 200),
    ],
    ids=["bought", "sold", "even", "aggressive counts twice", "long ago"],
)
def test_the_flow_of_the_last_minute_shifts_by_a_tick_and_widens_by_a_fifth(seen: View, shift: int, half: int) -> None:
    change = modulated(only("flow"), seen.book.yes, seen, Moves())
    assert (change.shift, change.parameters.half_spread) == (shift, half)


def test_a_thin_book_is_quoted_in_the_smallest_size() -> None:
    thin = evolve(only("depth"), thin_depth=Cash(60 * PUSD))
    assert set(sides(decided(view(), thin))[0].values()) == {MARKET.min_size}
    assert set(sides(decided(view(), evolve(thin, modulate="none")))[0].values()) == {20 * SHARE}


def test_quotes_that_are_modulated_are_kept_while_nothing_changes_and_move_when_it_does() -> None:
    strategy = Simple(only("inventory, flow"))
    state, first = strategy.step(strategy.start(), traded())
    state, kept = strategy.step(state, traded())
    _, moved = strategy.step(state, traded((True, 5_000, 10, 90.0)))
    assert kept is first
    assert prices(moved)[1] > prices(first)[1]


@pytest.mark.parametrize("text", ["none", "all", "volatility", "volatility, end", *MODULATIONS])
def test_the_words_of_the_key(text: str) -> None:
    assert SimpleParameters(modulate=text).modulations <= set(MODULATIONS)


@pytest.mark.parametrize("text", ["", "everything", "volatility,", "none, end"])
def test_other_words_are_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="must be none, all, or some of volatility"):
        SimpleParameters(modulate=text)


@given(
    st.lists(views(), min_size=1, max_size=5), st.sampled_from(["all", *MODULATIONS]), st.none() | st.floats(-5, 1e5)
)
def test_whatever_is_modulated_the_quotes_stay_post_only(seen: list[View], what: str, left: float | None) -> None:
    strategy = Simple(only(what))
    state = strategy.start()
    for number, one in enumerate(seen):
        state, decision = strategy.step(state, evolve(one, now=5.0 * number, ends_in=left))
        bids, asks = prices(decision)
        assert all(bid < one.book.yes.asks[0].price for bid in bids)
        assert all(ask > one.book.yes.bids[0].price for ask in asks)
        assert not bids or not asks or bids[0] < asks[0]
