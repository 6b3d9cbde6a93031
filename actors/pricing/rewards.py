"""Liquidity rewards: what resting orders score (strategies.md §7, polymarket.md §11.4). Floats; a score is no money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Levels = Sequence[tuple[int, int]]  # (price, size) in integer units, best first

_ONE_SIDED = 3  # what quoting one side alone is divided by, where that is allowed at all
_LOW, _HIGH = 1_000, 9_000  # outside these only two-sided quotes score


def score(max_spread: float, distance: float) -> float:
    """S of one share at a distance from the middle, both in the same unit; 0 from `max_spread` on."""
    return ((max_spread - distance) / max_spread) ** 2 if 0 <= distance < max_spread else 0.0


def side_score(levels: Iterable[tuple[int, int]], middle: float, max_spread: int, min_size: int) -> float:
    """The sum of S × size over one side's orders; smaller ones than `min_size` score nothing. In size units."""
    return sum(score(max_spread, abs(price - middle)) * size for price, size in levels if size >= min_size)


def both_sides(first: float, second: float, middle: float) -> float:
    """Qmin of the scores of the two sides: the smaller one, or a third of the larger where the middle allows it."""
    smaller, larger = sorted((first, second))
    return max(smaller, larger / _ONE_SIDED) if _LOW <= middle <= _HIGH else smaller


def cutoff_middle(bids: Levels, asks: Levels, min_size: int) -> float | None:
    """The middle where levels count once as much rests down to them as the smallest order that scores; price units."""
    best = [_reaching(side, min_size) for side in (bids, asks)]
    return None if best[0] is None or best[1] is None else (best[0] + best[1]) / 2


def share(ours: float, rivals: float) -> float:
    """Our part of what a sample pays."""
    return ours / (ours + rivals) if ours > 0 else 0.0


def _reaching(levels: Levels, size: int) -> int | None:
    resting = 0
    for price, more in levels:
        resting += more
        if resting >= size:
            return price
    return None
