"""Recordings to test with: made-up ones, the shared one where it is present, and what is measured on both."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from attrs import define, field

from actors.market.books import Books
from actors.messages import BookSnapshot, LevelChange
from actors.model.numbers import PRICE_ONE, SHARE, complement, format_price, format_size
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.listings import Listing
from adapters.emulator.recorded_book import RecordedBook
from adapters.emulator.recorded_flow import RecordedFlow, listings_of
from adapters.emulator.recorded_rows import COLUMNS, Row, read_recording
from adapters.emulator.sockets import Outlet
from adapters.matching import Ladder
from adapters.polymarket.frames import FrameReader

SHARED = "l2_deltas_sports_20260607_0145.csv.gz"
TOKENS = tuple((str(2**255 + 2 * n), str(2**255 + 2 * n + 1)) for n in range(2**60, 2**60 + 3))
Cells = tuple[int, str, str, str, str, str, str, str]


def shared() -> Path | None:
    """The shared recording, which stays outside the project; None where it is absent."""
    default = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
    path = Path(os.environ.get("POLYACTORS_FIXTURES", default)) / "recordings" / SHARED
    return path if path.is_file() else None


def write(folder: Path, rows: Iterable[Iterable[object]], pairs: object = (TOKENS[0],)) -> Path:
    """A recording in the shared one's shape; rows are cells in the order of `COLUMNS`."""
    path = folder / "made_up.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    path.with_name("made_up_pairs.json").write_text(json.dumps({"pairs": pairs}))
    return path


def change(at: int, side: str, price: str, size: str, best: tuple[str, str], token: str = TOKENS[0][0]) -> Cells:
    return (at, "PRICE_CHANGE", token, side, price, size, *best)


def trade(at: int, side: str, price: str, size: str, token: str = TOKENS[0][0]) -> Cells:
    return (at, "LAST_TRADE", token, side, price, size, "0", "0")


def session(rng: Random, moves: int) -> Iterator[Cells]:
    """A made-up session of three markets: whole books behind it, of which only the deltas are told.

    Levels that stood at the start are never told; of trades, some are told after the shrink they caused, some without
    one, and some not at all: what makes real recordings drift.
    """
    books = [
        {(True, p): 50 * SHARE for p in (4700, 4800)} | {(False, p): 50 * SHARE for p in (5000, 5100)} for _ in TOKENS
    ]
    at = 1_700_000_000_000
    for _ in range(moves):
        at += rng.randint(0, 40)
        market = rng.randrange(len(TOKENS))
        book, yes = books[market], TOKENS[market]
        bid, ask = _bests(book)
        if rng.random() < 0.05 and bid and ask < PRICE_ONE:
            yield from _made_trade(rng, at, book, yes)
            continue
        bids = rng.random() < 0.5
        price = rng.randrange(4300, min(ask, 5500), 100) if bids else rng.randrange(max(bid, 4300) + 100, 5600, 100)
        size = 0 if rng.random() < 0.3 else rng.randint(1, 500) * SHARE
        book[bids, price] = size
        yield from _told(at, book, yes, bids, price)


def _made_trade(rng: Random, at: int, book: dict[tuple[bool, int], int], tokens: tuple[str, str]) -> Iterator[Cells]:
    """A taker hits the best level with part or all of it."""
    bids = rng.random() < 0.5  # does the taker buy YES?
    price = _bests(book)[1] if bids else _bests(book)[0]
    size = rng.randint(1, book[not bids, price] // SHARE) * SHARE
    book[not bids, price] -= size
    told = rng.random()
    if told < 0.3:
        return
    if told < 0.7:
        yield from _told(at, book, tokens, not bids, price)
    yes = rng.random() < 0.5
    side = "BID" if bids is yes else "ASK"
    yield trade(at + 20, side, format_price(price if yes else complement(price)), format_size(size), tokens[not yes])


def _told(
    at: int, book: dict[tuple[bool, int], int], tokens: tuple[str, str], bids: bool, price: int
) -> Iterator[Cells]:
    """Both tokens' rows of one level."""
    bid, ask = _bests(book)
    size = format_size(book[bids, price])
    yield change(
        at, "BID" if bids else "ASK", format_price(price), size, (format_price(bid), format_price(ask)), tokens[0]
    )
    mirrored = format_price(complement(ask)), format_price(complement(bid))
    yield change(at, "ASK" if bids else "BID", format_price(complement(price)), size, mirrored, tokens[1])


def _bests(book: dict[tuple[bool, int], int]) -> tuple[int, int]:
    bids = [price for (bid, price), size in book.items() if bid and size]
    asks = [price for (bid, price), size in book.items() if not bid and size]
    return max(bids, default=0), min(asks, default=PRICE_ONE)


_read = lru_cache(2)(read_recording)


def opened(path: Path, wall: Callable[[], float], **options: Any) -> tuple[Emulator, RecordedFlow]:  # noqa: ANN401
    """An emulator and the recording as its flow, opened but not yet played."""
    recording = _read(path)
    emulator = build(7, wall=wall, listings=listings_of(recording), flow=False, **options)
    flow = RecordedFlow(emulator.exchange, recording, 7)
    flow.start()
    return emulator, flow


_COUNTED = ("rows", "unaided", "better", "equal", "known", "known_unaided")


@define
class Columns:
    """How the emulator's best prices compare with the recorded columns, at every change row.

    `unaided` rows had both bests right with no level pruned or seeded for them: what the recording's own deltas and
    prints make of the book. `known` are the rows whose recorded bests had occurred in the file by then (no delta can
    tell of a level that stood before it began), `known_unaided` those of them that were right unaided.
    `better` rows have a level better than recorded, `equal` ones both bests as recorded, after the row's corrections.
    While `RecordedBook` corrects, that says only that its corrections reach their aim; played `uncorrected`, it is a
    measure of its own: there an error stays in the book for all later rows.
    """

    counts: dict[str, int] = field(factory=lambda: dict.fromkeys(_COUNTED, 0))
    _seen: set[tuple[int, bool, int]] = field(factory=set)

    def play(self, flow: RecordedFlow, row: Row) -> None:
        book = flow.books[row.market]
        corrected = book.seeded, book.pruned
        flow.apply(row)
        if row.trade:
            return
        if row.size:
            self._seen.add((row.market, row.bids, row.price))
        bids, asks = book.listing.book.bids.best or 0, book.listing.book.asks.best or PRICE_ONE
        wanted = ((True, row.best_bid), (False, row.best_ask))
        known = all(price in (0, PRICE_ONE) or (row.market, bid, price) in self._seen for bid, price in wanted)
        better, equal = bids > row.best_bid or asks < row.best_ask, (bids, asks) == (row.best_bid, row.best_ask)
        unaided = equal and corrected == (book.seeded, book.pruned)
        for name, is_so in zip(_COUNTED, (True, unaided, better, equal, known, known and unaided), strict=True):
            self.counts[name] += is_so

    def share(self, of: str, among: str = "rows") -> float:
        return self.counts[of] / self.counts[among]


def uncorrected(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on recorded books neither seed a best that no row has shown nor prune what is better than recorded.

    What stands in the way of a new level still goes: recorded orders never trade with each other but by a print.
    """
    monkeypatch.setattr(RecordedBook, "seed", lambda book, row: None)
    monkeypatch.setattr(RecordedBook, "_prune", lambda book, best_bid, best_ask: None)


@define(eq=False)
class Playback:
    """A recording played from end to end, as its columns and the bot's books saw it; `printed` in size units."""

    flow: RecordedFlow
    ear: BotEar
    columns: Columns = field(factory=Columns)
    printed: int = 0

    def run(self) -> Playback:
        self.ear.listen()
        for row in self.flow.steps:
            self.columns.play(self.flow, row)
            self.printed += row.size if row.trade else 0
        return self

    @property
    def unmet(self) -> float:
        """The share of what was printed that met nobody."""
        return sum(book.short for book in self.flow.books) / self.printed


@define(eq=False)
class BotEar:
    """The bot's own reader and books, fed with the emulator's frames as a subscriber of every token hears them.

    After every frame the tokens it speaks of are compared with the emulator's book, level by level.
    """

    emulator: Emulator
    frames: int = 0
    equal: int = 0
    troubles: list[str] = field(factory=list)
    reader: FrameReader = field(factory=FrameReader)
    _books: dict[str, tuple[Listing, Books]] = field(factory=dict)

    def listen(self) -> None:
        for listing in self.emulator.exchange.listings.all:
            self._books |= dict.fromkeys(listing.market.tokens, (listing, Books(listing.market)))
        session = self.emulator.channels["/ws/market"].open(cast("Outlet", self))
        session.received(json.dumps({"type": "market", "assets_ids": list(self._books)}))

    def push(self, text: str) -> None:
        """A frame has arrived."""
        tokens = set()
        for event in self.reader.read(text):
            if isinstance(event, BookSnapshot | LevelChange):
                tokens.add(event.token)
                trouble = self._books[event.token][1].apply(event, 1.0)
                self.troubles += [] if trouble is None else [trouble]
        if tokens:
            self.frames += 1
            self.equal += self._same(tokens)

    def _same(self, tokens: set[str]) -> bool:
        """Every level of these books and nothing else. The venue's NO book is its YES book in the mirror."""
        venue: dict[str, tuple[list[int], list[int]]] = {}
        for token in tokens:
            listing, books = self._books[token]
            yes = listing.market.yes
            ladder = books._ladders[listing.market.outcome(token)]
            if yes not in venue:
                venue[yes] = _sizes(listing.book.bids, ladder._slots), _sizes(listing.book.asks, ladder._slots)
            bids, asks = venue[yes]
            if token != yes:
                bids, asks = asks[::-1], bids[::-1]
            if ladder._bids != bids or ladder._asks != asks:
                return False
        return True


def _sizes(side: Ladder, slots: Mapping[int, int]) -> list[int]:
    """Size units at every slot of a ladder with these slots by price, both ends included."""
    sizes = [0] * (len(slots) + 2)
    for price, level in side.levels.items():
        for resting in level.values():
            sizes[slots[price]] += resting.remaining
    return sizes
