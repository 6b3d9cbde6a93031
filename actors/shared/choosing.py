"""From what the venue lists to the markets worth trading: the busiest, their books, then the ranking. Trades nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen
from loguru import logger

from actors.messages import BookSnapshot
from actors.model.candidate import Candidate
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.settings import Settings
from actors.ports import Catalogue
from actors.pricing.choice import Quoting, Ranked, listing_refusal, rank


class Public(Protocol):
    """What of `ports.PublicData` is read to choose."""

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread: ...

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread: ...


@frozen
class Choice:
    """Markets worth trading, best first; of the others how many were refused for what. `seen` counts both."""

    ranked: tuple[Ranked, ...]
    refused: Mapping[str, int]
    seen: int

    def text(self) -> str:
        """In one line, for people: `2 of 6 markets are worth trading; refused: no two-sided book (3), past its end (1)`."""
        why = ", ".join(f"{reason} ({count})" for reason, count in sorted(self.refused.items(), key=lambda kv: -kv[1]))
        return f"{len(self.ranked)} of {self.seen} markets are worth trading" + (f"; refused: {why}" if why else "")


async def choose(catalogue: Catalogue, public: Public, settings: Settings, at: float) -> Choice | Unread:
    """Rank the venue's markets as `settings.discover` asks, quoted as the common strategy would; `at` in epoch seconds.

    Books are read only of those whose listing passes: the list's own prices are a minute old or more.
    """
    wanted, strategy = settings.discover, settings.strategy.parameters
    listed = await catalogue.busiest(wanted.scan)
    if isinstance(listed, Unread):
        return Unread(f"the list of markets could not be read: {listed.why}")
    worth = [listing for listing in listed if not listing_refusal(listing, at, wanted)]
    books = await _books(public, worth, at)
    if isinstance(books, Unread):
        return Unread(f"the books of the markets could not be read: {books.why}")
    candidates = [books.get(listing.slug) or Candidate(listing, (), (), at) for listing in listed]
    ranked, refused = rank(candidates, wanted, Quoting(strategy.typical_size, strategy.typical_half_spread))
    return Choice(ranked, refused, len(listed))


async def _books(public: Public, listings: list[Listing], at: float) -> dict[str, Candidate] | Unread:
    """By slug; a market whose book the venue does not know is missing."""
    by_token = {listing.tokens[0]: listing for listing in listings if listing.tokens is not None}
    books = await public.books(list(by_token))
    if isinstance(books, Unread):
        return books
    return {
        listing.slug: Candidate.of(listing, book.bids, book.asks, at)
        for book in books
        if (listing := by_token.get(book.token)) is not None
    }


async def tradable(public: Public, condition_id: str, at: float) -> Market | None:
    """The market on the order book's own terms; None with a warning if it is not to be traded."""
    found = await public.find((condition_id,))
    market = None if isinstance(found, Unread) else next(iter(found), None)
    why = found.why if isinstance(found, Unread) else "not found" if market is None else market.unquotable(at)
    if why:
        logger.warning("{} is passed over: {}", condition_id, why)
    return None if why else market
