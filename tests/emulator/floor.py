"""The exchange's floor without doors: orders, wallets and lifecycles straight at the exchange, on a hand-moved clock."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from io import StringIO
from itertools import count
from random import Random
from typing import Any

from attrs import define, evolve, field

from actors.model.market import FeeSchedule, Market, Outcome, Side
from actors.model.numbers import PUSD, SHARE, Price, Size
from adapters.emulator.accounts import Account, Accounts
from adapters.emulator.chain import Chain
from adapters.emulator.checks import Checks
from adapters.emulator.events import Event
from adapters.emulator.exchange import Exchange
from adapters.emulator.ledger import Ledger
from adapters.emulator.lifecycle import Lifecycle
from adapters.emulator.listings import Listing, Listings
from adapters.emulator.notifications import Notifications
from adapters.emulator.rebates import Rebates
from adapters.emulator.refusal import Refused
from adapters.emulator.rewards import LiquidityRewards
from adapters.emulator.schedule import Schedule
from adapters.emulator.terms import EventTerms, Terms
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Trade
from adapters.matching import Order

START = 1_763_628_000.0  # 2025-11-20 08:00 UTC and 40 minutes
YES, NO, BUY, SELL = Outcome.YES, Outcome.NO, Side.BUY, Side.SELL
CENT = 100


@define(eq=False)
class Hand(Schedule):
    """A schedule that nothing but `pass_time` moves on."""

    now: float = START

    def after(self, seconds: float, act: Any) -> None:  # noqa: ANN401 - as Schedule
        heappush(self._heap, (self.now + seconds, next(self._numbers), act))

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self._heap and self._heap[0][0] <= until:
            due, _, act = heappop(self._heap)
            self.now = max(self.now, due)
            act()
        self.now = until


@define(eq=False)
class Floor:
    """`told` is every event so far, `diary` what the ledger wrote."""

    exchange: Exchange
    hand: Hand
    diary: StringIO
    chain: Chain
    rewards: LiquidityRewards
    rebates: Rebates
    notifications: Notifications
    told: list[Event] = field(factory=list)
    _ids: count[int] = field(factory=lambda: count(1))

    @property
    def lifecycle(self) -> Lifecycle:
        return Lifecycle(self.exchange)

    @property
    def listings(self) -> list[Listing]:
        return self.exchange.listings.all

    def account(self, name: str, cash: int = 10_000 * PUSD, *, internal: bool = False) -> Account:
        account = self.exchange.accounts.open(f"0x{name}", name=name, internal=internal, cash=cash)
        self.exchange.ledger.balance(account, "funded")
        return account

    def ticket(
        self,
        account: Account,
        outcome: Outcome,
        side: Side,
        price: int,
        size: int,
        *,
        listing: Listing | None = None,
        expiration: int = 0,
        **order: Any,  # noqa: ANN401 - as Order
    ) -> Ticket:
        asked = Order(f"o{next(self._ids)}", account.address.lower(), outcome, side, price, size, **order)
        wall = self.exchange.wall()
        return Ticket(asked, account, f"key-{account.name}", listing or self.listings[0], wall, expiration)

    def place(self, *args: Any, **kwargs: Any) -> Ticket:  # noqa: ANN401 - as `ticket`
        """The ticket after the exchange has had it. Raises Refused if it was not taken."""
        ticket = self.ticket(*args, **kwargs)
        if not ticket.account.internal:
            Checks(self.exchange).judge(ticket)
        result, _ = self.exchange.submit(ticket)
        if result.refusal:
            raise Refused(400, result.refusal)
        return ticket

    def trades(self, account: Account) -> list[Trade]:
        return self.exchange.settlement.trades.get(account.address, [])

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]

    def pass_time(self, seconds: float) -> None:
        self.hand.pass_time(seconds)


def listing(slug: str = "plain", *, rate: int = 0, tick: int = CENT, neg_risk: bool = False, **terms: Any) -> Listing:  # noqa: ANN401
    """A made-up market; ids follow the slug."""
    rng = Random(slug)
    market = Market(
        slug=slug,
        condition_id=f"0x{rng.getrandbits(256):064x}",
        yes=str(rng.getrandbits(255) | 1 << 255 | 1 << 60),
        no=str(rng.getrandbits(255) | 1 << 255 | 1 << 60),
        tick=Price(tick),
        min_size=Size(5 * SHARE),
        neg_risk=neg_risk,
        fees=FeeSchedule(rate=rate),
    )
    return Listing(market, f"{slug}?", "0x00", 0.5, Terms(**terms))


def neg_risk_event(slug: str, size: int, **options: Any) -> list[Listing]:  # noqa: ANN401 - as `listing`
    event = EventTerms(slug, f"{slug}?", neg_risk=True)
    return [listing(f"{slug}-{n}", neg_risk=True, event=event, **options) for n in range(size)]


def open_floor(listings: Iterable[Listing] = (), *, rates: int = 0) -> Floor:
    """A floor with the given markets, or a plain one whose taker fee rate is `rates`."""
    hand, diary = Hand(), StringIO()
    every = Listings.of(list(listings) or [listing(rate=rates)])

    def wall() -> float:
        return hand.now

    exchange = Exchange(every, Accounts(), Ledger(wall, diary), hand, wall, Random(1))
    for one in every.all:
        exchange.ledger.listed(one)
    chain = Chain(exchange.accounts, exchange.ledger, Random(2), exchange.emit, every, exchange.enforce)
    rewards, rebates = LiquidityRewards(exchange, Random(3)), Rebates(exchange, Random(4))
    notifications = Notifications(wall, exchange.accounts.by_address.values)
    floor = Floor(exchange, hand, diary, chain, rewards, rebates, notifications)
    exchange.listeners += [floor.told.append, rebates.hear, notifications.hear]
    return floor


def with_terms(one: Listing, **changes: Any) -> Listing:  # noqa: ANN401 - as Terms
    one.terms = evolve(one.terms, **changes)
    return one
