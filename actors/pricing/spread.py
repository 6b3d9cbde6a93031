"""How far from the reservation price to quote (strategies.md §3): the widest of what each danger asks, and what flow costs us.

Prices and distances are in [0, 1]; the spread of the model comes in logits.
"""

from __future__ import annotations

from math import sqrt

from attrs import frozen

from actors.pricing.logit import slope

LATENCY = 6.0  # s from a move to the last cancel: seeing it, cancelling, and what is kept for safety
_MOST_TICKS = 3  # by which bad fills widen


@frozen
class Danger:
    """What a spread has to bear: `sigma` of the belief per root second, the `markout` average (below 0 is bad)."""

    sigma: float
    markout: float
    k_vol: float
    k_tox: float
    least: float


def half_spread(p: float, model: float, danger: Danger, tick: float) -> float:
    """The half-spread around `p` where the model asks for `model` logits."""
    return max(asked(p, model, danger)) + toxicity(danger, tick)


def asked(p: float, model: float, danger: Danger) -> tuple[float, float, float]:
    """What the least half-spread, the model and moves before our cancel is there ask for, each by itself."""
    rate = slope(p)
    return danger.least, rate * model, danger.k_vol * rate * danger.sigma * sqrt(LATENCY)


def toxicity(danger: Danger, tick: float) -> float:
    """What fills that went against us add; bounded, so that quotes stay in reach of a fill that shows better times."""
    return min(_MOST_TICKS * tick, danger.k_tox * max(0.0, -danger.markout))
