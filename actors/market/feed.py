"""The feed actor: one market's books and terms, from snapshots and deltas to a published `Book` with an honest age.

It never trusts silence: a book nobody confirms within `feed.probe` seconds is compared with REST, and one that differs
or jumps is thrown away for a fresh snapshot. Where the socket brings none, REST stands in, for reducing only. It never
trades.
"""

from __future__ import annotations

from math import ceil, floor, inf
from typing import ClassVar

import trio
from attrs import define, frozen
from loguru import logger

from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.market.books import Books
from actors.market.questions import Questions
from actors.market.terms import Terms, TermsDoubted, together
from actors.messages import BooksRead, FeedState, Fetch, Frames, Resync, StreamLost
from actors.model.book import Book
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.settings import FeedSettings
from actors.shared.board import Board
from actors.shared.pulse import Stalled
from actors.shared.requests import ReadTerms, TermsRead

_CROSSED_FOR = 1.0  # s a crossed book may stand before it counts as broken (polymarket.md §6.4)
_GRID = 0.25  # s: all feeds look at the clock at multiples of it, so that what they ask for shares a request
_LOOK_EVERY = 5.0  # s without a look at most


@define(eq=False)
class _Life:
    """What one life has in hand: `told` are the terms last told, `shown` is what the book last shown was good for, `unread` is
    why terms could not be read. `look_at` is when time alone wakes it."""

    books: Books
    questions: Questions
    terms: Terms
    told: Market | None = None
    shown: tuple[bool, bool, int] | None = None
    unread: str = ""
    look_at: float = -inf


@frozen
class Feed:
    """Publishes every change of book and terms to quoter, tracker and the board.

    A tracker acts on targets, so a book alone wakes it only if those made before it cannot count any more.

    Whoever found the market has read its terms at `read_at`. They are read again every `terms_every` seconds, first `phase`
    after that, so that not all markets ask at once.
    """

    rank: ClassVar[int] = 3
    market: Market
    mailbox: Mailbox[object]
    settings: FeedSettings
    terms_every: float
    read_at: float
    phase: float
    streams: Mailbox[object]
    gateway: Mailbox[object]
    quoter: Mailbox[object]
    tracker: Mailbox[object]
    board: Board

    async def run(self, ready: Ready) -> None:
        """Every life starts from fresh snapshots. An unhandled frame error kills the life, not the program.

        The first life waits for those that the socket sends on joining; a later one finds a `Gap` and asks for them.
        """
        life = self._begin(trio.current_time())
        self._publish(life)
        ready()
        while True:
            life.look_at = self._next_look(life, trio.current_time())
            letters = await self.mailbox.read(until=life.look_at)
            now, changed = trio.current_time(), False
            for letter in letters:
                changed |= self._take(letter, life, now)
            changed |= self._look_after(life, now)
            if changed:
                self._publish(life)

    def _begin(self, now: float) -> _Life:
        """Terms and epochs go on where a former life ended: targets made on one of its books must match none of this
        life's. Its terms may have changed since, so they are read at once."""
        market, book = self.board.last(Market, self.market.slug), self.board.last(Book, self.market.slug)
        books = Books(market or self.market, epoch=0 if book is None else book.epoch)
        books.doubt("started", now)
        if market is None:
            terms = Terms(self.terms_every, together(self.read_at + self.phase), read_at=self.read_at)
        else:
            terms = Terms(self.terms_every, now)
        return _Life(books, Questions(self.settings), terms)

    def _take(self, letter: object, life: _Life, now: float) -> bool:
        """True if what is published has changed."""
        match letter:
            case Frames():
                return self._apply(letter, life)
            case BooksRead():
                return self._compare(letter, life)
            case TermsRead():
                return self._learn(letter, life, now)
            case TermsDoubted():
                life.terms.doubt(letter, now)
            case Stalled():
                life.books.stall(letter.before, now)
                life.questions.at_once()
                return True
            case StreamLost():
                return life.books.lost(f"socket: {letter.why}", now)
            case Gap():
                self._resync(life, letter.why)
                return True
        return False

    def _apply(self, frames: Frames, life: _Life) -> bool:
        books = life.books
        known, stood_in = len(books.refused), books.rest
        trouble = [why for event in frames.events if (why := books.apply(event, frames.at)) is not None]
        for kind in list(books.refused)[known:]:
            logger.warning("{}: refused: {} (counted from now on, logged once)", self.market.slug, kind)
        if trouble:
            self._resync(life, trouble[0])
        if stood_in and books.live and not books.rest:
            logger.info("{}: the socket delivers the book again", self.market.slug)
        return True

    def _compare(self, read: BooksRead, life: _Life) -> bool:
        """Take a REST answer as confirmation, or as what stands in for a book that the socket does not deliver."""
        life.questions.open = False
        books = life.books
        if isinstance(read.books, Unread):
            return False
        stood_in = books.rest
        if read.at >= books.waiting_since + self.settings.snapshot_within:
            books.install(read.books, read.asked_at)
            if books.rest and not stood_in:
                logger.warning("{}: no book from the socket; REST stands in, for reducing only", self.market.slug)
        if not books.confirm(read.books, read.asked_at) and books.differing > 1:
            self._resync(life, "REST shows another book")
        return True

    def _learn(self, read: TermsRead, life: _Life, now: float) -> bool:
        """Take over the terms as the venue describes them now. What cannot be read changes nothing."""
        try:
            market = read.market if isinstance(read.market, Unread) else life.books.market.on_terms_of(read.market)
        except ValueError as problem:
            market = Unread(str(problem))
        if isinstance(market, Unread):
            if market.why != life.unread:
                logger.warning("{}: its terms could not be read: {}", self.market.slug, market.why)
            life.unread = market.why
            life.terms.failed(now)
            return False
        life.unread = ""
        if life.books.adopt(market, read.asked_at, now):
            life.questions.wanted = True
        if life.terms.answered(read.asked_at, now):
            life.told = None  # tell even if nothing has changed: the tracker waits for it
        return True

    def _next_look(self, life: _Life, now: float) -> float:
        """When time alone will demand something, if nobody wakes us before."""
        books, terms = life.books, life.terms
        wanted = [terms.ask_at, now + _LOOK_EVERY]
        if books.market.accepting:
            questions = life.questions
            wanted += [books.crossed_since + _CROSSED_FOR, questions.demand_at(books), questions.probe_at(books)]
            wanted += [] if books.market.standing else [terms.lapse_at]
        return max(floor(now / _GRID) + 1, ceil(max(now, min(wanted)) / _GRID)) * _GRID

    def _look_after(self, life: _Life, now: float) -> bool:
        """What time alone demands: terms, probes, snapshots, the end of a crossed book; no books where no order goes.

        REST is asked for books at instants common to all feeds only: a market that starts late finds old frames, and would
        ask alone.
        """
        books, questions = life.books, life.questions
        if now >= life.terms.ask_at:
            life.terms.asked(now)
            self.gateway.tell(ReadTerms(self.market.slug, self.market.condition_id))
        if not books.market.accepting:
            return False
        lapsed = now >= life.terms.lapse_at and not books.market.standing
        if lapsed:
            books.unread()
        crossed = now >= books.crossed_since + _CROSSED_FOR
        if crossed:
            self._resync(life, f"crossed for over {_CROSSED_FOR:g} s")
        if now >= questions.demand_at(books):
            questions.demanding(now)
            self.streams.tell(Resync(self.market.slug, self.market.tokens))
        if now >= life.look_at and now >= questions.probe_at(books):
            questions.probing(now)
            self.gateway.tell(Fetch(self.market.slug, self.market.tokens))
        return crossed or lapsed

    def _resync(self, life: _Life, why: str) -> None:
        """Throw the books away and want snapshots."""
        life.books.doubt(why, trio.current_time())
        life.questions.wanted = True
        logger.debug("{}: resync: {}", self.market.slug, why)

    def _publish(self, life: _Life) -> None:
        """Terms first: no order may be made of a new book on old terms."""
        books = life.books
        if books.market is not life.told and books.market != life.told:  # comparing every field takes its time
            self._tell_terms(life)
        book, state = books.book(), "probing" if books.state == "live" and life.questions.open else books.state
        self.quoter.put(book)
        kind = book.live, book.rest, book.epoch
        (self.tracker.lay if kind == life.shown else self.tracker.put)(book)
        life.shown = kind
        self.board.put(book, about=self.market.slug)
        self.board.put(FeedState(self.market.slug, state, dict(books.refused)), about=self.market.slug)

    def _tell_terms(self, life: _Life) -> None:
        before, market = self.board.last(Market, self.market.slug) or self.market, life.books.market
        if (before.accepting, before.standing) != (market.accepting, market.standing):
            level = "INFO" if market.accepting and not market.standing else "WARNING"
            logger.log(level, "{}: {}", self.market.slug, _standing(market))
        if before.fees != market.fees:
            logger.warning(
                "{}: takers are charged {}, not {}", self.market.slug, market.fees.text(), before.fees.text()
            )
        life.told = market
        for reader in (self.quoter, self.tracker):
            reader.put(market)
        self.board.put(market, about=self.market.slug)


def _standing(market: Market) -> str:
    state = market.standing or ("open" if market.accepting else "closed")
    return f"the market is {state}{'' if market.accepting else ', it takes no orders'}"
