"""How capital is shared out among the markets chosen (strategies.md §9): equally, or by what each promises. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from actors.model.numbers import Cash


def equally(pool: int, count: int) -> tuple[Cash, ...]:
    """The same for each, rounded down: never more than the pool."""
    return (Cash(pool // count),) * count if count else ()


def by_score(pool: int, scores: Sequence[float]) -> tuple[Cash, ...]:
    """In proportion to the scores above 0, rounded down; where none is, equally."""
    promising = [Fraction(max(score, 0.0)) for score in scores]
    total = sum(promising)
    return tuple(Cash(int(pool * score / total)) for score in promising) if total else equally(pool, len(scores))
