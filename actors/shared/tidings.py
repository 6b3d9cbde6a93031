"""What people are told of standings, caps and breakers: lines in the log and rows in the journal. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from math import inf

import trio
from attrs import define, evolve, field, frozen
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.model.day import utc_text
from actors.model.reason import Reason
from actors.model.trading import ALL, Order, Standing, Trading, Trip
from actors.ports import WallClock
from actors.records import Note

_AGAIN = 60.0  # s before the same thing is said once more
MOST_NAMED = 8  # markets in one line of the log


@define(eq=False)
class Seldom:
    """Lets the same thing be said at most once a minute."""

    _said: dict[Hashable, float] = field(factory=dict, init=False)

    def may(self, what: Hashable) -> bool:
        now = trio.current_time()
        may = now >= self._said.get(what, -inf)
        if may:
            self._said[what] = now + _AGAIN
        return may


@frozen
class Unenforced:
    """Says what a cap or breaker would have done, where `risk.mode` is log_only."""

    journal: Mailbox[object]
    wall: WallClock
    _seldom: Seldom = field(factory=Seldom, init=False)

    def say(self, market: str, code: str, text: str) -> None:
        if self._seldom.may((market, code)):
            logger.warning("{}: not enforced (risk.mode: log_only): {}", market or "all markets", text)
            self.journal.tell(Note("log_only", market, f"{code}: {text}", self.wall()))


@frozen
class Slowed:
    """Says which key of `limits` makes requests wait, or is exceeded by what must not wait."""

    journal: Mailbox[object]
    wall: WallClock
    _seldom: Seldom = field(factory=Seldom, init=False)

    def say(self, key: str, what: str, granted: str) -> None:
        if self._seldom.may((key, what)):
            logger.debug("{}: {}: {}", key, what, granted)
            self.journal.tell(Note("slowed", "", f"{Reason.RATE_LIMIT.code}: {key}: {what}: {granted}", self.wall()))


def tell_trip(trip: Trip, journal: Mailbox[object], wall: WallClock) -> None:
    """A breaker or limit that has tripped, for the log and for the audit."""
    hold = f" for {trip.cool:g} s" if trip.cool else ""
    logger.warning("{}: {}{}: {}", trip.market or "all markets", trip.order.value, hold, trip.why)
    journal.tell(Note("breaker", trip.market or "", f"{trip.cause.code}: {trip.order.value}{hold}: {trip.why}", wall()))


def tell_changes(changes: Sequence[tuple[Standing, Standing]], order: Order, traded: Collection[str]) -> None:
    """One line for markets that one order moves alike. The end is told elsewhere, and nobody asks for what is not traded."""
    alike: dict[tuple[str, Trading, Standing], list[str]] = {}
    for before, now in changes:
        level = "INFO" if now.market in traded and order is not Order.DRAIN else "DEBUG"
        alike.setdefault((level, before.trading, evolve(now, market="")), []).append(now.market)
    for (level, was, now), names in alike.items():
        because, who = f" ({now.why})" if now.why else "", _named(names, traded)
        logger.log(level, "{}: {} (was {}), ordered: {}{}", who, now.trading.value, was.value, order.value, because)


def _named(names: Sequence[str], traded: Collection[str]) -> str:
    if ALL in names or 1 < len(names) == len(traded):
        return "all markets"
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} markets"


def tell_restored(standings: list[Standing]) -> None:
    """One line for markets that were stopped together."""
    for cause in dict.fromkeys(evolve(standing, market="") for standing in standings):
        names = ", ".join(s.market for s in standings if evolve(s, market="") == cause)
        because, safe = f" ({cause.why})" if cause.why else "", cause.trading is Trading.SAFE
        end = f" or {utc_text(cause.until)}" if cause.until else ""
        logger.warning(
            "{} since {}{}, remembered from an earlier run: nothing is {} in {} until `{}`{}",
            "the kill switch is set" if safe else cause.trading.value,
            utc_text(cause.since),
            because,
            "bought" if cause.trading is Trading.REDUCING else "placed",
            names,
            "resume --ack-kill" if safe else "resume",
            end,
        )
