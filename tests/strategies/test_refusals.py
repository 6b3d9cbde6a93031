"""When `simple` does not quote: the rule is named, and doing what its hint says makes it quote."""

from __future__ import annotations

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.numbers import SHARE, Price, Size, parse_price, parse_size
from actors.model.quote import View
from actors.model.reason import Hint, Reason
from actors.model.simple_settings import SimpleParameters
from actors.strategies.simple import Simple
from tests.strategies.views import (
    TABLE,
    decided,
    parameters,
    sides,
    view,
    views,
)


@pytest.mark.parametrize(
    ("seen", "own", "reason", "hint"),
    [
        (view(None, 5_100), TABLE, Reason.ONE_SIDED, None),
        (view(4_900, None), TABLE, Reason.ONE_SIDED, None),
        (view(None, None), TABLE, Reason.ONE_SIDED, None),
        (view(5_000, 5_000), TABLE, Reason.CROSSED, None),
        (view(5_100, 5_000), TABLE, Reason.CROSSED, None),
        (view(4_400, 5_500), TABLE, Reason.SPREAD_TOO_WIDE, Hint("strategy.max_spread", "0.11")),
        (view(400, 500), TABLE, Reason.PRICE_OUT_OF_RANGE, Hint("strategy.min_price", "0.04")),
        (view(9_500, 9_600), TABLE, Reason.PRICE_OUT_OF_RANGE, Hint("strategy.max_price", "0.96")),
        (view(), evolve(TABLE, size=Size(4 * SHARE)), Reason.SIZE_BELOW_MINIMUM, Hint("strategy.size", "5")),
    ],
)
def test_a_book_without_a_fair_price_is_not_quoted_and_the_rule_is_named(
    seen: View, own: SimpleParameters, reason: Reason, hint: Hint | None
) -> None:
    decision = decided(seen, own)
    assert decision.quotes == ()
    assert decision.refusal is not None
    assert (decision.refusal.reason, decision.refusal.hint) == (reason, hint)


@pytest.mark.parametrize(("bid", "ask"), [(4_500, 5_500), (400, 600), (9_400, 9_600)])
def test_the_bounds_themselves_are_still_quoted(bid: int, ask: int) -> None:
    assert decided(view(bid, ask)).quotes


@pytest.mark.parametrize("seen", [view(None, 5_100), view(5_100, 5_000), view(4_000, 6_000)])
def test_quotes_are_not_kept_over_a_book_without_a_fair_price(seen: View) -> None:
    strategy = Simple(TABLE)
    state, _ = strategy.step(strategy.start(), view())
    state, decision = strategy.step(state, seen)
    assert (state, decision.quotes) == (strategy.start(), ())


def followed(own: SimpleParameters, hint: Hint) -> SimpleParameters:
    """The settings after doing what the hint says, read and validated as a configuration would be."""
    match hint.key:
        case "strategy.max_spread":
            return evolve(own, max_spread=parse_price(hint.value))
        case "strategy.min_price":
            return evolve(own, min_price=parse_price(hint.value))
        case "strategy.max_price":
            return evolve(own, max_price=parse_price(hint.value))
        case "strategy.half_spread":
            return evolve(own, half_spread=parse_price(hint.value))
        case "strategy.size":
            return evolve(own, size=parse_size(hint.value))
    assert hint.key == "strategy.limit"
    return evolve(own, limit=parse_size(hint.value))


@given(parameters(), views())
def test_a_hint_lifts_the_rule_it_came_with_and_following_hints_ends_in_a_quote(
    own: SimpleParameters, seen: View
) -> None:
    lifted: list[tuple[Reason, str]] = []
    while (refusal := decided(seen, own).refusal) is not None and refusal.hint is not None:
        lifted.append((refusal.reason, refusal.hint.key))
        own = followed(own, refusal.hint)
        assert len(lifted) < 10
    reasons = [reason for reason, _ in lifted if reason not in (Reason.INVENTORY_LIMIT, Reason.NO_ROOM)]
    assert len(reasons) == len(set(reasons))
    if lifted:
        assert decided(seen, own).quotes


@pytest.mark.parametrize(("bid", "ask"), [(100, 300), (9_700, 9_900)])
def test_the_hint_of_a_side_without_room_brings_it_back_at_the_edge_of_the_book(bid: int, ask: int) -> None:
    own = evolve(TABLE, min_price=Price(1), max_price=Price(9_999))
    refusal = decided(view(bid, ask), own).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.hint) == (Reason.NO_ROOM, Hint("strategy.half_spread", "0.01"))
    assert all(sides(decided(view(bid, ask), followed(own, Hint("strategy.half_spread", "0.01")))))


@given(st.integers(-150, 150))
def test_the_hint_of_the_inventory_limit_brings_the_missing_side_back(net: int) -> None:
    seen = view(yes=max(0, net), no=max(0, -net))
    refusal = decided(seen).refusal
    if refusal is not None:
        assert refusal.hint is not None
        assert all(sides(decided(seen, followed(TABLE, refusal.hint))))


def test_every_combination_of_reason_and_state_is_a_value_never_an_exception() -> None:
    cents = [None, 100, 4_900, 5_000, 9_900]
    for bid, ask, held in product(cents, cents, (0, 500)):
        decided(view(bid, ask, yes=held), evolve(TABLE, levels=5))
