"""The life of an order and the settlement of a fill, as two transition tables. Owns no money sums."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from attrs import evolve, frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import Price, Size


class Key(NamedTuple):
    """Names an order before it has a venue id: (generation, counter), never reused across restarts (I3)."""

    generation: int
    counter: int


class Life(Enum):
    """Where an order stands at the venue. UNKNOWN may exist there; only the last four are proven dead."""

    __hash__ = object.__hash__  # as its equality; that of Enum hashes the name anew each time, in Python

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    LIVE = "live"
    PARTIAL = "partially filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def dead(self) -> bool:
        return self in _DEAD


class Settlement(Enum):
    """Where a fill stands on the chain; FAILED voids it exactly once."""

    MATCHED = "MATCHED"
    MINED = "MINED"
    RETRYING = "RETRYING"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"


_DEAD = frozenset({Life.FILLED, Life.CANCELLED, Life.EXPIRED, Life.REJECTED})
_AT_VENUE = frozenset({Life.LIVE, Life.PARTIAL})

# A venue can still report LIVE for an order we know to be partly filled, and trades can arrive before the POST
# answer; both only ever move forward here. Dead states are final: late fills change the ledger, not the life.
LIFE: dict[Life, frozenset[Life]] = {
    Life.PENDING: frozenset({Life.SENT, Life.REJECTED}),
    Life.SENT: _AT_VENUE | _DEAD | {Life.UNKNOWN},
    Life.UNKNOWN: _AT_VENUE | _DEAD,
    Life.LIVE: frozenset({Life.PARTIAL, Life.FILLED, Life.CANCELLED, Life.EXPIRED}),
    Life.PARTIAL: frozenset({Life.FILLED, Life.CANCELLED, Life.EXPIRED}),
    **{dead: frozenset() for dead in _DEAD},
}

SETTLEMENT: dict[Settlement, frozenset[Settlement]] = {
    Settlement.MATCHED: frozenset(set(Settlement) - {Settlement.MATCHED}),
    Settlement.MINED: frozenset({Settlement.RETRYING, Settlement.CONFIRMED, Settlement.FAILED}),
    Settlement.RETRYING: frozenset({Settlement.MINED, Settlement.CONFIRMED, Settlement.FAILED}),
    Settlement.CONFIRMED: frozenset(),
    Settlement.FAILED: frozenset(),
}


def settle(now: Settlement, heard: Settlement) -> Settlement:
    """The settlement after hearing a status: repeats and steps backwards change nothing."""
    return heard if heard in SETTLEMENT[now] else now


@frozen
class Order:
    """One order of ours. `filled` is what trades say (size units); `venue_filled` what order updates claim.

    `final` is set once the venue has stated the filled size of a dead order: a cancel that is only acknowledged may
    hide a fill that happened just before it, so its money stays reserved until then. One that `takes`, or may for all that
    is known, pays the taker's fee.
    """

    key: Key
    outcome: Outcome
    side: Side
    price: Price
    size: Size
    placed_at: float
    order_id: str = ""
    life: Life = Life.PENDING
    filled: Size = Size(0)
    venue_filled: Size = Size(0)
    final: bool = False
    cancel_sent_at: float | None = None
    dead_at: float | None = None
    unknown_since: float | None = None
    engine_down: bool = False
    queries: int = 0
    query_at: float = float("inf")
    takes: bool = False

    @property
    def remaining(self) -> Size:
        """What may still fill: trades may lag behind the venue's own count, so only trades reduce it."""
        return Size(max(0, self.size - self.filled))

    @property
    def open(self) -> bool:
        """Not proven dead."""
        return not self.life.dead

    @property
    def settled(self) -> bool:
        """Dead, its filled size stated, and the trades account for all of it."""
        return self.life.dead and self.final and self.filled >= self.venue_filled

    @property
    def at_risk(self) -> Size:
        """What may still turn into shares without us hearing of it first: the size its money stays reserved for."""
        if self.settled:
            return Size(0)
        if self.final and self.life.dead:
            return Size(max(0, self.venue_filled - self.filled))
        return self.remaining

    def become(self, life: Life) -> Order:
        """The order after moving to `life`; a move the table does not allow changes nothing."""
        return evolve(self, life=life) if life in LIFE[self.life] else self
