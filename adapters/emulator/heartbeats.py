"""The dead-man switch of polymarket.md §3.9: keys that stop beating lose their open orders. Owns the beat ids."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from uuid import UUID

import trio
from attrs import define, field

from adapters.emulator.exchange import Exchange
from adapters.emulator.keys import Credential
from adapters.emulator.owned import accounts
from adapters.emulator.refusal import Refused

SILENCE = 10.0  # seconds without an accepted beat after which a key's orders go
CHECKED_EVERY = 5.0  # seconds, so an expiry comes 10 to 15 s after the last beat
_EXPIRED = "heartbeat expired"


@define(eq=False)
class Beat:
    """What the next heartbeat of a key must carry, and when the last was accepted (trio's clock)."""

    credential: Credential
    expected: str
    at: float


@define(eq=False)
class Heartbeats:
    """The first accepted beat arms the switch for every order of that key; nothing disarms it but its expiry."""

    exchange: Exchange
    rng: Random
    clock: Callable[[], float] = trio.current_time
    beats: dict[str, Beat] = field(factory=dict)

    def beat(self, credential: Credential, heartbeat_id: str) -> str:
        """The id to send next. Raises Refused 400 with the expected id; that does not count as a beat."""
        known = self.beats.get(credential.key)
        expected = known.expected if known else ""
        if heartbeat_id != expected:
            raise Refused(400, "Invalid Heartbeat ID", key="error_msg", heartbeat_id=expected)
        fresh = str(UUID(int=self.rng.getrandbits(128), version=4))
        self.beats[credential.key] = Beat(credential, fresh, self.clock())
        self.exchange.ledger.write("heartbeat", address=credential.address, status="accepted")
        return fresh

    async def run(self) -> None:
        while True:
            await trio.sleep(CHECKED_EVERY)
            for beat in [b for b in self.beats.values() if self.clock() - b.at >= SILENCE]:
                self._expire(beat)

    def _expire(self, beat: Beat) -> None:
        """What rests goes now; what is held by a taker delay cannot be cancelled and goes when its delay ends."""
        del self.beats[beat.credential.key]
        self.exchange.ledger.write("heartbeat", address=beat.credential.address, status="expired")
        for account in accounts(self.exchange.accounts, beat.credential.address):
            self.exchange.cancel_all(account, _EXPIRED, owner=beat.credential.key)
            self.exchange.delays.doom(account, beat.credential.key, _EXPIRED)
