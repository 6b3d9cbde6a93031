"""The heartbeat actor: keeps the venue's dead-man switch from firing, but only while trackers and gateway move (I18).

If it stops, the venue cancels every order of this account after about ten seconds (polymarket.md §3.9). That is the
point: a bot that no longer thinks must not keep quotes.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from math import inf
from typing import ClassVar

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.messages import Reconsider
from actors.model.settings import HeartbeatSettings
from actors.shared.admission import Admission
from actors.shared.gateway import GATEWAY, Progress
from actors.shared.requests import Beat, Beaten

_STUCK = 15.0  # s without progress of an actor that should move: longer than the longest restart pause
_AGAIN = 1.0  # s after a beat that failed: the venue forgives one missed deadline, not two
_NAME = "dead-man switch"


@define(eq=False)
class _Pulse:
    """When things last moved, and when the venue last accepted a beat (trio time)."""

    accepted: float
    progress: dict[str, float] = field(factory=dict)
    lost: bool = False

    def lost_at(self, within: float) -> float:
        """From when every order is in doubt; never while they are."""
        return inf if self.lost else self.accepted + within

    def stuck(self, now: float, trackers: Container[str]) -> list[str]:
        """Who should have moved; a market that has left the run does not move, and should not."""
        self.progress = {who: at for who, at in self.progress.items() if who in trackers or who == GATEWAY}
        return [who for who, at in self.progress.items() if now - at > _STUCK]


@frozen
class Heartbeat:
    """Beats every `every` seconds; after `lost` seconds without an accepted beat every order is in doubt."""

    rank: ClassVar[int] = 3
    mailbox: Mailbox[object]
    settings: HeartbeatSettings
    gateway: Mailbox[object]
    admission: Admission
    trackers: Mapping[str, Mailbox[object]]

    async def run(self, ready: Ready) -> None:
        """Ready after the first accepted beat: no order may rest without the switch armed."""
        pulse = _Pulse(trio.current_time())
        self.gateway.tell(Beat())
        beat_at, armed = trio.current_time() + self.settings.every, False
        while True:
            for letter in await self.mailbox.read(until=self._look_at(pulse, beat_at)):
                match letter:
                    case Progress():
                        pulse.progress[letter.who] = letter.at
                    case Beaten(failure=None):
                        self._accepted(pulse, letter.at, rearmed=letter.rearmed and armed)
                        if not armed:
                            armed = True
                            ready()
                    case Beaten():
                        logger.warning("heartbeat failed: {}", letter.failure.why if letter.failure else "")
                        beat_at = min(beat_at, trio.current_time() + _AGAIN)
                    case Gap():  # a former life may have missed beats that the venue did not forgive
                        self._lose(pulse)
            self._watch(pulse, trio.current_time())
            if trio.current_time() >= beat_at:
                beat_at = trio.current_time() + self._beat(pulse, armed)

    def _look_at(self, pulse: _Pulse, beat_at: float) -> float:
        """When the next beat is due, or the last one has been too long ago; what has been seen already is not waited for."""
        lost_at = pulse.lost_at(self.settings.lost)
        return min(beat_at, lost_at) if lost_at > trio.current_time() else beat_at

    def _beat(self, pulse: _Pulse, armed: bool) -> float:
        """Beat if things move; the seconds to the next one. Before the first success it is tried every second."""
        stuck = pulse.stuck(trio.current_time(), self.trackers)
        if stuck:
            logger.error("no heartbeat: {} stopped moving; the venue will cancel every order", ", ".join(stuck))
        else:
            self.gateway.tell(Beat())
        return self.settings.every if armed else _AGAIN

    def _accepted(self, pulse: _Pulse, at: float, *, rearmed: bool) -> None:
        """A beat arrived. After lost ones, or one that had to mend the chain of ids, nobody knows what still rests."""
        pulse.accepted = at
        if pulse.lost or rearmed:
            for tracker in self.trackers.values():
                tracker.tell(Reconsider("the venue may have cancelled everything: heartbeats were lost"))
        if pulse.lost:
            pulse.lost = False
            self.admission.open(_NAME)

    def _watch(self, pulse: _Pulse, now: float) -> None:
        if now >= pulse.lost_at(self.settings.lost):
            logger.error(
                "no heartbeat accepted for {:.0f} s: no new orders until the account is read", self.settings.lost
            )
            self._lose(pulse)

    def _lose(self, pulse: _Pulse) -> None:
        """The venue may have cancelled everything: nothing new until a beat is accepted and every tracker reads."""
        pulse.lost = True
        self.admission.close(_NAME, "no heartbeat was accepted in time")
