"""The quoter actor: builds a `View`, calls the pure strategy, and renews its `Targets` while the book is fresh.

Targets are leases: if this actor dies or stalls they lapse, and the tracker pulls every order. A timer renews them, but a
little late: a decision on a new book renews them as well, and in most markets there is one each second.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import ClassVar, Generic, Protocol, TypeVar

import trio
from attrs import define, evolve, frozen
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.market.purse import purse
from actors.messages import Inventory
from actors.model.book import Book
from actors.model.market import Market
from actors.model.purse import Purse
from actors.model.quote import Decision, Targets, View, only_reducing, reduces
from actors.model.reason import Reason, Refusal
from actors.model.settings import QuoterSettings
from actors.model.spot import Mark
from actors.model.spot import age as spot_age
from actors.model.stream import Stream
from actors.model.trading import Standing, Trading
from actors.ports import WallClock
from actors.records import Note
from actors.shared.account import free_balance
from actors.shared.board import Board
from actors.shared.speed import Speed
from actors.shared.tuning import Tuning

S = TypeVar("S")
_RIPE = 0.5  # of `quoter.renew`: a decision on a new book renews what is so old


class Strategy(Protocol[S]):
    """A pure strategy; its state is a frozen value that the quoter keeps and a restart forgets."""

    def start(self) -> S: ...

    def step(self, state: S, view: View) -> tuple[S, Decision]: ...


@define(eq=False)
class _Heard:
    """The last of every state; `measured_at` is when the newest book that was measured had moved, or this life began."""

    market: Market
    measured_at: float
    book: Book | None = None
    inventory: Inventory | None = None
    standing: Standing | None = None
    told: str = ""

    @property
    def trades(self) -> int:
        """How many of our trades are known here."""
        return self.inventory.position.trades if self.inventory else 0


@frozen
class Quoter(Generic[S]):
    """Publishes to its tracker and the board. `stale` is the book age past which nothing is quoted (I10).

    `current` is the strategy by the settings in force; one that has changed starts cold. `asset` is the one whose spot
    price the market resolves on, None if there is none or nobody serves it; `spot_stale` is its age past which nothing is.
    """

    rank: ClassVar[int] = 5
    market: Market
    mailbox: Mailbox[object]
    current: Callable[[], Strategy[S]]
    tuning: Tuning
    stale: float
    wall: WallClock
    tracker: Mailbox[object]
    notes: Mailbox[object]
    board: Board
    speed: Speed
    asset: str | None = None
    spot_stale: float = inf

    @property
    def strategy(self) -> Strategy[S]:
        return self.current()

    @property
    def settings(self) -> QuoterSettings:
        return self.tuning.settings.quoter

    async def run(self, ready: Ready) -> None:
        """Whatever the strategy raises kills this life; its quotes lapse with the lease."""
        heard, strategy = _Heard(self.market, trio.current_time()), self.strategy
        state = strategy.start()
        last: tuple[Decision, int, int, int] | None = None
        ripe_at = renew_at = look_at = trio.current_time()
        ready()
        while True:
            for letter in await self.mailbox.read(until=min(renew_at, look_at)):
                self._take(letter, heard)
            now = trio.current_time()
            if (current := self.strategy) is not strategy and current != strategy:
                strategy = current
                state = strategy.start()
            state, decision = self._decide(state, heard, now)
            look_at = decision.look_at if decision.look_at > now else inf
            news = (decision, heard.book.epoch if heard.book else 0, self.tuning.number, heard.trades)
            if news != last or now >= ripe_at:
                self._publish(decision, heard, now)
                last, ripe_at, renew_at = news, now + _RIPE * self.settings.renew, now + self.settings.late
            self._tell(decision, heard)
            self._measure(heard)

    def _tell(self, decision: Decision, heard: _Heard) -> None:
        """What the strategy has to say, once."""
        if decision.told and decision.told != heard.told:
            heard.told = decision.told
            logger.info("{}: {}", self.market.slug, decision.told)
            self.notes.tell(Note("strategy", self.market.slug, decision.told, self.wall()))

    def _measure(self, heard: _Heard) -> None:
        """How long a frame took from its read to what came of it here; a book that REST confirms has no news."""
        if heard.book is not None and heard.book.moved_at > heard.measured_at:
            heard.measured_at = heard.book.moved_at
            self.speed.decisions.add(trio.current_time() - heard.book.moved_at)

    def _take(self, letter: object, heard: _Heard) -> None:
        match letter:
            case Book():
                heard.book = letter
            case Market():
                heard.market = letter
            case Inventory():
                heard.inventory = letter
            case Standing():
                heard.standing = letter

    def _decide(self, state: S, heard: _Heard, now: float) -> tuple[S, Decision]:
        """The strategy's decision, unless rules that stand above every strategy forbid quoting, or all but reducing.

        While they forbid it the strategy's state waits as it is: what it has learnt of the market is not lost to a pause.
        """
        refusal = self._forbidden(heard, now)
        if refusal is not None or heard.book is None or heard.inventory is None:
            return state, Decision(refusal=refusal)
        position = heard.inventory.position
        state, decision = self.strategy.step(state, self._view(heard.market, heard.book, heard.inventory, now))
        limit = Refusal(Reason.REST_ONLY) if heard.book.rest else heard.standing.refusal if heard.standing else None
        if limit is not None:
            takes = tuple(take for take in decision.takes if reduces(take, position))
            decision = evolve(decision, quotes=only_reducing(decision.quotes, position), refusal=limit, takes=takes)
        return state, decision

    def _view(self, market: Market, book: Book, inventory: Inventory, now: float) -> View:
        """What the strategy may look at; what it does not see here it cannot act on."""
        return View(
            market=market,
            book=book,
            position=inventory.position,
            now=now,
            own=inventory.own,
            takes=inventory.takes,
            orders=inventory.orders,
            ends_in=None if market.ends_at is None else market.ends_at - self.wall(),
            fills=inventory.fills,
            free=free_balance(self.board),
            spot=None if self.asset is None else self.board.last(Mark, self.asset),
            stream=None if self.asset is None else self.board.last(Stream, self.asset),
            purse=Purse() if self.asset is None else purse(self.board, market.slug, self.wall()),
        )

    def _forbidden(self, heard: _Heard, now: float) -> Refusal | None:
        if heard.standing is None:
            return Refusal(Reason.STARTING)
        if heard.standing.trading is not Trading.REDUCING and (ordered := heard.standing.refusal):
            return ordered
        wall = self.wall()
        if halted := heard.market.unquotable(wall):
            return Refusal(Reason.NOT_ACCEPTING, (("market", halted),))
        if outside := heard.market.outside_hours(wall):
            return Refusal(Reason.OUTSIDE_HOURS, (("window", outside),))
        if heard.inventory is None:
            return Refusal(Reason.STARTING)
        if heard.book is None or not heard.book.live:
            return Refusal(Reason.NO_BOOK)
        age = heard.book.age(now)
        if age > self.stale:
            return Refusal(Reason.STALE_BOOK, (("age", f"{age:.1f} s"), ("feed.stale", f"{self.stale:g} s")))
        return self._blind(now)

    def _blind(self, now: float) -> Refusal | None:
        """Who quotes on without the price that decides the market is picked off by whoever sees it (polymarket.md §8.2)."""
        if self.asset is None:
            return None
        old = spot_age(self.board.last(Mark, self.asset), now)
        inputs = (
            (self.asset, "missing" if old == inf else f"{old:.1f} s"),
            ("feed.spot_stale", f"{self.spot_stale:g} s"),
        )
        return Refusal(Reason.STALE_SPOT, inputs) if old > self.spot_stale else None

    def _publish(self, decision: Decision, heard: _Heard, now: float) -> None:
        targets = Targets(
            market=self.market.slug,
            quotes=decision.quotes,
            valid_until=now + self.settings.lease,
            refusal=decision.refusal,
            epoch=heard.book.epoch if heard.book else 0,
            tuned=self.tuning.number,
            trades=heard.trades,
            takes=decision.takes,
            grounds=decision.grounds,
        )
        self.tracker.put(targets)
        self.board.put(targets, about=self.market.slug)
