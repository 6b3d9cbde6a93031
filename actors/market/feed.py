"""The feed actor: one market's books, from snapshots and deltas to a published `Book` with an honest age.

It never trusts silence: a book nobody confirms within `feed.probe` seconds is compared with REST, and one that differs
or jumps is thrown away for a fresh snapshot. It never trades.
"""

from __future__ import annotations

from typing import ClassVar

import trio
from attrs import frozen
from loguru import logger

from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.market.books import Books
from actors.messages import BooksRead, FeedState, Fetch, Frames, Resync, StreamLost
from actors.model.book import Book
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.settings import FeedSettings
from actors.shared.board import Board

_CROSSED_FOR = 1.0  # s a crossed book may stand before it counts as broken (polymarket.md §6.4)
_TICK = 0.25  # s between looks at the clock: the finest of the bounds below


@frozen
class Feed:
    """Publishes every change of the book to `readers` (quoter, tracker) and the board."""

    rank: ClassVar[int] = 3
    market: Market
    mailbox: Mailbox[object]
    settings: FeedSettings
    streams: Mailbox[object]
    gateway: Mailbox[object]
    readers: tuple[Mailbox[object], ...]
    board: Board

    async def run(self, ready: Ready) -> None:
        """Every life starts from fresh snapshots. An unhandled frame error kills the life, not the program.

        The first life waits for those that the socket sends on joining; a later one finds a `Gap` and asks for them.
        """
        books = Books(self.market, epoch=self._last_epoch())
        books.doubt("started", trio.current_time())
        ready()
        while True:
            letters = await self.mailbox.read(until=trio.current_time() + _TICK)
            changed = False
            for letter in letters:
                changed |= self._take(letter, books)
            changed |= self._look_after(books, trio.current_time())
            if changed:
                self._publish(books)

    def _last_epoch(self) -> int:
        """Where a former life's epochs ended: targets made on one of its books must not match one of this life's."""
        last = self.board.last(Book, self.market.slug)
        return 0 if last is None else last.epoch

    def _take(self, letter: object, books: Books) -> bool:
        """True if the published book has changed."""
        match letter:
            case Frames():
                return self._apply(letter, books)
            case BooksRead():
                return self._compare(letter, books)
            case StreamLost():
                return books.doubt(f"socket: {letter.why}", trio.current_time())
            case Gap():
                self._resync(books, letter.why)
                return True
        return False

    def _apply(self, frames: Frames, books: Books) -> bool:
        known = set(books.refused)
        trouble = [why for event in frames.events if (why := books.apply(event, frames.at)) is not None]
        for kind in set(books.refused) - known:
            logger.warning("{}: refused: {} (counted from now on, logged once)", self.market.slug, kind)
        if trouble:
            self._resync(books, trouble[0])
        return True

    def _compare(self, read: BooksRead, books: Books) -> bool:
        """Take a REST answer as confirmation, or as the snapshot that the socket did not deliver."""
        books.probe_answered(read.at)
        if isinstance(read.books, Unread):
            return False
        if not books.live and books.waited(read.at) > self.settings.snapshot_within:
            logger.warning("{}: no snapshot from the socket; using REST", self.market.slug)
            return books.install(read.books, read.asked_at)
        if books.confirm(read.books, read.asked_at):
            return True
        if books.live and books.differing > 1:
            self._resync(books, "REST shows another book")
        return False

    def _look_after(self, books: Books, now: float) -> bool:
        """What time alone demands: probes, resyncs, and the end of a crossed book; nothing of a resolved one."""
        if books.resolved:
            return False
        if books.live and books.crossed_for(now) > _CROSSED_FOR:
            self._resync(books, f"crossed for over {_CROSSED_FOR:g} s")
            return True
        if not books.live and books.waited(now) > self.settings.snapshot_within and books.may_retry(now):
            books.retry(now)
            self.streams.tell(Resync(self.market.slug, self.market.tokens))
            self.gateway.tell(Fetch(self.market.slug, self.market.tokens))
        elif books.live and books.probe_due(now, self.settings):
            books.probing(now)
            self.gateway.tell(Fetch(self.market.slug, self.market.tokens))
        return False

    def _resync(self, books: Books, why: str) -> None:
        """Throw the books away and ask for snapshots."""
        books.doubt(why, trio.current_time())
        self.streams.tell(Resync(self.market.slug, self.market.tokens))
        logger.debug("{}: resync: {}", self.market.slug, why)

    def _publish(self, books: Books) -> None:
        book = books.book()
        for reader in self.readers:
            reader.put(book)
        self.board.put(book, about=self.market.slug)
        self.board.put(FeedState(self.market.slug, books.state, dict(books.refused)), about=self.market.slug)
