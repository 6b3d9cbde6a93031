"""The `arbitrage` strategy: one take at a time, an open leg before anything else, and no arbitrage without its edge."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.arbitrage_settings import ArbitrageParameters
from actors.model.book import Book, Depth
from actors.model.ledger import Position
from actors.model.market import UNKNOWN_FEES, FeeSchedule, Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE, Cash, Price, Size
from actors.model.quote import Decision, View
from actors.model.reason import Reason
from actors.model.shares import Holding
from actors.model.take import Stage, Take, Taken, Takes
from actors.pricing.complement import Costs, walked
from actors.pricing.legs import ways_out
from actors.strategies.arbitrage import Arbitrage, ArbitrageState, Open, Result
from tests.depth import seeded
from tests.strategies.bench import Bench
from tests.strategies.views import BUY, MARKET, NO, SELL, YES, level

OWN = ArbitrageParameters()
IDLE = Takes(next=7, busy=False)


def books(yes: tuple[int, int], no: tuple[int, int], sizes: tuple[int, int] = (100, 100)) -> Book:
    """Best bid and ask of each outcome in cents, and how many shares there are on each side of it."""
    depths = [
        Depth(level(bid * 100, size * SHARE), level(ask * 100, size * SHARE))
        for (bid, ask), size in zip((yes, no), sizes, strict=True)
    ]
    return Book("m", depths[0], depths[1], Price(100), 1, 0.0, live=True)


CHEAP = books((47, 48), (48, 49))  # two asks that leave 3 cents, less 0.3 of allowances


def seen(
    book: Book = CHEAP, *, yes: int = 0, no: int = 0, paid: int = 48, takes: Takes = IDLE, now: float = 0.0
) -> View:
    held = [Holding(n * SHARE, n * SHARE, Cash(n * paid * SHARE // 100)) for n in (yes, no)]
    return View(MARKET, book, Position("m", yes=held[0], no=held[1]), now, takes=takes, free=Cash(1_000 * SHARE))


def decided(view: View, own: ArbitrageParameters = OWN, state: ArbitrageState | None = None) -> Decision:
    strategy = Arbitrage(own)
    return strategy.step(state or strategy.start(), view)[1]


def reason(decision: Decision) -> Reason | None:
    return decision.refusal.reason if decision.refusal else None


# ── the first leg ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("sizes", "first", "price"), [((30, 100), YES, 4_800), ((100, 30), NO, 4_900)])
def test_the_thinner_leg_goes_first_all_of_it_or_nothing(sizes: tuple[int, int], first: Outcome, price: int) -> None:
    decision = decided(seen(books((47, 48), (48, 49), sizes)))
    assert decision.takes == (Take(7, first, BUY, Price(price), Size(30 * SHARE), "FOK"),)


def test_without_an_edge_above_the_threshold_nothing_is_begun_and_the_edge_is_told() -> None:
    decision = decided(seen(books((49, 50), (48, 49))))
    assert reason(decision) is Reason.NO_EDGE
    assert decision.refusal is not None
    assert dict(decision.refusal.inputs)["edge"] == "0.0070"


def test_pairs_that_are_held_are_sold_above_1_and_none_is_sold_that_is_not_there() -> None:
    rich = books((52, 53), (51, 52), (40, 60))
    assert decided(seen(rich)).takes == ()
    assert decided(seen(rich, yes=25, no=25)).takes == (Take(7, YES, SELL, Price(5_200), Size(25 * SHARE), "FOK"),)


def test_no_more_is_begun_than_both_legs_have_money_for() -> None:
    assert decided(evolve(seen(), free=Cash(20 * SHARE))).takes[0].size == 20 * SHARE
    assert decided(evolve(seen(), free=Cash(4 * SHARE))).takes == ()


@pytest.mark.parametrize("takes", [evolve(IDLE, busy=True)])
def test_while_a_take_may_still_trade_nothing_is_decided(takes: Takes) -> None:
    for view in (seen(takes=takes), seen(yes=20, takes=takes)):
        assert (decided(view).takes, reason(decided(view))) == ((), Reason.TAKE_OPEN)


def test_a_crossed_book_and_unknown_fees_begin_nothing() -> None:
    assert reason(decided(seen(books((48, 48), (48, 49))))) is Reason.CROSSED
    assert reason(decided(evolve(seen(), market=evolve(MARKET, fees=UNKNOWN_FEES)))) is Reason.FEES_UNKNOWN


# ── the second leg, or the way back ───────────────────────────────────────────────────────────────────────────────


def first_leg(bought: int = 30, at: int = 48) -> Takes:
    """The first leg has filled."""
    take = Take(7, YES, BUY, Price(at * 100), Size(bought * SHARE), "FOK")
    taken = Taken(take, Stage.OVER, Size(bought * SHARE), Cash(bought * at * SHARE // 100))
    return Takes(next=8, busy=False, last=(taken,))


def test_the_second_leg_is_as_large_as_what_the_first_one_filled() -> None:
    decision = decided(seen(yes=17, takes=first_leg(17)))
    assert decision.takes == (Take(8, NO, BUY, Price(4_900), Size(17 * SHARE), "FAK"),)


def test_a_leg_is_completed_at_a_loss_that_is_allowed_and_not_at_a_larger_one_yet() -> None:
    allowed, too_much = books((40, 55), (40, 54)), books((40, 55), (40, 55))
    assert decided(seen(allowed, yes=30, takes=first_leg())).takes == (
        Take(8, NO, BUY, Price(5_400), Size(30 * SHARE), "FAK"),
    )
    decision = decided(seen(too_much, yes=30, takes=first_leg()))
    assert (decision.takes, reason(decision)) == ((), Reason.LEG_OPEN)


@pytest.mark.parametrize(
    ("book", "way"),
    [
        (books((44, 55), (40, 58)), (YES, SELL, 4_400)),
        (books((41, 55), (40, 58)), (NO, BUY, 5_800)),
    ],
    ids=["sold again", "completed all the same"],
)
def test_after_the_timeout_an_open_leg_is_closed_however_it_loses_least(
    book: Book, way: tuple[Outcome, Side, int]
) -> None:
    strategy, view = Arbitrage(OWN), seen(book, yes=30, takes=first_leg())
    state, early = strategy.step(strategy.start(), view)
    assert (early.takes, early.look_at) == ((), OWN.leg_timeout)
    _, late = strategy.step(state, evolve(view, now=OWN.leg_timeout))
    assert [(take.outcome, take.side, take.price, take.size) for take in late.takes] == [(*way, 30 * SHARE)]


def test_a_life_that_begins_between_two_legs_closes_the_open_one_and_begins_none() -> None:
    """It knows of no first leg: neither from its state nor, after a restart of everything, from its takes."""
    for takes in (first_leg(), evolve(IDLE, next=1 << 32)):
        decision = decided(seen(yes=30, takes=takes))
        assert [(take.outcome, take.side, take.size) for take in decision.takes] == [(NO, BUY, 30 * SHARE)]


def test_a_try_that_leaves_the_leg_open_is_followed_by_another_after_a_moment() -> None:
    strategy, view = Arbitrage(OWN), seen(yes=30, takes=first_leg())
    state, decision = strategy.step(strategy.start(), view)
    assert decision.takes
    again = evolve(view, takes=evolve(view.takes, next=9), now=0.1)
    state, decision = strategy.step(state, again)
    assert decision.takes == ()
    state, decision = strategy.step(state, evolve(again, now=0.5))
    assert [take.number for take in decision.takes] == [9]


# ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────────


def after(state: ArbitrageState, *, earned: int, used: int = 2) -> ArbitrageState:
    """The state once an arbitrage of 10 pairs has earned so much (cash units)."""
    under_way = Open(7, Size(10 * SHARE), 0.03, 0, 0)
    held = evolve(seen(books((49, 50), (49, 50))), takes=Takes(next=7 + used, busy=False))
    position = evolve(held.position, trades=2, fees=Cash(-earned))
    return Arbitrage(OWN).step(evolve(state, open=under_way), evolve(held, position=position))[0]


def test_what_an_arbitrage_earned_is_held_against_what_it_promised() -> None:
    state = after(ArbitrageState(), earned=200_000)
    assert state.results == (Result(0.03, 0.02),)
    assert (state.legs, state.failed, state.open) == (1, 0, None)


def test_the_slippage_that_is_allowed_for_grows_with_what_is_missing_and_shrinks_again() -> None:
    strategy = Arbitrage(OWN)
    missed = after(after(ArbitrageState(), earned=0), earned=0)
    assert strategy.costs(missed, seen()).slippage == pytest.approx(0.03 * 0.51)
    kept = missed
    for _ in range(12):
        kept = after(kept, earned=300_000)
    assert strategy.costs(kept, seen()).slippage == OWN.slippage / PRICE_ONE


def test_legs_that_fail_raise_the_allowance_for_them() -> None:
    state = ArbitrageState()
    for _ in range(12):
        state = after(state, earned=0, used=4)
    assert state.failed == 12
    assert Arbitrage(OWN).costs(state, seen()).failure > OWN.failure_buffer / PRICE_ONE


def test_arbitrages_that_earn_nothing_end_in_no_more_arbitrages_and_the_figures_are_told() -> None:
    losses = tuple(Result(0.03, -0.01) for _ in range(OWN.judged_after))
    for results, wanted in ((losses, Reason.EDGE_NOT_REALISED), (losses[1:], None)):
        decision = decided(seen(), state=ArbitrageState(results=results))
        assert reason(decision) is wanted
        if decision.refusal:
            assert decision.refusal.inputs == (("promised", "0.0300"), ("earned", "-0.0100"))


def test_a_first_leg_that_did_not_trade_is_no_result() -> None:
    state = evolve(after(ArbitrageState(), earned=0), results=(), legs=0)
    under_way = Open(7, Size(10 * SHARE), 0.03, 0, 0)
    killed = evolve(seen(), takes=Takes(next=8, busy=False))
    found, decision = Arbitrage(OWN).step(evolve(state, open=under_way), killed)
    assert (found.open, found.results, found.legs, decision.takes) == (None, (), 0, ())


# ── any books ─────────────────────────────────────────────────────────────────────────────────────────────────────


def judged(bench: Bench, decision: Decision) -> None:
    """What must hold of a decision at this view, by what it saw."""
    view, own = bench.view, bench.parameters
    assert len(decision.takes) <= 1
    assert decision.quotes == ()
    for take in decision.takes:
        assert not view.takes.busy
        assert take.number == view.takes.next
        assert 0 < take.price < PRICE_ONE
        assert take.size >= view.market.min_size
        assert take.size % 10_000 == 0
        if take.side is SELL:
            assert take.size <= view.position.holding(take.outcome).sellable
        if take.life == "FOK":
            assert abs(view.position.net) < view.market.min_size
            assert confirmed_edge(view, take, own) > own.min_edge_threshold / PRICE_ONE
        else:
            assert take.size <= abs(view.position.net)
            closes = YES if (view.position.net > 0) is (take.side is SELL) else NO
            assert take.outcome is closes


def confirmed_edge(view: View, take: Take, own: ArbitrageParameters) -> float:
    sides = [getattr(view.book.depth(outcome), "asks" if take.side is BUY else "bids") for outcome in Outcome]
    ways = [walked(levels, take.size) for levels in sides]
    assert ways[0] is not None
    assert ways[1] is not None
    costs = Costs(view.market.fees, own.slippage / PRICE_ONE, own.failure_buffer / PRICE_ONE)
    return costs.edge(take.side, ways[0][0], ways[1][0])


def lives(seed: int, views: int) -> Bench:
    """A strategy's lives over so many views; every one of them judged."""
    random = Random(seed)
    bench = Bench(OWN, random, FeeSchedule(random.choice([0, 0, 400, 700])))
    for _ in range(views):
        decision = bench.decide()
        judged(bench, decision)
        net, minimum = bench.position.net, bench.market.min_size
        assert abs(net) < OWN.max_pairs + minimum, "a leg has been traded twice"
        overdue = bench.state.leg_since is not None and bench.now - bench.state.leg_since >= OWN.leg_timeout
        if overdue and not bench.takes.busy and bench.now >= bench.state.quiet_until and abs(net) >= minimum:
            excess = YES if net > 0 else NO
            sellable = bench.position.holding(excess).sellable
            ways = ways_out(
                bench.book, excess, bench.fees, size=abs(net), sellable=sellable, min_size=minimum, floor=-1.0
            )
            assert bool(decision.takes) is bool(list(ways)), "a leg stays open past its time though there is a way out"
        bench.turn(decision, random.choice([0.05, 0.3, 1.0]))
    return bench


@seeded(100)
@given(st.integers(0, 2**32))
def test_over_any_books_no_arbitrage_lacks_its_edge_no_leg_is_traded_twice_and_none_stays_open_past_its_time(
    seed: int,
) -> None:
    lives(seed, 60)


@pytest.mark.slow
def test_over_ten_thousand_adversarial_books_the_same_holds_and_arbitrages_do_happen() -> None:
    benches = [lives(seed, 500) for seed in range(24)]
    assert sum(bench.orders for bench in benches) > 200
