"""The feed's working copy: both ladders of a market, what confirmed them when, and which epoch they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf

from attrs import define, field

from actors.messages import BookSnapshot, LevelChange, MarketEvent, Resolved, TickChange
from actors.model.book import EMPTY, Book
from actors.model.ladder import Ladder, OffGrid
from actors.model.market import Market, Outcome
from actors.model.numbers import Price
from actors.model.settings import FeedSettings

_LOOK_AGAIN = 0.5  # s after a REST book that differed: a frame may have been on its way
_LEVELS = 10  # published per side: enough to look past our own orders and a few thin levels


@define(eq=False)
class Books:
    """One market's two ladders. Not live until both snapshots are in, and after every gap."""

    market: Market
    tick: int = field(init=False)
    epoch: int = 0
    refused: Counter[str] = field(factory=Counter)
    differing: int = 0
    resolved: bool = False
    why: str = "started"
    _ladders: dict[Outcome, Ladder] = field(init=False)
    _heard: dict[Outcome, float] = field(factory=dict)
    _doubted_at: float = 0.0
    _retried_at: float = -inf
    _probed_at: float = -inf
    _probing: bool = False
    _crossed_at: float | None = None

    def __attrs_post_init__(self) -> None:
        self.tick = self.market.tick
        self._ladders = {outcome: Ladder(self.tick) for outcome in Outcome}

    @property
    def live(self) -> bool:
        return len(self._heard) == len(Outcome) and not self.resolved

    @property
    def confirmed_at(self) -> float:
        """When the quieter token was last confirmed; -inf while a snapshot is missing."""
        return min(self._heard.values()) if self.live else -inf

    @property
    def state(self) -> str:
        """In one word, for `status`: live, probing, or what is waited for."""
        if self.resolved:
            return "resolved"
        if not self.live:
            return "waiting for snapshots" if self.why == "started" else f"resync: {self.why}"
        return "probing" if self._probing else "live"

    # ── what the socket says ──────────────────────────────────────────────────────────────────────────────────────

    def apply(self, event: MarketEvent, at: float) -> str | None:
        """Take one event; a text says why the book can no longer be trusted. Nonsense is counted and changes nothing."""
        try:
            outcome = self.market.outcome(event.token)
        except KeyError:
            self.refused["book of an unknown token"] += 1
            return None
        match event:
            case BookSnapshot():
                return self._snapshot(outcome, event, at)
            case LevelChange():
                return self._change(outcome, event, at)
            case TickChange():
                return self._new_tick(event.tick, at)
            case Resolved():
                self.resolved = True
                return "the market has resolved"
        return None

    def _snapshot(self, outcome: Outcome, event: BookSnapshot, at: float) -> str | None:
        if event.tick and event.tick != self.tick:
            self._new_tick(event.tick, at)
        ladder = self._ladders[outcome]
        try:
            ladder.snapshot(event.bids, event.asks)
        except OffGrid:
            self.refused["snapshot off the tick"] += 1
            return "a snapshot is off the tick"
        if not event.bids and not event.asks and self.market.accepting:
            self.refused["empty snapshot of an active market"] += 1
            self._heard.pop(outcome, None)
            return None
        if outcome not in self._heard:
            self.epoch += 1
        self._heard[outcome] = at
        self._note_crossing(at)
        return None

    def _change(self, outcome: Outcome, event: LevelChange, at: float) -> str | None:
        if outcome not in self._heard:
            return None  # a delta before its snapshot says nothing
        ladder = self._ladders[outcome]
        try:
            ladder.change(event.bid, event.price, event.size)
        except OffGrid:
            self.refused["level off the tick"] += 1
            return "a level is off the tick"
        self._heard[outcome] = at
        self._probing = False
        if not ladder.prune(event.best_bid, event.best_ask):
            return "the frame's own best prices differ"
        self._note_crossing(at)
        return None

    def _new_tick(self, tick: int, at: float) -> str | None:
        """A new grid is a new epoch: every target made on the old one is void (I10)."""
        if tick != self.tick:
            self.tick = tick
            self._ladders = {outcome: Ladder(tick) for outcome in Outcome}
            self.doubt("tick size changed", at)
            return "tick size changed"
        return None

    def _note_crossing(self, at: float) -> None:
        crossed = any(
            ladder.best_bid is not None and ladder.best_ask is not None and ladder.best_bid >= ladder.best_ask
            for ladder in self._ladders.values()
        )
        self._crossed_at = (self._crossed_at if self._crossed_at is not None else at) if crossed else None

    # ── what REST says ────────────────────────────────────────────────────────────────────────────────────────────

    def confirm(self, books: Sequence[BookSnapshot], asked_at: float) -> bool:
        """Whether REST shows equal content for both tokens: then both are as fresh as the question.

        Content that differs counts against the book only if no frame has moved it since the question.
        """
        shown = {b.token: b for b in books}
        equal = self.live and all(
            (book := shown.get(self.market.token(o))) is not None and self._ladders[o].same(book.bids, book.asks)
            for o in Outcome
        )
        if not equal:
            moved = any(heard > asked_at for heard in self._heard.values())
            self.differing = 0 if moved else self.differing + 1
            return False
        self.differing = 0
        self._heard = {outcome: max(heard, asked_at) for outcome, heard in self._heard.items()}
        return True

    def install(self, books: Sequence[BookSnapshot], asked_at: float) -> bool:
        """Use REST books as the missing snapshots."""
        for book in books:
            if book.token in self.market.tokens:
                self.apply(book, asked_at)
        return self.live

    # ── doubt and time ────────────────────────────────────────────────────────────────────────────────────────────

    def doubt(self, why: str, now: float) -> bool:
        """Nothing here counts until new snapshots arrive."""
        if self.live or self._doubted_at == 0.0:
            self._doubted_at = now
        self.why = why
        self._heard.clear()
        self.differing = 0
        self._probing = False
        self._crossed_at = None
        return True

    def waited(self, now: float) -> float:
        """Seconds without a complete book."""
        return now - self._doubted_at

    def may_retry(self, now: float) -> bool:
        return now - self._retried_at >= 2.0

    def retry(self, now: float) -> None:
        self._retried_at = now

    def probe_due(self, now: float, bounds: FeedSettings) -> bool:
        """Old enough to be checked, and the last check long enough ago.

        A quiet book is checked again each time it is `feed.probe` old: checking less often than `feed.stale` would let
        its confirmed age pass the bound between two checks (I10). The gateway puts checks of many markets in one read.
        """
        return now - self.confirmed_at >= bounds.probe and (
            now - self._probed_at >= bounds.probe or (self.differing > 0 and now - self._probed_at >= _LOOK_AGAIN)
        )

    def probing(self, now: float) -> None:
        self._probed_at = now
        self._probing = True

    def probe_answered(self, _: float) -> None:
        self._probing = False

    def crossed_for(self, now: float) -> float:
        return 0.0 if self._crossed_at is None else now - self._crossed_at

    def book(self) -> Book:
        """What may be published: empty depths while the book is in doubt."""
        yes, no = (self._ladders[o].depth(_LEVELS) if self.live else EMPTY for o in Outcome)
        return Book(
            market=self.market.slug,
            yes=yes,
            no=no,
            tick=Price(self.tick),
            epoch=self.epoch,
            confirmed_at=self.confirmed_at,
            live=self.live,
        )
