"""When a market was quoted on both sides, read from an exchange's ledger alone. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import Price
from actors.model.plan import yes_terms
from tests.emulator.ledger_reader import Book, Event, replay


@frozen
class Market:
    """A market as its ledger lists it; `yes` is the token in whose terms bid and ask are meant."""

    slug: str
    condition_id: str
    yes: str


@frozen
class Gap:
    """A time (wall seconds) in which bid or ask was missing."""

    begin: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.begin


@frozen
class Watched:
    """How long (s) a market was watched, from its first quotes on, and its gaps in that time."""

    seconds: float
    gaps: tuple[Gap, ...]


def markets(events: Iterable[Event]) -> tuple[Market, ...]:
    """Every market of the exchange."""
    listed = (event.line for event in events if event.kind == "market")
    return tuple(Market(line["slug"], line["market"], line["tokens"][0]) for line in listed)


def watch(events: Iterable[Event], address: str, market: Market, until: float) -> Watched:
    """The times without a bid or without an ask of ours, from the first instant with both to `until` (wall seconds)."""
    found: list[Gap] = []
    since = lost_at = until
    for event, book in replay(events):
        if event.t > until:
            break
        if not _concerns(event, address, market):
            continue
        quoted = _both_sides(book, address, market)
        if quoted and lost_at < until:
            found.append(Gap(lost_at, event.t))
        lost_at = until if quoted or since == until else min(lost_at, event.t)
        since = min(since, event.t) if quoted else since
    return Watched(until - since, tuple(found if lost_at == until else (*found, Gap(lost_at, until))))


def _concerns(event: Event, address: str, market: Market) -> bool:
    """Whether our orders in the market may have changed."""
    line = event.line
    if line.get("market") != market.condition_id:
        return False
    legs = (line["taker"], *line["makers"]) if event.kind == "trade" else (line,)
    return any(leg.get("address", "").lower() == address.lower() for leg in legs)


def _both_sides(book: Book, address: str, market: Market) -> bool:
    ours = (o for o in book.orders.values() if o.market == market.condition_id and o.address == address.lower())
    sides = {
        yes_terms(Outcome.YES if o.token == market.yes else Outcome.NO, Side(o.side), Price(o.price))[0] for o in ours
    }
    return sides == {True, False}
