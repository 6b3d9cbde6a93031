"""What the journal holds: orders and conversions before they leave, facts, and what a later run starts from. Values only."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from actors.messages import Draft, Signed
from actors.model.conversion import Conversion
from actors.model.day import Day
from actors.model.income import Takings
from actors.model.order import Key
from actors.model.ramp import Ramp
from actors.model.tally import Tally
from actors.model.tenure import Tenure
from actors.model.trading import Standing


@frozen
class Intent:
    """What the journal holds before an order byte leaves (I2)."""

    key: Key
    order_id: str
    market: str
    condition_id: str
    token: str
    side: str
    price: int
    size: int
    body: bytes
    at: float
    expires: int = 0  # epoch s, as signed; 0 = it rests until it is cancelled

    @classmethod
    def of(cls, key: Key, market: str, condition_id: str, draft: Draft, signed: Signed, at: float) -> Intent:
        """Of an order as it was signed."""
        order, side = signed.order_id, draft.side.value
        price, size = draft.price, draft.size
        return cls(key, order, market, condition_id, draft.token, side, price, size, signed.body, at, draft.expires)


@frozen
class Note:
    """Any other journalled fact: a command, an outcome, a crash. `body` is text without secrets."""

    kind: str
    market: str
    body: str
    at: float


@frozen
class Batch:
    """A conversion as signed, with the nonce that lets it happen once. `taken` is the relayer's id for it, once known.

    The journal holds it before its first byte leaves, and again with every step that it has made (same key).
    """

    conversion: Conversion
    nonce: int
    body: bytes
    taken: str = ""


# From Batch on these are states: a newer one replaces the old.
Row = Intent | Note | Batch | Standing | Day | Tally | Ramp | Takings | Tenure


@frozen
class Memory:
    """What earlier runs left for this one to start from; standings by market, `converted` by condition id.

    `tenures` are of markets that were not over, and of what a person has switched on or off.
    """

    standings: Mapping[str, Standing] = field(factory=dict)
    day: Day = Day()
    tally: Tally = Tally()
    converted: frozenset[str] = frozenset()
    ramp: Ramp = Ramp()
    takings: Takings = Takings()
    tenures: tuple[Tenure, ...] = ()
