"""Events and series: how listings hang together (polymarket.md §9.3). Reads listings, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from adapters.emulator.listings import Listing
from adapters.emulator.terms import EventTerms

_FIRST_EVENT, _FIRST_SERIES = 400_000, 10_001


@frozen
class Group:
    """An event with its markets in order of listing; the numbers are Gamma ids, `series` 0 without one."""

    number: int
    terms: EventTerms
    listings: tuple[Listing, ...]
    series: int = 0


@frozen
class Series:
    """Events that follow each other; `number` is its Gamma id."""

    number: int
    slug: str
    events: tuple[Group, ...]


def event_of(listing: Listing) -> EventTerms:
    """A market without an event of its own is one by itself."""
    return listing.terms.event or EventTerms(listing.market.slug, listing.question, neg_risk=listing.market.neg_risk)


def events(listings: Iterable[Listing]) -> list[Group]:
    """Every event, oldest first; ids follow the first market's, so that they never change."""
    members: dict[str, list[Listing]] = {}
    numbers: dict[str, int] = {"": 0}
    for listing in listings:
        terms = event_of(listing)
        members.setdefault(terms.slug, []).append(listing)
        numbers.setdefault(terms.series, _FIRST_SERIES + len(numbers) - 1)
    return [
        Group(_FIRST_EVENT + every[0].number, event_of(every[0]), tuple(every), numbers[event_of(every[0]).series])
        for every in members.values()
    ]


def homes(groups: Iterable[Group]) -> dict[int, Group]:
    """The event of every listing, by the listing's Gamma id."""
    return {listing.number: group for group in groups for listing in group.listings}


def series(groups: Iterable[Group]) -> list[Series]:
    """Every series, in order of its first event."""
    members: dict[int, list[Group]] = {}
    for group in groups:
        if group.series:
            members.setdefault(group.series, []).append(group)
    return [Series(number, every[0].terms.series, tuple(every)) for number, every in members.items()]
