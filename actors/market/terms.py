"""When a market's description is read again, and what the venue's refusals make of it. Sends nothing itself.

A close, a new tick or a wrong flag is not always told by the socket (reliability.md F18-F20).
"""

from __future__ import annotations

from math import floor, inf

from attrs import define, frozen

from actors.kernel.errors import Hopeless
from actors.model.outcome import Fault

# Refusals that an outdated description would explain.
EXPLAINED = frozenset({Fault.VERSION, Fault.NOT_READY, Fault.GRID})
_TOGETHER = 5.0  # s: all feeds read terms at multiples of it, so that one request asks about many markets
_AGAIN = 2.0  # s between reads that a refusal, or a failed read, asks for
_LOST = 8.0  # s without any answer after which it is asked for again: longer than every HTTP timeout together
_LAPSE = 5.0  # s past their time in which terms that could not be read still count: they are a lease, as quotes are
_NO_ACCIDENT = 60.0  # s after a read on request in which signatures refused again are refused for good


def together(at: float) -> float:
    """The last instant common to all feeds that is not after `at`."""
    return floor(at / _TOGETHER) * _TOGETHER


@frozen
class TermsDoubted:
    """The venue refused an order for a reason that outdated terms would explain (fact, tracker → feed).

    `placed_at` is when the tracker asked for that order (trio time).
    """

    fault: Fault
    text: str
    placed_at: float


@define(eq=False)
class Terms:
    """Read every `every` seconds, first at `due_at`, and when a refusal asks for it. `doubted_at` while one does."""

    every: float
    due_at: float
    doubted_at: float | None = None
    read_at: float = -inf
    _asked_at: float = -inf
    _open: bool = False
    _failures: int = 0
    _cleared_at: float = -inf
    _unsigned: bool = False
    _unsigned_at: float = -inf

    @property
    def lapse_at(self) -> float:
        """From when on they are too old to be quoted on: the market may have closed unseen (I17)."""
        return self.read_at + self.every + _LAPSE

    @property
    def ask_at(self) -> float:
        """From when on they are to be read."""
        return min(self.due_at, self._asked_at + _LOST) if self._open else self.due_at

    def failed(self, now: float) -> None:
        """The answer said nothing: ask again soon, more slowly each time, or a single one would cost the quotes."""
        self._open = False
        self._failures += 1
        self.due_at = min(self.due_at, now + min(self.every, _AGAIN * self._failures))

    def asked(self, now: float) -> None:
        self._asked_at, self._open = now, True
        self.due_at = together(now + self.every) if self.doubted_at is None else now + _AGAIN

    def doubt(self, doubt: TermsDoubted, now: float) -> None:
        """Read again soon. Raises Hopeless when signatures are refused although the terms have just been read anew."""
        if doubt.placed_at < self._cleared_at:
            return  # it left before the last answer: nothing new
        if doubt.fault is Fault.VERSION:
            if now - self._unsigned_at < _NO_ACCIDENT:
                raise Hopeless(f"the venue refuses our signatures: {doubt.text[:200]}")
            self._unsigned = True
        self.doubted_at = now if self.doubted_at is None else self.doubted_at
        self.due_at = min(self.due_at, max(now, self._asked_at + _AGAIN))

    def answered(self, asked_at: float, now: float) -> bool:
        """The venue has described the market; whether that settles a doubt."""
        self.read_at, self._open, self._failures = max(self.read_at, asked_at), False, 0
        if self.doubted_at is None or asked_at < self.doubted_at:
            return False
        self.doubted_at, self._cleared_at, self.due_at = None, now, together(now + self.every)
        if self._unsigned:
            self._unsigned, self._unsigned_at = False, now
        return True
