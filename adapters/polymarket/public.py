"""The public side of the venue over REST: time, markets and books. Implements `ports.PublicData`; needs no key."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from attrs import define

from actors.messages import BookSnapshot
from actors.model.market import Market
from actors.model.outcome import Unread
from adapters.polymarket.lanes import Heard, Lane, MakeTransport, Reply
from adapters.polymarket.reading import body_of, pages, read
from adapters.polymarket.wire import decode, epoch_seconds
from adapters.polymarket.wire_book import book_snapshots
from adapters.polymarket.wire_market import FullMarket, compact_market, full_market, market_of

_BOOKS_A_REQUEST = 100


@define(eq=False)
class RestPublic:
    """Reads through one lane of its own."""

    _lane: Lane

    @classmethod
    def open(cls, base_url: str, transport: MakeTransport | None = None) -> RestPublic:
        """The venue at `base_url`; `transport` makes an httpx transport (None: the network)."""
        return cls(Lane(base_url, transport))

    async def server_time(self) -> float | Unread:
        """The venue's clock in epoch seconds."""
        heard = await self._lane.send("GET", "/time")
        return read(body_of(heard), lambda body: epoch_seconds("time", decode(body, int)))

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        """The markets with these slugs or condition ids, in order; unknown ones are missing from the answer."""
        slugs = [name for name in names if not _is_condition_id(name)]
        by_slug = await self._by_slug(slugs) if slugs else {}
        if isinstance(by_slug, Unread):
            return by_slug
        found: list[Market] = []
        for name in names:
            full = by_slug.get(name) if name in slugs else await self._full(name.lower())
            market = await self._market(full) if isinstance(full, FullMarket) else full
            if isinstance(market, Unread):
                return market
            found += [market] if market else []
        return tuple(found)

    async def listed(self) -> tuple[str, ...] | Unread:
        """Slugs of the markets that take orders, for suggestions; descriptions we cannot read are left out."""
        rows = await pages(self._markets_page)
        if isinstance(rows, Unread):
            return rows
        markets = [read(raw, full_market) for raw in rows]
        return tuple(m.market_slug for m in markets if isinstance(m, FullMarket) and m.takes_orders)

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

    async def _markets_page(self, cursor: str) -> Heard:
        return await self._lane.send("GET", "/markets", query={"next_cursor": cursor})

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

    async def _market(self, full: FullMarket) -> Market | Unread:
        heard = await self._lane.send("GET", f"/clob-markets/{full.condition_id}")
        market = read(body_of(heard), lambda body: market_of(full, compact_market(body)))
        return Unread(f"market {full.market_slug}: {market.why}") if isinstance(market, Unread) else market


class _Named(msgspec.Struct):
    market_slug: str


def _slug(raw: msgspec.Raw) -> str:
    """The slug of a description that may be unreadable otherwise; only wanted ones must be readable."""
    try:
        return decode(raw, _Named).market_slug
    except ValueError:
        return ""


def _is_condition_id(name: str) -> bool:
    return len(name) == 66 and name.lower().startswith("0x")
