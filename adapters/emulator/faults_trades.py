"""Faults of settlement: what becomes of a trade after its match (F16). Decides only; settlement does it."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from attrs import frozen

from adapters.emulator.faults_keys import duration, whole
from adapters.emulator.settlement import Fate


@runtime_checkable
class TradeEffect(Protocol):
    def fate(self) -> Fate:
        """What will become of the trade that was hit."""


@frozen
class FailTrade:
    """A ghost fill: MATCHED, `retries` times RETRYING, then FAILED; nothing settles (F16)."""

    KIND: ClassVar[str] = "fail_trade"
    retries: int = whole(0, 100, 1)
    seconds: float = duration(2.0, high=3600)

    def fate(self) -> Fate:
        return Fate(mined_after=self.seconds, retries=self.retries, fails=True)


@frozen
class RetryTrade:
    """MATCHED, `times` times RETRYING, then MINED after all; the transaction hash changes on the way (F16)."""

    KIND: ClassVar[str] = "retry_trade"
    times: int = whole(1, 100, 1)
    seconds: float = duration(2.0, high=3600)

    def fate(self) -> Fate:
        return Fate(mined_after=self.seconds, retries=self.times)


@frozen
class LateTrade:
    """MINED only `seconds` after the match, CONFIRMED `confirmed` seconds later (F16: 10 to 50 s were reported)."""

    KIND: ClassVar[str] = "late_trade"
    seconds: float = duration(30.0, high=3600)
    confirmed: float = duration(3.0, high=3600)

    def fate(self) -> Fate:
        return Fate(mined_after=self.seconds, confirmed_after=self.confirmed)


TRADES = (FailTrade, RetryTrade, LateTrade)
