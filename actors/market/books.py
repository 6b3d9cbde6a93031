"""The feed's working copy: both ladders of a market, what confirmed them when, and which epoch they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf

from attrs import define, evolve, field

from actors.messages import BookSnapshot, LevelChange, MarketEvent, Print, Resolved, TickChange
from actors.model.book import EMPTY, Book
from actors.model.ladder import Ladder, OffGrid
from actors.model.market import Market, Outcome
from actors.model.numbers import Price, Size
from actors.model.plan import yes_terms
from actors.model.tape import Tape, with_trade

_FIRM = 60.0  # s after the socket told a tick in which REST may still tell the one before
_DRAINED = 1.0  # s after a stall in which whatever waited in the socket has been read
_TOKENS = len(Outcome)
_LEVELS = 10  # published per side: enough to look past our own orders and a few thin levels


@define(eq=False)
class Books:
    """One market's two ladders. Not live until both snapshots are in, and after every gap.

    A token's book is the socket's, or REST's where the socket delivers none; then it is good for reducing only.
    """

    market: Market
    epoch: int = 0
    refused: Counter[str] = field(factory=Counter)
    differing: int = 0
    why: str = "started"
    _ladders: dict[Outcome, Ladder] = field(init=False)  # YES, NO
    _heard: dict[Outcome, float] = field(factory=dict)
    _by_rest: set[Outcome] = field(factory=set)
    _moved_at: float = -inf
    _doubted_at: float | None = None
    _crossed_at: float | None = None
    _as_of: float = inf
    _stalled_at: float = -inf
    _tick_firm: float = -inf
    _tape: Tape = ()

    def __attrs_post_init__(self) -> None:
        self._ladders = {outcome: Ladder(self.tick) for outcome in Outcome}

    @property
    def tick(self) -> int:
        return self.market.tick

    @property
    def live(self) -> bool:
        return len(self._heard) == _TOKENS

    @property
    def rest(self) -> bool:
        """Whether REST stands in for the socket, at least for one token."""
        return bool(self._by_rest)

    @property
    def confirmed_at(self) -> float:
        """When the quieter token was last confirmed; -inf while a snapshot is missing."""
        return min(self._heard.values()) if self.live else -inf

    @property
    def state(self) -> str:
        """In a few words, for `status`: live, what stands in, or what is waited for."""
        if not self.market.accepting:
            return self.market.standing or "takes no orders"
        if not self.live:
            return "waiting for snapshots" if self.why == "started" else f"resync: {self.why}"
        if self.rest:
            return "REST only: reduces only"
        return "live" if self._as_of == inf else "checking after a stall"

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
            case Print():
                bid, price = yes_terms(outcome, event.side, event.price)
                self._tape = with_trade(self._tape, bid, price, Size(event.size), at)
            case TickChange():
                return self._retick(event.tick, at, firm=at + _FIRM)
            case Resolved():
                market = self.market
                won = market.outcome(event.won) if event.won in market.tokens else market.won
                self.market = evolve(market, accepting=False, standing="resolved", won=won)
                self.forget("the market has resolved", at)
        return None

    def _snapshot(self, outcome: Outcome, event: BookSnapshot, at: float) -> str | None:
        if event.tick:
            self._retick(event.tick, at, firm=at + _FIRM)
        if outcome in self._by_rest:
            self._by_rest.discard(outcome)
            self._heard.pop(outcome, None)
        why = self._fill(outcome, event, min(at, self._as_of))
        self._moved_at = at
        self._note_crossing(at)
        if self.live and not self._by_rest:
            self._doubted_at = None
        return why

    def _fill(self, outcome: Outcome, event: BookSnapshot, at: float) -> str | None:
        """A whole book; one of a token that had none begins an epoch."""
        try:
            self._ladders[outcome].snapshot(event.bids, event.asks)
        except OffGrid:
            self.refused["snapshot off the tick"] += 1
            self._heard.pop(outcome, None)
            return "a snapshot is off the tick"
        if not event.bids and not event.asks and self.market.accepting:
            self.refused["empty snapshot of an active market"] += 1
            self._heard.pop(outcome, None)
            self._doubted_at = at if self._doubted_at is None else self._doubted_at
            return None
        if outcome not in self._heard:
            self.epoch += 1
        self._heard[outcome] = at
        return None

    def _change(self, outcome: Outcome, event: LevelChange, at: float) -> str | None:
        if outcome not in self._heard or outcome in self._by_rest:
            return None  # a delta before its snapshot says nothing
        ladder = self._ladders[outcome]
        try:
            ladder.change(event.bid, event.price, event.size)
        except OffGrid:
            self.refused["level off the tick"] += 1
            return "a level is off the tick"
        self._heard[outcome] = min(at, self._as_of)
        self._moved_at = at
        if not ladder.prune(event.best_bid, event.best_ask):
            return "the frame's own best prices differ"
        self._note_crossing(at)
        return None

    def _retick(self, tick: int, at: float, *, firm: float) -> str | None:
        """A new grid is a new epoch: every target made on the old one is void (I10). REST may say so after `firm`."""
        if tick == self.tick:
            return None
        self.market = evolve(self.market, tick=Price(tick))
        self._ladders = {outcome: Ladder(tick) for outcome in Outcome}
        self._tick_firm = firm
        self.forget("tick size changed", at)
        return self.why

    def _note_crossing(self, at: float) -> None:
        crossed = any(map(_crossed, self._ladders.values()))
        self._crossed_at = (self._crossed_at if self._crossed_at is not None else at) if crossed else None

    # ── what REST says ────────────────────────────────────────────────────────────────────────────────────────────

    def confirm(self, books: Sequence[BookSnapshot], asked_at: float) -> bool:
        """Whether REST shows equal content for all that the socket brings: then it is as fresh as the question.

        Content that differs counts against the book only if no frame has moved it since the question.
        """
        shown = {b.token: b for b in books}
        own = [outcome for outcome in self._heard if outcome not in self._by_rest]
        equal = all(
            (book := shown.get(self.market.token(o))) is not None and self._ladders[o].same(book.bids, book.asks)
            for o in own
        )
        if not equal:
            moved = self._moved_at > asked_at
            self.differing = 0 if moved else self.differing + 1
            if moved and asked_at - self._stalled_at >= _DRAINED:
                self._as_of = inf  # a busy book is never equal; its frames are news by now
            return False
        self.differing = 0
        if len(own) == len(Outcome) and asked_at >= self._stalled_at:
            self._as_of = inf
        self._heard |= {outcome: max(self._heard[outcome], asked_at) for outcome in own}
        return True

    def install(self, books: Sequence[BookSnapshot], asked_at: float) -> bool:
        """Use REST books where the socket delivers none; one that is crossed is worse than none."""
        for book in books:
            if book.token not in self.market.tokens:
                continue
            if book.tick and asked_at > self._tick_firm:
                self._retick(book.tick, asked_at, firm=asked_at)
            outcome = self.market.outcome(book.token)
            if outcome in self._by_rest or outcome not in self._heard:
                self._stand_in(outcome, book, asked_at)
        return self.live

    def _stand_in(self, outcome: Outcome, book: BookSnapshot, asked_at: float) -> None:
        if asked_at <= self._heard.get(outcome, -inf):
            return
        self._fill(outcome, book, asked_at)
        if _crossed(self._ladders[outcome]):
            self.refused["crossed book by REST"] += 1
            self._heard.pop(outcome, None)
        (self._by_rest.add if outcome in self._heard else self._by_rest.discard)(outcome)

    def adopt(self, market: Market, asked_at: float, now: float) -> bool:
        """Trade on these terms from now on; True if the books must be asked for anew.

        A resolution is final, but for the side that has won where it was not told; and a tick that the socket has told of late is the newer one.
        """
        before = self.market
        if before.resolved:
            self.market = evolve(before, won=before.won or market.won, halves=before.halves or market.halves)
            return False
        tick = market.tick if asked_at > self._tick_firm else before.tick
        self.market = evolve(market, tick=before.tick)
        if self._retick(tick, now, firm=now) is not None:
            return True
        if market.accepting and not before.accepting:
            self.forget("takes orders again", now)
            return True
        return False

    def unread(self) -> None:
        """Its terms could not be read for too long: not to be quoted until they are."""
        self.market = evolve(self.market, standing="not read of late")

    # ── doubt and time ────────────────────────────────────────────────────────────────────────────────────────────

    def doubt(self, why: str, now: float) -> bool:
        """Nothing that the socket said counts until new snapshots arrive; what REST has shown since stands."""
        self._doubted_at = now if self._doubted_at is None else self._doubted_at
        self.why = why
        self._heard = {outcome: at for outcome, at in self._heard.items() if outcome in self._by_rest}
        self.differing = 0
        self._crossed_at = None
        return True

    def lost(self, why: str, now: float) -> bool:
        """The socket broke. What the next one says was said after any stall of ours."""
        self._as_of = inf
        return self.doubt(why, now)

    def forget(self, why: str, now: float) -> None:
        """Nothing counts at all, REST's books included."""
        self._by_rest.clear()
        self.doubt(why, now)

    def stall(self, before: float, now: float) -> None:
        """The loop stood still from `before` to `now`: what is read of the socket from here on may be as old as that.

        Until REST has confirmed the books in an answer asked for after the stall, frames count as of `before` (F24).
        """
        self._as_of, self._stalled_at = min(self._as_of, before), now
        self._heard = {outcome: min(at, before) for outcome, at in self._heard.items()}

    @property
    def waiting_since(self) -> float:
        """Since when there has been no complete book from the socket; inf if there is one."""
        return inf if self._doubted_at is None else self._doubted_at

    @property
    def crossed_since(self) -> float:
        """Since when a live book has been crossed; inf if it is not."""
        return inf if self._crossed_at is None or not self.live else self._crossed_at

    def book(self) -> Book:
        """What may be published: empty depths while the book is in doubt."""
        live = self.live
        yes, no = [ladder.depth(_LEVELS) for ladder in self._ladders.values()] if live else (EMPTY, EMPTY)
        return Book(
            market=self.market.slug,
            yes=yes,
            no=no,
            tick=Price(self.tick),
            epoch=self.epoch,
            confirmed_at=self.confirmed_at,
            live=live,
            rest=self.rest,
            moved_at=self._moved_at,
            tape=self._tape,
        )


def _crossed(ladder: Ladder) -> bool:
    return ladder.best_bid is not None and ladder.best_ask is not None and ladder.best_bid >= ladder.best_ask
