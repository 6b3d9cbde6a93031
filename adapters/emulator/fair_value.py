"""The hidden fair value that the seeded flow trades around: a bounded random walk in logit space. Pure but its RNG."""

from __future__ import annotations

import math
from collections import deque
from random import Random

from attrs import define, field

STEP = 1.0  # seconds between two steps of the walk
_MEMORY = 30  # steps that stay readable, for makers who see the past


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def probability(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@define(eq=False)
class FairValue:
    """Steps of `sigma` per √s and now and then a jump (news), reflected at `bound` from the start in logit space.

    Jumps are what informed takers live on: they see one before the makers do. `jumps` is their chance per step,
    `jump_sd` their size (0.15 is 3.7 cents in the middle).
    Reading it later never changes its path: the steps depend on the generator alone.
    """

    rng: Random
    start: float
    sigma: float = 0.006
    bound: float = 1.2
    jumps: float = 1 / 75
    jump_sd: float = 0.15
    _steps: int = 0
    _path: deque[float] = field(factory=lambda: deque(maxlen=_MEMORY))

    def __attrs_post_init__(self) -> None:
        self._path.append(logit(self.start))

    def at(self, elapsed: float, lag: float = 0.0) -> float:
        """Its logit `lag` seconds before `elapsed` seconds after the start; never further back than its memory."""
        while self._steps < int(elapsed / STEP):
            self._path.append(self._reflect(self._path[-1] + self._step()))
            self._steps += 1
        back = min(int(lag / STEP), len(self._path) - 1)
        return self._path[-1 - back]

    def _step(self) -> float:
        jump = self.rng.gauss(0, self.jump_sd) if self.rng.random() < self.jumps else 0.0
        return self.rng.gauss(0, self.sigma * math.sqrt(STEP)) + jump

    def _reflect(self, x: float) -> float:
        middle = logit(self.start)
        low, high = middle - self.bound, middle + self.bound
        return 2 * low - x if x < low else 2 * high - x if x > high else x
