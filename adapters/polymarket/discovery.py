"""From the names a person writes to Gamma's listings, and suggestions for names nobody knows. Trades nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from actors.model.listing import Event, Listing, Version
from actors.model.naming import Kind, Name, name_of
from actors.model.outcome import Misnamed, Unread
from adapters.polymarket.eip712 import is_position_id, token_number
from adapters.polymarket.gamma import Gamma

_BUSIEST = (("order", "volumeNum"), ("ascending", "false"))
_A_FEW = 100
_SHOWN = 20  # markets of an event that are named when it is not clear which is meant


async def listings_named(gamma: Gamma, texts: Sequence[str]) -> tuple[Listing, ...] | Unread:
    """The markets with these names (`actors.model.naming`), in order; unknown ones are left out.

    Misnamed, with a line for each, if there are names that stand for no single market.
    """
    names = [name_of(text) for text in texts]
    conditions = [name.value for name in names if name.kind is Kind.CONDITION]
    by_condition = await gamma.markets_of(conditions) if conditions else {}
    if isinstance(by_condition, Unread):
        return by_condition
    found: list[Listing] = []
    misnamed: list[str] = []
    for name in names:
        listing = by_condition.get(name.value) if name.kind is Kind.CONDITION else await _listing(gamma, name)
        if isinstance(listing, Misnamed):
            misnamed.append(listing.why)
        elif isinstance(listing, Unread):
            return Unread(f"market {name.text}: {listing.why}")
        elif listing is not None:
            found.append(listing)
    return Misnamed("\n".join(misnamed)) if misnamed else tuple(found)


async def _listing(gamma: Gamma, name: Name) -> Listing | Unread | None:
    match name.kind:
        case Kind.EVENT:
            return await _of_event(gamma, name.value)
        case Kind.TOKEN:
            return await _of_token(gamma, name.value)
        case Kind.GAMMA_ID:
            listing = await gamma.market_by_id(name.value)
            told = listing.gamma_id if isinstance(listing, Listing) else name.value
        case _:
            listing = await gamma.market(name.value)
            told = listing.slug if isinstance(listing, Listing) else name.value
    if told != name.value:
        return Unread(f"Gamma told of {told[:80]!r} instead")
    return _below(listing, name) if isinstance(listing, Listing) and name.event else listing


def _below(listing: Listing, name: Name) -> Listing | Misnamed:
    """The listing, if it belongs to the event of its address."""
    events = [event.slug for event in listing.events]
    if name.event in events:
        return listing
    return Misnamed(f"{name.text}: {name.value} is no market of {name.event}, but of {', '.join(events) or 'no event'}")


async def _of_event(gamma: Gamma, slug: str) -> Listing | Unread | None:
    """The only market of an event; of several nobody can say which is meant."""
    event = await gamma.event(slug)
    if not isinstance(event, Event):
        return event
    if event.slug != slug:
        return Unread(f"Gamma told of {event.slug[:80]!r} instead")
    if len(event.markets) == 1 and not event.refused:
        return evolve(event.markets[0], events=(evolve(event, markets=()),))
    slugs = [market.slug for market in sorted(event.markets, key=lambda market: not market.open)]
    more = [f"and {len(slugs) - _SHOWN} more"] * (len(slugs) > _SHOWN)
    more += [f"and {len(event.refused)} that cannot be read"] * bool(event.refused)
    return Misnamed(f"the event {slug} has several markets, name one: {', '.join([*slugs[:_SHOWN], *more])}")


async def _of_token(gamma: Gamma, token: str) -> Listing | Unread | None:
    """The market that is traded by this id; ids of the other protocol lead to it, but sign for no book (§3.4)."""
    v2 = is_position_id(token_number(token))
    listing = await gamma.market_of_token("position_ids" if v2 else "clob_token_ids", token)
    if not isinstance(listing, Listing) or token in (listing.tokens or ()):
        return listing
    if v2 is not (listing.version is Version.V2):
        bits = (Version.V2 if v2 else Version.V1).value
        return Misnamed(
            f"version: Gamma says {listing.version.value} of {listing.slug}, the bits of {token} say {bits}: name it {listing.slug}"
        )
    return Unread(f"Gamma told of {listing.slug[:80]!r} instead")


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
