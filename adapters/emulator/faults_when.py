"""When a fault bites: at a second, from an event on, at the n-th match, with a probability. Values only.

A fault *opens*: at the start, at a second (`at`), every so many seconds (`every`), or `after` seconds from an event
(`on`). While it is open, what it matches is hit: from the `nth` match on, `count` times, each with `probability`. Of a
fault with `on`, `nth` and `count` choose the events that open it, and `probability` is drawn for each of those.
"""

from __future__ import annotations

from attrs import frozen

from adapters.emulator.faults_keys import MOST, BadFaults, choice, duration, whole

EVENTS = ("order", "trade", "cancel", "request", "socket", "phase")


@frozen
class When:
    """Seconds since the start, on trio's clock. `for_` (`for` in JSON) is how long an opening lasts, None until its hits
    are used up."""

    at: float = duration(0)
    for_: float | None = duration(None)
    every: float | None = duration(None, low=0.001)
    on: str | None = choice(EVENTS, None)
    after: float = duration(0)
    nth: int = whole(1, MOST, 1)
    count: int | None = whole(1, MOST, None)
    probability: float = duration(1, high=1)

    def __attrs_post_init__(self) -> None:
        """Raises BadFaults for keys that cannot go together."""
        problems = []
        if self.on is not None and (self.at or self.every is not None):
            problems.append(f"on (={self.on!r}) opens the fault, so at and every must be left out")
        if self.on is None and self.after:
            problems.append(f"after (={self.after!r}) counts from an event, so on must be one of {', '.join(EVENTS)}")
        if self.every is not None and self.for_ is not None and self.for_ >= self.every:
            problems.append(f"for must be shorter than every (={self.every!r}), not {self.for_!r}")
        if problems:
            raise BadFaults(*problems)
