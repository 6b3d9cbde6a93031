"""The relayer's answers. Raises ValueError only (polymarket.md §1.8)."""

from __future__ import annotations

import msgspec

from actors.model.conversion import Relayed
from actors.model.order import Settlement
from adapters.polymarket.wire import Unreadable

# MINED is not final: the block may go. INVALID was never sent, FAILED was reverted: both have changed nothing.
_STATES = {
    "STATE_NEW": Settlement.MATCHED,
    "STATE_EXECUTED": Settlement.MATCHED,
    "STATE_MINED": Settlement.MINED,
    "STATE_CONFIRMED": Settlement.CONFIRMED,
    "STATE_INVALID": Settlement.FAILED,
    "STATE_FAILED": Settlement.FAILED,
}
_LONGEST = 200


class Params(msgspec.Struct):
    """Who will send the wallet's next transaction, and its nonce."""

    address: str
    nonce_text: str = msgspec.field(name="nonce")

    def __post_init__(self) -> None:
        if not (self.nonce_text.isascii() and self.nonce_text.isdigit() and len(self.nonce_text) <= 20):
            raise Unreadable(f"nonce: {self.nonce_text[:40]!r} is no whole number")

    @property
    def nonce(self) -> int:
        return int(self.nonce_text)


class Submitted(msgspec.Struct):
    """What a submit answers."""

    id: str = msgspec.field(name="transactionID")
    state: str

    def relayed(self) -> Relayed:
        return Relayed(_id(self.id), _settlement(self.state))


class Transaction(msgspec.Struct):
    """One transaction as listed (camel case); read by its id, the names are in snake case."""

    state: str
    nonce: str
    metadata: str | None = None
    id: str = msgspec.field(name="transactionID", default="")
    id_: str = msgspec.field(name="transaction_id", default="")
    error: str | None = msgspec.field(name="errorMsg", default=None)
    error_: str | None = msgspec.field(name="error_msg", default=None)

    def is_of(self, label: str, nonce: int) -> bool:
        return self.metadata == label and self.nonce == str(nonce)

    def relayed(self) -> Relayed:
        return Relayed(_id(self.id or self.id_), _settlement(self.state), (self.error or self.error_ or "")[:_LONGEST])


def _settlement(state: str) -> Settlement:
    if state not in _STATES:
        raise Unreadable(f"state: {state[:40]!r} is none the relayer documents")
    return _STATES[state]


def _id(text: str) -> str:
    """It becomes part of a path."""
    if not text or len(text) > 80 or not all(c.isascii() and (c.isalnum() or c == "-") for c in text):
        raise Unreadable(f"transaction id: {text[:40]!r} is none")
    return text
