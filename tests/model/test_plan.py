"""The plan: cancels first, no self-trade, no naked sale, queue positions kept, and an end to it (I1, I9)."""

from __future__ import annotations

from itertools import combinations

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, Price, Size
from actors.model.order import Key, Life, Order
from actors.model.plan import Plan, plan, yes_terms
from actors.model.quote import Quote

YES, NO, BUY, SELL = Outcome.YES, Outcome.NO, Side.BUY, Side.SELL
MIN = 5
PLENTY = {YES: 10_000, NO: 10_000}
CENTS = st.integers(48, 52).map(lambda cents: Price(cents * 100))
ALIVE = (Life.LIVE, Life.PARTIAL)

QUOTES = st.builds(
    Quote, st.sampled_from(Outcome), st.sampled_from(Side), CENTS, st.integers(MIN, 30).map(lambda size: Size(size))
)
ANY_WANTED = st.lists(QUOTES, max_size=6, unique_by=lambda q: (q.outcome, q.side, q.price))


@st.composite
def orders(draw: st.DrawFn, lives: tuple[Life, ...] = tuple(Life), *, cancelling: bool = True) -> list[Order]:
    """Any orders, also some that no plan would have placed."""
    drawn = []
    for number, quote in enumerate(draw(st.lists(QUOTES, max_size=6))):
        life = draw(st.sampled_from(lives))
        sent = draw(st.sampled_from([None, None, 1.0])) if cancelling else None
        filled = draw(st.integers(0, quote.size - 1)) if life in (Life.PARTIAL, *ALIVE) else 0
        order = resting(number, quote, life)
        drawn.append(evolve(order, filled=Size(filled), cancel_sent_at=sent, final=draw(st.booleans())))
    return drawn


@st.composite
def peaceful(draw: st.DrawFn) -> list[Quote]:
    """Quotes that could not trade with each other: every bid (in YES terms) below every ask."""
    pivot = draw(st.integers(48, 52)) * 100
    quotes = draw(ANY_WANTED)
    return [q for q in quotes if (side := yes_terms(q.outcome, q.side, q.price)) and side[0] == (side[1] < pivot)]


def resting(number: int, quote: Quote, life: Life = Life.LIVE) -> Order:
    order_id = "" if life is Life.PENDING else f"o{number}"
    return Order(Key(1, number), quote.outcome, quote.side, quote.price, quote.size, 0.0, order_id, life)


def could_trade(one: Quote | Order, other: Quote | Order) -> bool:
    """The rule as it stands in I9, by cases."""
    if one.outcome is other.outcome:
        buy, sell = (one, other) if one.side is BUY else (other, one)
        return one.side is not other.side and buy.price >= sell.price
    if one.side is not other.side:
        return False
    both = one.price + other.price
    return both >= PRICE_ONE if one.side is BUY else both <= PRICE_ONE


def slot(thing: Quote | Order) -> tuple[Outcome, Side]:
    return thing.outcome, thing.side


@given(ANY_WANTED, orders())
def test_nothing_is_placed_that_could_trade_with_anything_of_ours(wanted: list[Quote], ours: list[Order]) -> None:
    """On one token or across the pair; live, on its way, unknown, being cancelled, or placed in the same breath."""
    placed = plan(wanted, ours, min_size=MIN, sellable=PLENTY).place
    assert not [(q, o) for q in placed for o in ours if o.open and could_trade(q, o)]
    assert not [pair for pair in combinations(placed, 2) if could_trade(*pair)]


@given(ANY_WANTED, orders(), st.integers(0, 60), st.integers(0, 60))
def test_no_more_is_offered_than_confirmed_shares_back(
    wanted: list[Quote], ours: list[Order], yes: int, no: int
) -> None:
    sellable = {YES: yes, NO: no}
    placed = plan(wanted, ours, min_size=MIN, sellable=sellable).place
    for outcome in Outcome:
        new = sum(q.size for q in placed if slot(q) == (outcome, SELL))
        risked = sum(o.at_risk for o in ours if slot(o) == (outcome, SELL))
        assert new == 0 or new + risked <= sellable[outcome]


@given(ANY_WANTED, orders())
def test_cancels_come_first(wanted: list[Quote], ours: list[Order]) -> None:
    """Where an order is to go, is going or may exist unknown, nothing new is placed on that outcome's side."""
    made = plan(wanted, ours, min_size=MIN, sellable=PLENTY)
    leaving = {slot(o) for o in made.cancel}
    doubtful = {slot(o) for o in ours if o.open and (o.cancel_sent_at is not None or o.life is Life.UNKNOWN)}
    assert not (leaving | doubtful) & {slot(q) for q in made.place}


@pytest.mark.parametrize("life", [Life.UNKNOWN, Life.SENT, Life.LIVE])
def test_beside_an_order_that_may_or_may_not_exist_nothing_is_placed(life: Life) -> None:
    half = Quote(YES, BUY, Price(4_800), Size(10))
    made = plan([evolve(half, size=Size(20))], [resting(1, half, life)], min_size=MIN, sellable=PLENTY)
    assert made == Plan(place=() if life is Life.UNKNOWN else (half,))


@given(ANY_WANTED, orders())
def test_only_what_is_alive_is_cancelled_and_only_once(wanted: list[Quote], ours: list[Order]) -> None:
    for order in plan(wanted, ours, min_size=MIN, sellable=PLENTY).cancel:
        assert order in ours
        assert order.open
        assert order.order_id
        assert order.cancel_sent_at is None


@given(ANY_WANTED, orders())
def test_what_is_placed_is_wanted_and_no_wanted_size_is_exceeded(wanted: list[Quote], ours: list[Order]) -> None:
    made = plan(wanted, ours, min_size=MIN, sellable=PLENTY)
    for quote in made.place:
        (target,) = [w for w in wanted if (slot(w), w.price) == (slot(quote), quote.price)]
        there = sum(o.remaining for o in ours if o.open and (slot(o), o.price) == (slot(quote), quote.price))
        assert quote.size >= MIN
        assert quote.size + there <= target.size


@given(peaceful())
def test_what_is_already_right_is_left_alone(wanted: list[Quote]) -> None:
    ours = [resting(number, quote) for number, quote in enumerate(wanted)]
    assert plan(wanted, ours, min_size=MIN, sellable=PLENTY) == Plan()


@given(ANY_WANTED, orders(ALIVE, cancelling=False))
def test_an_order_at_a_wanted_price_is_cancelled_only_if_too_much_rests_there(
    wanted: list[Quote], ours: list[Order]
) -> None:
    for order in plan(wanted, ours, min_size=MIN, sellable=PLENTY).cancel:
        room = sum(w.size for w in wanted if (slot(w), w.price) == (slot(order), order.price))
        there = sum(o.remaining for o in ours if (slot(o), o.price) == (slot(order), order.price))
        assert there > room


@given(peaceful(), orders(ALIVE))
def test_repeating_the_plan_arrives_at_what_is_wanted_and_then_changes_nothing(
    wanted: list[Quote], ours: list[Order]
) -> None:
    for _ in range(4):
        ours = carried_out(plan(wanted, ours, min_size=MIN, sellable=PLENTY), ours)
    assert plan(wanted, ours, min_size=MIN, sellable=PLENTY) == Plan()
    there = {(slot(o), o.price): 0 for o in ours}
    for order in ours:
        there[slot(order), order.price] += order.remaining
    assert set(there) == {(slot(w), w.price) for w in wanted}
    assert all(w.size - MIN < there[slot(w), w.price] <= w.size for w in wanted)


def carried_out(made: Plan, ours: list[Order]) -> list[Order]:
    """The venue does what it is told: what was cancelled is gone, what was placed rests."""
    left = [o for o in ours if o not in made.cancel and o.cancel_sent_at is None]
    number = max((o.key.counter for o in ours), default=0)
    return left + [resting(number + i, quote) for i, quote in enumerate(made.place, start=1)]


@given(ANY_WANTED, orders(ALIVE, cancelling=False))
def test_with_nothing_wanted_everything_is_cancelled(wanted: list[Quote], ours: list[Order]) -> None:
    assert plan([], ours, min_size=MIN, sellable=PLENTY) == Plan(cancel=tuple(ours))


@given(QUOTES, st.integers(1, 24))
def test_what_a_partial_fill_took_is_placed_beside_it_so_that_the_rest_keeps_its_place(
    quote: Quote, filled: int
) -> None:
    assume(filled < quote.size)
    order = evolve(resting(1, quote, Life.PARTIAL), filled=Size(filled))
    made = plan([quote], [order], min_size=MIN, sellable=PLENTY)
    beside = (evolve(quote, size=Size(filled)),) if filled >= MIN else ()
    assert made == Plan(place=beside)


def test_a_dead_order_whose_size_is_not_stated_yet_still_holds_its_shares() -> None:
    sale = Quote(YES, SELL, Price(5_500), Size(10))
    gone = resting(1, sale, Life.CANCELLED)
    assert plan([sale], [gone], min_size=MIN, sellable={YES: 10}) == Plan()
    assert plan([sale], [evolve(gone, final=True)], min_size=MIN, sellable={YES: 10}) == Plan(place=(sale,))
