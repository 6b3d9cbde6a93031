"""How wide to quote where resting is paid for (strategies.md §7): what fills bring against what a programme pays. Floats.

Rates of fills are a prior, not a fit: a market where a fit would be worth having has its own figures within minutes, but a
programme's share follows from the book at once, and it is what this choice is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import exp

from attrs import frozen

_DAY = 86_400.0


@frozen
class Flow:
    """Shares a second that fill us at distance h: `arrival` × e^(-k h), h in [0, 1]; each loses `adverse` to who knew better."""

    arrival: float = 0.05
    k: float = 300.0  # half as many a quarter of a cent farther away
    adverse: float = 0.003

    def rate(self, distance: float) -> float:
        return self.arrival * exp(-self.k * distance)


def income(distance: float, flow: Flow, rebate: float, per_day: float, share: Callable[[float], float]) -> float:
    """pUSD a second of quoting both sides at `distance`: `rebate` comes with each share, `share` is our part of `per_day`."""
    return flow.rate(distance) * (distance + rebate - flow.adverse) + per_day / _DAY * share(distance)


def best(
    candidates: Iterable[float], flow: Flow, rebate: float, per_day: float, share: Callable[[float], float]
) -> float:
    """The candidate that brings most; of equals the first."""
    return max(candidates, key=lambda distance: income(distance, flow, rebate, per_day, share))
