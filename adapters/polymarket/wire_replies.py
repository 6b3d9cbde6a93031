"""The small answers of private endpoints: cancels, balances, heartbeats, API keys."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from attrs import frozen

from actors.model.outcome import Cancelled
from adapters.polymarket.wire import Number, base_units

_LONGEST_ALLOWANCE = 78  # digits of 2**256


class CancelAnswer(msgspec.Struct):
    """The answer of all four cancel calls (polymarket.md §4)."""

    canceled: list[str]
    not_canceled: dict[str, str] | None = None

    def cancelled(self) -> Cancelled:
        return Cancelled(tuple(self.canceled), tuple((self.not_canceled or {}).items()))


class Balance(msgspec.Struct):
    """`/balance-allowance`, in base units."""

    balance: Number


class BalanceAllowance(Balance):
    """All of it; an older form has one allowance for all contracts."""

    allowances: dict[str, Number] | None = None
    allowance: Number | None = None

    def funds(self) -> Funds:
        """Raises ValueError for amounts that are none."""
        listed = {contract.lower(): _allowed(amount) for contract, amount in (self.allowances or {}).items()}
        everywhere = 0 if self.allowance is None else _allowed(self.allowance)
        return Funds(base_units("balance", self.balance), listed, everywhere)


def _allowed(amount: Number) -> int:
    """Base units; what wallets approve without limit is far more than any amount of money."""
    text = str(amount)
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ALLOWANCE):
        raise ValueError(f"allowance {text[:90]!r} is not a whole number")
    return int(text)


@frozen
class Funds:
    """What an account holds of pUSD or a token, and what each exchange contract (lower case) may take of it (base units)."""

    balance: int
    allowances: Mapping[str, int]
    everywhere: int = 0

    def allowed(self, contract: str) -> int:
        return self.allowances.get(contract.lower(), self.everywhere)


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
