"""A relayer in memory over the venue in memory: what it loses, refuses and when it mines is up to the test."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum

import trio
from attrs import define, evolve, field

from actors.model.conversion import Conversion, Declined, Kind, Relayed
from actors.model.market import Market
from actors.model.order import Settlement
from actors.model.outcome import Unread
from actors.records import Batch
from tests.venue import Venue


class Mishap(Enum):
    """What becomes of a submit."""

    FINE = "fine"
    LOST_ANSWER = "taken, and the answer is lost"
    LOST = "never arrives"
    BUSY = "wallet busy"
    REVERTS = "taken, and reverted"


@define(eq=False, repr=False)
class MemoryRelay:
    """Implements Relay. `durable` says whether the journal holds a key; `breaches` are broken promises.

    One that `cheats` says that it is done, and nothing has moved.
    """

    venue: Venue
    durable: Callable[[str], bool]
    mishaps: deque[Mishap] = field(factory=deque)
    mined_after: float = 5.0
    mute: bool = False
    cheats: bool = False
    signed: list[str] = field(factory=list)
    submits: list[str] = field(factory=list)
    breaches: list[str] = field(factory=list)
    _jobs: dict[str, tuple[Batch, Settlement, float]] = field(factory=dict)
    _nonce: int = 0

    async def sign(self, conversion: Conversion, market: Market) -> Batch | Unread:
        self.signed.append(conversion.key)
        await trio.sleep(0.02)
        return Unread("down") if self.mute else Batch(conversion, self._nonce, f"bytes of {conversion.key}".encode())

    async def submit(self, batch: Batch) -> Relayed | Declined | Unread:
        key = batch.conversion.key
        self.submits.append(key)
        if not self.durable(key):
            self.breaches.append(f"{key} was sent before it was recorded")
        await trio.sleep(0.02)
        mishap = self.mishaps.popleft() if self.mishaps else Mishap.FINE
        if mishap is Mishap.BUSY:
            return Declined("wallet busy")
        if mishap is Mishap.LOST or self.mute:
            return Unread("no answer")
        if key not in self._jobs:
            if batch.nonce != self._nonce:
                return Declined("nonce")
            self._nonce += 1
            self._jobs[key] = (batch, Settlement.MATCHED, trio.current_time() + self.mined_after)
            if mishap is Mishap.REVERTS:
                self._jobs[key] = (batch, Settlement.FAILED, 0.0)
        return Unread("no answer") if mishap is Mishap.LOST_ANSWER else self._look(key)

    async def find(self, batch: Batch) -> Relayed | Declined | Unread | None:
        await trio.sleep(0.02)
        if self.mute:
            return Unread("no answer")
        if batch.conversion.key in self._jobs:
            return self._look(batch.conversion.key)
        return Declined("spent", True) if self._nonce > batch.nonce else None

    def _look(self, key: str) -> Relayed:
        batch, stage, mined_at = self._jobs[key]
        if stage is Settlement.MATCHED and trio.current_time() >= mined_at:
            stage = Settlement.CONFIRMED
            self._jobs[key] = (batch, stage, mined_at)
            self._mine(batch.conversion)
        return Relayed(f"id-{key}", stage, "reverted" if stage is Settlement.FAILED else "")

    def _mine(self, conversion: Conversion) -> None:
        if not self.cheats:
            self.venue.converted.append(evolve(conversion, settlement=Settlement.CONFIRMED))

    def paid(self, kind: Kind) -> int:
        """Cash units that conversions of a kind have brought."""
        return sum(one.cash for one in self.venue.converted if one.kind is kind)
