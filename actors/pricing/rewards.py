"""Liquidity rewards: what resting orders score (strategies.md §7, polymarket.md §11.4). Floats; a score is no money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from actors.model.book import Depth, OwnLevel, without
from actors.model.rewards import Rewards

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
    smaller, larger = (first, second) if first <= second else (second, first)
    return max(smaller, larger / _ONE_SIDED) if _LOW <= middle <= _HIGH else smaller


def cutoff_middle(bids: Levels, asks: Levels, min_size: int) -> float | None:
    """The middle where levels count once as much rests down to them as the smallest order that scores; price units."""
    best = [_reaching(side, min_size) for side in (bids, asks)]
    return None if best[0] is None or best[1] is None else (best[0] + best[1]) / 2


def share(ours: float, rivals: float) -> float:
    """Our part of what a sample pays."""
    return ours / (ours + rivals) if ours > 0 else 0.0


@frozen
class Sample:
    """A look at a book that pays rewards: what each own order scores, all of them together, and everybody else."""

    scores: tuple[float, ...]
    ours: float
    rivals: float

    @property
    def share(self) -> float:
        return share(self.ours, self.rivals)

    def worth(self, rewards: Rewards) -> int:
        """What a day of such samples would bring, in cash units."""
        return int(rewards.per_day * self.share)


def sample(rewards: Rewards, yes: Depth, own: Sequence[tuple[OwnLevel, float]]) -> Sample | None:
    """What a sample of the venue taken now would find; `own` orders stand in `yes` and have rested so many seconds.

    None where the book has no middle. All others count as one maker: of levels nobody can say whose they are.
    """
    middle = cutoff_middle(yes.bids, yes.asks, rewards.min_size) if rewards.paid else None
    if middle is None:
        return None
    scores = tuple(_own_score(rewards, order, age, middle) for order, age in own)
    sides = [sum(s for (order, _), s in zip(own, scores, strict=True) if order.bid is bid) for bid in (True, False)]
    others = without(yes, (order for order, _ in own))
    rivals = [side_score(side, middle, rewards.max_spread, rewards.min_size) for side in (others.bids, others.asks)]
    return Sample(scores, both_sides(sides[0], sides[1], middle), both_sides(rivals[0], rivals[1], middle))


def _own_score(rewards: Rewards, order: OwnLevel, age: float, middle: float) -> float:
    """S × size of one order; one that is too young scores nothing yet."""
    if age < rewards.min_age:
        return 0.0
    return side_score([(order.price, order.size)], middle, rewards.max_spread, rewards.min_size)


def _reaching(levels: Levels, size: int) -> int | None:
    resting = 0
    for price, more in levels:
        resting += more
        if resting >= size:
            return price
    return None
