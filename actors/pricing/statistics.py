"""What a sample of results says: mean, spread, tail, and how sure its mean is. Floats; no result is rounded to look better."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf, pi, sqrt, tan
from statistics import fmean, stdev

from attrs import frozen

_Z = 1.959963984540054  # the 97.5 % quantile of a normal
_TAIL = 0.05


@frozen
class Estimate:
    """A mean with the half-width of its 95 % interval; inf where there is only one result, which says nothing of it."""

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
    if len(values) < 2:
        return Estimate(fmean(values), 0.0, inf)
    sd = stdev(values)
    return Estimate(fmean(values), sd, sure(len(values) - 1) * sd / sqrt(len(values)))


def sure(freedom: int) -> float:
    """Standard errors to both sides of a mean that hold it in 95 %: the 97.5 % quantile of Student's t, to 0.2 %.

    Exact for one and two degrees of freedom, else by the expansion in 1 / freedom (Abramowitz and Stegun, 26.7.5).
    """
    if freedom == 1:
        return tan(0.475 * pi)
    if freedom == 2:
        return 0.95 * sqrt(2 / (4 * 0.975 * 0.025))
    z, n = _Z, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92_160 * n**4)
    )


def cvar5(values: Sequence[float]) -> float:
    """The mean of the worst twentieth, of at least one result."""
    worst = sorted(values)[: max(1, ceil(len(values) * _TAIL))]
    return fmean(worst)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The difference on the same paths: what both have in common does not blur it."""
    return estimate([a - b for a, b in zip(ours, theirs, strict=True)])
