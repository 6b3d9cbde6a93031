"""The ladder book against the naive one: two dicts of price to size, searched afresh every time."""

from __future__ import annotations

import pytest
from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import EMPTY, Depth, Level, OwnLevel, without
from actors.model.ladder import Ladder, OffGrid
from actors.model.numbers import PRICE_ONE, Price, Size

TICKS = st.sampled_from([1, 10, 25, 50, 100, 1000])
SIZES = st.integers(0, 5)


@define
class Naive:
    """The book as anyone would write it first."""

    bids: dict[int, int] = field(factory=dict)
    asks: dict[int, int] = field(factory=dict)

    def best(self) -> tuple[int | None, int | None]:
        return max(self.bids, default=None), min(self.asks, default=None)

    def change(self, bid: bool, price: int, size: int) -> None:
        side = self.bids if bid else self.asks
        side.pop(price, None)
        if size:
            side[price] = size

    def prune(self, best_bid: int, best_ask: int) -> bool:
        if best_bid >= 0:
            self.bids = {price: size for price, size in self.bids.items() if price <= best_bid}
        if best_ask >= 0:
            self.asks = {price: size for price, size in self.asks.items() if price >= best_ask}
        bid, ask = self.best()
        return (best_bid < 0 or (bid or 0) == best_bid) and (best_ask < 0 or (ask or PRICE_ONE) == best_ask)

    def depth(self, levels: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        return tuple(sorted(self.bids.items(), reverse=True)[:levels]), tuple(sorted(self.asks.items())[:levels])


@frozen
class Change:
    bid: bool
    slot: int
    size: int


@frozen
class Prune:
    bid: int
    ask: int


@frozen
class Snapshot:
    bids: dict[int, int]
    asks: dict[int, int]


def operations(tick: int) -> st.SearchStrategy[list[Change | Prune | Snapshot]]:
    slots = st.one_of(
        st.integers(1, PRICE_ONE // tick - 1),
        st.integers(1, 4),
        st.integers(-4, -1).map(lambda s: s + PRICE_ONE // tick),
    )
    prices = slots.map(lambda slot: slot * tick)
    claims = st.one_of(st.sampled_from([-1, 0, PRICE_ONE]), prices, st.integers(0, PRICE_ONE))
    side = st.dictionaries(prices, st.integers(1, 5), max_size=8)
    changes = st.builds(Change, st.booleans(), prices, SIZES)
    return st.lists(
        st.one_of(changes, changes, changes, st.builds(Prune, claims, claims), st.builds(Snapshot, side, side)),
        max_size=30,
    )


@given(TICKS.flatmap(lambda tick: st.tuples(st.just(tick), operations(tick))))
def test_a_ladder_shows_what_a_plain_dictionary_would(drawn: tuple[int, list[Change | Prune | Snapshot]]) -> None:
    tick, steps = drawn
    ladder, naive = Ladder(tick), Naive()
    for step in steps:
        match step:
            case Change():
                ladder.change(step.bid, step.slot, step.size)
                naive.change(step.bid, step.slot, step.size)
            case Prune():
                assert ladder.prune(step.bid, step.ask) == naive.prune(step.bid, step.ask)
            case Snapshot():
                ladder.snapshot(step.bids.items(), step.asks.items())
                naive = Naive(dict(step.bids), dict(step.asks))
        assert (ladder.best_bid, ladder.best_ask) == naive.best()
        depth = ladder.depth(5)
        assert (depth.bids, depth.asks) == naive.depth(5)
        assert ladder.same(naive.bids.items(), naive.asks.items())


def held() -> Ladder:
    ladder = Ladder(100)
    ladder.snapshot([(4_800, 5), (4_900, 7)], [(5_100, 3), (5_200, 2)])
    return ladder


@pytest.mark.parametrize("price", [0, -100, 4_950, 10_000, 10_100, 1])
@pytest.mark.parametrize("bid", [True, False])
def test_a_change_off_the_grid_is_refused_and_changes_nothing(price: int, bid: bool) -> None:
    ladder = held()
    with pytest.raises(OffGrid):
        ladder.change(bid, price, 1)
    assert ladder.same([(4_800, 5), (4_900, 7)], [(5_100, 3), (5_200, 2)])


@pytest.mark.parametrize(
    ("bids", "asks"), [([(4_900, 1), (4_950, 1)], []), ([(4_800, 1)], [(4_900, 1), (0, 1)]), ([(10_000, 1)], [])]
)
def test_a_snapshot_off_the_grid_is_refused_and_leaves_no_book(
    bids: list[tuple[int, int]], asks: list[tuple[int, int]]
) -> None:
    ladder = held()
    with pytest.raises(OffGrid):
        ladder.snapshot(bids, asks)
    assert ladder.depth(9) == EMPTY
    assert ladder.same([], [])
    assert (ladder.best_bid, ladder.best_ask) == (None, None)


def test_a_book_that_differs_in_one_level_is_not_the_same() -> None:
    assert not held().same([(4_800, 5), (4_900, 8)], [(5_100, 3), (5_200, 2)])
    assert not held().same([(4_800, 5), (4_900, 7)], [(5_100, 3)])
    assert not held().same([(4_850, 5)], [])


LEVELS = st.dictionaries(st.integers(1, 99).map(lambda cents: cents * 100), st.integers(1, 50), max_size=5)


@given(LEVELS, LEVELS, st.lists(st.tuples(st.booleans(), st.integers(1, 99), st.integers(1, 30)), max_size=5))
def test_without_our_own_orders_each_level_is_what_others_rest_there(
    bids: dict[int, int], asks: dict[int, int], ours: list[tuple[bool, int, int]]
) -> None:
    ladder = Ladder(100)
    ladder.snapshot(bids.items(), asks.items())
    own = [OwnLevel(bid, Price(cents * 100), Size(size)) for bid, cents, size in ours]
    seen: Depth = without(ladder.depth(99), own)
    for bid, levels, shown in ((True, bids, seen.bids), (False, asks, seen.asks)):
        mine = {price: sum(o.size for o in own if o.bid is bid and o.price == price) for price in levels}
        assert {level.price: level.size for level in shown} == {
            price: size - mine[price] for price, size in levels.items() if size > mine[price]
        }
    assert list(seen.bids) == sorted(seen.bids, reverse=True)
    assert list(seen.asks) == sorted(seen.asks)


@pytest.mark.parametrize(("bid", "ask", "crossed"), [(49, 51, False), (50, 50, True), (51, 50, True)])
def test_a_book_whose_bid_reaches_its_ask_is_crossed(bid: int, ask: int, crossed: bool) -> None:
    depth = Depth((Level(Price(bid), Size(1)),), (Level(Price(ask), Size(1)),))
    assert depth.crossed is crossed
    assert not Depth(depth.bids).crossed
