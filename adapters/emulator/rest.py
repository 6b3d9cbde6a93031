"""From a request to its answer: faults, route, authentication, refusals. Knows no exchange rule itself."""

from __future__ import annotations

from attrs import frozen

from adapters.emulator.desk import Desk
from adapters.emulator.faults import failure
from adapters.emulator.http import Request, Response, answer
from adapters.emulator.refusal import Refused
from adapters.emulator.routes_account import PRIVATE, create_key, derive_key
from adapters.emulator.routes_public import PUBLIC

_OPEN = {**PUBLIC, ("POST", "/auth/api-key"): create_key, ("GET", "/auth/derive-api-key"): derive_key}


@frozen
class Rest:
    """Serves every REST path on one base URL."""

    desk: Desk

    async def handle(self, request: Request) -> Response:
        fault = await self.desk.faults.before(request)
        if fault and not fault.after_accept:
            return failure(fault)
        response = self._answer(request)
        return failure(fault) if fault else response

    def _answer(self, request: Request) -> Response:
        try:
            return answer(self._route(request))
        except Refused as refusal:
            return answer(refusal.body, refusal.status)

    def _route(self, request: Request) -> object:
        for key in ((request.method, request.path), (request.method, _pattern(request.path))):
            if key in _OPEN:
                return _OPEN[key](self.desk, request)
            if key in PRIVATE:
                return PRIVATE[key](self.desk, request, self.desk.keys.check(request))
        raise Refused(404, "not found")


def _pattern(path: str) -> str:
    """`/markets/0xab` → `/markets/*`."""
    return path.rsplit("/", 1)[0] + "/*"
