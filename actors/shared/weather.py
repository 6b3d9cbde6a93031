"""The venue's weather: what its answers mean for every later request, as a frozen value with pure transitions.

A storm closes a way for the whole account. Its closure ends by itself: once its time is over it is due for a look, and
after that one order at a time may try (the scout) until one comes through. Owns no clock and no channel; times are trio's.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from math import inf

from attrs import evolve, field, frozen

from actors.messages import Place
from actors.model.order import Key
from actors.model.outcome import Sign, Storm
from actors.model.rates import Lane

# s: a longer wait that the venue asks for is not waited out: one order tries then, and if the venue means it, it says so again.
# One header must not keep a market from quoting for ever (I22 leaves 90 s), and one order a minute is no storm.
_LONGEST_ASKED = 60.0
_HURRY = 2.0  # s after an answer until a cancel that hurries tries again, whatever the weather says
_SCOUT_BACK = 10.0  # s in which an order sent to try has its outcome: longer than every HTTP timeout together
_AFTERMATH = 5.0  # s after a restart before anything but a post-only order tries (polymarket.md §3.8)
_MOST_DOUBLINGS = 10


class Held(Enum):
    """Which orders a storm holds back."""

    ALL = "all orders"
    TAKERS = "orders that are not post-only"
    OPENING = "orders that do not reduce a position"


@frozen
class Rule:
    """How long a closure lasts, doubling from `first` to `longest` (s) each time a try fails.

    `asks`: the engine must have answered a probe before any order tries. `reads`: orders may have changed unseen, so that
    trackers reconcile first. `alarm`: a person should look.
    """

    first: float
    longest: float
    held: Held = Held.ALL
    asks: bool = False
    reads: bool = False
    alarm: bool = False

    def wait(self, times: int, asked: float) -> float:
        """Seconds of the `times`-th closure in a row; the venue's own word goes first."""
        doubled = self.first * 2.0 ** min(times - 1, _MOST_DOUBLINGS)
        return self.heeded(asked) if asked > 0 else min(self.longest, doubled)

    def heeded(self, asked: float) -> float:
        """How much of the wait that the venue asks for orders wait."""
        return min(asked, max(self.longest, _LONGEST_ASKED))


RULES: dict[Storm, Rule] = {
    Storm.RESTART: Rule(5.0, 5.0, asks=True, reads=True),
    Storm.CANCEL_ONLY: Rule(5.0, 60.0, reads=True),
    Storm.DISABLED: Rule(5.0, 60.0, asks=True, reads=True),
    Storm.POST_ONLY: Rule(10.0, 60.0, Held.TAKERS),
    Storm.LIMITED: Rule(2.0, 60.0),
    Storm.BLOCKED: Rule(60.0, 60.0, alarm=True),  # one try a minute is no storm of retries, and I22 leaves 90 s
    Storm.LOGIN: Rule(5.0, 60.0, reads=True),
    Storm.CLOSED_ONLY: Rule(600.0, 600.0, Held.OPENING, alarm=True),
    Storm.BARRED: Rule(600.0, 600.0, alarm=True),
    Storm.CLOCK: Rule(inf, inf, reads=True, alarm=True),
}
# How long a cancel or a read waits after such an answer: cancels go on during every other storm. The venue's word counts up
# to `longest` here: quotes that nobody can cancel and fills that nobody reads cost more than a request that is refused.
# Stretched, these are 2, 10 and 30 s; cut after the stretch they would all march in step.
_SLOWED: dict[Storm, Rule] = {
    Storm.RESTART: Rule(1.0, 1.6),
    Storm.DISABLED: Rule(1.0, 8.0),
    Storm.LIMITED: Rule(1.0, 24.0),
}


@frozen
class Closure:
    """Nothing passes before `until` (trio time), nor after it before `trying`; `times` in a row, 0 if nobody said so."""

    until: float
    times: int = 1
    trying: bool = False
    why: str = ""


@frozen
class Slow:
    """Cancels or reads wait until `until` for what was heard at `since` (trio time), `times` in a row."""

    storm: Storm
    since: float
    until: float
    times: int


@frozen
class Weather:
    """`closures` hold orders back, `lanes` slow cancels and reads; `scout` is the order that tries, and when it is given up."""

    closures: Mapping[Storm, Closure] = field(factory=dict)
    lanes: Mapping[Lane, Slow] = field(factory=dict)
    scout: tuple[Key, float] | None = None

    # ── what is heard ─────────────────────────────────────────────────────────────────────────────────────────────

    def heard(self, sign: Sign, lane: Lane | None, now: float, stretch: float = 1.0) -> Weather:
        """After a sign in the answer to a request of `lane`; `stretch` (1 or more) keeps retries from marching in step."""
        weather = self._slowed(sign, lane, now, stretch)
        if sign.storm is Storm.LIMITED and lane is not Lane.ORDERS:
            return weather
        if sign.storm is Storm.LOGIN and Storm.CLOCK in self.closures:
            return weather  # the clock explains it
        return weather._closed(sign, now, stretch)

    def _closed(self, sign: Sign, now: float, stretch: float) -> Weather:
        """A sign while nothing tries is the storm that is known already, as other requests see it."""
        rule, known = RULES[sign.storm], self.closures.get(sign.storm)
        if known is not None and not known.trying:
            asked = now + RULES[sign.storm].heeded(sign.wait)
            return self._with(sign.storm, evolve(known, until=max(known.until, asked)))
        times = known.times + 1 if known else 1
        return self._with(sign.storm, Closure(now + stretch * rule.wait(times, sign.wait), times, why=sign.storm.value))

    def _slowed(self, sign: Sign, lane: Lane | None, now: float, stretch: float) -> Weather:
        limits = lane is Lane.CANCELS or (lane is Lane.READS and sign.storm is Storm.LIMITED)
        if lane is None or not limits or sign.storm not in _SLOWED:
            return self
        known = self.lanes.get(lane)
        times = 1 if known is None else known.times + (now >= known.until)
        rule = _SLOWED[sign.storm]
        until = now + stretch * min(rule.longest, rule.wait(times, sign.wait))
        return evolve(self, lanes={**self.lanes, lane: Slow(sign.storm, now, until, times)})

    def skewed(self, why: str) -> Weather:
        """The clocks differ too much: nothing that we sign counts, and no 401 says anything more."""
        return self.over(Storm.LOGIN)._with(Storm.CLOCK, Closure(inf, why=why))

    def answered(self, lane: Lane, now: float) -> Weather:
        """A request of the lane was served: it is slow no more, unless it left before it was slowed."""
        if lane not in self.lanes or now < self.slow_until(lane, hurries=True):
            return self
        return evolve(self, lanes={other: slow for other, slow in self.lanes.items() if other is not lane})

    def engine_answered(self) -> Weather:
        """The engine is back: what waited for it leaves now."""
        return evolve(self, lanes={lane: slow for lane, slow in self.lanes.items() if not RULES[slow.storm].asks})

    def returned(self, place: Place, now: float, *, through: bool) -> Weather:
        """An order's outcome is known. `through`: the venue judged it on its merits, so what it tried is over."""
        scout = None if self.scout is not None and self.scout[0] == place.key else self.scout
        over = {s for s, closure in self.closures.items() if through and closure.trying and holds(s, place)}
        return evolve(self, scout=scout, closures={s: c for s, c in self.closures.items() if s not in over})

    # ── what is done ──────────────────────────────────────────────────────────────────────────────────────────────

    def leaves(self, place: Place, now: float) -> Weather:
        """The order is about to leave: if it is one that tries, no other may until it is back."""
        tries = any(closure.trying and holds(storm, place) for storm, closure in self.closures.items())
        return evolve(self, scout=(place.key, now + _SCOUT_BACK)) if tries else self

    def looked(self, storm: Storm, now: float) -> Weather:
        """Somebody looks at a storm that is due; without a result it is due again."""
        return self._with(storm, evolve(self.closures[storm], until=now + RULES[storm].first))

    def cleared(self, storm: Storm, now: float) -> Weather:
        """The look was good: one order at a time may try. After a restart post-only ones go first."""
        if storm not in self.closures:
            return self
        if self.closures[storm].times == 0:
            return self.over(storm)
        weather = self._with(storm, evolve(self.closures[storm], trying=True))
        if storm is Storm.RESTART and Storm.POST_ONLY not in self.closures:
            aftermath = Closure(now + _AFTERMATH, 0, why="the engine has restarted: post-only orders go first")
            weather = weather._with(Storm.POST_ONLY, aftermath)
        return weather

    def over(self, storm: Storm) -> Weather:
        return evolve(self, closures={s: closure for s, closure in self.closures.items() if s is not storm})

    # ── what follows ──────────────────────────────────────────────────────────────────────────────────────────────

    def forbids(self, place: Place, now: float) -> Storm | None:
        """The storm that keeps this order from leaving now."""
        scouted = self.scout is not None and now < self.scout[1]
        storms = (s for s, c in self.closures.items() if holds(s, place) and (scouted or not c.trying))
        return next(storms, None)

    def stops_all(self, storm: Storm) -> bool:
        """Whether no order at all may leave because of it, not even one that tries."""
        closure = self.closures.get(storm)
        return closure is not None and not closure.trying and RULES[storm].held is Held.ALL

    def slow_until(self, lane: Lane, *, hurries: bool = False) -> float:
        """Before this a cancel or a read had better not leave."""
        slow = self.lanes.get(lane)
        if slow is None:
            return -inf
        return min(slow.until, slow.since + _HURRY) if hurries else slow.until

    def due(self, now: float) -> tuple[Storm, ...]:
        """Storms that are to be looked at."""
        return tuple(storm for storm, closure in self.closures.items() if not closure.trying and closure.until <= now)

    @property
    def next_look(self) -> float:
        return min((closure.until for closure in self.closures.values() if not closure.trying), default=inf)

    def _with(self, storm: Storm, closure: Closure) -> Weather:
        return evolve(self, closures={**self.closures, storm: closure})


def holds(storm: Storm, place: Place) -> bool:
    """Whether the storm concerns this order."""
    held = RULES[storm].held
    return held is Held.ALL or (not place.draft.post_only if held is Held.TAKERS else not place.reduces)
