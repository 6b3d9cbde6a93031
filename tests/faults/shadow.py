"""What the market socket has shown one life of the bot of each token's book, kept outside the bot (I10)."""

from __future__ import annotations

from attrs import define, field

from actors.messages import BookSnapshot, LevelChange, MarketEvent, TickChange
from actors.model.ladder import Ladder, OffGrid
from adapters.polymarket.frames import FrameReader
from adapters.polymarket.wire_book import book_snapshots

_TICK = 100  # price units: that of a book whose frames have not said theirs


@define(eq=False)
class Shadow:
    """Of `life`. A book that it cannot follow is not known, and no REST book differs from it."""

    life: int
    _frames: FrameReader = field(factory=FrameReader)
    _ladders: dict[str, Ladder] = field(factory=dict)

    def hear(self, frame: str) -> None:
        """A frame has reached the bot."""
        for event in self._frames.read(frame):
            try:
                self._apply(event)
            except OffGrid:
                self._ladders.pop(event.token, None)

    def _apply(self, event: MarketEvent) -> None:
        ladder = self._ladders.get(event.token)
        match event:
            case BookSnapshot(token=token, tick=tick):
                ladder = Ladder(tick or (ladder.tick if ladder else _TICK))
                ladder.snapshot(event.bids, event.asks)
                self._ladders[token] = ladder
            case LevelChange() if ladder is not None:
                ladder.change(event.bid, event.price, event.size)
                ladder.prune(event.best_bid, event.best_ask)
            case TickChange(token=token):
                self._ladders.pop(token, None)

    def differing(self, body: bytes) -> set[str]:
        """Tokens of which a REST answer shows another book than the socket has."""
        try:
            books = book_snapshots(body)
        except ValueError:
            return set()
        known = ((book, self._ladders.get(book.token)) for book in books)
        return {book.token for book, ladder in known if ladder is not None and not ladder.same(book.bids, book.asks)}
