"""The matching engine against a naive one, and every unit of money over any life of an exchange."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from adapters.emulator.accounts import EXCHANGES, UNLIMITED, Account
from adapters.emulator.chain import Reverted
from adapters.emulator.lifecycle import HALVES, NO_WINS, YES_WINS, OutOfTurn
from adapters.emulator.listings import Listing
from adapters.emulator.refusal import Refused
from adapters.emulator.settlement import Fate
from adapters.emulator.terms import Phase, Rewards
from adapters.emulator.tickets import Ticket
from adapters.matching import Fill, MatchBook, Order
from tests.emulator.floor import BUY, CENT, NO, SELL, YES, Floor, listing, neg_risk_event, open_floor
from tests.emulator.ledger_reader import final, parse_ledger

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


@settings(max_examples=300, deadline=None)
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


@settings(max_examples=150, deadline=None)
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


ADDRESSES = ["ann", "bob", "cid", "flow"]
CLIENT = st.sampled_from(["ann", "bob", "cid"])
ACCOUNT = st.sampled_from(ADDRESSES)
MARKET = st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4])
AMOUNTS = st.integers(1, 60 * PUSD)
ORDERS = st.tuples(
    st.just("order"),
    ACCOUNT,
    MARKET,
    st.sampled_from(list(Outcome)),
    st.sampled_from([BUY, BUY, SELL]),
    st.sampled_from([48, 49, 49, 50, 50, 50, 51, 51, 52, 2, 97]),
    st.integers(500, 5_000),
    st.sampled_from(["GTC", "GTC", "GTC", "GTD", "FOK", "FAK"]),
    st.sampled_from([False, False, True]),
)
WAITS = st.tuples(st.just("wait"), st.sampled_from([0.1, 0.3, 3.0, 3.0, 30.0, 200.0]))
DAYS = st.tuples(st.just("wait"), st.just(90_000.0))
CANCELS = st.tuples(st.just("cancel"), ACCOUNT, st.integers(0, 20))
FATES = st.tuples(
    st.just("fate"), st.sampled_from([Fate(), Fate(fails=True), Fate(retries=2), Fate(40.0, 1, True), Fate(40.0)])
)
WALLETS = st.one_of(
    st.tuples(st.sampled_from(["split", "merge"]), CLIENT, MARKET, AMOUNTS),
    st.tuples(st.just("convert"), CLIENT, st.integers(1, 7), AMOUNTS),
    st.tuples(st.just("redeem"), CLIENT, MARKET),
    st.tuples(st.just("transfer"), CLIENT, CLIENT, AMOUNTS),
)
APPROVALS = st.one_of(
    st.tuples(st.just("approve"), CLIENT, st.integers(0, 1), st.sampled_from([0, 20 * PUSD, UNLIMITED])),
    st.tuples(st.just("approve_shares"), CLIENT, st.integers(0, 1), st.booleans()),
)
PHASES = st.one_of(
    st.tuples(st.just("tick"), MARKET, st.sampled_from([1_000, 100, 10])),
    st.tuples(st.just("pay")),
    st.tuples(st.sampled_from(["close", "dispute"]), st.integers(0, 4)),
    st.tuples(st.just("propose"), st.integers(0, 4), st.sampled_from([YES_WINS, NO_WINS, HALVES])),
    st.tuples(st.just("resolve"), st.integers(0, 4), st.sampled_from([YES_WINS, NO_WINS, HALVES])),
)
KINDS = [ORDERS] * 22 + [WAITS] * 4 + [CANCELS] * 2 + [WALLETS] * 5 + [FATES, APPROVALS, PHASES, DAYS]
LIVES = st.lists(st.sampled_from(KINDS).flatmap(lambda kind: kind), min_size=15, max_size=50)
CASH = 300 * PUSD


@define(eq=False)
class Life:
    """An exchange that lives through actions: a plain market, a slow one (taker delay), a neg-risk event of three."""

    floor: Floor
    mirrored: bool = False
    placed: list[tuple[str, Ticket]] = field(factory=list)
    redeemed: int = 0

    @classmethod
    def begin(cls, *, mirrored: bool = False) -> Life:
        rewards = Rewards(per_day=50 * PUSD, min_size=10 * SHARE, max_spread=450)
        plain, slow = listing("plain", rate=700, rewards=rewards), listing("slow", rate=400, delay=0.25)
        floor = open_floor([plain, slow, *neg_risk_event("race", 3, rate=500)])
        for name in ADDRESSES:
            account = floor.account(name, CASH, internal=name == "flow")
            for one in floor.listings[:4]:
                floor.chain.split(account, one, 20 * PUSD)
        floor.rebates.start()
        floor.rewards.start()
        return cls(floor, mirrored)

    def act(self, action: tuple[Any, ...]) -> None:
        """Whatever is refused must change nothing that the invariants could not bear."""
        with suppress(Refused, Reverted, OutOfTurn):
            getattr(self, action[0])(*action[1:])

    def order(
        self, who: str, market: int, outcome: Outcome, side: Side, cents: int, hundredths: int, life: str, flag: bool
    ) -> None:
        price, size = cents * CENT, hundredths * SHARE // 100
        immediate = life in ("FOK", "FAK")
        options: dict[str, Any] = {"life": life, "post_only": flag and not immediate}
        if immediate and side is BUY:
            options["budget"] = price * size // PRICE_ONE
        if life == "GTD":
            options["expiration"] = int(self.floor.hand.now) + 400
        token = outcome.other if self.mirrored else outcome
        ticket = self.floor.place(self.of(who), token, side, price, size, listing=self.market(market), **options)
        self.placed.append((life, ticket))

    def cancel(self, who: str, number: int) -> None:
        tickets = list(self.floor.exchange.tickets.open_of(self.of(who)))
        if tickets:
            self.floor.exchange.cancel(tickets[number % len(tickets)], "test")

    def wait(self, seconds: float) -> None:
        self.floor.pass_time(seconds)

    def split(self, who: str, market: int, amount: int) -> None:
        self.floor.chain.split(self.client(who), self.market(market), amount)

    def merge(self, who: str, market: int, amount: int) -> None:
        self.floor.chain.merge(self.client(who), self.market(market), amount)

    def convert(self, who: str, members: int, amount: int) -> None:
        if self.mirrored:
            raise Reverted("only NO converts")
        self.floor.chain.convert(self.client(who), [self.market(2 + n) for n in range(3) if members >> n & 1], amount)

    def redeem(self, who: str, market: int) -> None:
        self.floor.chain.redeem(self.client(who), self.market(market))
        self.redeemed += 1

    def transfer(self, who: str, to: str, amount: int) -> None:
        self.floor.chain.transfer(self.client(who), self.client(to).address, amount)

    def approve(self, who: str, contract: int, amount: int) -> None:
        self.floor.chain.approve(self.client(who), EXCHANGES[contract], amount)

    def approve_shares(self, who: str, contract: int, approved: bool) -> None:
        self.floor.chain.approve_shares(self.client(who), EXCHANGES[contract], approved)

    def fate(self, fate: Fate) -> None:
        self.floor.exchange.settlement.fate = lambda trade: fate

    def tick(self, market: int, tick: int) -> None:
        self.floor.lifecycle.retick(self.market(market), tick)

    def pay(self) -> None:
        self.floor.rebates.pay()
        self.floor.rewards.pay()

    def close(self, market: int) -> None:
        self.floor.lifecycle.close(self.market(market))

    def dispute(self, market: int) -> None:
        self.floor.lifecycle.dispute(self.market(market))

    def propose(self, market: int, payouts: tuple[int, int]) -> None:
        self.floor.lifecycle.propose(self.market(market), self.turned(payouts))

    def resolve(self, market: int, payouts: tuple[int, int]) -> None:
        self.floor.lifecycle.resolve(self.market(market), self.turned(payouts))

    def turned(self, payouts: tuple[int, int]) -> tuple[int, int]:
        return (payouts[1], payouts[0]) if self.mirrored else payouts

    def of(self, who: str) -> Account:
        account = self.floor.exchange.accounts.get(f"0x{who}")
        assert account is not None
        return account

    def client(self, who: str) -> Account:
        return self.of("ann" if who == "flow" else who)

    def market(self, number: int) -> Listing:
        return self.floor.listings[number]

    def held(self, token: str) -> int:
        return sum(a.shares.get(token, 0) for a in self.floor.exchange.accounts.by_address.values())


def check(life: Life) -> None:
    """What must be true after every action."""
    accounts = life.floor.exchange.accounts
    assert accounts.total == CASH * len(ADDRESSES)
    plain = sum(owed(life, one) for one in life.floor.listings[:2])
    surplus = accounts.minted - plain - owed_by_event(life, life.floor.listings[2:])
    assert 0 <= surplus <= life.redeemed, "a redemption may leave half a unit locked, nothing else"
    for account in accounts.by_address.values():
        if not account.internal:
            covered(life, account)
    for one in life.floor.listings:
        for outcome in Outcome:
            bid, ask = one.book.best(outcome)
            assert bid is None or ask is None or bid < ask
        assert not (one.book.orders and one.phase is Phase.RESOLVED)


def owed(life: Life, one: Listing) -> int:
    """Cash units that the shares of a market of its own can claim; before the end as many of each."""
    yes, no = (life.held(token) for token in one.market.tokens)
    if one.phase is Phase.RESOLVED and one.payouts is not None:
        return (yes * one.payouts[0] + no * one.payouts[1]) // PUSD
    assert yes == no
    return yes


def owed_by_event(life: Life, members: list[Listing]) -> int:
    """Whoever wins is owed the same: all NO, and what conversions made of NO into YES of every open market."""
    if any(one.phase is Phase.RESOLVED and one.payouts == YES_WINS for one in members):
        return sum(owed(life, one) for one in members)
    nos = sum(life.held(one.market.no) for one in members)
    (converted,) = {
        life.held(one.market.yes) - life.held(one.market.no) for one in members if one.phase is not Phase.RESOLVED
    }
    return nos + converted


def covered(life: Life, account: Account) -> None:
    """Nothing is negative, and what rests on the books is free to be spent."""
    assert min(account.cash, account.held_cash, account.free_cash) >= 0
    tickets = [t for t in life.floor.exchange.tickets.open_of(account) if t.order.id in t.listing.book.orders]
    buys = [-(-t.order.price * t.remaining // PRICE_ONE) for t in tickets if t.order.side is BUY]
    assert sum(buys) <= account.free_cash
    for token in {*account.shares, *account.held_shares}:
        free = account.shares.get(token, 0) - account.held_shares.get(token, 0)
        sells = sum(t.remaining for t in tickets if t.order.side is SELL and t.token == token)
        assert min(account.shares.get(token, 0), account.held_shares.get(token, 0)) >= 0
        assert sells <= free


@settings(max_examples=80, deadline=None)
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


@settings(max_examples=80, deadline=None)
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


@settings(max_examples=60, deadline=None)
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


@settings(max_examples=60, deadline=None)
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
