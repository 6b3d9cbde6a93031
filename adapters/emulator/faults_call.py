"""A request on its way through the faults that hit it: what an effect may look at and use. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

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
    """`since` is how many seconds the fault has been open, `where` its filter.

    `receive(request, changed)` finds the route and checks the key of `request` at once; the act it returns does what
    `changed` asks for, whenever it is called. `original` is the request as it came, before faults changed its body.
    """

    service: str
    request: Request
    original: Request
    receive: Receive
    where: Where
    since: float
    desk: Desk


def parsed(response: Response) -> Any:  # noqa: ANN401 - JSON
    """The answer as JSON; None if another fault has left none."""
    try:
        return json.loads(response.body)
    except ValueError:
        return None


@runtime_checkable
class RequestEffect(Protocol):
    async def answer(self, call: Call, go: Go) -> Response | None:
        """What the client gets; None closes the connection. `go` is the rest of the way to the exchange."""


@runtime_checkable
class Picky(Protocol):
    def concerns(self, call: Call) -> bool:
        """May the effect hit this request at all, its filter aside?"""
