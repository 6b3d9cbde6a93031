"""The matching engine's promises, for any stream of orders."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE
from adapters.matching import Fill, Life, MatchBook, Order, Result

YES, NO, BUY, SELL = Outcome.YES, Outcome.NO, Side.BUY, Side.SELL


def order(
    number: int,
    outcome: Outcome,
    side: Side,
    price: int,
    size: int,
    *,
    owner: str = "",
    life: Life = "GTC",
    post_only: bool = False,
    budget: int | None = None,
) -> Order:
    return Order(f"o{number}", owner or f"owner{number}", outcome, side, price, size, life, post_only, budget)


def numbered(drafts: list[tuple[object, ...]]) -> list[Order]:
    return [
        Order(f"o{n}", owner, outcome, side, price, size, life, post_only and life in ("GTC", "GTD"))  # type: ignore[arg-type]
        for n, (owner, outcome, side, price, size, life, post_only) in enumerate(drafts)
    ]


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cid"]),
        st.sampled_from(list(Outcome)),
        st.sampled_from(list(Side)),
        st.integers(45, 55).map(lambda cents: cents * 100),
        st.integers(1, 30_000_000),
        st.sampled_from(["GTC", "GTC", "GTC", "FOK", "FAK"]),
        st.booleans(),
    ),
    max_size=40,
).map(numbered)


def run(orders: list[Order]) -> tuple[MatchBook, list[tuple[Order, Result]]]:
    book = MatchBook()
    return book, [(each, book.submit(each)) for each in orders]


@given(ORDERS)
def test_every_share_is_filled_or_resting_or_returned(orders: list[Order]) -> None:
    book, results = run(orders)
    filled: dict[str, int] = defaultdict(int)
    replaced = {}
    for _, result in results:
        for fill in result.fills:
            filled[fill.maker.id] += fill.size
            filled[fill.taker.id] += fill.size
        replaced.update({own.order.id: own.remaining for own in result.replaced})
    for each, result in results:
        resting = book.orders[each.id].remaining if each.id in book.orders else 0
        returned = replaced.get(each.id, 0) if result.rested else result.left
        assert filled[each.id] + resting + returned == each.size


@given(ORDERS)
def test_the_book_is_never_crossed(orders: list[Order]) -> None:
    book = MatchBook()
    for each in orders:
        book.submit(each)
        for outcome in Outcome:
            bid, ask = book.best(outcome)
            assert bid is None or ask is None or bid < ask


@given(ORDERS)
def test_nobody_trades_beyond_his_limit_and_always_at_the_makers_price(orders: list[Order]) -> None:
    for taker, result in run(orders)[1]:
        for fill in result.fills:
            assert fill.price == fill.maker.price
            assert fill.taker_price <= taker.price if taker.side is BUY else fill.taker_price >= taker.price


@given(ORDERS)
def test_nobody_trades_with_himself(orders: list[Order]) -> None:
    assert all(fill.maker.owner != fill.taker.owner for _, result in run(orders)[1] for fill in result.fills)


@given(ORDERS)
def test_better_prices_go_first_and_at_one_price_the_oldest(orders: list[Order]) -> None:
    age = {each.id: n for n, each in enumerate(orders)}
    for taker, result in run(orders)[1]:
        rank = [
            (fill.taker_price if taker.side is BUY else -fill.taker_price, age[fill.maker.id]) for fill in result.fills
        ]
        assert rank == sorted(rank)


@given(ORDERS)
def test_an_order_only_takes_when_no_better_one_was_left_behind(orders: list[Order]) -> None:
    """After a taker's last fill no foreign order of a better price, or of the same price but older, still rests."""
    age = {each.id: n for n, each in enumerate(orders)}
    book = MatchBook()
    for each in orders:
        fills = book.submit(each).fills
        if not fills:
            continue
        worst = fills[-1].maker
        for resting in book.orders.values():
            if resting.order.bids is worst.bids and resting.order.owner != each.owner:
                better = resting.order.yes_price - worst.yes_price
                better = better if worst.bids else -better
                assert better < 0 or (better == 0 and age[resting.order.id] >= age[worst.id])


@given(ORDERS)
def test_post_only_never_takes_and_leaves_the_book_alone_when_refused(orders: list[Order]) -> None:
    book = MatchBook()
    for each in orders:
        before = snapshot(book)
        result = book.submit(each)
        if each.post_only:
            assert not result.fills
            assert not result.replaced
            assert result.rested is (result.refusal is None)
        if result.refusal:
            assert snapshot(book) == before


@given(ORDERS)
def test_fok_fills_whole_or_not_at_all_and_immediate_orders_never_rest(orders: list[Order]) -> None:
    book, results = run(orders)
    for each, result in results:
        filled = sum(fill.size for fill in result.fills)
        if each.life == "FOK":
            assert filled in (0, each.size)
        if each.life in ("FOK", "FAK"):
            assert not result.rested
            assert each.id not in book.orders


@given(ORDERS)
def test_the_two_outcomes_mirror_each_other(orders: list[Order]) -> None:
    """Every order said on the other token gives the same fills (mint and merge are symmetric)."""
    mirrored = [Order(o.id, o.owner, o.outcome.other, o.side, o.price, o.size, o.life, o.post_only) for o in orders]
    flat = [[(f.maker.id, f.size, f.price, f.kind) for f in r.fills] for _, r in run(orders)[1]]
    assert flat == [[(f.maker.id, f.size, f.price, f.kind) for f in r.fills] for _, r in run(mirrored)[1]]


@given(ORDERS)
def test_levels_add_up_what_rests(orders: list[Order]) -> None:
    book, _ = run(orders)
    for outcome in Outcome:
        bids, asks = book.levels(outcome)
        assert sum(size for _, size in bids + asks) == sum(r.remaining for r in book.orders.values())
        assert bids == sorted(bids)
        assert asks == sorted(asks, reverse=True)
        assert (bids[-1][0] if bids else None, asks[-1][0] if asks else None) == book.best(outcome)


def test_two_buys_of_opposite_tokens_mint_at_the_makers_price() -> None:
    book = MatchBook()
    book.submit(order(1, NO, BUY, 4500, 10 * SHARE))
    (fill,) = book.submit(order(2, YES, BUY, 6000, 10 * SHARE)).fills
    assert (fill.kind, fill.price, fill.taker_price) == ("mint", 4500, 5500)


def test_two_sells_of_opposite_tokens_merge() -> None:
    book = MatchBook()
    book.submit(order(1, YES, SELL, 4500, 10 * SHARE))
    (fill,) = book.submit(order(2, NO, SELL, 5000, 4 * SHARE)).fills
    assert (fill.kind, fill.price, fill.taker_price) == ("merge", 4500, 5500)


def test_an_own_order_in_the_way_is_cancelled_instead_of_traded() -> None:
    book = MatchBook()
    book.submit(order(1, YES, SELL, 5000, 10 * SHARE, owner="ann"))
    book.submit(order(2, YES, SELL, 5000, 10 * SHARE, owner="bob"))
    result = book.submit(order(3, YES, BUY, 5000, 10 * SHARE, owner="ann"))
    assert [own.order.id for own in result.replaced] == ["o1"]
    assert [fill.maker.id for fill in result.fills] == ["o2"]


def test_a_pinned_own_order_survives_and_keeps_the_remainder_off_the_book() -> None:
    book = MatchBook()
    book.submit(order(1, YES, SELL, 5000, 10 * SHARE, owner="ann"))
    book.pinned.add("o1")
    refused = book.submit(order(2, YES, BUY, 5000, 10 * SHARE, owner="ann"))
    assert (refused.refusal, refused.rested) == ("unfilled", False)
    book.submit(order(3, YES, SELL, 5000, 4 * SHARE, owner="bob"))
    partly = book.submit(order(4, YES, BUY, 5000, 10 * SHARE, owner="ann"))
    assert (partly.left, partly.rested) == (6 * SHARE, False)
    assert list(book.orders) == ["o1"]
    assert (book.pinned_limit(bids=False), book.pinned_limit(bids=True)) == (5000, None)


def test_a_budget_buys_more_shares_when_they_are_cheaper() -> None:
    """A FOK or FAK BUY spends its amount; the shares it names only set the limit (§3.7 of the issue's reports)."""
    book = MatchBook()
    book.submit(order(1, YES, SELL, 4000, 10 * SHARE))
    book.submit(order(2, YES, SELL, 5000, 100 * SHARE))
    result = book.submit(order(3, YES, BUY, 5000, 20 * SHARE, life="FOK", budget=10_000_000))
    assert [(fill.size, fill.price) for fill in result.fills] == [(10 * SHARE, 4000), (12 * SHARE, 5000)]
    assert result.left == 0


@given(ORDERS, st.integers(1_000_000, 50_000_000), st.integers(45, 55))
def test_a_budget_is_never_overspent(orders: list[Order], budget: int, cents: int) -> None:
    book, _ = run(orders)
    price = cents * 100
    taker = order(999, YES, BUY, price, budget * PRICE_ONE // price, life="FAK", budget=budget)
    assert sum(-(-fill.taker_price * fill.size // PRICE_ONE) for fill in book.submit(taker).fills) <= budget


def snapshot(book: MatchBook) -> list[tuple[str, int]]:
    return [(resting.order.id, resting.remaining) for resting in book.orders.values()]


def test_a_fill_knows_its_kind() -> None:
    maker, taker = order(1, YES, SELL, 5000, 1), order(2, YES, BUY, 5000, 1)
    assert Fill(maker, taker, 1, 5000).kind == "complementary"
