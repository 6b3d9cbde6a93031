"""The small answers of private endpoints: cancels, balances, heartbeats, API keys."""

from __future__ import annotations

import msgspec

from actors.model.outcome import Cancelled
from adapters.polymarket.wire import Number


class CancelAnswer(msgspec.Struct):
    """The answer of all four cancel calls (polymarket.md §4)."""

    canceled: list[str]
    not_canceled: dict[str, str] | None = None

    def cancelled(self) -> Cancelled:
        return Cancelled(tuple(self.canceled), tuple((self.not_canceled or {}).items()))


class Balance(msgspec.Struct):
    """`/balance-allowance`, in base units."""

    balance: Number


class Beat(msgspec.Struct):
    """A heartbeat answer: the next id, or with a 400 the expected one."""

    heartbeat_id: str


class ApiKey(msgspec.Struct):
    """The answer of creating or deriving an API key."""

    apiKey: str
    secret: str
    passphrase: str

    def __repr__(self) -> str:
        return "ApiKey(…)"
