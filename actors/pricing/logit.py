"""Probabilities on the logit scale, where a belief moves about as fast near 0 and 1 as in the middle (strategies.md §0)."""

from __future__ import annotations

from math import exp, log

LOWEST, HIGHEST = 0.002, 0.998


def logit(p: float) -> float:
    """ln(p ÷ (1 - p)) of `p` clipped to what still tells something."""
    clipped = min(HIGHEST, max(LOWEST, p))
    return log(clipped / (1 - clipped))


def expit(x: float) -> float:
    """1 ÷ (1 + e^-x), the inverse; of any number, without overflow."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def slope(p: float) -> float:
    """dp ÷ dx: by how much the price moves when the logit does by 1."""
    return p * (1 - p)
