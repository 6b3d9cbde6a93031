"""From a request to its answer: faults, route, authentication, refusals. Knows no exchange rule itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import field, frozen

from adapters.emulator.desk import Desk
from adapters.emulator.faults import failure
from adapters.emulator.http import Request, Response, answer
from adapters.emulator.keys import Credential
from adapters.emulator.limits import Headers
from adapters.emulator.refusal import Refused

Place = tuple[str, str]
Open = Callable[[Desk, Request], Any]
Private = Callable[[Desk, Request, Credential], Any]


@frozen
class Rest:
    """One service on a base URL of its own. Routes by (method, path); `*` as the last part stands for anything."""

    desk: Desk
    service: str
    open: Mapping[Place, Open]
    private: Mapping[Place, Private] = field(factory=dict)

    async def handle(self, request: Request) -> Response:
        shut = self.desk.gates.shut(self.service, request)
        if shut is not None:
            return shut
        fault = await self.desk.faults.before(request)
        if fault and not fault.after_accept:
            return failure(fault)
        response = self._answer(request)
        return failure(fault) if fault else response

    def _answer(self, request: Request) -> Response:
        try:
            value, headers = self._route(request)
            return answer(value, headers=headers)
        except Refused as refusal:
            return answer(refusal.body, refusal.status, refusal.headers)

    def _route(self, request: Request) -> tuple[object, Headers]:
        for place in ((request.method, request.path), (request.method, _pattern(request.path))):
            if place in self.open:
                return self.open[place](self.desk, request), ()
            if place in self.private:
                route, credential = self.private[place], self.desk.keys.check(request)
                return self.desk.limits.charged(
                    request, credential.address, partial(route, self.desk, request, credential)
                )
        raise Refused(404, "not found")


def _pattern(path: str) -> str:
    """`/markets/0xab` → `/markets/*`."""
    return path.rsplit("/", 1)[0] + "/*"
