"""What happened in a run, as one hash to compare runs by and, if wanted, as events to read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import trio
from attrs import define, field, frozen


@frozen
class Event:
    """`at` is virtual seconds since the start; `orders` are the ids it is about."""

    at: float
    kind: str
    text: str
    orders: tuple[str, ...] = ()


@define(eq=False)
class Trace:
    """Every event with its virtual time. `events` are kept with `keep` alone: a long run has millions."""

    keep: bool = False
    clock: Callable[[], float] = trio.current_time
    events: list[Event] = field(factory=list)
    count: int = 0
    _hash: hashlib.blake2b = field(factory=lambda: hashlib.blake2b(digest_size=16))

    def note(self, kind: str, text: str, *orders: str) -> None:
        at = self.clock()
        self.count += 1
        self._hash.update(f"{at:.6f} {kind} {text}\n".encode())
        if self.keep:
            self.events.append(Event(at, kind, text, orders))

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
