"""The governor: quotes move no more often than allowed, what protects never waits, and no slot holds two orders."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from actors.model.governor import WINDOW, Governor, Pace, protects
from actors.model.market import Outcome, Side
from actors.model.numbers import Price, Size
from actors.model.order import Key, Life, Order
from actors.model.plan import Plan, plan, self_trades
from actors.model.quote import Quote
from actors.model.reason import Reason

YES, NO, BUY, SELL = Outcome.YES, Outcome.NO, Side.BUY, Side.SELL
PACE = Pace(min_life=0.5, dedupe=1.0, ttl=inf, actions=240)
MIN = 5

PACES = st.builds(
    Pace,
    min_life=st.sampled_from([0.0, 0.5, 2.0]),
    dedupe=st.sampled_from([0.0, 1.0, 3.0]),
    ttl=st.sampled_from([inf, 5.0]),
    actions=st.integers(4, 12),
)
QUOTES = st.builds(
    Quote,
    st.sampled_from(Outcome),
    st.sampled_from(Side),
    st.integers(47, 53).map(lambda cents: Price(cents * 100)),
    st.sampled_from([Size(10), Size(20)]),
)
WANTED = st.lists(QUOTES, max_size=4, unique_by=lambda q: (q.outcome, q.side, q.price))
STEPS = st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.3, 1.0, 20.0]), WANTED), max_size=40)


@define(eq=False)
class Market:
    """A tracker's loop over an obedient venue: what is cancelled is gone by the next step, what is placed rests."""

    governor: Governor
    now: float = 0.0
    orders: list[Order] = field(factory=list)
    made: list[tuple[float, Plan]] = field(factory=list)

    def want(self, *wanted: Quote) -> Plan:
        self.orders = [order for order in self.orders if order.cancel_sent_at is None]
        since = self.governor.since(self.now)
        change = plan(wanted, self.orders, min_size=MIN, sellable={YES: 1_000, NO: 1_000}, since=since)
        change = self.governor.govern(change, wanted, self.orders, self.now)
        self.made.append((self.now, change))
        self.governor.cancelled(change.cancel, self.now, requote=not any(protects(o, wanted) for o in change.cancel))
        self.orders = [evolve(o, cancel_sent_at=self.now) if o in change.cancel else o for o in self.orders]
        for quote in change.place:
            self.governor.placed(quote, self.now)
            self.orders.append(self.resting(quote))
        return change

    def resting(self, quote: Quote) -> Order:
        number = sum(len(change.place) for _, change in self.made) * 100 + len(self.orders)
        key = Key(1, number)
        return Order(key, quote.outcome, quote.side, quote.price, quote.size, self.now, f"o{number}", Life.LIVE)

    def after(self, seconds: float) -> Market:
        self.now += seconds
        return self


def bid(cents: int, size: int = 20) -> Quote:
    return Quote(YES, BUY, Price(cents * 100), Size(size))


def ask(cents: int, size: int = 20) -> Quote:
    return Quote(YES, SELL, Price(cents * 100), Size(size))


def market(pace: Pace = PACE) -> Market:
    return Market(Governor(pace))


def held(of: Market) -> Reason | None:
    return of.governor.held.reason if of.governor.held else None


# ── minimum life, dedupe, age, churn ────────────────────────────────────────────────────────────────────────────────


def test_an_order_rests_a_while_before_a_better_quote_may_replace_it() -> None:
    of = market()
    of.want(bid(48))
    assert of.after(0.1).want(bid(49)) == Plan()
    assert (held(of), of.governor.look_at) == (Reason.MIN_LIFE, 0.5)
    assert of.after(0.4).want(bid(49)).cancel
    assert of.after(0.01).want(bid(49)).place == (bid(49),)
    assert held(of) is None


def test_a_quote_that_has_become_too_good_for_others_goes_at_once_and_its_place_stays_empty_for_a_moment() -> None:
    of = market()
    of.want(bid(48))
    assert of.after(0.1).want(bid(45)).cancel
    assert of.after(0.1).want(bid(45)).place == ()
    assert held(of) is Reason.MIN_LIFE
    assert of.after(0.3).want(bid(45)).place == (bid(45),)


def test_the_same_order_is_not_placed_twice_within_the_window() -> None:
    of = market()
    of.want(bid(48))
    of.orders.clear()  # filled
    assert of.after(0.6).want(bid(48)).place == ()
    assert (held(of), of.governor.look_at) == (Reason.DEDUPE, 1.0)
    assert of.want(bid(47)).place == (bid(47),)
    of.orders.clear()
    assert of.after(0.5).want(bid(48)).place == (bid(48),)


def test_an_order_that_is_too_old_is_replaced_by_its_like() -> None:
    of = market(evolve(PACE, ttl=30.0))
    of.want(bid(48))
    assert of.want(bid(48)) == Plan()
    assert of.governor.look_at == 30.001
    assert of.after(30.0).want(bid(48)) == Plan()
    assert of.after(0.001).want(bid(48)).cancel
    assert of.after(0.1).want(bid(48)).place == (bid(48),)


def test_too_many_actions_keep_what_rests_until_some_are_a_minute_old() -> None:
    of = market(Pace(min_life=0.0, dedupe=0.0, ttl=inf, actions=4))
    for cents in (40, 41):
        of.after(1.0).want(bid(cents))
    of.after(1.0).want(bid(41))
    assert of.after(1.0).want(bid(42)) == Plan()
    assert held(of) is Reason.CHURN
    assert of.governor.held is not None
    assert ("limits.actions_per_minute", "4") in of.governor.held.inputs
    assert of.after(WINDOW - 2.0).want(bid(42)).cancel
    assert of.after(0.1).want(bid(42)).place == (bid(42),)


@pytest.mark.parametrize(
    "wanted",
    [
        (),
        (ask(55),),
        (bid(48, size=10), bid(47, size=5)),
        (bid(48, size=10), bid(47, size=10)),
        (bid(49, size=15),),
        (bid(47),),
        (bid(49), ask(48)),
    ],
)
def test_what_protects_is_cancelled_in_the_same_breath_whatever_was_done_before(wanted: tuple[Quote, ...]) -> None:
    """Nothing wanted at all or on that side; less, there or better; a worse price; a quote that it could trade with."""
    of = market(Pace(min_life=60.0, dedupe=60.0, ttl=inf, actions=1))
    of.want(bid(48))
    assert len(of.want(*wanted).cancel) == 1


def test_a_requote_under_way_is_overtaken_when_nothing_is_wanted_any_more_but_only_once() -> None:
    of = market()
    of.want(bid(48))
    of.after(1.0).want(bid(49))
    (leaving,) = of.orders
    assert of.governor.govern(Plan(), [bid(50)], [leaving], of.now) == Plan()
    for expected in ((leaving,), ()):
        made = of.governor.govern(Plan(), [], [leaving], of.now)
        assert made.cancel == expected
        of.governor.cancelled(made.cancel, of.now, requote=False)


# ── whatever is wanted when ─────────────────────────────────────────────────────────────────────────────────────────


def run(of: Market, steps: Sequence[tuple[float, list[Quote]]]) -> list[tuple[list[Order], Plan, list[Quote]]]:
    """Each step's orders before it, what was made of it, and what was wanted."""
    seen = []
    for pause, wanted in steps:
        of.after(pause)
        before = [order for order in of.orders if order.cancel_sent_at is None]
        seen.append((before, of.want(*wanted), wanted))
    return seen


def _worse(quote: Quote, order: Order) -> bool:
    """For whoever would trade with it: another side counts as such."""
    if (quote.outcome, quote.side) != (order.outcome, order.side):
        return True
    return quote.price < order.price if order.side is BUY else quote.price > order.price


@given(PACES, STEPS)
def test_no_cancel_that_protects_ever_waits(pace: Pace, steps: list[tuple[float, list[Quote]]]) -> None:
    for before, made, wanted in run(market(pace), steps):
        unwanted = [o for o in before if not any((o.outcome, o.side) == (q.outcome, q.side) for q in wanted)]
        too_good = [o for o in before if all(_worse(q, o) for q in wanted)]
        crossing = [o for o in before if any(self_trades(q, o) for q in wanted)]
        kept_price = {(q.outcome, q.side, q.price) for q in wanted}
        crossing = [o for o in crossing if (o.outcome, o.side, o.price) not in kept_price]
        assert not [o for o in (*unwanted, *too_good, *crossing) if o not in made.cancel]


@given(PACES, STEPS)
def test_no_minute_holds_more_actions_than_allowed_but_for_cancels_that_protect(
    pace: Pace, steps: list[tuple[float, list[Quote]]]
) -> None:
    of, acted = market(pace), list[float]()
    for before, made, wanted in run(of, steps):
        at = next(now for now, change in of.made if change is made)
        moved = [o for o in made.cancel if not protects(o, wanted)]
        assert set(made.cancel) <= set(before)
        acted += [at] * (len(moved) + len(made.place))
    for end in acted:
        assert sum(at <= end < at + WINDOW for at in acted) <= pace.actions


@given(PACES, STEPS)
def test_what_is_kept_never_leaves_two_orders_where_one_is_wanted(
    pace: Pace, steps: list[tuple[float, list[Quote]]]
) -> None:
    """Nothing is placed on a side while an order there that is not wanted stays."""
    for before, made, wanted in run(market(pace), steps):
        right = {(q.outcome, q.side, q.price) for q in wanted}
        stay = [o for o in before if o not in made.cancel and (o.outcome, o.side, o.price) not in right]
        assert not {(o.outcome, o.side) for o in stay} & {(q.outcome, q.side) for q in made.place}


@given(PACES, STEPS)
def test_a_slot_is_filled_once_in_a_minimum_life_and_with_the_same_order_once_in_the_dedupe_window(
    pace: Pace, steps: list[tuple[float, list[Quote]]]
) -> None:
    of = market(pace)
    run(of, steps)
    placed = [(at, quote) for at, change in of.made for quote in change.place]
    for at, quote in placed:
        later = [(t, q) for t, q in placed if t > at and (q.outcome, q.side) == (quote.outcome, quote.side)]
        assert all(t >= at + pace.min_life for t, _ in later)
        assert all(t >= at + pace.dedupe for t, q in later if q == quote)


@given(PACES, STEPS, WANTED)
def test_what_is_wanted_for_long_rests_in_the_end(
    pace: Pace, steps: list[tuple[float, list[Quote]]], wanted: list[Quote]
) -> None:
    """However busy it was: whoever looks when the governor says so gets there, and no look is due in the past."""
    of = market(evolve(pace, ttl=inf))
    run(of, steps)
    for _ in range(200):
        of.want(*wanted)
        assert of.governor.look_at > of.now
        if of.governor.held is None and not any(order.cancel_sent_at is not None for order in of.orders):
            break
        of.after(min(1.0, of.governor.look_at - of.now))
    ungoverned = plan(wanted, of.orders, min_size=MIN, sellable={YES: 1_000, NO: 1_000})
    assert ungoverned == Plan()
