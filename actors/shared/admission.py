"""Whether a new order may leave at all: two registers that are written in the instant something dies.

They are plain objects, not messages, on purpose: an order already queued behind a message would slip out before it is
read. One owner writes (root the admission, each tree its own fence); the gateway reads, last thing before sending.
"""

from __future__ import annotations

from attrs import define, field


@define(eq=False)
class Admission:
    """Open only while every actor that orders depend on is up and restored (I8)."""

    _down: dict[str, str] = field(factory=dict)

    def close(self, name: str, why: str) -> None:
        """Let no new order out because of `name`, until `open(name)`."""
        self._down[name] = why

    def open(self, name: str) -> None:
        self._down.pop(name, None)

    @property
    def is_open(self) -> bool:
        return not self._down

    @property
    def down(self) -> dict[str, str]:
        """Who is down, and why."""
        return dict(self._down)


@define(eq=False)
class Fences:
    """The lowest tracker generation per market whose orders may still leave (architecture.md §6)."""

    _floor: dict[str, int] = field(factory=dict)

    def raise_to(self, market: str, generation: int) -> None:
        """Refuse what older generations of this market's tracker have queued."""
        self._floor[market] = max(generation, self._floor.get(market, 0))

    def passes(self, market: str, generation: int) -> bool:
        return generation >= self._floor.get(market, 0)

    def generation(self, market: str) -> int:
        """The generation whose orders may leave now: the one the market's tracker runs under."""
        return self._floor.get(market, 0)
