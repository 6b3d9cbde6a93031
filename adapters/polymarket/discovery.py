"""From the names a person writes to Gamma's listings, and suggestions for names nobody knows. Trades nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actors.model.listing import Event, Listing, condition_id_of
from actors.model.outcome import Unread
from adapters.polymarket.gamma import Gamma

_BUSIEST = (("order", "volumeNum"), ("ascending", "false"))
_A_FEW = 100


async def listings_named(gamma: Gamma, names: Sequence[str]) -> tuple[Listing, ...] | Unread:
    """The markets with these slugs or condition ids (64 or 62 hex digits), in order; unknown ones are left out."""
    conditions = {name: condition for name in names if (condition := condition_id_of(name))}
    by_condition = await gamma.markets_of(conditions.values()) if conditions else {}
    if isinstance(by_condition, Unread):
        return by_condition
    found: list[Listing] = []
    for name in names:
        listing = by_condition.get(conditions[name]) if name in conditions else await gamma.market(name)
        if isinstance(listing, Unread):
            return Unread(f"market {name}: {listing.why}")
        if listing is not None and name not in conditions and listing.slug != name:
            return Unread(f"market {name}: Gamma told of {listing.slug[:80]!r} instead")
        found += [listing] if listing is not None else []
    return tuple(found)


async def suggestions(gamma: Gamma, like: str) -> tuple[str, ...] | Unread:
    """Slugs of open markets: of the event `like`, of a series or tag of that name, of what a search finds, or the busiest."""
    event = await gamma.event(like) if like else None
    if isinstance(event, Event) and _open(event.markets):
        return _open(event.markets)
    found = await _of_series(gamma, like) or await _tagged(gamma, like) or await _searched(gamma, like)
    if found:
        return found
    busiest = await gamma.markets(_BUSIEST, most=_A_FEW)
    return busiest if isinstance(busiest, Unread) else _open(busiest.rows)


async def _of_series(gamma: Gamma, like: str) -> tuple[str, ...]:
    """The next windows of a series named by its slug, soonest first."""
    series = await gamma.series(like) if like else None
    if series is None or isinstance(series, Unread):
        return ()
    return await _soonest(gamma, ("series_id", series.series_id))


async def _tagged(gamma: Gamma, like: str) -> tuple[str, ...]:
    """What ends soonest among the events of a tag named by its slug."""
    tag = await gamma.tag(like) if like else None
    return () if tag is None or isinstance(tag, Unread) else await _soonest(gamma, ("tag_id", tag.tag_id))


async def _soonest(gamma: Gamma, which: tuple[str, str]) -> tuple[str, ...]:
    events = await gamma.events((which, ("order", "endDate"), ("ascending", "true")), most=_A_FEW)
    return () if isinstance(events, Unread) else _open(market for event in events.rows for market in event.markets)


async def _searched(gamma: Gamma, like: str) -> tuple[str, ...]:
    events = await gamma.search(like.replace("-", " ")) if like else Unread("nothing to search for")
    return () if isinstance(events, Unread) else _open(market for event in events.rows for market in event.markets)


def _open(listings: Iterable[Listing]) -> tuple[str, ...]:
    return tuple(listing.slug for listing in listings if listing.open and listing.accepting)
