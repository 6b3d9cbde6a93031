"""The skies: the account's weather as a register, written in the instant an answer is heard and read last of all.

A plain object like the admission, not messages: an order already queued behind a message would slip out before it is read.
The gateway's requests write it; the gateway, its lookout and `status` read it. It outlives the gateway's crashes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, TypeVar

import trio
from attrs import define, field
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.messages import Place, Reconsider
from actors.model.outcome import Accepted, Placed, Rejected, Storm, Unread, sign_of
from actors.model.rates import Lane, Quota
from actors.shared.admission import Admission
from actors.shared.limiter import Limited
from actors.shared.weather import RULES, Weather

T = TypeVar("T")

_GLANCE = 0.25  # s between two looks at a slow lane: a kill or an engine that is back may open it at any time
_STRETCH = 1.25  # at most: retries of many bots must not march in step
_ALARMED_AT = (
    6  # a refused key that the venue still derives is young at most for two minutes; then a person should look
)


@define(eq=False)
class Skies:
    """Keeps the admission closed while no order at all may leave, and makes trackers reconcile before it opens."""

    admission: Admission
    trackers: Mapping[str, Mailbox[object]]
    limiter: Mailbox[object]
    random: Random
    weather: Weather = field(factory=Weather)
    _refused_at: float = float("-inf")

    # ── what is heard ─────────────────────────────────────────────────────────────────────────────────────────────

    def heard(self, result: object, lane: Lane | None = None) -> None:
        """How a request ended; `lane` for those whose like wait when the venue is slow."""
        sign, now = sign_of(result), trio.current_time()
        if sign is not None:
            self._become(self.weather.heard(sign, lane, now, self.random.uniform(1.0, _STRETCH)))
        elif lane is not None and not isinstance(result, Unread):
            self._become(self.weather.answered(lane, now))
        if sign is not None and sign.storm is Storm.LOGIN:
            self._refused_at = now
        if lane is not None:
            self.slowed(result, lane)

    def slowed(self, result: object, lane: Lane) -> None:
        """If the request was refused for its rate, all of its lane come more slowly from now on."""
        sign = sign_of(result)
        if sign is not None and sign.storm is Storm.LIMITED:
            self.limiter.put(Limited(lane, trio.current_time()), about=lane)

    def allowed(self, quota: Quota | None) -> None:
        """What the venue says is left of a lane's tokens is for the limiter to heed."""
        if quota is not None:
            self.limiter.put(quota, about=("left", quota.lane))

    def posted(self, place: Place, result: Placed) -> None:
        """How the sending of an order ended."""
        self.heard(result, Lane.ORDERS)
        judged = isinstance(result, Accepted) or (isinstance(result, Rejected) and result.sign is None)
        self._become(self.weather.returned(place, trio.current_time(), through=judged))

    def skew(self, off: float, most: float) -> None:
        """How far the clocks are apart (s); more than `most` stops everything that is signed."""
        if off > most:
            self._become(self.weather.skewed(f"this machine's clock is {off:.1f} s off the venue's: set it (NTP)"))
        elif Storm.CLOCK in self.weather.closures:
            self._reconcile("the clock was wrong")
            self._become(self.weather.over(Storm.CLOCK))

    # ── what is done ──────────────────────────────────────────────────────────────────────────────────────────────

    def leaves(self, place: Place) -> None:
        """An order is about to leave."""
        self._become(self.weather.leaves(place, trio.current_time()))

    def looked(self, storm: Storm) -> None:
        self._become(self.weather.looked(storm, trio.current_time()))

    def clears(self, storm: Storm) -> None:
        """A look was good: trackers read their orders and trades, and then orders may try."""
        if RULES[storm].reads:
            self._reconcile(storm.value)
        self._become(self.weather.cleared(storm, trio.current_time()))

    def engine_answered(self) -> None:
        """A probe was served."""
        self._become(self.weather.engine_answered())

    async def passage(self, lane: Lane, hurries: Callable[[], bool]) -> None:
        """Wait until requests of this lane may leave; those that hurry leave sooner."""
        until = self.weather.slow_until(lane, hurries=hurries())
        while trio.current_time() < until:  # all wake in the same instant: the answer to one must not make another wait
            await trio.sleep_until(min(until, trio.current_time() + _GLANCE))
            until = self.weather.slow_until(lane, hurries=hurries())

    async def read(self, read: Callable[[], Awaitable[T]]) -> T | Unread:
        """The answer; none is asked for while the venue limits reads, or they would pile up."""
        if (wait := self.slow_for(Lane.READS)) > 0:
            return Unread(f"the venue limits our reads: none for {wait:.0f} s")
        answer = await read()
        self.heard(answer, Lane.READS)
        return answer

    # ── what follows ──────────────────────────────────────────────────────────────────────────────────────────────

    def forbids(self, place: Place) -> Storm | None:
        return self.weather.forbids(place, trio.current_time())

    def slow_for(self, lane: Lane) -> float:
        """Seconds until requests of the lane may leave; 0 = now."""
        return max(0.0, self.weather.slow_until(lane) - trio.current_time())

    @property
    def refused_at(self) -> float:
        """When the venue last refused our signature (trio time)."""
        return self._refused_at

    def shown(self) -> dict[str, Any]:
        """For `status`: each storm with what it holds back and the seconds to the next look, and slowed lanes."""
        now = trio.current_time()
        storms = {
            storm.code: {
                "why": closure.why,
                "holds": RULES[storm].held.value,
                "trying": closure.trying,
                "look_in_s": None if closure.until == float("inf") else round(max(0.0, closure.until - now), 1),
            }
            for storm, closure in self.weather.closures.items()
        }
        slow = {lane.value: round(wait, 1) for lane in Lane if (wait := self.slow_for(lane)) > 0}
        return {"storms": storms, "slow_s": slow}

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _become(self, weather: Weather) -> None:
        before, self.weather = self.weather, weather
        if weather.closures is before.closures:
            return
        for storm in RULES:
            if weather.closures.get(storm) is not before.closures.get(storm):
                self._tell(storm, before, weather)
                if weather.stops_all(storm):
                    self.admission.close(_name(storm), weather.closures[storm].why)
                else:
                    self.admission.open(_name(storm))

    def _tell(self, storm: Storm, before: Weather, after: Weather) -> None:
        """The beginning and the end of a storm, once each; an alarm where a person should look."""
        was, now = before.closures.get(storm), after.closures.get(storm)
        if now is None:
            logger.info("over: {}", before.closures[storm].why)
        elif was is None:
            log = logger.critical if RULES[storm].alarm else logger.warning
            log("{}; held back: {}", now.why, RULES[storm].held.value)
        elif storm is Storm.LOGIN and was.times < now.times == _ALARMED_AT:
            logger.critical("{}, and the clock is not to blame: check the API key", now.why)

    def _reconcile(self, why: str) -> None:
        for tracker in self.trackers.values():
            tracker.tell(Reconsider(f"after: {why}"))


def _name(storm: Storm) -> str:
    return "clock" if storm is Storm.CLOCK else f"venue {storm.code}"
