"""How long things take in a simulated market. A delay belongs to the time at which it begins, not to who asks for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from attrs import define, field, frozen

_ORDER_MEDIAN, _ORDER_SIGMA = 0.060, 0.76  # s: p90 160 ms, p99 350 ms
_FEED = (0.010, 0.040)
_SLOT = 0.25  # s that share a draw
_LATE, _TWICE, _LATER = 0.02, 0.02, 2.5  # chances of an own event to come late or twice; s
_SPIKES_EVERY, _SPIKE = 1800.0, (2.0, 6.0)


@define(eq=False)
class Draws:
    """Draws by slot of time: the same for everybody, however often and in whatever order they are asked for."""

    rng: Random
    draw: Callable[[Random], float]
    _drawn: list[float] = field(factory=list)

    def at(self, time: float) -> float:
        slot, drawn = max(int(time / _SLOT), 0), self._drawn
        for _ in range(len(drawn), slot + 1):
            drawn.append(self.draw(self.rng))
        return drawn[slot]


@frozen
class Delays:
    """Seconds from a decision until the venue acts on it, and from an event until the bot reads it."""

    orders: Draws
    cancels: Draws
    feed_: Draws
    luck: Draws
    spikes: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, seed: int, horizon: float) -> Delays:
        return cls(
            Draws(Random(f"{seed}/orders"), _order),
            Draws(Random(f"{seed}/cancels"), _order),
            Draws(Random(f"{seed}/feed"), lambda rng: rng.uniform(*_FEED)),
            Draws(Random(f"{seed}/luck"), Random.random),
            _spikes(Random(f"{seed}/spikes"), horizon),
        )

    def order(self, time: float) -> float:
        return self._held(time) + self.orders.at(time)

    def cancel(self, time: float) -> float:
        return self._held(time) + self.cancels.at(time)

    def feed(self, time: float) -> float:
        return self._held(time) + self.feed_.at(time)

    def own(self, time: float) -> tuple[float, ...]:
        """Of an own event: once as a rule, now and then late, now and then twice."""
        feed, luck = self.feed(time), self.luck.at(time)
        if luck < _LATE:
            return (feed + _LATER,)
        return (feed, feed + _LATER) if luck > 1 - _TWICE else (feed,)

    def _held(self, time: float) -> float:
        """What is left of a spike: nothing gets through until it is over."""
        return next((end - time for begin, end in self.spikes if begin <= time < end), 0.0)


def _order(rng: Random) -> float:
    return rng.lognormvariate(math.log(_ORDER_MEDIAN), _ORDER_SIGMA)


def _spikes(rng: Random, horizon: float) -> tuple[tuple[float, float], ...]:
    found: list[tuple[float, float]] = []
    at = rng.expovariate(1 / _SPIKES_EVERY)
    while at < horizon:
        found.append((at, at + rng.uniform(*_SPIKE)))
        at = found[-1][1] + rng.expovariate(1 / _SPIKES_EVERY)
    return tuple(found)
