"""Market-channel frames into market events: one msgspec pass a frame, integers out, never an exception.

What is refused is counted by kind in `oddities` (in `unused` if we have no use for the kind) and the rest of the frame
still counts (polymarket.md §6.2). One wide struct rather than a union by `event_type`: the venue writes that key last,
and a union would scan every frame twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from attrs import define, field

from actors.messages import BookSnapshot, LevelChange, MarketEvent, Print, Resolved, TickChange
from actors.model.market import Side
from actors.model.numbers import PRICE_ONE
from adapters.polymarket.wire_book import Claims, Odd, Prices, Sizes, WireLevel, levels, tick_of

_MOST_KINDS = 100
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
# Documented, and refused for a reason; any other kind is an oddity.
UNUSED = {
    "best_bid_ask": "the best prices follow from the book",
    "new_market": "markets are found through Gamma, which says more of them",
}


class _Change(msgspec.Struct, gc=False):
    asset_id: str
    price: str
    size: str
    side: Literal["BUY", "SELL"]
    best_bid: str | None = None
    best_ask: str | None = None


class _Changes(msgspec.Struct, gc=False):
    price_changes: list[_Change]
    event_type: Literal["price_change"]


class _Frame(msgspec.Struct, gc=False):
    event_type: str = ""
    price_changes: list[_Change] | None = None
    asset_id: str = ""
    bids: list[WireLevel] | None = None
    asks: list[WireLevel] | None = None
    tick_size: str | float | None = None
    new_tick_size: str | float | None = None
    price: str = ""
    size: str = ""
    side: str = ""
    assets_ids: list[str] | None = None
    winning_asset_id: str | None = None


class _LooseFrame(msgspec.Struct):
    """Read when a frame does not fit: tells which parts of it do."""

    event_type: str = ""
    price_changes: list[msgspec.Raw] | None = None


_ONLY_CHANGES = msgspec.json.Decoder(_Changes)
_WHOLE = msgspec.json.Decoder(_Frame | list[_Frame])
_PARTS = msgspec.json.Decoder(list[msgspec.Raw])
_ONE = msgspec.json.Decoder(_Frame)
_LOOSE = msgspec.json.Decoder(_LooseFrame)
_CHANGE = msgspec.json.Decoder(_Change)
_UNFIT = (ValueError, RecursionError)  # msgspec's errors are ValueErrors


@define(eq=False)
class FrameReader:
    """Reads the frames of one connection; the text tables and counts are its only state."""

    oddities: dict[str, int] = field(factory=dict, init=False)
    unused: dict[str, int] = field(factory=dict, init=False)
    _prices: Prices = field(factory=Prices, init=False)
    _sizes: Sizes = field(factory=Sizes, init=False)
    _best_bids: Claims = field(factory=lambda: Claims(nonsense=PRICE_ONE), init=False)
    _best_asks: Claims = field(factory=lambda: Claims(nonsense=0), init=False)

    def read(self, frame: str) -> list[MarketEvent]:
        """The events of a frame (an object or an array of them), in order. Never raises.

        A lone price_change is nearly every frame and the venue writes its type last, so those go straight through a
        small struct and known prices; one with a new price or anything odd is read again with care.
        """
        events: list[MarketEvent] = []
        if frame.endswith('"price_change"}'):
            prices, sizes = self._prices.known, self._sizes
            best_bids, best_asks = self._best_bids.known, self._best_asks.known
            try:
                for c in _ONLY_CHANGES.decode(frame).price_changes:
                    best_bid, best_ask = best_bids[c.best_bid], best_asks[c.best_ask]
                    price, size, bid = prices[c.price], sizes[c.size], c.side == "BUY"
                    events.append(LevelChange(c.asset_id, bid, price, size, best_bid, best_ask))
                if events:
                    return events
            except (KeyError, *_UNFIT):
                events.clear()
        self._carefully(frame, events)
        return events

    def _carefully(self, frame: str, events: list[MarketEvent]) -> None:
        try:
            whole = _WHOLE.decode(frame)
        except _UNFIT:
            self._piecewise(frame, events)
            return
        for one in whole if isinstance(whole, list) else [whole]:
            self._one(one, events)

    def _one(self, frame: _Frame, events: list[MarketEvent]) -> None:
        read = _READERS.get(frame.event_type)
        if read is None:
            self._unknown(frame.event_type)
            return
        try:
            events += read(self, frame)
        except Odd as odd:
            self._count(f"{frame.event_type}: {odd}")

    def _each_change(self, frame: _Frame) -> list[MarketEvent]:
        """Every change that is sound; the others are counted one by one."""
        if not frame.price_changes:
            raise Odd("no changes")
        events: list[MarketEvent] = []
        for change in frame.price_changes:
            try:
                events.append(self._change(change))
            except Odd as odd:
                self._count(f"price_change: {odd}")
        return events

    def _change(self, c: _Change) -> LevelChange:
        price, size = self._prices.of(c.price), self._sizes[c.size]
        best = self._best_bids.of(c.best_bid), self._best_asks.of(c.best_ask)
        return LevelChange(c.asset_id, c.side == "BUY", price, size, *best)

    def _book(self, frame: _Frame) -> list[MarketEvent]:
        if frame.bids is None or frame.asks is None or not frame.asset_id:
            raise Odd("wrong shape")
        bids, asks = (levels(side, self._prices, self._sizes) for side in (frame.bids, frame.asks))
        return [BookSnapshot(frame.asset_id, bids, asks, tick_of(frame.tick_size))]

    def _print(self, frame: _Frame) -> list[MarketEvent]:
        side = _SIDES.get(frame.side)
        if side is None or not frame.asset_id:
            raise Odd("bad side" if frame.asset_id else "wrong shape")
        return [Print(frame.asset_id, side, self._prices.of(frame.price), self._sizes[frame.size])]

    def _tick(self, frame: _Frame) -> list[MarketEvent]:
        tick = tick_of(frame.new_tick_size)
        if not tick or not frame.asset_id:
            raise Odd("wrong shape")
        return [TickChange(frame.asset_id, tick)]

    def _resolved(self, frame: _Frame) -> list[MarketEvent]:
        if not frame.assets_ids:
            raise Odd("wrong shape")
        return [Resolved(token, frame.winning_asset_id or "") for token in frame.assets_ids]

    def _unused(self, frame: _Frame) -> list[MarketEvent]:
        self.unused[frame.event_type] = self.unused.get(frame.event_type, 0) + 1
        return []

    def _piecewise(self, frame: str, events: list[MarketEvent]) -> None:
        """A frame that does not fit as a whole: deliver the parts that do, count the others."""
        try:
            parts = _PARTS.decode(frame)
        except _UNFIT:
            parts = self._alone(frame)
        for part in parts:
            try:
                self._one(_ONE.decode(part), events)
            except _UNFIT:
                self._loosely(part, events)

    def _alone(self, frame: str) -> list[msgspec.Raw]:
        try:
            return [msgspec.json.decode(frame, type=msgspec.Raw)]
        except _UNFIT:
            self._count("not JSON")
            return []

    def _loosely(self, part: msgspec.Raw, events: list[MarketEvent]) -> None:
        try:
            loose = _LOOSE.decode(part)
        except _UNFIT:
            self._count("wrong shape")
            return
        if loose.event_type in UNUSED:
            self._unused(_Frame(event_type=loose.event_type))
            return
        if loose.event_type != "price_change":
            kind = f"{loose.event_type}: wrong shape" if loose.event_type in _READERS else ""
            self._count(kind) if kind else self._unknown(loose.event_type)
            return
        for raw in loose.price_changes or []:
            try:
                events.append(self._change(_CHANGE.decode(raw)))
            except Odd as odd:
                self._count(f"price_change: {odd}")
            except _UNFIT:
                self._count("price_change: wrong shape")

    def _unknown(self, event_type: str) -> None:
        self._count(f"unknown event type {event_type[:40]!r}")

    def _count(self, kind: str) -> None:
        """Kinds are few by construction, but a hostile sender could invent event types."""
        if kind not in self.oddities and len(self.oddities) >= _MOST_KINDS:
            kind = "other"
        self.oddities[kind] = self.oddities.get(kind, 0) + 1


_READERS: dict[str, Callable[[FrameReader, _Frame], list[MarketEvent]]] = {
    "price_change": FrameReader._each_change,
    "book": FrameReader._book,
    "last_trade_price": FrameReader._print,
    "tick_size_change": FrameReader._tick,
    "market_resolved": FrameReader._resolved,
    **dict.fromkeys(UNUSED, FrameReader._unused),
}
