"""The public market channel (polymarket.md §6): who listens to which token, and what they hear. Reads books only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from attrs import define, field

from adapters.emulator import wire_books
from adapters.emulator.events import BookTraded, Event, LevelsMoved
from adapters.emulator.listings import Listing, Listings
from adapters.emulator.sockets import Outlet


@define(eq=False)
class MarketChannel:
    """`listeners` by token; a dict of outlets keeps their order of arrival."""

    listings: Listings
    wall: Callable[[], float]
    listeners: dict[str, dict[Outlet, None]] = field(factory=dict)

    def open(self, outlet: Outlet) -> MarketSession:
        return MarketSession(self, outlet)

    def hear(self, event: Event) -> None:
        """Publish what the exchange just did."""
        if isinstance(event, LevelsMoved):
            outlets = self._outlets(event.listing.market.tokens)
            if outlets:
                frame = _text(wire_books.price_change(event.listing, event.levels, self.wall()))
                for outlet in outlets:
                    outlet.push(frame)
        elif isinstance(event, BookTraded):
            self._traded(event)

    def books(self, tokens: Iterable[str]) -> list[wire_books.Json]:
        """`book` frames of the known tokens; of an unknown one there is nothing to say (§6.1)."""
        known = self.listings.by_token
        return [self._book(known[token], token) for token in tokens if token in known]

    def _traded(self, event: BookTraded) -> None:
        """The prints, then fresh books of both tokens: a fill changes both (§6.2)."""
        for trade in event.trades:
            outlets = self._outlets([trade.taker.ticket.token])
            frame = _text(wire_books.last_trade(trade, self.wall())) if outlets else ""
            for outlet in outlets:
                outlet.push(frame)
        for token in event.listing.market.tokens:
            outlets = self._outlets([token])
            frame = _text(self._book(event.listing, token)) if outlets else ""
            for outlet in outlets:
                outlet.push(frame)

    def _book(self, listing: Listing, token: str) -> wire_books.Json:
        return {"event_type": "book", **wire_books.book(listing, token, self.wall())}

    def _outlets(self, tokens: Iterable[str]) -> dict[Outlet, None]:
        return {outlet: None for token in tokens for outlet in self.listeners.get(token, ())}


@define(eq=False)
class MarketSession:
    """One client's subscriptions."""

    channel: MarketChannel
    outlet: Outlet
    tokens: dict[str, None] = field(factory=dict)

    def received(self, text: str) -> None:
        """A subscription (§6.1) or a PING; anything else is answered with the venue's `INVALID OPERATION`."""
        if text == "PING":
            self.outlet.push("PONG")
            return
        frame = _mapping(text)
        tokens = frame.get("assets_ids")
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            self.outlet.push("INVALID OPERATION")
        elif frame.get("operation") == "unsubscribe":
            self._drop(tokens)
        elif frame.get("operation") == "subscribe" or str(frame.get("type")).lower() == "market":
            self._add(tokens, dump=frame.get("initial_dump") is not False)
        else:
            self.outlet.push("INVALID OPERATION")

    def closed(self) -> None:
        self._drop(list(self.tokens))

    def _add(self, tokens: list[str], *, dump: bool) -> None:
        """New tokens bring one array of books; a token subscribed twice brings nothing."""
        fresh = [token for token in dict.fromkeys(tokens) if token not in self.tokens]
        for token in fresh:
            self.tokens[token] = None
            self.channel.listeners.setdefault(token, {})[self.outlet] = None
        books = self.channel.books(fresh) if dump else []
        if books:
            self.outlet.push(_text(books))

    def _drop(self, tokens: list[str]) -> None:
        for token in tokens:
            self.tokens.pop(token, None)
            listeners = self.channel.listeners.get(token, {})
            listeners.pop(self.outlet, None)
            if not listeners:
                self.channel.listeners.pop(token, None)


def _mapping(text: str) -> Mapping[str, object]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
