"""The public market channel (polymarket.md §6): who listens to which token, and what they hear. Reads books only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeGuard

from attrs import define, field

from actors.model.market import Outcome
from adapters.emulator import groups, wire_books, wire_news
from adapters.emulator.compact import compact_text
from adapters.emulator.events import BookTraded, Event, LevelsMoved, Listed, PhaseMoved, TickMoved
from adapters.emulator.listings import Listing, Listings
from adapters.emulator.sockets import Outlet
from adapters.emulator.terms import Phase
from adapters.emulator.trades import Trade

_LEVELS = (1, 2, 3)  # how much detail may be asked for; what 1 and 3 leave out or add is not documented
_FIRST_ONLY = ("min_order_size", "tick_size", "neg_risk", "last_trade_price")
Top = tuple[int | None, int | None]
_EMPTY: Final[Top] = (None, None)


@define(eq=False)
class MarketChannel:
    """`listeners` by token; a dict of outlets keeps their order of arrival.

    `curious` asked for the custom features, `tops` are the best YES prices last seen by condition.
    """

    listings: Listings
    wall: Callable[[], float]
    listeners: dict[str, dict[Outlet, None]] = field(factory=dict)
    curious: dict[Outlet, None] = field(factory=dict)
    tops: dict[str, Top] = field(factory=dict)

    def open(self, outlet: Outlet) -> MarketSession:
        return MarketSession(self, outlet)

    def hear(self, event: Event) -> None:
        """Publish what the exchange just did."""
        match event:
            case LevelsMoved(listing, levels):
                self._moved(listing, levels)
            case BookTraded(listing, trades):
                self._traded(listing, trades)
            case TickMoved(listing, old):
                for token in listing.market.tokens:
                    self._tell(token, partial(wire_news.tick_size_change, listing, token, old, self.wall()))
            case Listed(listing):
                self._announce(listing, wire_news.new_market)
            case PhaseMoved(listing) if listing.phase is Phase.RESOLVED:
                self._announce(listing, wire_news.market_resolved)

    def books(self, tokens: Iterable[str]) -> list[wire_books.Json]:
        """Whole `book` frames of the tokens that have a book; of any other there is nothing to say (§6.1)."""
        known = self.listings.by_token
        every = [(known[token], token) for token in tokens if token in known]
        return [self._book(listing, token) for listing, token in every if listing.phase is not Phase.RESOLVED]

    def _moved(self, listing: Listing, levels: tuple[tuple[bool, int], ...]) -> None:
        outlets = self._outlets(listing.market.tokens)
        if outlets:
            frame = _text(wire_books.price_change(listing, levels, self.wall()))
            for outlet in outlets:
                outlet.push(frame)
        self._top(listing)

    def _traded(self, listing: Listing, trades: tuple[Trade, ...]) -> None:
        """The prints, then fresh books of both tokens: a fill changes both (§6.2)."""
        for trade in trades:
            self._tell(trade.taker.ticket.token, partial(wire_books.last_trade, trade, self.wall()))
        for token in listing.market.tokens:
            self._tell(token, partial(self._later_book, listing, token))
        self._top(listing)

    def _top(self, listing: Listing) -> None:
        """Tell the curious if the best prices are others than before."""
        condition, top = listing.market.condition_id, listing.book.best(Outcome.YES)
        if self.tops.get(condition, _EMPTY) == top:
            return
        self.tops[condition] = top
        for outcome in Outcome if self.curious else ():
            outlets = [one for one in self.listeners.get(listing.market.token(outcome), ()) if one in self.curious]
            frame = _text(wire_news.best_bid_ask(listing, outcome, self.wall())) if outlets else ""
            for outlet in outlets:
                outlet.push(frame)

    def _announce(self, listing: Listing, word: Callable[[Listing, groups.Group, float], wire_books.Json]) -> None:
        """To all the curious, whatever they subscribed to."""
        if not self.curious:
            return
        group = next(one for one in groups.events(self.listings.all) if listing in one.listings)
        frame = _text(word(listing, group, self.wall()))
        for outlet in list(self.curious):
            outlet.push(frame)

    def _tell(self, token: str, word: Callable[[], wire_books.Json]) -> None:
        outlets = list(self.listeners.get(token, ()))
        frame = _text(word()) if outlets else ""
        for outlet in outlets:
            outlet.push(frame)

    def _book(self, listing: Listing, token: str) -> wire_books.Json:
        book = {"event_type": "book", **wire_books.book(listing, token, self.wall())}
        return {**book, "version": "v2"} if listing.version == "v2" else book

    def _later_book(self, listing: Listing, token: str) -> wire_books.Json:
        """Only the first book of a subscription states everything (§6.2)."""
        return {key: value for key, value in self._book(listing, token).items() if key not in _FIRST_ONLY}

    def _outlets(self, tokens: Iterable[str]) -> dict[Outlet, None]:
        return {outlet: None for token in tokens for outlet in self.listeners.get(token, ())}


@define(eq=False)
class MarketSession:
    """One client's subscriptions; `opened` by a frame of type `market`, which must come first (§6.1)."""

    channel: MarketChannel
    outlet: Outlet
    tokens: dict[str, None] = field(factory=dict)
    opened: bool = False

    def received(self, text: str) -> None:
        """A subscription or a PING; anything else is answered with the venue's `INVALID OPERATION`."""
        if text == "PING":
            self.outlet.push("PONG")
            return
        frame = _mapping(text)
        tokens, operation = frame.get("assets_ids"), frame.get("operation")
        first = str(frame.get("type")).lower() == "market"
        if not _is_texts(tokens) or not _is_level(frame.get("level", 2)) or not (first or self.opened):
            self.outlet.push("INVALID OPERATION")
        elif operation == "unsubscribe":
            self._drop(tokens)
        elif operation == "subscribe" or first:
            self.opened = True
            self._feature(frame.get("custom_feature_enabled"))
            self._add(tokens, dump=frame.get("initial_dump") is not False)
        else:
            self.outlet.push("INVALID OPERATION")

    def closed(self) -> None:
        self._drop(list(self.tokens))
        self.channel.curious.pop(self.outlet, None)

    def _feature(self, wanted: object) -> None:
        """For the whole connection, also through a subscription that is otherwise a duplicate; absent changes nothing."""
        if wanted is True:
            self.channel.curious[self.outlet] = None
        elif wanted is False:
            self.channel.curious.pop(self.outlet, None)

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


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_level(value: object) -> bool:
    return value in _LEVELS and not isinstance(value, bool)


def _mapping(text: str) -> Mapping[str, object]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


def _text(value: object) -> str:
    return compact_text(value)
