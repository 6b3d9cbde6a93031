"""How fast the bot is, as it sees itself: a register like the board, written by all, read by `status`, owned by nobody.

What is measured is what a full processor makes late. By trio's clock: in simulated time all of it takes no time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from actors.model.durations import Durations


@define(eq=False)
class Speed:
    """`frames` read of market sockets; `decisions` from the read that moved a market's book to its new targets; `lag` by
    which a timer of the loop fires late; `asks` from question to answer, by who was asked."""

    frames: int = 0
    decisions: Durations = field(factory=Durations)
    lag: Durations = field(factory=Durations)
    _asks: dict[str, Durations] = field(factory=dict)

    def asking(self, name: str) -> Callable[[float], None]:
        """Takes the seconds that a question to this actor went unanswered."""
        return self._asks.setdefault(name, Durations()).add

    def shown(self) -> dict[str, Any]:
        """For `status`: frames as a count since the start, durations in ms over the newest few thousand of each."""
        asks = {name: _shown(durations) for name, durations in self._asks.items()}
        shown = {"decisions": _shown(self.decisions), "lag": _shown(self.lag), "asks": asks}
        return {"frames": self.frames, **shown}


def _shown(durations: Durations) -> dict[str, Any]:
    spread = {f"{name}_ms": durations.at(share) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}
    told = {name: None if seconds is None else round(seconds * 1000, 3) for name, seconds in spread.items()}
    return {"count": durations.count, **told}
