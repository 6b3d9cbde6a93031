"""A request on its way through the faults that hit it: what an effect may look at and use. Decides nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from attrs import frozen

from adapters.emulator.faults_where import Where
from adapters.emulator.http import Request, Response

if TYPE_CHECKING:
    from adapters.emulator.desk import Desk

Act = Callable[[], Response]
Receive = Callable[[Request, Request], Act]
Go = Callable[[Request], Awaitable[Response | None]]


@frozen
class Call:
    """`request` is as it came, `since` how many seconds the fault has been open, `where` the fault's filter.

    `receive(request, changed)` finds the route and checks the key of `request` at once; the act it returns does what
    `changed` asks for. A fault may call the act later, or twice.
    """

    service: str
    request: Request
    receive: Receive
    where: Where
    since: float
    desk: Desk


@runtime_checkable
class RequestEffect(Protocol):
    async def answer(self, call: Call, go: Go) -> Response | None:
        """What the client gets; None closes the connection. `go` is the rest of the way to the exchange."""


@runtime_checkable
class Picky(Protocol):
    def concerns(self, call: Call) -> bool:
        """May the effect hit this request at all, its filter aside?"""
