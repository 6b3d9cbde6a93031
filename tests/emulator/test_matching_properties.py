"""The matching engine against a naive one, and every unit of money over any life of an exchange."""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE
from adapters.matching import Fill, MatchBook, Order
from tests.depth import examples
from tests.emulator.floor import BUY, CENT, NO, SELL, YES
from tests.emulator.ledger_reader import final, parse_ledger
from tests.emulator.lives import ADDRESSES, LIVES, Life, check

Filled = list[tuple[str, int, int]]


@define
class Naive:
    """Price-time priority by sorting everything, every time. `rows` are [order, left] in order of arrival."""

    rows: list[list[Any]] = field(factory=list)

    def submit(self, order: Order) -> tuple[str, Filled, int]:
        """(refused, rested or gone; fills as (maker, size, maker's price); what is left)."""
        bids, limit = yes_view(order)
        sign = 1 if bids else -1
        met = [row for row in self.rows if yes_view(row[0])[0] is not bids]
        met = [row for row in met if sign * yes_view(row[0])[1] <= sign * limit]
        met.sort(key=lambda row: sign * yes_view(row[0])[1])  # stable: at one price the oldest first
        if met and order.post_only:
            return "refused", [], order.size
        left, money, fills, own = order.size, order.budget, list[Any](), list[Any]()
        for row in met:
            price = row[0].price if row[0].outcome is order.outcome else PRICE_ONE - row[0].price
            wanted = left if money is None else money * PRICE_ONE // price
            if wanted <= 0:
                break
            if row[0].owner == order.owner:
                own.append(row)
                continue
            size = min(wanted, row[1])
            fills.append((row, size))
            left, money = left - size, None if money is None else money - -(-price * size // PRICE_ONE)
        whole = left <= 0 if money is None else money * PRICE_ONE // order.price <= SHARE // 100
        if (order.life == "FOK" and not whole) or (order.life == "FAK" and not fills):
            return "refused", [], order.size
        for row, size in fills:
            row[1] -= size
        self.rows = [row for row in self.rows if row[1] and row not in own]
        left = 0 if whole else max(left, 0)
        rests = bool(left) and order.life in ("GTC", "GTD")
        if rests:
            self.rows.append([order, left])
        return "rested" if rests else "gone", [(row[0].id, size, row[0].price) for row, size in fills], left

    def cancel(self, number: int) -> str | None:
        return self.rows.pop(number % len(self.rows))[0].id if self.rows else None


def yes_view(order: Order) -> tuple[bool, int]:
    """(on the bid side?, price) in terms of YES."""
    if order.outcome is YES:
        return order.side is BUY, order.price
    return order.side is SELL, PRICE_ONE - order.price


PRICES = st.integers(46, 54).map(lambda cents: cents * CENT)
SIZES = st.integers(1, 4_000).map(lambda hundredths: hundredths * SHARE // 100) | st.integers(1, 30 * SHARE)
STREAM = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cid"]),
        st.sampled_from(list(Outcome)),
        st.sampled_from(list(Side)),
        PRICES,
        SIZES,
        st.sampled_from(["GTC", "GTC", "GTC", "GTD", "FOK", "FAK"]),
        st.booleans(),
        st.none() | st.integers(0, 30),
    ),
    max_size=40,
)


def engine_order(number: int, row: tuple[Any, ...]) -> Order:
    """A row of STREAM; of immediate buys every second one has a budget."""
    owner, outcome, side, price, size, life, flag, _ = row
    immediate = life in ("FOK", "FAK")
    budget = price * size // PRICE_ONE if immediate and side is BUY and flag else None
    return Order(f"o{number}", owner, outcome, side, price, size, life, flag and not immediate, budget)


@settings(max_examples=examples(300), deadline=None)
@given(STREAM)
def test_the_engine_does_what_a_naive_price_time_engine_does(stream: list[tuple[Any, ...]]) -> None:
    book, naive = MatchBook(), Naive()
    for number, row in enumerate(stream):
        order = engine_order(number, row)
        result = book.submit(order)
        outcome = "refused" if result.refusal else "rested" if result.rested else "gone"
        fills = [(fill.maker.id, fill.size, fill.price) for fill in result.fills]
        assert (outcome, fills, result.left) == naive.submit(order)
        if row[-1] is not None:
            gone = naive.cancel(row[-1])
            assert gone is None or book.cancel(gone) is not None
        assert sorted((r.order.id, r.remaining) for r in book.orders.values()) == sorted(
            (o.id, n) for o, n in naive.rows
        )
        bid, ask = book.best(YES)
        assert bid is None or ask is None or bid < ask


@settings(max_examples=examples(150), deadline=None)
@given(STREAM)
def test_buying_a_token_and_selling_its_complement_are_the_same_to_the_engine(stream: list[tuple[Any, ...]]) -> None:
    """A mint, a merge and a plain trade differ only in who ends up with what (polymarket.md §13)."""
    plain, turned = MatchBook(), MatchBook()
    for number, row in enumerate(stream):
        order = evolve(engine_order(number, row), budget=None)
        other = evolve(order, outcome=order.outcome.other, side=order.side.opposite, price=PRICE_ONE - order.price)
        mine, theirs = plain.submit(order), turned.submit(other if number % 2 else order)
        assert (mine.refusal, mine.rested, mine.left) == (theirs.refusal, theirs.rested, theirs.left)
        assert [yes_fill(fill) for fill in mine.fills] == [yes_fill(fill) for fill in theirs.fills]
    assert plain.levels(YES) == turned.levels(YES)


def yes_fill(fill: Fill) -> tuple[str, int, int]:
    return fill.maker.id, fill.size, fill.maker.yes_price


@settings(max_examples=examples(80), deadline=None)
@given(LIVES)
def test_no_life_of_an_exchange_makes_or_loses_a_unit_or_overdraws_anybody(actions: list[tuple[Any, ...]]) -> None:
    life = Life.begin()
    for action in actions:
        life.act(action)
        check(life)
    life.wait(200_000)
    check(life)
    exchange = life.floor.exchange
    assert not any(exchange.settlement.pending.values())
    assert not exchange.delays.held
    assert all(a.held_cash == 0 and not any(a.held_shares.values()) for a in exchange.accounts.by_address.values())


@settings(max_examples=examples(80), deadline=None)
@given(LIVES)
def test_in_any_life_post_only_never_takes_and_fok_is_all_or_nothing(actions: list[tuple[Any, ...]]) -> None:
    life = Life.begin()
    for action in actions:
        life.act(action)
    life.wait(1)
    takers = {t.taker.ticket.order.id for a in ADDRESSES for t in life.floor.trades(life.of(a))}
    for kind, ticket in life.placed:
        assert not (ticket.order.post_only and ticket.order.id in takers)
        assert ticket.order.id not in ticket.listing.book.orders or kind in ("GTC", "GTD")
        if kind == "FOK" and ticket.order.budget is None:
            assert ticket.matched in (0, ticket.order.size)
        elif kind == "FOK" and ticket.matched:
            assert ticket.matched >= ticket.order.size - SHARE // 100


@settings(max_examples=examples(60), deadline=None)
@given(LIVES)
def test_the_ledger_alone_tells_cash_and_shares_after_any_life(actions: list[tuple[Any, ...]]) -> None:
    life = Life.begin()
    for action in actions:
        life.act(action)
    life.wait(60)
    book = final(parse_ledger(life.floor.diary.getvalue()))
    for account in life.floor.exchange.accounts.by_address.values():
        assert book.cash[account.address] == account.cash
        held = {token: h.size for (who, token), h in book.holdings.items() if who == account.address and h.size}
        assert account.internal or held == {token: size for token, size in account.shares.items() if size}
    resting = {r.order.id: r.remaining for one in life.floor.listings for r in one.book.orders.values()}
    assert {order.id: order.remaining for order in book.orders.values()} == resting


@settings(max_examples=examples(60), deadline=None)
@given(LIVES.map(lambda actions: [action for action in actions if action[0] != "convert"]))
def test_every_order_said_of_the_other_token_gives_the_mirrored_life(actions: list[tuple[Any, ...]]) -> None:
    """Mint and merge are symmetric, to the unit. (The markets of the event stand alone here: only YES wins events.)"""
    here, there = Life.begin(), Life.begin(mirrored=True)
    for life in (here, there):
        for action in actions:
            life.act(action if action[0] not in ("propose", "resolve") or action[1] < 2 else ("wait", 0.1))
    for name in ADDRESSES:
        mine, theirs = here.of(name), there.of(name)
        assert (mine.cash, mine.held_cash) == (theirs.cash, theirs.held_cash)
        for one in here.floor.listings:
            yes, no = one.market.tokens
            assert (mine.shares.get(yes, 0), mine.shares.get(no, 0)) == (
                theirs.shares.get(no, 0),
                theirs.shares.get(yes, 0),
            )
    for one, other in zip(here.floor.listings, there.floor.listings, strict=True):
        assert one.book.levels(YES) == other.book.levels(NO)
