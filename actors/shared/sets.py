"""From a neg-risk event to the sets that can be had of it: its markets, their books, then the sums. Trades nothing."""

from __future__ import annotations

from typing import Protocol

from actors.messages import BookSnapshot
from actors.model.book import Level
from actors.model.listing import Event, Listing
from actors.model.market import UNKNOWN_FEES, FeeSchedule, Outcome
from actors.model.numbers import Price, Size
from actors.model.outcome import Unread
from actors.pricing.exclusive import Leg, Set, sets
from actors.shared.choosing import Public

_DAY = 86_400.0  # s


class Events(Protocol):
    """What of the venue's listings is read here."""

    async def event(self, slug: str) -> Event | Unread | None: ...


async def sets_of(events: Events, public: Public, slug: str, at: float) -> tuple[Set, ...] | Unread:
    """What each kind of set would earn at `at` (epoch s); Unread says why there is none."""
    event = await events.event(slug)
    if isinstance(event, Unread):
        return event
    if event is None:
        return Unread(f"no event is called {slug}: `markets list --json` shows the event of each market")
    if (unfit := unfit_event(event)) is not None:
        return Unread(f"{slug}: {unfit}")
    listings = [listing for listing in event.markets if listing.open]
    tokens = [token for listing in listings for token in listing.tokens or ()]
    books = await public.books(tokens)
    if isinstance(books, Unread):
        return Unread(f"the books of {slug} could not be read: {books.why}")
    by_token = {book.token: book for book in books}
    days = None if event.ends_at is None else (event.ends_at - at) / _DAY
    return tuple(sets([_leg(listing, by_token) for listing in listings], days))


def unfit_event(event: Event) -> str | None:
    """Why its open markets are no whole set, None if they are: a set with an outcome missing may pay nothing."""
    if not event.neg_risk:
        return "its markets do not exclude each other, so there are no sets"
    if event.augmented:
        return "further outcomes may join it (augmented), so no set of it is whole"
    if event.refused:
        return f"some of its markets cannot be read: {event.refused[0]}"
    for listing in event.markets:
        if not listing.open and listing.winner is not Outcome.NO:
            return f"{listing.slug} takes no orders and has not lost, so the others are no whole set"
        if listing.open and listing.tokens is None:
            return f"{listing.slug} has no tokens yet"
    return None if sum(listing.open for listing in event.markets) > 1 else "fewer than two of its markets are open"


def _leg(listing: Listing, books: dict[str, BookSnapshot]) -> Leg:
    yes, no = (books.get(token) for token in listing.tokens or ("", ""))
    return Leg(
        listing.slug,
        _best(yes.asks, lowest=True) if yes else None,
        _best(yes.bids, lowest=False) if yes else None,
        _best(no.asks, lowest=True) if no else None,
        _fees(listing),
    )


def _best(levels: tuple[tuple[int, int], ...], *, lowest: bool) -> Level | None:
    if not levels:
        return None
    price, size = min(levels) if lowest else max(levels)
    return Level(Price(price), Size(size))


def _fees(listing: Listing) -> FeeSchedule:
    """As they are listed; where fees are on and nobody says which, the highest there ever were."""
    if not listing.fees_enabled:
        return FeeSchedule()
    own = listing.fees
    return UNKNOWN_FEES if own is None else FeeSchedule(own.rate, own.exponent, own.rebate)
