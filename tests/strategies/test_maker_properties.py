"""What holds of the quotes of `maker` for any run of books, fills, trades and settings."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import OwnLevel, without
from actors.model.breaker import Caught
from actors.model.maker_settings import PROFILES, MakerParameters
from actors.model.market import Outcome, Side, tradable_price
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from actors.model.plan import yes_terms
from actors.model.quote import Decision, View
from actors.model.reason import Reason
from actors.model.rewards import Rewards
from actors.model.tape import Tape, with_trade
from actors.strategies.maker import Maker
from tests.strategies.views import MARKET, sides, views

PRICES = st.integers(1, PRICE_ONE - 1).map(Price)
SIZES = st.integers(1, 5_000).map(lambda n: Size(n * SHARE // 7))
RARELY = st.none() | st.none() | st.floats(1e-3, 1e3)


@st.composite
def parameters(draw: st.DrawFn) -> MakerParameters:
    low = draw(st.integers(1, 4_000))
    return MakerParameters(
        profile=draw(st.sampled_from(["auto", *PROFILES])),
        size=Size(draw(st.integers(3, 90)) * SHARE),
        limit=Size(draw(st.integers(1, 400)) * SHARE),
        skew_ticks_at_limit=draw(st.floats(0, 50)),
        model=draw(st.sampled_from(["horizon", "endless"])),
        arrival=draw(st.floats(1e-9, 10)),
        gamma=draw(RARELY),
        k=draw(RARELY),
        h_min=draw(st.none() | PRICES),
        k_vol=draw(RARELY),
        k_tox=draw(RARELY),
        max_spread=draw(st.just(Price(9_999)) | PRICES),
        min_price=Price(low),
        max_price=Price(draw(st.integers(low + 1, 9_999))),
        micro=draw(st.floats(0, 1)),
        print_weight=draw(st.floats(0, 1)),
        thin_depth=Cash(draw(st.sampled_from([0, 0, 50 * PUSD, 10**12]))),
        rewards=draw(st.booleans()),
    )


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    tape: Tape = ()
    for _ in range(draw(st.integers(0, 3))):
        tape = with_trade(tape, draw(st.booleans()), Price(draw(st.integers(0, PRICE_ONE))), draw(SIZES), 0.0)
    return tape


@st.composite
def runs(draw: st.DrawFn) -> list[View]:
    """Views of one market in the order of time: books that jump, halt, cross and empty, with our orders in them or not."""
    seen: list[View] = []
    now = draw(st.floats(0, 1e6))
    paid = draw(st.just(Rewards()) | st.builds(Rewards, SIZES.map(Cash), SIZES, st.integers(1, 900).map(Price)))
    for number, view in enumerate(draw(st.lists(views(), min_size=1, max_size=6))):
        now += draw(st.sampled_from([0.0, 0.01, 1.0, 8.0, 15.0, 1e4]))
        own = tuple(OwnLevel(draw(st.booleans()), draw(PRICES), draw(SIZES)) for _ in range(draw(st.integers(0, 2))))
        fills = tuple(Caught(str(n), draw(st.booleans()), draw(PRICES), draw(SIZES), now) for n in range(number))
        seen.append(
            evolve(
                view,
                market=evolve(view.market, rewards=paid),
                book=evolve(view.book, tape=draw(tapes())),
                now=now,
                own=own,
                fills=fills,
                ends_in=draw(st.none() | st.floats(-10, 1e6)),
            )
        )
    return seen


def decisions(own: MakerParameters, seen: list[View]) -> list[tuple[View, Decision]]:
    maker = Maker(own)
    state, found = maker.start(), []
    for view in seen:
        state, decision = maker.step(state, view)
        found.append((view, decision))
    return found


@given(parameters(), runs())
def test_every_quote_is_post_only_on_the_grid_large_enough_and_below_our_own_asks(
    own: MakerParameters, seen: list[View]
) -> None:
    for view, decision in decisions(own, seen):
        depth = without(view.book.yes, view.own)
        for quote in decision.quotes:
            assert depth.best_bid is not None
            assert depth.best_ask is not None
            bid, price = yes_terms(quote.outcome, quote.side, quote.price)
            assert price < depth.best_ask if bid else price > depth.best_bid
            assert tradable_price(quote.price, view.book.tick)
            assert quote.size >= MARKET.min_size
            assert quote.size % 10_000 == 0
        bids, asks = sides(decision)
        assert not bids or not asks or max(bids) < min(asks)


@given(parameters(), runs())
def test_no_fill_could_take_the_position_past_the_limit_nor_sell_what_is_not_confirmed(
    own: MakerParameters, seen: list[View]
) -> None:
    for view, decision in decisions(own, seen):
        net, (bids, asks) = view.position.net, sides(decision)
        assert sum(bids.values()) <= max(0, own.limit - net, -net)
        assert sum(asks.values()) <= max(0, own.limit + net, net)
        for outcome in Outcome:
            sold = sum(q.size for q in decision.quotes if (q.outcome, q.side) == (outcome, Side.SELL))
            assert sold <= view.position.holding(outcome).sellable


@given(parameters(), runs())
def test_once_time_is_up_only_what_reduces_is_quoted(own: MakerParameters, seen: list[View]) -> None:
    for view, decision in decisions(own, [evolve(view, ends_in=0.5) for view in seen]):
        net, (bids, asks) = view.position.net, sides(decision)
        assert sum(bids.values()) <= max(0, -net)
        assert sum(asks.values()) <= max(0, net)


@given(parameters(), runs())
def test_a_decision_lacks_a_side_exactly_when_it_says_why(own: MakerParameters, seen: list[View]) -> None:
    for _, decision in decisions(own, seen):
        assert all(sides(decision)) == (decision.refusal is None)


@given(parameters(), runs())
def test_a_jump_pulls_both_sides_until_it_has_cooled(own: MakerParameters, seen: list[View]) -> None:
    cool, until = 5.0, -1.0
    for view, decision in decisions(evolve(own, cool=cool, jump_z=0.1), seen):
        assert view.now >= until or not decision.quotes
        if decision.refusal is not None and decision.refusal.reason is Reason.JUMPED:
            assert decision.quotes == ()
            left = dict(decision.refusal.inputs)["left"]
            until = view.now + float(left.removesuffix(" s")) - 0.1


@given(parameters(), runs())
def test_the_same_views_make_the_same_decisions(own: MakerParameters, seen: list[View]) -> None:
    assert decisions(own, seen) == decisions(own, seen)


@given(parameters(), runs(), runs())
def test_no_decision_depends_on_what_comes_after_it(own: MakerParameters, seen: list[View], later: list[View]) -> None:
    assert decisions(own, [*seen, *later])[: len(seen)] == decisions(own, seen)
