"""One life of a simulated market: everything that others will do and that the venue will do, drawn before anybody trades.

Nothing here depends on what the bot does, and every part draws from a stream of its own, so that all strategies meet the
same world and a new part never reshuffles the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import merge
from itertools import takewhile
from operator import attrgetter
from random import Random
from typing import NamedTuple

from attrs import evolve, field, frozen

from actors.model.market import FeeSchedule
from actors.model.numbers import CENTISHARE, PRICE_ONE, SHARE
from adapters.simulated.family import Family
from adapters.simulated.quotes import Quoted, quotes
from adapters.simulated.truth import Truth, truth

REDRAWN = 120.0  # s for which the sizes of the levels stay drawn
_LEVELS = 10
_DEPTH_SIGMA, _SIZE_SIGMA = 0.9, 1.2
_TOUCH = 0.75  # of the noise stops at the touch
_REACH = 1  # ticks that the rest goes on
AHEAD = 30.0  # s of the future that toxic noise follows
_PRESENT = 0.8  # chance that an informed taker is there in each second from a jump until the makers see it
_LARGER = 3.0  # how much more than noise the informed trade
_RESTARTS = 1 / 50  # chance of one an hour
_OUTAGE = (40.0, 90.0)  # s


class Noise(NamedTuple):
    """A trade without a reason, or one that `knows` where the price goes; `luck` decides whether a rival serves it.

    Sizes in size units.
    """

    at: float
    buys: bool
    size: int
    reach: int
    luck: float
    knows: bool = False


class Informed(NamedTuple):
    """Somebody who knows the truth looks at the book; `fair` in price units."""

    at: float
    fair: float
    size: int
    margin: float


class Minute(NamedTuple):
    """The venue samples who quotes; `rivals` is what all others score (Q of strategies.md §7, in size units)."""

    at: float
    rivals: float


class Outage(NamedTuple):
    """The matching engine restarts and takes nothing until `until`."""

    at: float
    until: float


Event = Quoted | Noise | Informed | Minute | Outage
Depths = tuple[tuple[float, ...], tuple[float, ...]]


@frozen
class Path:
    """`events` in order; `depths` by stretches of `REDRAWN` seconds, bids and asks, a factor for each of ten levels.

    `spot` is the price that a window turns on, second by second, `past` that of the minute before it.
    `worth` is what a YES share is worth at the end (price units): 0 or 1 once resolved, else the truth.
    `fair` is that of each second, for whoever judges afterwards: nobody who trades may see it.
    """

    family: Family
    seed: int
    events: tuple[Event, ...]
    depths: tuple[Depths, ...]
    spot: tuple[float, ...]
    worth: int
    past: tuple[float, ...] = ()
    fair: tuple[int, ...] = field(default=(), repr=False)

    def until(self, time: float) -> Path:
        """The same life, in which nothing happens after `time`."""
        events = tuple(takewhile(lambda event: event.at <= time, self.events))
        return evolve(self, events=events, spot=self.spot[: int(time) + 1], fair=self.fair[: int(time) + 1])

    def fair_at(self, time: float) -> int:
        """Price units; from the end of the path on it is the last one known."""
        return self.fair[min(int(time), len(self.fair) - 1)]

    def grafted(self, time: float, other: Path) -> Path:
        """The same life up to `time`, and that of another path of the family from then on."""
        own, stretches = self.until(time), int(time / REDRAWN) + 1
        return evolve(
            own,
            events=(*own.events, *(event for event in other.events if event.at > time)),
            depths=(*own.depths[:stretches], *other.depths[stretches:]),
            spot=(*own.spot, *other.spot[len(own.spot) :]),
            worth=other.worth,
            fair=(*own.fair, *other.fair[len(own.fair) :]),
        )


def path(family: Family, seed: int) -> Path:
    """The `seed`-th life of a family."""
    known = truth(family, seed)
    parts: tuple[Iterator[Event], ...] = (
        quotes(family, known, Random(f"{seed}/makers")),
        _noise(family, known, Random(f"{seed}/noise")),
        _informed(family, known, Random(f"{seed}/informed")),
        _minutes(family, Random(f"{seed}/minutes")),
        _outages(family, Random(f"{seed}/outages")),
    )
    events: tuple[Event, ...] = tuple(merge(*parts, key=attrgetter("at")))
    fair = tuple(round(p * PRICE_ONE) for p in known.fair)
    depths = _depths(family, Random(f"{seed}/depth"))
    return Path(family, seed, events, depths, known.spot, fair[-1], known.past, fair)


def _noise(family: Family, known: Truth, rng: Random) -> Iterator[Noise]:
    at = rng.expovariate(family.noise / 3600)
    while at < family.horizon:
        buys, knows = rng.random() < 0.5, rng.random() < family.toxic
        reach = 0 if rng.random() < _TOUCH else _REACH
        ahead = known.at(at + AHEAD) - known.at(at)
        yield Noise(at, ahead > 0 if knows and ahead else buys, _size(family, rng), reach, rng.random(), knows)
        at += rng.expovariate(family.noise / 3600)


def _informed(family: Family, known: Truth, rng: Random) -> Iterator[Informed]:
    """At most one a second, at any instant of it."""
    fresh = {jump + late for jump in known.jumps for late in range(math.ceil(family.lag))}
    for second in range(1, family.horizon):
        at, luck, size, margin = second + rng.random(), rng.random(), _size(family, rng), rng.uniform(*family.margin)
        if luck < (max(_PRESENT, family.looks) if second in fresh else family.looks):
            yield Informed(at, known.fair[second] * PRICE_ONE, int(size * _LARGER), margin * PRICE_ONE)


def _minutes(family: Family, rng: Random) -> Iterator[Minute]:
    if family.rewards.paid:
        for minute in range(family.horizon // 60):
            yield Minute(60 * (minute + rng.random()), rng.uniform(*family.rival_scores) * SHARE)


def _outages(family: Family, rng: Random) -> Iterator[Outage]:
    begins, lasts, luck = rng.uniform(0, family.horizon), rng.uniform(*_OUTAGE), rng.random()
    if luck < _RESTARTS * family.horizon / 3600:
        yield Outage(begins, begins + lasts)


def _depths(family: Family, rng: Random) -> tuple[Depths, ...]:
    def side() -> tuple[float, ...]:
        return tuple(rng.lognormvariate(0.0, _DEPTH_SIGMA) for _ in range(_LEVELS))

    return tuple((side(), side()) for _ in range(math.ceil(family.horizon / REDRAWN) + 1))


def _size(family: Family, rng: Random) -> int:
    shares = rng.lognormvariate(math.log(family.size), _SIZE_SIGMA)
    return max(round(shares * SHARE / CENTISHARE), 100) * CENTISHARE


def informed_edge(fees: FeeSchedule, fair: float, margin: float) -> float:
    """What the informed want to be ahead by, in price units: the fee at the fair price and their margin."""
    return fees.taker_fee(round(fair), SHARE) / SHARE * PRICE_ONE + margin
