"""The lookout: asks the venue whether a storm is over, and compares the clocks. The gateway starts its looks as errands.

Signed timestamps are not corrected by the measured offset. One clock dates signatures, expiries, trades and the journal; a
second one would hide that the first is wrong. While it is wrong nothing new leaves, and should the venue refuse our
heartbeats for it, too, its dead-man switch takes the orders that we cannot cancel.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import trio
from attrs import define
from loguru import logger

from actors.kernel.ask import Desk
from actors.model.outcome import Storm, Unread
from actors.model.rates import Call
from actors.ports import PublicData, Trading, WallClock
from actors.shared.limiter import Permit, permitted
from actors.shared.skies import Skies
from actors.shared.weather import RULES

MOST_SKEW = 2.0  # s: signed timestamps further off are refused as unauthorised (reliability.md F10)
_COMPARE_EVERY, _COMPARE_AGAIN = 60.0, 5.0


@define(eq=False)
class Lookout:
    """Knows when the next look is due; what comes of it is written to the skies."""

    venue: Trading
    public: PublicData
    permits: Desk[Permit, float]
    skies: Skies
    wall: WallClock
    _compare_at: float = float("-inf")
    _compared_at: float = float("-inf")

    @property
    def look_at(self) -> float:
        """When the next look is due (trio time)."""
        return min(self.skies.weather.next_look, self._compare_due)

    def due(self) -> list[Callable[[], Awaitable[None]]]:
        """The looks that are due now, as errands to start; each is due again later, whatever becomes of it."""
        now = trio.current_time()
        looks: list[Callable[[], Awaitable[None]]] = []
        if self._compare_due <= now:
            self._compare_at, self._compared_at = now + self._pause(), now
            looks.append(self.compare_clocks)
        for storm in self.skies.weather.due(now):
            self.skies.looked(storm)
            looks.append(partial(self.look, storm))
        return looks

    async def look(self, storm: Storm) -> None:
        """Where only the engine knows, ask it; else time alone has passed, and an order may try."""
        closure = self.skies.weather.closures.get(storm)
        if closure is None:  # the clock has explained it meanwhile
            return
        if storm is Storm.LOGIN and closure.times == 1:
            await self._check_key()
        if RULES[storm].asks and not await self._engine_answers():
            return
        self.skies.clears(storm)

    async def compare_clocks(self) -> None:
        """Too far apart closes the admission at once, and near again opens it."""
        await permitted(self.permits, Permit(Call.TIME))
        asked = self.wall()
        theirs = await self.public.server_time()
        if isinstance(theirs, Unread):
            logger.debug("the venue's clock could not be read: {}", theirs.why)
            return
        self.skies.skew(skew(theirs, asked, self.wall()), MOST_SKEW)
        self._compare_at = trio.current_time() + self._pause()

    async def _engine_answers(self) -> bool:
        await permitted(self.permits, Permit(Call.CANCEL))
        answer = await self.venue.probe()
        self.skies.heard(answer)
        if answer is None:
            self.skies.engine_answered()
        return answer is None

    async def _check_key(self) -> None:
        """Once a spell: a key that the venue still derives is too young or its engine is confused; both pass."""
        await permitted(self.permits, Permit(Call.KEY))
        ours = await self.venue.derives_our_key()
        if ours is True:
            logger.warning("the venue refuses our API key and derives the same one: perhaps it is too young; trying on")
        else:
            why = ours.why if isinstance(ours, Unread) else "it derives another one"
            logger.critical("the venue refuses our API key ({}): no new orders; start again to sign in anew", why)

    @property
    def _compare_due(self) -> float:
        """At once after a refused signature, for the clock is the likeliest culprit, but not for each of a burst of them."""
        refused = self.skies.refused_at
        soon = max(refused, self._compared_at + _COMPARE_AGAIN) if refused > self._compared_at else self._compare_at
        return min(soon, self._compare_at)

    def _pause(self) -> float:
        return _COMPARE_AGAIN if Storm.CLOCK in self.skies.weather.closures else _COMPARE_EVERY


def skew(theirs: float, asked: float, answered: float) -> float:
    """Seconds our clock is off the venue's, which states whole seconds and took a while: what neither explains."""
    return max(theirs - answered, asked - (theirs + 1.0), 0.0)
