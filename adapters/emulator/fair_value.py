"""The hidden fair values that the seeded flow trades around: walks in logit space. Pure but their generators."""

from __future__ import annotations

import math
from collections import deque
from random import Random
from statistics import NormalDist
from typing import Protocol

from attrs import define, field, frozen

STEP = 1.0  # seconds between two steps of a walk
_MEMORY = 30  # steps that stay readable, for makers who see the past
_KNOWN = 0.8
_SURE = 1e-4  # no value is nearer to 0 or 1 than this

NORMAL = NormalDist()


class Value(Protocol):
    """What the informed know. Reading it later never changes its path."""

    def at(self, elapsed: float, lag: float = 0.0) -> float:
        """Its logit `lag` seconds before `elapsed` seconds after the start; never further back than its memory."""


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def probability(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def sane(probability: float) -> float:
    """`probability` as a logit that stays finite."""
    return logit(min(max(probability, _SURE), 1 - _SURE))


@define(eq=False)
class Path:
    """The newest steps of a walk; `step` is asked once for each, in order."""

    first: float
    _steps: int = 0
    _seen: deque[float] = field(factory=lambda: deque(maxlen=_MEMORY))

    def __attrs_post_init__(self) -> None:
        self._seen.append(self.first)

    @property
    def last(self) -> float:
        return self._seen[-1]

    def behind(self, elapsed: float) -> int:
        """How many steps are still to be taken."""
        return int(elapsed / STEP) - self._steps

    def push(self, x: float) -> None:
        self._seen.append(x)
        self._steps += 1

    def back(self, lag: float) -> float:
        return self._seen[-1 - min(int(lag / STEP), len(self._seen) - 1)]


@define(eq=False)
class FairValue:
    """Steps of `sigma` per √s and now and then a jump (news), reflected at `bound` from the start in logit space.

    Jumps are what informed takers live on: they see one before the makers do. `jumps` is their chance per step,
    `jump_sd` their size (0.15 is 3.7 cents in the middle). A `trend` (logit per second) keeps its direction for
    `turn` seconds on average; 0 draws nothing for it.
    """

    rng: Random
    start: float
    sigma: float = 0.006
    bound: float = 1.2
    jumps: float = 1 / 75
    jump_sd: float = 0.15
    trend: float = 0.0
    turn: float = 240.0
    _path: Path = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._path = Path(logit(self.start))

    def at(self, elapsed: float, lag: float = 0.0) -> float:
        while self._path.behind(elapsed) > 0:
            self._path.push(self._reflect(self._path.last + self._step()))
        return self._path.back(lag)

    def _step(self) -> float:
        jump = self.rng.gauss(0, self.jump_sd) if self.rng.random() < self.jumps else 0.0
        if self.trend and self.rng.random() < STEP / self.turn:
            self.trend = -self.trend
        return self.rng.gauss(0, self.sigma * math.sqrt(STEP)) + jump + self.trend * STEP

    def _reflect(self, x: float) -> float:
        middle = logit(self.start)
        low, high = middle - self.bound, middle + self.bound
        if not low <= x <= high:
            self.trend = -self.trend  # a trend that meets the bound turns
        return 2 * low - x if x < low else 2 * high - x if x > high else x


@define(eq=False)
class Resolving:
    """The price of an event whose market ends `seconds` after the start: a martingale that runs to 0 or 1.

    Everybody knows by `_KNOWN` of the time, so that the book gets to the edge before it closes. p = Φ(Z / √V) where Z is a Gaussian walk and V its variance still to come (strategies.md §10, `truth`).
    """

    rng: Random
    start: float
    seconds: float
    _total: float = field(init=False)
    _path: Path = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._total = NORMAL.inv_cdf(self.start)
        self._path = Path(logit(self.start))

    def at(self, elapsed: float, lag: float = 0.0) -> float:
        decided = self.seconds * _KNOWN
        while self._path.behind(min(elapsed, decided)) > 0:
            steps = decided / STEP
            self._total += self.rng.gauss(0, math.sqrt(1 / steps))
            left = max(self._path.behind(decided) - 1, 0) / steps
            self._path.push(sane(NORMAL.cdf(self._total / math.sqrt(left)) if left > 0 else float(self._total > 0)))
        return self._path.back(lag)

    @property
    def happens(self) -> bool:
        """How the event ends; takes every step there is."""
        return self.at(self.seconds) > 0


@define(eq=False)
class Exclusive:
    """Probabilities of events of which exactly one happens: walks of their own, made to add up to 1."""

    walks: tuple[FairValue, ...]

    def share(self, number: int, elapsed: float, lag: float) -> float:
        odds = [math.exp(walk.at(elapsed, lag)) for walk in self.walks]
        return sane(odds[number] / sum(odds))


@frozen
class Share:
    """One of them."""

    whole: Exclusive
    number: int

    def at(self, elapsed: float, lag: float = 0.0) -> float:
        return self.whole.share(self.number, elapsed, lag)
