"""A fault in a running exchange: whether it is open, how often it has bitten. Owns the counts, knows no effect's ways."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any, ClassVar, Protocol

import trio
from attrs import define, field, frozen

from adapters.emulator.faults_when import When
from adapters.emulator.faults_where import Subject, Where


class Effect(Protocol):
    """What goes wrong: a frozen value with its own keys. `KIND` is its name in a fault file."""

    KIND: ClassVar[str]


@frozen
class Fault:
    """One entry of a fault file; `name` is what the ledger calls it, its kind if empty."""

    effect: Effect
    when: When = When()
    where: Where = Where()
    name: str = ""

    @property
    def kind(self) -> str:
        return self.effect.KIND

    @property
    def whole(self) -> bool:
        """Is an opening as a whole one hit, whatever it meets?"""
        return bool(getattr(self.effect, "LASTING", False))

    @property
    def lasting(self) -> bool:
        """Does it hit all it matches while it is open?"""
        return self.whole or self.lasts is not None

    @property
    def lasts(self) -> float | None:
        """Seconds of an opening: what `for` says, or the effect itself."""
        own: float | None = getattr(self.effect, "lasts", None)
        return self.when.for_ if own is None else own


@define(eq=False)
class Armed:
    """`until` ends the opening, `left` are the hits it still has, `seen` the matches in it; times on trio's clock.

    `keys` remembers what became of things that count once only (orders, by id).
    """

    fault: Fault
    rng: Random
    tell: Callable[[Armed, str], None]
    since: float = -math.inf
    until: float = -math.inf
    left: float = 0
    seen: int = 0
    events: int = 0
    hits: int = 0
    told: bool = False
    keys: dict[str, bool] = field(factory=dict)

    @property
    def effect(self) -> Any:  # noqa: ANN401 - the caller has chosen by protocol
        return self.fault.effect

    @property
    def is_open(self) -> bool:
        return self.left > 0 and trio.current_time() < self.until

    @property
    def open_for(self) -> float:
        """Seconds since it opened."""
        return trio.current_time() - self.since

    def open(self) -> None:
        """Begin an opening, or prolong the one that is running."""
        when, now, lasts = self.fault.when, trio.current_time(), self.fault.lasts
        if not self.is_open:
            self.since, self.seen, self.left, self.told = now, 0, 0, False
        self.until = math.inf if lasts is None else max(self.until, now + lasts)
        if when.on is None and when.count is not None:
            self.left = when.count
        else:
            self.left = math.inf if self.fault.lasting else self.left + 1

    def opens_on(self, event: str, subject: Subject) -> bool:
        """Does this event open it? Counts the event if it is one of its kind."""
        when = self.fault.when
        if when.on != event or not self.fault.where.matches(subject):
            return False
        self.events += 1
        chosen = when.nth <= self.events < when.nth + (when.count or 1)
        return chosen and self.lucky()

    def due(self, subject: Subject, key: str = "") -> bool:
        """Does it hit this one? Counts the match; a `key` is judged once and for ever."""
        if key in self.keys:
            return self.keys[key]
        if not self.is_open or not self.fault.where.matches(subject):
            return False
        self.seen += 1
        first = self.fault.when.nth if self.fault.when.on is None else 1
        hit = self.seen >= first and self.lucky()
        self.left -= hit
        if key:
            self.keys[key] = hit
        return hit

    def bite(self, what: str) -> None:
        """It has had its effect on `what`: one hit and one ledger line."""
        if self.fault.whole and self.told:
            return
        self.told = True
        self.hits += 1
        self.tell(self, what)

    def lucky(self) -> bool:
        """Draw the fault's probability; a sure thing draws nothing, so that it does not disturb the seed."""
        chance = self.fault.when.probability
        return chance >= 1 or self.rng.random() < chance
