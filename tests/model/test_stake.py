"""The worst that can come of an event is never exceeded by any way in which its orders fill and its markets end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.ledger import Holding, Position
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost, proceeds
from actors.model.quote import Quote
from actors.model.stake import Stake, worst_loss
from tests.depth import examples

SIZES = st.integers(1, 40).map(lambda n: n * SHARE // 4)
HOLDINGS = st.builds(
    lambda size, price: Holding(size, size, cost(price, size)), st.one_of(st.just(0), SIZES), st.integers(1, 9999)
)
POSITIONS = st.builds(lambda yes, no: Position("m", yes=yes, no=no), HOLDINGS, HOLDINGS)
BUYS = st.builds(Quote, st.sampled_from(Outcome), st.just(Side.BUY), st.integers(1, 9999).map(Price), SIZES.map(Size))


@st.composite
def stakes(draw: st.DrawFn) -> Stake:
    """Some buys, and sales of no more than is held."""
    position = draw(POSITIONS)
    orders = draw(st.lists(BUYS, max_size=2))
    for outcome in Outcome:
        if (held := position.holding(outcome).size) and draw(st.booleans()):
            orders.append(Quote(outcome, Side.SELL, Price(draw(st.integers(1, 9999))), Size(held)))
    return Stake(position, tuple(orders))


def ends(markets: int, *, exclusive: bool) -> Iterator[tuple[bool, ...]]:
    """Every way in which markets can end: True = YES pays."""
    return (end for end in product((False, True), repeat=markets) if not exclusive or sum(end) <= 1)


def lost(stake: Stake, filled: Sequence[bool], *, yes: bool) -> int:
    """What one market loses if these orders fill and it ends so."""
    shares = {outcome: stake.position.holding(outcome).size for outcome in Outcome}
    paid = stake.position.yes.cost + stake.position.no.cost
    for order, fills in zip(stake.orders, filled, strict=True):
        if fills and order.side is Side.BUY:
            shares[order.outcome] += order.size
            paid = Cash(paid + cost(order.price, order.size))
        elif fills:
            shares[order.outcome] -= order.size
            paid = Cash(paid - proceeds(order.price, order.size))
    return paid - shares[Outcome.YES if yes else Outcome.NO]


def ways(all_: Sequence[Stake], *, exclusive: bool) -> Iterator[int]:
    fills = [list(product((False, True), repeat=len(stake.orders))) for stake in all_]
    for end in ends(len(all_), exclusive=exclusive):
        yield sum(
            max(lost(stake, filled, yes=yes) for filled in ways_)
            for stake, ways_, yes in zip(all_, fills, end, strict=True)
        )


@settings(max_examples=examples(200))
@given(st.lists(stakes(), min_size=1, max_size=3), st.booleans())
def test_the_worst_loss_is_the_largest_of_all_ways_in_which_it_can_end(all_: list[Stake], exclusive: bool) -> None:
    assert worst_loss([stake.losses for stake in all_], exclusive=exclusive) == max(0, *ways(all_, exclusive=exclusive))


def test_sides_of_one_event_that_exclude_each_other_cost_less_than_each_by_itself() -> None:
    held = Holding(10 * SHARE, 10 * SHARE, Cash(3 * PUSD))
    three = [Stake(Position(name, yes=held)).losses for name in "abc"]
    assert worst_loss(three, exclusive=True) == 9 * PUSD, "a fourth may win"
    against = [Stake(Position(name, no=Holding(10 * SHARE, 10 * SHARE, Cash(7 * PUSD)))).losses for name in "abc"]
    assert worst_loss(against, exclusive=True) == 1 * PUSD, "two of three pay in any case"
    assert worst_loss(against, exclusive=False) == 21 * PUSD


def test_an_order_counts_by_what_it_would_take_and_a_price_by_what_is_held() -> None:
    buy = Quote(Outcome.YES, Side.BUY, Price(4000), Size(10 * SHARE))
    sale = Quote(Outcome.YES, Side.SELL, Price(6000), Size(10 * SHARE))
    held = Position("a", yes=Holding(10 * SHARE, 10 * SHARE, Cash(3 * PUSD)))
    assert Stake(held, (buy, sale)).notional(5000) == 9 * PUSD
    assert Stake(held, (buy, sale)).notional(None) == 7 * PUSD
