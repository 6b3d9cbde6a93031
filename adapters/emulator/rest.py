"""From a request to its answer: faults, route, authentication, refusals. Knows no exchange rule itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import field, frozen

from adapters.emulator.desk import Desk
from adapters.emulator.guard import Guard
from adapters.emulator.http import Request, Response, answer
from adapters.emulator.keys import Credential
from adapters.emulator.limits import Headers
from adapters.emulator.refusal import Refused

Place = tuple[str, str]
Open = Callable[[Desk, Request], Any]
Private = Callable[[Desk, Request, Credential], Any]
Act = Callable[[], tuple[object, Headers]]


@frozen
class Rest:
    """One service on a base URL of its own. Routes by (method, path); `*` as the last part stands for anything."""

    desk: Desk
    service: str
    open: Mapping[Place, Open]
    private: Mapping[Place, Private] = field(factory=dict)

    @property
    def guard(self) -> Guard:
        return Guard(self.desk.exchange.ledger)

    async def handle(self, request: Request) -> Response | None:
        """None closes the connection without an answer; a bug of ours is a 500 to whoever asked."""
        with self.guard.over(self.service):
            return await self._handle(request)
        return _broken()

    async def _handle(self, request: Request) -> Response | None:
        shut = self.desk.gates.shut(self.service, request)
        if shut is not None:
            return shut
        return await self.desk.faults.answer(self.service, request, self.receive)

    def receive(self, request: Request, changed: Request) -> Callable[[], Response]:
        """Find the route and check the key of `request` now; what is returned then does what `changed` asks for."""
        try:
            act = self._route(request, changed)
        except Refused as refusal:
            no = answer(refusal.body, refusal.status, refusal.headers)
            return lambda: no
        return lambda: self._response(act)

    def _route(self, request: Request, changed: Request) -> Act:
        method = "GET" if request.method == "HEAD" else request.method
        for place in ((method, request.path), (method, _pattern(request.path))):
            if place in self.open:
                route = self.open[place]
                return lambda: (route(self.desk, changed), ())
            if place in self.private:
                private, credential = self.private[place], self.desk.keys.check(request)
                act = partial(private, self.desk, changed, credential)
                return lambda: self.desk.limits.charged(changed, credential.address, act)
        raise Refused(404, "not found")

    def _response(self, act: Act) -> Response:
        """Guarded by itself: a fault may call it long after its request, when no connection waits."""
        with self.guard.over(self.service):
            try:
                value, headers = act()
                return answer(value, headers=headers)
            except Refused as refusal:
                return answer(refusal.body, refusal.status, refusal.headers)
        return _broken()


def _broken() -> Response:
    return answer({"error": "Internal server error"}, 500)


def _pattern(path: str) -> str:
    """`/markets/0xab` → `/markets/*`."""
    return path.rsplit("/", 1)[0] + "/*"
