"""What the venue's reward sample of a minute brings the bot at a simulated market (strategies.md §7)."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from actors.model.market import Outcome
from actors.model.rewards import Rewards
from actors.pricing.rewards import both_sides, cutoff_middle, share, side_score
from adapters.matching import MatchBook, Resting

_MINUTES = 1440


@define(eq=False)
class Scored:
    """`began` is when each resting order came, for an order must have rested a while before it scores."""

    rewards: Rewards
    began: dict[str, float] = field(factory=dict)

    def minute(self, book: MatchBook, own: Sequence[Resting], rivals: float, now: float) -> int:
        """Our part of a minute's pay, in cash units; days of less than 1 pUSD are not left out."""
        own_rules, (bids, asks) = self.rewards, book.levels(Outcome.YES)
        middle = cutoff_middle(bids[::-1], asks[::-1], own_rules.min_size)
        if middle is None:
            return 0
        old = [r for r in own if now - self.began.get(r.order.id, now) >= own_rules.min_age]
        first, second = (
            side_score(
                [(r.order.yes_price, r.remaining) for r in old if r.order.bids is bid],
                middle,
                own_rules.max_spread,
                own_rules.min_size,
            )
            for bid in (True, False)
        )
        return int(own_rules.per_day * share(both_sides(first, second, middle), rivals) / _MINUTES)
