"""Any life of an exchange: random actions of clients, wallets, faults and markets, and what must hold after each."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from attrs import define, field
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
from tests.emulator.floor import BUY, CENT, SELL, Floor, listing, neg_risk_event, open_floor

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
