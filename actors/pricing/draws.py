"""Random draws that a pure function can make: a number from a seed and what it is for, the same wherever it is asked.

Splitmix64 (Steele, Lea, Flood 2014) over the seed and the labels, so that one draw never moves another.
"""

from __future__ import annotations

from math import log
from statistics import NormalDist

_MASK, _STEP = 2**64 - 1, 0x9E3779B97F4A7C15
_TRIES = 100  # of a normal amount that must be above 0 (strategies.md §1)


def uniform(seed: int, *labels: int) -> float:
    """In (0, 1)."""
    state = seed & _MASK
    for label in labels:
        state = _mixed((state + _STEP * (2 * label + 1)) & _MASK)
    return ((_mixed((state + _STEP) & _MASK) >> 11) + 0.5) / 2**53


def between(low: float, high: float, seed: int, *labels: int) -> float:
    return low + (high - low) * uniform(seed, *labels)


def exponential(mean: float, seed: int, *labels: int) -> float:
    return -mean * log(uniform(seed, *labels))


def normal_above_zero(mean: float, std: float, seed: int, *labels: int) -> float:
    """Drawn again while it is not above 0; the mean if that takes too long."""
    bell = NormalDist(mean, std)
    drawn = (bell.inv_cdf(uniform(seed, *labels, number)) for number in range(_TRIES))
    return next((value for value in drawn if value > 0), mean)


def _mixed(state: int) -> int:
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)
