"""What each market that was chosen may tie up: its part of what the others leave of the whole budget. Reads the roll only.

What is named keeps its cap; what is being left keeps what it still ties up. So the parts and all the others together are
never more than `budget.total`, however often money is divided anew; and if all the others' caps are more than that already,
chosen markets get nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actors.model.numbers import Cash
from actors.model.settings import Settings
from actors.pricing.split import by_score, equally
from actors.shared.roll import Roll


def portions(
    roll: Roll, scores: Mapping[str, float], settings: Settings, tied: Callable[[str], Cash]
) -> dict[str, Cash]:
    """By market, of those with a score; `tied` is what a market ties up now."""
    budget = settings.budget
    others = sum(
        tied(slug) if tenure.leaving else roll.caps.get(slug, budget.per_market)
        for slug, tenure in roll.tenures.items()
        if slug not in scores
    )
    pool = max(budget.total - others, 0)
    parts = by_score(pool, list(scores.values())) if settings.discover.split == "score" else equally(pool, len(scores))
    return {slug: Cash(min(part, budget.per_market)) for slug, part in zip(scores, parts, strict=True)}
