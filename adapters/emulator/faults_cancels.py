"""Faults of cancels: refused, overtaken by a fill, answered before the fill is told (F21, F22). Never places by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from attrs import frozen

from adapters.emulator.faults_armed import Armed
from adapters.emulator.faults_keys import choice, duration, string, whole
from adapters.emulator.faults_orders import take
from adapters.emulator.faults_stage import Stage
from adapters.emulator.tickets import Ticket

if TYPE_CHECKING:
    from adapters.emulator.desk import Desk


@runtime_checkable
class CancelEffect(Protocol):
    def cancel(self, ticket: Ticket, armed: Armed, desk: Desk) -> str:
        """A cancel of a live order arrives: the reason for `not_canceled`, or nothing."""


@frozen
class RefuseCancel:
    """The `nth` distinct live order for which a cancel arrives can never be cancelled, by nobody, and is never filled by
    the flow. With `for` it is a lock: cancels are refused while it is open, all else goes on (F21)."""

    KIND: ClassVar[str] = "refuse_cancel"
    reason: str = string("order can't be canceled")

    def cancel(self, ticket: Ticket, armed: Armed, desk: Desk) -> str:
        if not armed.fault.lasting:
            ticket.listing.book.pinned.add(ticket.order.id)
        return self.reason


@frozen
class FillOnCancel:
    """The order is filled in the instant in which its cancel arrives.

    `reply` refused: all of it, and the cancel comes too late. `reply` canceled: `percent` of it, the rest is
    cancelled, and the user channel tells of the fill only `seconds` after the answer (F22).
    """

    KIND: ClassVar[str] = "fill_on_cancel"
    reply: str = choice(("refused", "canceled"), "refused")
    percent: int = whole(1, 99, 50)
    via: str = choice(("complement", "same"), "same")
    seconds: float = duration(0.5, high=3600)

    def cancel(self, ticket: Ticket, armed: Armed, desk: Desk) -> str:
        if self.reply == "refused":
            size = ticket.remaining
        else:
            size = min(ticket.remaining - 1, max(1, ticket.remaining * self.percent // 100))
            for line in desk.faults.lines.of(ticket.account.address):
                line.delay(self.seconds)
        take(Stage(desk, armed.fault.where, armed.rng, ticket), ticket, size, self.via)
        return ""


CANCELS = (RefuseCancel, FillOnCancel)
