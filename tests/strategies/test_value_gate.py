"""The NoTradeGate of `value`: each rule with its code, in order, and never a bet on stale inputs (strategies.md §6)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from math import inf
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Depth, OwnLevel
from actors.model.breaker import Caught
from actors.model.ledger import Holding, Position
from actors.model.market import UNKNOWN_FEES, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.purse import Bet, Purse
from actors.model.quote import View
from actors.model.reason import Reason
from actors.model.stream import Stream
from actors.model.take import Takes
from actors.model.tape import PublicTrade
from actors.model.value_settings import ValueParameters
from actors.strategies import gate, scene, value
from actors.strategies.value import Value
from tests.strategies.windows import (
    CRYPTO,
    MARKET,
    NOW,
    OPENS,
    OWN,
    book,
    code,
    decided,
    later,
    side,
    stream,
    view,
    views,
    wanted,
)

Spoil = Callable[[View], View]


def on_market(**changes: Any) -> Spoil:  # noqa: ANN401 - whatever a view is made of
    return lambda seen: evolve(seen, market=evolve(seen.market, **changes))


def on_book(**changes: Any) -> Spoil:  # noqa: ANN401 - whatever a view is made of
    return lambda seen: evolve(seen, book=evolve(seen.book, **changes))


def on_stream(**changes: Any) -> Spoil:  # noqa: ANN401 - whatever a view is made of
    return lambda seen: evolve(seen, stream=evolve(seen.stream or Stream("btc"), **changes))


def on_view(**changes: Any) -> Spoil:  # noqa: ANN401 - whatever a view is made of
    return lambda seen: evolve(seen, **changes)


def elsewhere(way: int) -> Purse:
    return Purse((Bet(f"btc-updown-5m-{OPENS}", "btc", Cash(PUSD), way, stream(65_050, 300)),))


def without_strike(seen: View) -> View:
    """The stream begins after the window did."""
    whole = seen.stream or Stream("btc")
    first = next(n for n, at in enumerate(whole.times) if at > (OPENS - 30) * 1000)
    return evolve(seen, stream=evolve(whole, times=whole.times[first:], prices=whole.prices[first:]))


buys = tuple(PublicTrade(n, True, Price(6_200), Size(600 * SHARE), NOW) for n in range(1, 6))

# Each spoils one thing about a view that is bet on; in the order in which the rules are asked.
SPOILS: tuple[tuple[Reason, Spoil], ...] = (
    (Reason.NOT_UP_DOWN, on_market(slug="will-it-rain")),
    (Reason.TAKE_OPEN, on_view(takes=Takes(next=2))),
    (Reason.BET_HELD, on_view(position=Position(MARKET.slug, yes=Holding(Size(5 * SHARE), 5 * SHARE)))),
    (Reason.FEES_UNKNOWN, on_market(fees=UNKNOWN_FEES)),
    (Reason.SETTLEMENT_UNKNOWN, on_market(averaging=None)),
    (Reason.TIME_LEFT, on_view(ends_in=29.0)),
    (Reason.CLOCK_BEHIND, on_stream(ahead=0.26)),
    (Reason.STALE_STREAM, on_stream(since=NOW - 3.1)),
    (Reason.STRIKE_UNKNOWN, without_strike),
    (Reason.BOOK_TOO_OLD, on_book(confirmed_at=NOW - 2.1)),
    (Reason.ONE_SIDED, on_book(yes=Depth(book().yes.bids, ()))),
    (Reason.SPREAD_TOO_WIDE, on_book(yes=book(5_600, 6_200).yes)),
    (Reason.THIN_BOOK, on_book(yes=book(shares=70).yes)),
    (Reason.IMBALANCED, on_book(yes=Depth(side((6_000, 5_000)), book().yes.asks))),
    (Reason.TOXIC_FLOW, on_book(tape=buys)),
    (Reason.VOLATILITY_UNKNOWN, on_stream(returns=59.0)),
    (Reason.TOO_VOLATILE, on_stream(variance=(4e-4) ** 2)),
    (Reason.MODEL_OFF, on_book(yes=book(5_300, 5_500).yes)),
    (Reason.EDGE_TOO_SMALL, on_book(yes=book(6_500, 6_700).yes)),
    (Reason.BALANCE_UNKNOWN, on_view(free=None)),
    (Reason.ASK_TOO_SMALL, on_book(yes=Depth(book().yes.bids, side((6_200, 9), (6_300, 800))))),
    (Reason.BET_LIMIT, on_view(free=Cash(20 * PUSD))),
    (Reason.CORRELATED, on_view(purse=elsewhere(+1))),
)


def test_nothing_is_wrong_with_the_view_that_these_tests_spoil() -> None:
    assert code(view()) is None
    assert len(wanted(decided(view()))) == 1


@pytest.mark.parametrize(("reason", "spoil"), SPOILS, ids=[reason.code for reason, _ in SPOILS])
def test_each_rule_alone_forbids_the_bet_and_says_so(reason: Reason, spoil: Spoil) -> None:
    decision = decided(spoil(view()))
    assert wanted(decision) == ()
    assert decision.refusal is not None
    assert decision.refusal.reason is reason
    assert decision.refusal.text().startswith(reason.value)


@given(st.sets(st.integers(0, len(SPOILS) - 1), min_size=1, max_size=4))
def test_of_several_broken_rules_the_first_in_order_is_the_reason(broken: set[int]) -> None:
    seen = view()
    for number in sorted(broken, reverse=True):  # so that what an earlier rule looks at is spoilt last
        seen = SPOILS[number][1](seen)
    assert code(seen) == SPOILS[min(broken)][0].code


def test_what_comes_after_the_first_broken_rule_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def dear(*_: object) -> float:
        raise AssertionError("computed")

    monkeypatch.setattr("actors.strategies.value.chance", dear)
    for reason, spoil in SPOILS[: [reason for reason, _ in SPOILS].index(Reason.MODEL_OFF)]:
        assert code(spoil(view())) == reason.code


def test_every_reason_that_value_can_give_is_broken_somewhere_here() -> None:
    sources = "".join(inspect.getsource(module) for module in (gate, scene, value))
    apart = {Reason.EDGE_TOO_YOUNG, Reason.CROSSED, Reason.MOVING, Reason.BAD_MARKOUT, Reason.EDGE_BELOW_FEES}
    assert {Reason[name] for name in re.findall(r"Reason\.([A-Z_]+)", sources)} == apart | {r for r, _ in SPOILS}


def test_a_crossed_book_is_not_bet_on() -> None:
    crossed = Depth(side((6_300, 400)), side((6_200, 400)))
    assert code(on_book(yes=crossed)(view())) == "crossed"


def test_a_mid_that_has_moved_within_a_minute_is_not_bet_on_and_is_after_it() -> None:
    strategy = Value(OWN)
    first = evolve(view(), book=evolve(view().book, yes=book(5_300, 5_500).yes))
    state, _ = strategy.step(strategy.start(), first)
    state, decision = strategy.step(state, view())
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.MOVING
    later = evolve(view(), now=NOW + 62)
    later = evolve(
        later, book=evolve(later.book, confirmed_at=NOW + 61), stream=on_stream(since=NOW + 61)(later).stream
    )
    state, decision = strategy.step(state, later)
    assert decision.refusal is None or decision.refusal.reason is not Reason.MOVING


def test_own_fills_that_lose_by_markout_end_it() -> None:
    strategy, own = Value(evolve(OWN, entry="make")), view()
    filled = evolve(own, fills=tuple(Caught(str(n), True, 6_600, 5 * SHARE, NOW - 40) for n in range(6)))
    _, decision = strategy.step(strategy.start(), filled)
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.BAD_MARKOUT


def test_a_gain_that_hardly_exceeds_the_fee_is_none() -> None:
    dear = evolve(OWN, edge_to_fee=6.0)
    assert code(view(), dear) == "edge_below_fees"


def test_an_edge_must_have_stood_at_every_look_for_longer_than_a_price_is_old() -> None:
    """What the book knows before us looks like an edge until our price has caught up."""
    strategy, state, said = Value(ValueParameters()), Value(ValueParameters()).start(), []
    for second in (0, 1, 2, 3, 4, 8, 9, 10, 11):
        seen = later(second)
        state, decision = strategy.step(state, seen if second != 4 else evolve(seen, free=None))
        said.append(decision.refusal.code if decision.refusal else "bet")
    young = "edge_too_young"
    assert said == [young, young, young, "bet", "balance_unknown", young, young, young, "bet"]


def test_a_hint_changes_what_it_says_it_would() -> None:
    wide = on_book(yes=book(5_600, 6_200).yes)(view())
    refusal = decided(wide).refusal
    assert refusal is not None
    assert refusal.hint is not None
    assert code(wide, evolve(OWN, max_spread=Price(600))) != "spread_too_wide"
    assert (refusal.hint.key, refusal.hint.value) == ("strategy.max_spread", "0.06")


def test_our_own_orders_are_no_part_of_the_book() -> None:
    ours = OwnLevel(True, Price(6_100), Size(10 * SHARE))
    with_ours = Depth((*side((6_100, 10)), *book().yes.bids), book().yes.asks)
    assert decided(evolve(on_book(yes=with_ours)(view()), own=(ours,))) == decided(view())


AGES = st.floats(0, 60) | st.just(inf)


@given(AGES, AGES, st.floats(-100, 1_000) | st.none())
def test_it_never_bets_on_stale_inputs_or_outside_its_time(price: float, of_book: float, left: float | None) -> None:
    seen = on_stream(since=NOW - price)(on_book(confirmed_at=NOW - of_book)(view()))
    decision = decided(evolve(seen, ends_in=left))
    fresh = price <= 3.0 and of_book <= 2.0 and left is not None and 30 <= left <= 840
    assert bool(wanted(decision)) <= fresh
    assert bool(wanted(decision)) >= (fresh and price <= 1.0), "an older one makes the chance less sure"


LOOSE = ValueParameters(
    edge_for=0.0,
    max_gap=Price(9_999),
    error=Price(1),
    max_imbalance=100,
    max_spread=Price(9_999),
    max_volatility=10_000,
    min_depth=Cash(1),
)


@given(views() | st.just(view()), st.sampled_from(["take", "make"]), st.sampled_from(["normal", "merton"]))
def test_it_never_raises_and_whatever_it_wants_is_fresh_on_the_grid_and_paid_for(
    seen: View, entry: str, model: str
) -> None:
    own = evolve(LOOSE, entry=entry, model=model)
    strategy = Value(own)
    state, decision = strategy.step(strategy.start(), seen)
    state, again = strategy.step(state, seen)
    assert wanted(again) == wanted(decision)
    orders = wanted(decision)
    assert bool(orders) != (decision.refusal is not None)
    assert bool(decision.takes) <= (entry == "take" and not seen.takes.busy)
    for order in orders:
        assert seen.stream is not None
        assert seen.stream.age(NOW) <= own.stream_stale
        assert seen.book.age(NOW) <= own.book_stale
        assert order.side is Side.BUY
        assert order.price % seen.book.tick == 0
        assert 0 < order.price < 10_000
        assert seen.market.min_size <= order.size
        assert order.size % 10_000 == 0
        fee = CRYPTO.taker_fee(order.price, order.size) if entry == "take" else 0
        assert order.price * order.size // 10_000 + fee <= own.max_bet
