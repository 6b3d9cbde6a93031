"""The public side of the venue over REST: time, markets and books. Implements `ports.PublicData`; needs no key.

Markets are named by Gamma where its address is known, else by the order book's own list, page after page. Either way
tick, fee, smallest order and acceptance are the order book's (polymarket.md §1.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
from attrs import define

from actors.messages import BookSnapshot
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.naming import Kind, Name, name_of
from actors.model.outcome import Misnamed, Unread
from adapters.polymarket.catalogue import GammaCatalogue
from adapters.polymarket.discovery import listings_named, suggestions
from adapters.polymarket.gamma import Gamma
from adapters.polymarket.lanes import Heard, Lane, MakeTransport, Reply
from adapters.polymarket.reading import body_of, pages, read
from adapters.polymarket.wire import decode, epoch_seconds
from adapters.polymarket.wire_book import book_snapshots
from adapters.polymarket.wire_market import (
    CompactMarket,
    FullMarket,
    compact_market,
    full_market,
    listed_market,
    market_of,
)

_BOOKS_A_REQUEST = 100


@define(eq=False)
class RestPublic:
    """Reads through one lane of its own."""

    _lane: Lane
    _gamma: Gamma | None = None

    @classmethod
    def open(cls, base_url: str, transport: MakeTransport | None = None, *, gamma_url: str | None = None) -> RestPublic:
        """The venue at `base_url`, and Gamma if it has one; `transport` makes an httpx transport (None: the network)."""
        return cls(Lane(base_url, transport), Gamma.open(gamma_url, transport) if gamma_url else None)

    async def server_time(self) -> float | Unread:
        """The venue's clock in epoch seconds."""
        heard = await self._lane.send("GET", "/time")
        return read(body_of(heard), lambda body: epoch_seconds("time", decode(body, int)))

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        """The markets with these names, in order; unknown ones are missing from the answer (`ports.PublicData`)."""
        if self._gamma is not None:
            return await self._find_listed(self._gamma, names)
        read_names = [name_of(name) for name in names]
        if homeless := [name for name in read_names if name.kind in (Kind.EVENT, Kind.GAMMA_ID)]:
            lines = (f"{name.text}: only Gamma knows this {name.kind.value}: set venue.gamma_url" for name in homeless)
            return Misnamed("\n".join(lines))
        slugs = [name.value for name in read_names if name.kind is Kind.SLUG]
        by_slug = await self._by_slug(slugs) if slugs else {}
        if isinstance(by_slug, Unread):
            return by_slug
        found: list[Market] = []
        for name in read_names:
            market = await self._full_market(
                by_slug.get(name.value) if name.kind is Kind.SLUG else await self._by_id(name)
            )
            if isinstance(market, Unread):
                return market
            found += [market] if market else []
        return tuple(found)

    async def describe(self, condition_ids: Sequence[str]) -> Mapping[str, Market | Unread] | Unread:
        """The markets of these conditions by id, each as far as it can be read; Gamma is asked once for all of them."""
        if self._gamma is None:
            each = {condition: await self._full_market(await self._full(condition)) for condition in condition_ids}
            return {condition: market for condition, market in each.items() if market is not None}
        listings = await self._gamma.markets_of(condition_ids)
        if isinstance(listings, Unread):
            return listings
        return {condition: await self._described(listing) for condition, listing in listings.items()}

    async def listed(self, like: str = "") -> tuple[str, ...] | Unread:
        """Slugs of the markets that take orders, for suggestions; descriptions we cannot read are left out.

        Of Gamma, which lists tens of thousands, only those of the event `like`, or found by its words, or the busiest.
        """
        if self._gamma is not None:
            return await suggestions(self._gamma, like)
        rows = await pages(self._markets_page)
        if isinstance(rows, Unread):
            return rows
        markets = [read(raw, full_market) for raw in rows]
        return tuple(m.market_slug for m in markets if isinstance(m, FullMarket) and m.takes_orders)

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        """Open markets by volume, largest first; the order book's own list knows no volume."""
        if self._gamma is None:
            return Unread("only Gamma knows what markets trade: set venue.gamma_url")
        return await GammaCatalogue(self._gamma).busiest(most)

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread:
        """The books of these tokens, matched by id, never by position; tokens the venue does not know are missing."""
        found: dict[str, BookSnapshot] = {}
        for start in range(0, len(tokens), _BOOKS_A_REQUEST):
            asked = tokens[start : start + _BOOKS_A_REQUEST]
            body = msgspec.json.encode([{"token_id": token} for token in asked])
            heard = await self._lane.send("POST", "/books", body=body)
            books = read(body_of(heard), book_snapshots)
            if isinstance(books, Unread):
                return books
            found |= {book.token: book for book in books}
        return tuple(found[token] for token in tokens if token in found)

    async def close(self) -> None:
        """Close the lane; requests under way end first."""
        await self._lane.close()
        if self._gamma is not None:
            await self._gamma.close()

    async def _find_listed(self, gamma: Gamma, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        listings = await listings_named(gamma, names)
        if isinstance(listings, Unread):
            return listings
        found: list[Market] = []
        for listing in listings:
            market = await self._described(listing)
            if isinstance(market, Unread):
                return market
            found.append(market)
        return tuple(found)

    async def _described(self, listing: Listing) -> Market | Unread:
        market = read(await self._compact(listing.condition_id), partial(listed_market, listing))
        return Unread(f"market {listing.slug}: {market.why}") if isinstance(market, Unread) else market

    async def _markets_page(self, cursor: str) -> Heard:
        return await self._lane.send("GET", "/markets", query={"next_cursor": cursor})

    async def _by_id(self, name: Name) -> FullMarket | Unread | None:
        """The full description of a condition, or of the condition that a token belongs to."""
        if name.kind is Kind.CONDITION:
            return await self._full(name.value)
        heard = await self._lane.send("GET", f"/markets-by-token/{name.value}")
        if isinstance(heard, Reply) and heard.status == 404:
            return None
        owner = read(body_of(heard), lambda body: decode(body, _Owned))
        full = owner if isinstance(owner, Unread) else await self._full(owner.condition_id.lower())
        if isinstance(full, FullMarket) and name.value not in [token.token_id for token in full.tokens]:
            return Unread(f"asked for token {name.value}, was told of market {full.market_slug[:80]}")
        return full

    async def _full(self, condition_id: str) -> FullMarket | Unread | None:
        heard = await self._lane.send("GET", f"/markets/{condition_id}")
        if isinstance(heard, Reply) and heard.status == 404:
            return None
        full = read(body_of(heard), full_market)
        if isinstance(full, FullMarket) and full.condition_id.lower() != condition_id:
            return Unread(f"asked for market {condition_id}, was told of {full.condition_id[:80]}")
        return full

    async def _by_slug(self, slugs: Sequence[str]) -> dict[str, FullMarket] | Unread:
        """The full descriptions with these slugs, read page by page until all are found."""
        found: dict[str, msgspec.Raw] = {}

        def complete(page: list[msgspec.Raw]) -> bool:
            found.update((slug, raw) for raw in page if (slug := _slug(raw)) in slugs and slug not in found)
            return len(found) == len(set(slugs))

        rows = await pages(self._markets_page, complete)
        if isinstance(rows, Unread):
            return rows
        return read(found, lambda raws: {slug: full_market(raw) for slug, raw in raws.items()})

    async def _compact(self, condition_id: str) -> CompactMarket | Unread:
        return read(body_of(await self._lane.send("GET", f"/clob-markets/{condition_id}")), compact_market)

    async def _full_market(self, full: FullMarket | Unread | None) -> Market | Unread | None:
        if not isinstance(full, FullMarket):
            return full
        market = read(await self._compact(full.condition_id), partial(market_of, full))
        return Unread(f"market {full.market_slug}: {market.why}") if isinstance(market, Unread) else market


class _Named(msgspec.Struct):
    market_slug: str


class _Owned(msgspec.Struct):
    condition_id: str


def _slug(raw: msgspec.Raw) -> str:
    """The slug of a description that may be unreadable otherwise; only wanted ones must be readable."""
    try:
        return decode(raw, _Named).market_slug
    except ValueError:
        return ""
