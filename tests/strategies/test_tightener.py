"""The spread tightener: its case of strategies.md §1b, its budgets, and that it says what every round came to."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Depth, Level
from actors.model.ledger import Holding, Position
from actors.model.market import FeeSchedule, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost, parse_cash, parse_price, proceeds
from actors.model.quote import Decision, View
from actors.model.reason import Reason
from actors.model.take import Take, Takes
from actors.model.tightener_settings import TightenerParameters
from actors.strategies.tightener import Tightener, TightenerState
from tests.strategies.views import view

_CENT = 100


def book(bids: list[tuple[int, float]], asks: list[tuple[int, float]]) -> Depth:
    """Levels as (cents, shares), best first."""
    sides = ([Level(Price(_CENT * p), Size(round(s * SHARE))) for p, s in side] for side in (bids, asks))
    return Depth(*map(tuple, sides))


def seen(depth: Depth, now: float = 0.0, *, spent: int = 0, number: int = 0, **changes: Any) -> View:  # noqa: ANN401
    base = view()
    market = evolve(base.market, min_size=Size(SHARE), fees=FeeSchedule(0))
    held = Position("m", spent=Cash(spent), yes=Holding(100 * SHARE, 100 * SHARE))
    made = evolve(base, market=market, book=evolve(base.book, yes=depth), position=held, now=now)
    return evolve(made, takes=Takes(number, busy=False), **changes)


def rounds(own: Tightener, depth: Depth) -> tuple[list[tuple[str, ...]], Decision, TightenerState]:
    """Every round's takes on a book that refills at once, each wholly filled, until there is a reason to stop."""
    done: list[tuple[str, ...]] = []
    state, spent, number = own.start(), 0, 0
    for step in range(20):
        state, decision = own.step(state, seen(depth, 100.0 * step, spent=spent, number=number))
        if decision.refusal is not None and decision.refusal.reason is Reason.NEXT_TAKE:
            continue
        if not decision.takes:
            return done, decision, state
        done.append(tuple(f"{take.size / SHARE:.2f}@{take.price / 10_000:.2f}" for take in decision.takes))
        spent += sum(cost(take.price, take.size) for take in decision.takes)
        number += len(decision.takes)
    raise AssertionError("it never stops")


def test_t_two_rounds_of_6_52_at_23_cents_then_nothing_is_left() -> None:
    done, last, state = rounds(Tightener(TightenerParameters()), book([(21, 10)], [(23, 20), (24, 10)]))
    assert done == [("6.52@0.23",), ("6.52@0.23",)]
    assert last.refusal is not None
    assert last.refusal.reason is Reason.SPENT
    assert last.refusal.inputs[0] == ("left", "0.0008")
    assert state.told == "round 2: spread 0.02 before, 0.02 after (0 wider)"


def test_a_worse_price_is_taken_up_to_the_threshold_and_no_further() -> None:
    own = Tightener(TightenerParameters(per_round=Cash(3 * PUSD), threshold=0.5))
    state, decision = own.step(own.start(), seen(book([(20, 10)], [(24, 6), (26, 5), (27, 50)])))
    assert [(take.number, take.price) for take in decision.takes] == [(0, 2_400), (1, 2_600)]
    _, again = own.step(state, seen(book([(20, 10)], [(26, 5), (27, 50)]), 1.0, number=1))
    assert [take.number for take in again.takes] == [1], "what has not been acted on yet"


def test_nothing_is_done_where_the_spread_is_narrow_the_price_extreme_or_the_end_near() -> None:
    own = Tightener(TightenerParameters(skip_below=Price(300)))
    wide = Tightener(TightenerParameters())
    cases = (
        (own, seen(book([(21, 10)], [(23, 20)])), Reason.SPREAD_NARROW),
        (wide, seen(book([(96, 10)], [(98, 20)])), Reason.PRICE_OUT_OF_RANGE),
        (wide, seen(book([(21, 10)], [(23, 20)]), ends_in=3600.0), Reason.TOO_LATE),
        (wide, seen(book([], [(23, 20)])), Reason.ONE_SIDED),
    )
    for strategy, at, reason in cases:
        decision = strategy.step(strategy.start(), at)[1]
        assert (decision.takes, decision.refusal and decision.refusal.reason) == ((), reason)


def test_both_sides_keep_the_asks_their_share() -> None:
    own = Tightener(TightenerParameters(sides="both", per_round=parse_cash("3"), per_side=parse_cash("2")))
    _, decision = own.step(own.start(), seen(book([(40, 50)], [(44, 50)])))
    bought = sum(cost(t.price, t.size) for t in decision.takes if t.side is Side.BUY)
    sold = sum(proceeds(t.price, t.size) for t in decision.takes if t.side is Side.SELL)
    assert parse_price("0.44") * 4 * SHARE // 10_000 <= bought <= 2 * PUSD
    assert 0 < sold <= 3 * PUSD * 0.6


LEVELS = st.lists(st.tuples(st.integers(1, 99), st.floats(0.01, 500)), max_size=5)


@given(
    bids=LEVELS,
    asks=LEVELS,
    spent=st.integers(0, 4 * PUSD),
    rate=st.sampled_from([0, 700]),
    sides=st.sampled_from(["buy", "both"]),
)
def test_whatever_the_book_a_round_keeps_to_its_budgets(
    bids: list[tuple[int, float]], asks: list[tuple[int, float]], spent: int, rate: int, sides: str
) -> None:
    own = TightenerParameters(sides=sides)
    depth = book(sorted(bids, reverse=True), sorted(asks))
    at = seen(depth, spent=spent)
    takes = Tightener(own).step(TightenerState(), evolve(at, market=evolve(at.market, fees=FeeSchedule(rate))))[1].takes
    assert [take.number for take in takes] == list(range(len(takes)))
    assert all(take.size % (SHARE // 100) == 0 < take.size for take in takes)
    bought = sum(cost(take.price, take.size) for take in takes if take.side is Side.BUY)
    assert bought <= min(own.per_round, max(0, own.per_market - spent))
    assert bought + sum(proceeds(take.price, take.size) for take in takes if take.side is Side.SELL) <= own.per_round
    assert all(_worth(take) >= own.min_order for take in takes)


def _worth(take: Take) -> int:
    return cost(take.price, take.size) + take.size // 10
