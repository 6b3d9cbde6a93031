"""Recorded flow: a recording's level deltas and prints as other people's orders, in their own time or faster."""

from __future__ import annotations

import math
from collections.abc import Iterable
from hashlib import sha256
from random import Random

import trio
from attrs import define, field

from actors.model.market import FeeSchedule, Market
from actors.model.numbers import SHARE, Price, Size, format_size
from adapters.emulator.events import BookTraded, Event
from adapters.emulator.exchange import Exchange
from adapters.emulator.listings import Listing, Listings
from adapters.emulator.recorded_book import RecordedBook
from adapters.emulator.recorded_prints import in_order_of_cause
from adapters.emulator.recorded_rows import Pair, Recording, Row
from adapters.emulator.signatures import checksum
from adapters.emulator.terms import EventTerms, Terms

_TICKS = (100, 50, 25, 10, 1)  # 0.01 is the coarsest tick a recording is given: the venue's usual one
_AT_ONCE = 200  # rows between two chances for others when the recording is behind its time


@define(eq=False)
class RecordedFlow:
    """Plays the rows at `speed` times their own pace. At the end it stops: the markets stay open and the last orders
    rest; with `loop` it takes them away and begins again.
    """

    exchange: Exchange
    recording: Recording
    seed: int
    speed: float = 1.0
    loop: bool = False
    rounds: int = 0
    rows: int = 0
    prints: int = 0
    books: tuple[RecordedBook, ...] = field(init=False)
    _steps: tuple[Row, ...] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        known = self.exchange.listings.by_token
        self.books = tuple(self._book(known[pair.yes]) for pair in self.recording.pairs)
        self._steps = in_order_of_cause(self.recording.rows)

    def start(self) -> None:
        """The recording has no opening books: every market opens with the best prices that its first row claims."""
        self.exchange.listeners.append(self._hear)
        self._open()

    async def run(self) -> None:
        while True:
            await self._play()
            self.rounds += 1
            self.exchange.ledger.write("recording", **self.summary())
            if not self.loop:
                return
            for book in self.books:
                book.clear()
            self._open()

    def apply(self, row: Row) -> None:
        """Play one row, now."""
        self.rows += 1
        self.prints += row.trade
        self.books[row.market].apply(row)

    @property
    def steps(self) -> tuple[Row, ...]:
        """The rows in the order in which they are played."""
        return self._steps

    def summary(self) -> dict[str, int | str]:
        return {
            "rows": self.rows,
            "prints": self.prints,
            "rounds": self.rounds,
            "pruned": sum(book.pruned for book in self.books),
            "seeded": sum(book.seeded for book in self.books),
            "unmet_shares": format_size(sum(book.short for book in self.books)),
        }

    def _open(self) -> None:
        first = {row.market: row for row in reversed(self._steps) if not row.trade}
        for market, row in first.items():
            self.books[market].seed(row)

    async def _play(self) -> None:
        """Times in the file go back now and then; arrival order counts, so the clock only waits."""
        began, first = trio.current_time(), self._steps[0].at
        for number, row in enumerate(self._steps):
            due = began + (row.at - first) / 1000 / self.speed
            if due > trio.current_time():
                await trio.sleep_until(due)
            elif number % _AT_ONCE == 0:
                await trio.lowlevel.checkpoint()
            self.apply(row)
        await trio.lowlevel.checkpoint()

    def _hear(self, event: Event) -> None:
        if isinstance(event, BookTraded):
            for book in self.books:
                if book.listing is event.listing:
                    book.hear(event)

    def _book(self, listing: Listing) -> RecordedBook:
        slug = listing.market.slug
        ids = Random(f"{self.seed}/ids/recorded/{slug}")
        resting, taking = (
            self.exchange.accounts.open(
                checksum(f"0x{ids.getrandbits(160):040x}"), name=f"recorded-{kind}/{slug}", internal=True
            )
            for kind in ("orders", "takers")
        )
        return RecordedBook(self.exchange, listing, resting, taking, lambda: f"0x{ids.getrandbits(256):064x}")


def listings_of(recording: Recording) -> Listings:
    """Its markets: named as the file does, else `recorded-1`, `recorded-2`, …; other facts are made from the tokens."""
    prices: list[set[int]] = [set() for _ in recording.pairs]
    for row in recording.rows:
        prices[row.market].add(row.price)
    numbered = enumerate(zip(recording.pairs, prices, strict=True), start=1)
    return Listings.of(_listing(pair, number, _tick(seen)) for number, (pair, seen) in numbered)


def _listing(pair: Pair, number: int, tick: int) -> Listing:
    slug = pair.slug or f"recorded-{number}"
    market = Market(
        slug=slug,
        condition_id=pair.condition_id or _made_up("condition", pair),
        yes=pair.yes,
        no=pair.no,
        tick=Price(tick),
        min_size=Size(5 * SHARE),
        fees=FeeSchedule(rate=500),
    )
    title = f"Recorded market {number}"
    terms = Terms(event=EventTerms(slug, title), finer_at_edges=False)
    return Listing(market, title, _made_up("question", pair), 0.5, terms)


def _made_up(kind: str, pair: Pair) -> str:
    return f"0x{sha256(f'{kind}/{pair.yes}/{pair.no}'.encode()).hexdigest()}"


def _tick(prices: Iterable[int]) -> int:
    """The coarsest grid that holds every price of the market, from start to end: the file does not say the tick."""
    step = math.gcd(*prices, 0)
    return next(tick for tick in _TICKS if step % tick == 0)
