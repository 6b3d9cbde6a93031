"""An unkind venue for `arbitrage` alone: books of noise, late answers, lost answers, refusals, shares that settle later.

It acts on a take as the tracker does: by the number it expects, once, and is busy until its trades add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from attrs import define, evolve, field

from actors.model.arbitrage_settings import ArbitrageParameters
from actors.model.book import Book, Depth, Level
from actors.model.ledger import Position
from actors.model.market import FeeSchedule, Market, Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE, Cash, Price, Size, cost, proceeds
from actors.model.quote import Decision, View
from actors.model.reason import Reason, Refusal
from actors.model.shares import Holding
from actors.model.take import Stage, Take, Taken, Takes
from actors.strategies.arbitrage import Arbitrage, ArbitrageState
from tests.strategies.views import MARKET


@define
class Flight:
    """A take that is on its way or whose fate nobody knows: when it meets the book, and when that is told."""

    take: Take
    lands: float
    told: float
    size: int = 0
    cash: int = 0


@define
class Bench:
    """One life of a venue and of a strategy that may crash at any step. Sizes and cash in units, `now` in seconds."""

    parameters: ArbitrageParameters
    random: Random
    fees: FeeSchedule
    now: float = 0.0
    position: Position = Position("m")
    pending: list[tuple[float, Outcome, int]] = field(factory=list)
    takes: Takes = Takes(next=1, busy=False)
    flight: Flight | None = None
    state: ArbitrageState = field(init=False)
    book: Book = field(init=False)
    orders: int = 0

    def __attrs_post_init__(self) -> None:
        self.state, self.book = self.strategy.start(), self.noise()

    @property
    def strategy(self) -> Arbitrage:
        return Arbitrage(self.parameters)

    @property
    def market(self) -> Market:
        return evolve(MARKET, fees=self.fees)

    @property
    def view(self) -> View:
        return View(self.market, self.book, self.position, self.now, takes=self.takes, free=Cash(10**9))

    def decide(self) -> Decision:
        """One step of the strategy, which has forgotten everything if its life has just begun."""
        if self.random.random() < 0.05:
            self.state = self.strategy.start()
        self.state, decision = self.strategy.step(self.state, self.view)
        return decision

    def turn(self, decision: Decision, seconds: float) -> None:
        """Time passes: a take is acted on or was missed, one in flight lands or is told of, shares settle, the book moves."""
        if decision.takes and self.flight is None and self.random.random() < 0.9:
            self.act(decision.takes[0])
        self.now += seconds
        if self.flight is not None:
            self.land(self.flight)
        settled = [each for each in self.pending if each[0] <= self.now]
        self.pending = [each for each in self.pending if each[0] > self.now]
        for _, outcome, size in settled:
            held = self.position.holding(outcome)
            self.hold(outcome, evolve(held, confirmed=held.confirmed + size))
        if self.random.random() < 0.7:
            self.book = self.noise()

    def act(self, take: Take) -> None:
        if take.number != self.takes.next:
            return
        self.takes = evolve(self.takes, next=take.number + 1)
        if self.random.random() < 0.1:
            refused = Taken(take, Stage.REFUSED, why=Refusal(Reason.RATE_LIMIT))
            self.takes = evolve(self.takes, last=(*self.takes.last, refused))
            return
        self.orders += 1
        lands = self.now + self.random.choice([0.0, 0.1, 2.0])
        self.flight = Flight(take, lands, lands + self.random.choice([0.0, 0.1, 5.0, 60.0]))
        self.takes = evolve(self.takes, busy=True)

    def land(self, flight: Flight) -> None:
        """Meet the book of then; told of later, all at once."""
        if flight.lands <= self.now and flight.lands >= 0.0:
            flight.size, flight.cash = self.matched(flight.take)
            flight.lands = -1.0
        if flight.lands < 0.0 and flight.told <= self.now:
            self.tell(flight)
            self.flight = None

    def matched(self, take: Take) -> tuple[int, int]:
        depth = self.book.depth(take.outcome)
        levels = depth.asks if take.side is Side.BUY else depth.bids
        reached = [lv for lv in levels if (lv.price <= take.price if take.side is Side.BUY else lv.price >= take.price)]
        there = sum(level.size for level in reached)
        if take.life == "FOK" and there < take.size:
            return 0, 0
        left = size = min(take.size, there) // 10_000 * 10_000
        cash, worth = 0, cost if take.side is Side.BUY else proceeds
        for level in reached:
            part = min(left, level.size)
            left, cash = left - part, cash + worth(level.price, part)
        return size, cash

    def tell(self, flight: Flight) -> None:
        take, fee = flight.take, Cash(0)
        if flight.size:
            fee = self.fees.taker_fee(flight.cash * PRICE_ONE // flight.size, flight.size)
            change = flight.size if take.side is Side.BUY else -flight.size
            paid = flight.cash if take.side is Side.BUY else -flight.cash
            moved = self.position.holding(take.outcome).moved(change, paid, certain=change < 0)
            self.hold(take.outcome, moved)
            self.position = evolve(self.position, trades=self.position.trades + 1, fees=Cash(self.position.fees + fee))
            if change > 0:
                self.pending.append((self.now + self.random.choice([0.0, 3.0, 30.0]), take.outcome, change))
        over = Taken(take, Stage.OVER, Size(flight.size), Cash(flight.cash), fee)
        self.takes = evolve(self.takes, busy=False, last=(*self.takes.last, over)[-32:])

    def hold(self, outcome: Outcome, holding: Holding) -> None:
        yes = outcome is Outcome.YES
        self.position = evolve(
            self.position,
            yes=holding if yes else self.position.yes,
            no=self.position.no if yes else holding,
        )

    def noise(self) -> Book:
        """Any two books: empty, one-sided, thin, now and then far below 1 together, as no venue should show them."""
        centre = self.random.randint(5, 95)
        return Book("m", self.depth(centre), self.depth(100 - centre), Price(100), 1, self.now, live=True)

    def depth(self, centre: int) -> Depth:
        shift = self.random.choice([0, 0, 0, -3, -6, 3, 6])
        bid = centre + shift - self.random.randint(1, 3)
        ask = bid + self.random.randint(1, 4)
        return Depth(self.levels(range(bid, 0, -1)), self.levels(range(ask, 100)))

    def levels(self, cents: Sequence[int]) -> tuple[Level, ...]:
        count = self.random.choice([0, 1, 1, 2, 3, 5])
        sizes = (self.random.choice([1, 4, 7, 20, 100]) * SHARE for _ in range(count))
        return tuple(Level(Price(at * 100), Size(size)) for at, size in zip(cents, sizes, strict=False) if 0 < at < 100)
