"""Gamma over REST: what markets, events, series and tags there are. Needs no key; lags by a minute or more, so no price.

Lists are read by keyset (`next_cursor`), because large offsets may be refused; `closed` is always said, because its
default differs between copies of the documentation (polymarket.md §9.1).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from attrs import define, frozen

from actors.model.listing import Event, Listing, Series, Tag
from actors.model.outcome import Unread
from adapters.polymarket import wire_gamma
from adapters.polymarket.lanes import Heard, Lane, MakeTransport, Reply
from adapters.polymarket.reading import MOST_PAGES, body_of, read
from adapters.polymarket.wire import decode

R = TypeVar("R")
Query = Sequence[tuple[str, str]]  # a parameter may repeat

_A_PAGE = 100
_SERIES_A_PAGE = 50
_EVENTS_A_SEARCH = 10
_IDS_A_REQUEST = 50  # of at most 100, so that the address stays shorter than 8 kB


@frozen
class Found(Generic[R]):
    """The readable rows of a list, and why the others are not."""

    rows: tuple[R, ...]
    refused: tuple[str, ...] = ()


class KeysetPage(msgspec.Struct):
    """One page of `/markets/keyset` or `/events/keyset`; without `next_cursor` it is the last."""

    markets: list[msgspec.Raw] | None = None
    events: list[msgspec.Raw] | None = None
    next_cursor: str | None = None


class SearchPaging(msgspec.Struct, rename="camel"):
    has_more: bool = False


class SearchAnswer(msgspec.Struct):
    """`/public-search`; people's profiles are left alone."""

    events: list[msgspec.Raw] | None = None
    tags: list[msgspec.Raw] | None = None
    pagination: SearchPaging | None = None


@define(eq=False)
class Gamma:
    """Reads through one lane of its own. Whatever cannot be read is an `Unread` that says why; unknown names are None."""

    _lane: Lane

    @classmethod
    def open(cls, base_url: str, transport: MakeTransport | None = None) -> Gamma:
        """The service at `base_url`; `transport` makes an httpx transport (None: the network)."""
        return cls(Lane(base_url, transport))

    async def market(self, slug: str) -> Listing | Unread | None:
        """The market with this slug, closed or not."""
        return await self._one(f"/markets/slug/{quote(slug, safe='')}", wire_gamma.listing)

    async def markets_of(self, condition_ids: Iterable[str]) -> dict[str, Listing] | Unread:
        """The markets of these conditions (64 hex digits each) by condition id, closed ones included."""
        wanted = list(dict.fromkeys(condition_ids))
        found: dict[str, Listing] = {}
        for closed in (False, True):
            missing = [condition for condition in wanted if condition not in found]
            for start in range(0, len(missing), _IDS_A_REQUEST):
                spelt = [s for condition in missing[start : start + _IDS_A_REQUEST] for s in _spellings(condition)]
                listed = await self.markets([("condition_ids", text) for text in spelt], closed=closed)
                if isinstance(listed, Unread):
                    return listed
                found |= {row.condition_id: row for row in listed.rows}
        return {condition: found[condition] for condition in wanted if condition in found}

    async def market_by_id(self, gamma_id: str) -> Listing | Unread | None:
        """The market with this number, closed or not."""
        return await self._one(f"/markets/{quote(gamma_id, safe='')}", wire_gamma.listing)

    async def market_of_token(self, field: str, token: str) -> Listing | Unread | None:
        """The market whose `field` (clob_token_ids or position_ids) holds this id, closed or not."""
        for closed in (False, True):
            listed = await self.markets([(field, token)], closed=closed, most=1)
            if isinstance(listed, Unread):
                return listed
            if listed.rows:
                return listed.rows[0]
            if listed.refused:
                return Unread(listed.refused[0])
        return None

    async def markets(
        self, query: Query = (), *, closed: bool = False, most: int | None = None
    ) -> Found[Listing] | Unread:
        """The markets a query selects (`tag_id`, `order`, …), at most about `most` of them."""
        return await self._list("markets", query, closed, most, wire_gamma.listing)

    async def event(self, slug: str) -> Event | Unread | None:
        """The event with this slug and its markets."""
        return await self._one(f"/events/slug/{quote(slug, safe='')}", wire_gamma.event)

    async def events(
        self, query: Query = (), *, closed: bool = False, most: int | None = None
    ) -> Found[Event] | Unread:
        """The events a query selects (`series_id`, `tag_id`, …), at most about `most` of them."""
        return await self._list("events", query, closed, most, wire_gamma.event)

    async def series(self, slug: str) -> Series | Unread | None:
        """The series with this slug."""
        heard = await self._get("/series", [("slug", slug), ("limit", str(_SERIES_A_PAGE))])
        found = read(body_of(heard), lambda body: _readable(decode(body, list[msgspec.Raw]), wire_gamma.series))
        return found if isinstance(found, Unread) else next((row for row in found.rows if row.slug == slug), None)

    async def tag(self, slug: str) -> Tag | Unread | None:
        """The tag with this slug, for its id."""
        return await self._one(f"/tags/slug/{quote(slug, safe='')}", wire_gamma.tag)

    async def search(self, words: str, most: int = _EVENTS_A_SEARCH) -> Found[Event] | Unread:
        """The events, with their markets, whose texts hold these words: the best matches, at most about `most`."""
        fixed = [("q", words), ("events_status", "active"), ("limit_per_type", str(_EVENTS_A_SEARCH))]
        rows: list[msgspec.Raw] = []
        for page in range(1, MOST_PAGES + 1):
            heard = await self._get("/public-search", [*fixed, ("page", str(page))] if page > 1 else fixed)
            answer = read(body_of(heard), lambda body: decode(body, SearchAnswer))
            if isinstance(answer, Unread):
                return answer
            rows += answer.events or []
            if not answer.events or len(rows) >= most or not (answer.pagination and answer.pagination.has_more):
                break
        return _readable(rows, wire_gamma.event)

    async def close(self) -> None:
        """Close the lane; requests under way end first."""
        await self._lane.close()

    async def _get(self, path: str, query: Query = ()) -> Heard:
        return await self._lane.send("GET", f"{path}?{urlencode(query, errors='replace')}" if query else path)

    async def _one(self, path: str, decoder: Callable[[bytes], R]) -> R | Unread | None:
        heard = await self._get(path)
        if isinstance(heard, Reply) and heard.status == 404:
            return None
        return read(body_of(heard), decoder)

    async def _list(
        self, kind: str, query: Query, closed: bool, most: int | None, decoder: Callable[[msgspec.Raw], R]
    ) -> Found[R] | Unread:
        fixed = [*query, ("closed", str(closed).lower()), ("limit", str(min(most or _A_PAGE, _A_PAGE)))]

        async def fetch(cursor: str | None) -> Heard:
            return await self._get(f"/{kind}/keyset", [*fixed, *([("after_cursor", cursor)] if cursor else [])])

        raws = await _keyset(kind, fetch, most)
        return raws if isinstance(raws, Unread) else _readable(raws, decoder)


async def _keyset(
    kind: str, fetch: Callable[[str | None], Awaitable[Heard]], most: int | None
) -> list[msgspec.Raw] | Unread:
    """The rows of all pages until there are `most`, or why they could not be read."""
    rows: list[msgspec.Raw] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = read(body_of(await fetch(cursor)), lambda body: decode(body, KeysetPage))
        if isinstance(page, Unread):
            return page
        new = page.markets if kind == "markets" else page.events
        if new is None:
            return Unread(f"unreadable answer: a page without {kind}")
        rows += new
        if not page.next_cursor or (most is not None and len(rows) >= most):
            return rows
        if page.next_cursor == cursor:
            return Unread(f"paging does not move on from cursor {cursor[:40]!r}")
        cursor = page.next_cursor
    return Unread(f"more than {MOST_PAGES} pages")


def _readable(raws: Iterable[msgspec.Raw], decoder: Callable[[msgspec.Raw], R]) -> Found[R]:
    return Found(*wire_gamma.readable(raws, decoder))


def _spellings(condition_id: str) -> tuple[str, ...]:
    """A condition id as Gamma may spell it: ids of 31 bytes come without the padding (§0.2)."""
    return (condition_id, condition_id[:-2]) if condition_id.endswith("00") else (condition_id,)
