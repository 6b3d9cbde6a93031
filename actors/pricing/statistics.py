"""What a sample of results says: mean, spread, tail, and how sure its mean is. Floats; no result is rounded to look better."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from statistics import fmean, stdev

from attrs import frozen

_SURE = 1.96  # standard errors to both sides of a mean: 95 %
_TAIL = 0.05


@frozen
class Estimate:
    """A mean with the half-width of its 95 % interval; 0 wide where there is only one result."""

    mean: float
    sd: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half


def estimate(values: Sequence[float]) -> Estimate:
    """Of at least one result."""
    sd = stdev(values) if len(values) > 1 else 0.0
    return Estimate(fmean(values), sd, _SURE * sd / sqrt(len(values)))


def cvar5(values: Sequence[float]) -> float:
    """The mean of the worst twentieth, of at least one result."""
    worst = sorted(values)[: max(1, ceil(len(values) * _TAIL))]
    return fmean(worst)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The difference on the same paths: what both have in common does not blur it."""
    return estimate([a - b for a, b in zip(ours, theirs, strict=True)])
