"""Events, series and tags as Gamma words them (polymarket.md §9.3). Shapes only."""

from __future__ import annotations

from collections.abc import Iterable

from actors.model.numbers import PUSD
from adapters.emulator.groups import Group, Series
from adapters.emulator.listings import Listing
from adapters.emulator.tape import Tape
from adapters.emulator.wire_gamma import NO_END, Json, is_closed, iso, liquidity_of, market, neg_risk_id


def market_in_event(listing: Listing, group: Group, tape: Tape) -> Json:
    """A market with its event embedded, as lists and lookups of markets give it."""
    return {**market(listing, tape), "events": [event_head(group, tape)]}


def event(group: Group, tape: Tape) -> Json:
    """The event object with its markets, which do not repeat the event."""
    markets = [market(listing, tape) for listing in group.listings]
    return {**event_head(group, tape), "markets": markets, "tags": [tag(name) for name in categories(group.listings)]}


def event_head(group: Group, tape: Tape) -> Json:
    """An event without its markets."""
    terms, now, first = group.terms, tape.wall(), group.listings[0]
    closed = all(is_closed(listing, now) for listing in group.listings)
    stamp = iso(first.terms.listed_at)
    ends = [listing.market.ends_at for listing in group.listings if listing.market.ends_at is not None]
    body: Json = {
        "id": str(group.number),
        "ticker": terms.slug,
        "slug": terms.slug,
        "title": terms.title,
        "description": f"Practice event: {terms.title}",
        "resolutionSource": "",
        "startDate": stamp,
        "creationDate": stamp,
        "endDate": iso(max(ends)) if ends else NO_END,
        **_EVENT_FIXED,
        "active": True,
        "closed": closed,
        "liquidity": sum(liquidity_of(listing) for listing in group.listings) / PUSD,
        "liquidityClob": sum(liquidity_of(listing) for listing in group.listings) / PUSD,
        "volume": sum(tape.volume.get(one.market.condition_id, 0) for one in group.listings) / PUSD,
        "createdAt": stamp,
        "updatedAt": iso(now),
        "negRisk": terms.neg_risk,
        "enableNegRisk": terms.neg_risk,
        "negRiskAugmented": terms.augmented,
    }
    if terms.neg_risk:
        body["negRiskMarketID"] = neg_risk_id(first)
    if terms.series:
        body |= {"seriesSlug": terms.series, "series": [series_head(group.series, terms.series)]}
    if first.terms.crypto is not None:
        body["startTime"] = iso(first.terms.crypto.starts_at)
    return body


def series(one: Series, tape: Tape, *, with_events: bool = True) -> Json:
    """A series, its events oldest first."""
    head = series_head(one.number, one.slug)
    return {**head, "events": [event_head(group, tape) for group in one.events]} if with_events else head


def series_head(number: int, slug: str) -> Json:
    recurrence = slug.rpartition("-")[2] if slug.endswith("m") else "daily"
    return {
        "id": str(number),
        "ticker": slug,
        "slug": slug,
        "title": slug.replace("-", " "),
        "seriesType": "single",
        "recurrence": recurrence,
        "active": True,
        "closed": False,
        "archived": False,
        "featured": False,
        "restricted": False,
        "requiresTranslation": False,
    }


def tag(name: str) -> Json:
    """Tags are the categories; their ids come from their names."""
    return {
        "id": str(100_000 + sum(name.encode())),
        "label": name.capitalize(),
        "slug": name,
        "requiresTranslation": False,
    }


def categories(listings: Iterable[Listing]) -> list[str]:
    """The categories of some listings, each once."""
    return list(dict.fromkeys(listing.terms.category for listing in listings))


_EVENT_FIXED: Json = {
    "image": "",
    "icon": "",
    "archived": False,
    "new": False,
    "featured": False,
    "restricted": False,
    "openInterest": 0,
    "competitive": 0.5,
    "commentCount": 0,
    "cyom": False,
    "enableOrderBook": True,
    "showAllOutcomes": True,
    "showMarketImages": False,
    "automaticallyActive": True,
    "pendingDeployment": False,
    "deploying": False,
    "requiresTranslation": False,
}
