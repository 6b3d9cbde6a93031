"""The Gamma service: discovery of markets and events (polymarket.md §9). Reads listings, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adapters.emulator import gamma_query, groups, wire_events, wire_gamma
from adapters.emulator.asking import last
from adapters.emulator.desk import Desk
from adapters.emulator.gamma_query import Row
from adapters.emulator.groups import Group
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place

_NAMES = ("slug", "id", "condition_ids", "clob_token_ids", "position_ids", "question_ids")


def _markets(desk: Desk, request: Request) -> object:
    return gamma_query.offset_page(_market_rows(desk, request), request)


def _markets_keyset(desk: Desk, request: Request) -> object:
    return gamma_query.keyset_page(_market_rows(desk, request), "markets", request)


def _market_by_id(desk: Desk, request: Request) -> object:
    return _market_row(desk, lambda listing: str(listing.number) == last(request))


def _market_by_slug(desk: Desk, request: Request) -> object:
    return _market_row(desk, lambda listing: listing.market.slug == last(request))


def _events(desk: Desk, request: Request) -> object:
    return gamma_query.offset_page(_event_rows(desk, request), request)


def _events_keyset(desk: Desk, request: Request) -> object:
    return gamma_query.keyset_page(_event_rows(desk, request), "events", request)


def _event_by_id(desk: Desk, request: Request) -> object:
    return _event_row(desk, lambda group: str(group.number) == last(request))


def _event_by_slug(desk: Desk, request: Request) -> object:
    return _event_row(desk, lambda group: group.terms.slug == last(request))


def _series(desk: Desk, request: Request) -> object:
    slugs = request.every("slug")
    every = [one for one in groups.series(_groups(desk)) if not slugs or one.slug in slugs]
    bare = request.query.get("exclude_events") == "true"
    return gamma_query.offset_page([wire_events.series(one, desk.tape, with_events=not bare) for one in every], request)


def _series_by_id(desk: Desk, request: Request) -> object:
    for one in groups.series(_groups(desk)):
        if str(one.number) == last(request):
            return wire_events.series(one, desk.tape)
    raise _missing("id")


def _tags(desk: Desk, request: Request) -> object:
    return gamma_query.offset_page(_tag_rows(desk), request)


def _tag_by_slug(desk: Desk, request: Request) -> object:
    return _first(_tag_rows(desk), "slug", last(request))


def _tag_by_id(desk: Desk, request: Request) -> object:
    return _first(_tag_rows(desk), "id", last(request))


def _search(desk: Desk, request: Request) -> object:
    """Events whose title, slug or one of whose questions holds every word of `q`."""
    words = request.query.get("q", "").lower().split()
    if not words:
        raise Refused(400, "q is required")
    now, status = desk.tape.wall(), request.query.get("events_status", "")
    found = [group for group in _groups(desk) if _mentions(group, words) and _in_status(group, status, now)]
    size = gamma_query.limit(request, "limit_per_type", 5)
    start = (gamma_query.page_number(request) - 1) * size
    return {
        "events": [wire_events.event(group, desk.tape) for group in found[start : start + size]],
        "tags": [{**tag, "event_count": 1} for tag in _tag_rows(desk) if all(word in tag["slug"] for word in words)],
        "profiles": [],
        "pagination": {"hasMore": start + size < len(found), "totalResults": len(found)},
    }


def _mentions(group: Group, words: list[str]) -> bool:
    texts = [group.terms.title, group.terms.slug, *(listing.question for listing in group.listings)]
    return all(word in " ".join(texts).lower() for word in words)


def _in_status(group: Group, status: str, now: float) -> bool:
    over = all(wire_gamma.is_closed(listing, now) for listing in group.listings)
    return status not in ("active", "closed") or over is (status == "closed")


def _groups(desk: Desk) -> list[Group]:
    return groups.events(desk.exchange.listings.all)


def _market_rows(desk: Desk, request: Request) -> list[Row]:
    home = groups.homes(_groups(desk))
    asked = {name: {value.lower() for value in request.every(name)} for name in _NAMES if request.every(name)}
    tag = request.query.get("tag_id")
    chosen = [
        listing
        for listing in desk.exchange.listings.all
        if all(_named(listing, name) & values for name, values in asked.items())
        and (not tag or wire_events.tag(listing.terms.category)["id"] == tag)
    ]
    rows = [wire_events.market_in_event(listing, home[listing.number], desk.tape) for listing in chosen]
    return gamma_query.select(rows, request, named=bool(asked))


def _named(listing: Listing, name: str) -> set[str]:
    """What a listing answers to; Protocol V2 condition ids also to their 62 digits (§0.2)."""
    m = listing.market
    return {
        "slug": {m.slug.lower()},
        "id": {str(listing.number)},
        "condition_ids": {m.condition_id, m.condition_id[:64]} if listing.version == "v2" else {m.condition_id},
        "clob_token_ids": set(m.tokens),
        "position_ids": set(m.tokens) if listing.version == "v2" else set(),
        "question_ids": {listing.question_id},
    }[name]


def _event_rows(desk: Desk, request: Request) -> list[Row]:
    slugs, ids, of_series = request.every("slug"), request.every("id"), request.every("series_id")
    tag = request.query.get("tag_id")
    chosen = [
        group
        for group in _groups(desk)
        if (not slugs or group.terms.slug in slugs)
        and (not ids or str(group.number) in ids)
        and (not of_series or str(group.series) in of_series)
    ]
    rows = [wire_events.event(group, desk.tape) for group in chosen]
    rows = [row for row in rows if not tag or any(one["id"] == tag for one in row["tags"])]
    return gamma_query.select(rows, request, named=bool(slugs or ids))


def _market_row(desk: Desk, fits: Callable[[Listing], bool]) -> Row:
    for group in _groups(desk):
        for listing in group.listings:
            if fits(listing):
                return wire_events.market_in_event(listing, group, desk.tape)
    raise _missing("slug")


def _event_row(desk: Desk, fits: Callable[[Group], bool]) -> Row:
    for group in _groups(desk):
        if fits(group):
            return wire_events.event(group, desk.tape)
    raise _missing("slug")


def _tag_rows(desk: Desk) -> list[Row]:
    return [wire_events.tag(name) for name in wire_events.categories(desk.exchange.listings.all)]


def _first(rows: Iterable[Row], key: str, value: str) -> Row:
    for row in rows:
        if row[key] == value:
            return row
    raise _missing(key)


def _missing(key: str) -> Refused:
    return Refused(404, f"{key} not found", type="not found error")


GAMMA: dict[Place, Open] = {
    ("GET", "/status"): lambda desk, request: "OK",
    ("GET", "/markets"): _markets,
    ("GET", "/markets/keyset"): _markets_keyset,
    ("GET", "/markets/*"): _market_by_id,
    ("GET", "/markets/slug/*"): _market_by_slug,
    ("GET", "/events"): _events,
    ("GET", "/events/keyset"): _events_keyset,
    ("GET", "/events/*"): _event_by_id,
    ("GET", "/events/slug/*"): _event_by_slug,
    ("GET", "/series"): _series,
    ("GET", "/series/*"): _series_by_id,
    ("GET", "/tags"): _tags,
    ("GET", "/tags/*"): _tag_by_id,
    ("GET", "/tags/slug/*"): _tag_by_slug,
    ("GET", "/public-search"): _search,
}
