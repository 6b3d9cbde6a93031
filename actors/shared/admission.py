"""Whether a new order may leave at all: registers that are written in the instant something dies or is ordered.

They are plain objects, not messages, on purpose: an order already queued behind a message would slip out before it is
read. One owner writes (root the admission, each tree its own fence, risk the standings); the gateway reads, last of all.
"""

from __future__ import annotations

from attrs import define, field

from actors.model.trading import Trading


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
class Standings:
    """Each market's trading state, for the last look before an order's or a cancel's bytes leave. Written by risk alone."""

    _trading: dict[str, Trading] = field(factory=dict)

    def set(self, market: str, trading: Trading) -> None:
        self._trading[market] = trading

    def allows(self, market: str, *, reduces: bool, sells: bool) -> bool:
        """Whether an order of this market may leave: only a reducing one while it is not running, none while SAFE.

        Where positions are only reduced, every sale does: confirmed shares back it.
        """
        trading = self._trading.get(market, Trading.PAUSED)
        if trading is Trading.REDUCING:
            return reduces or sells
        return trading is Trading.RUNNING or (reduces and trading is not Trading.SAFE)

    def hurries(self, market: str) -> bool:
        """Whether the market's orders must go now: it was killed, or the run ends."""
        return self._trading.get(market) in (Trading.SAFE, Trading.DRAINING)


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
