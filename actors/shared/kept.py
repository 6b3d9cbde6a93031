"""What the journal has of a state that changes all the time: its course at once, the rest now and then."""

from __future__ import annotations

from math import inf
from typing import Generic, Protocol, TypeVar

from attrs import define

from actors.kernel.mailbox import Mailbox

_EVERY = 20.0  # s between journal rows that tell no news of the course


class _Coursing(Protocol):
    @property
    def course(self) -> object:
        """All but what every look moves."""


T = TypeVar("T", bound=_Coursing)


@define(eq=False)
class Kept(Generic[T]):
    """`last` is what the journal was handed last, or what it held at the start."""

    journal: Mailbox[object]
    last: T
    _at: float = -inf
    _seen: T | None = None

    def keep(self, state: T, now: float = inf) -> None:
        """Hand the state to the journal: at once when its course has changed, the rest every 20 s; without `now` too."""
        news = state is not self._seen and state.course != self.last.course
        self._seen = state
        if news or (now - self._at >= _EVERY and state is not self.last and state != self.last):
            self.last, self._at = state, now
            self.journal.put(state)
