"""Patience with whoever is to say something now and then: it ends when nothing has been heard for too long.

A cancel scope whose deadline every word sets anew costs more than most words are worth. The alarm looks when it may first have
been silent for so long, and again when that can next be so. Nothing is cancelled for a look: whoever listens may also be
writing, and what is cut off in a write is lost.
"""

from __future__ import annotations

from math import inf
from types import TracebackType

import trio
from attrs import define, field

from actors.kernel.alarm import alarm


@define(eq=False)
class Patience:
    """A scope that is cancelled once nothing has been `heard` for `within` seconds, or by whoever gives up. Entered once."""

    within: float
    _scope: trio.CancelScope = field(factory=trio.CancelScope, init=False)
    _heard_at: float = field(default=-inf, init=False)
    _over: bool = field(default=False, init=False)

    def __enter__(self) -> Patience:
        self._heard_at = trio.current_time()
        alarm().set(self._heard_at + self.within, self)
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._over = True
        return self._scope.__exit__(kind, error, trace)

    def heard(self, now: float) -> None:
        """Something was said at `now` (trio time)."""
        self._heard_at = now

    def cancel(self) -> None:
        """It has ended, whatever was heard."""
        self._scope.cancel()

    def ring(self, at: float, now: float) -> float:
        """The alarm's call: when it is to call again, `inf` for never, 0 if patience has ended now."""
        if self._over:
            return inf
        due = self._heard_at + self.within
        if now < due:
            return due
        self.cancel()
        return 0.0
