"""Faults of whole connections and of the exchange's clock (F10, F13). Never a single frame."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from adapters.emulator.faults_keys import duration, whole
from adapters.emulator.faults_lines import ABRUPT
from adapters.emulator.faults_stage import Stage


@frozen
class Disconnect:
    """Connections end: without a close frame (1006), or with one of `code`."""

    KIND: ClassVar[str] = "disconnect"
    KEYS: ClassVar[tuple[str, ...]] = ("channel", "account")
    code: int = whole(1000, 4999, ABRUPT)

    def act(self, stage: Stage) -> str:
        cut = stage.desk.faults.lines.cut(stage.where, self.code)
        return f"{cut} sockets" if cut else ""


@frozen
class RefuseSocket:
    """New connections are turned away with the HTTP status `code`."""

    KIND: ClassVar[str] = "refuse_socket"
    KEYS: ClassVar[tuple[str, ...]] = ("channel",)
    code: int = whole(400, 599, 503)


@frozen
class ClockSkew:
    """The exchange's clock is `by` seconds off: `/time` tells it, and signed timestamps are judged by it (F10)."""

    KIND: ClassVar[str] = "clock_skew"
    LASTING: ClassVar[bool] = True
    KEYS: ClassVar[tuple[str, ...]] = ()
    by: float = duration(60.0, low=-(10**6))


SOCKETS = (Disconnect, RefuseSocket, ClockSkew)
