"""Faults of the way to the exchange and back: late, lost, unanswered, refused by something in between. Never an order.

Each effect is a value; `answer` is one step of the way (F1, F2, F3, F9, F34 of reliability.md §3).
"""

from __future__ import annotations

from typing import ClassVar

import trio
from attrs import evolve, frozen

from adapters.emulator.faults_call import Call, Go
from adapters.emulator.faults_keys import choice, duration, flag, string, whole
from adapters.emulator.http import Request, Response, answer

HTML = "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1></body></html>"


@frozen
class Delay:
    """The request reaches the exchange `seconds` late."""

    KIND: ClassVar[str] = "delay"
    seconds: float = duration(high=3600)

    async def answer(self, call: Call, go: Go) -> Response | None:
        await trio.sleep(self.seconds)
        return await go(call.request)


@frozen
class LateAnswer:
    """The exchange acts at once, its answer leaves `seconds` late: events overtake it (polymarket.md §15)."""

    KIND: ClassVar[str] = "late_answer"
    seconds: float = duration(1.0, high=3600)

    async def answer(self, call: Call, go: Go) -> Response | None:
        response = await go(call.request)
        await trio.sleep(self.seconds)
        return response


@frozen
class Status:
    """The answer is `code`; with `after_accept` the exchange has done what was asked (F1). `html` is not JSON at all."""

    KIND: ClassVar[str] = "status"
    code: int = whole(400, 599)
    after_accept: bool = flag()
    body: str = string("Internal server error")
    html: bool = flag()

    async def answer(self, call: Call, go: Go) -> Response | None:
        if self.after_accept:
            await go(call.request)
        if self.html:
            return Response(self.body.encode(), self.code, content_type="text/html; charset=UTF-8")
        return answer({"error": self.body}, self.code)


@frozen
class Hang:
    """No answer at all: the connection stays open for `seconds`, then closes without a byte (F1, F3)."""

    KIND: ClassVar[str] = "hang"
    after_accept: bool = flag()
    seconds: float = duration(60.0, high=3600)

    async def answer(self, call: Call, go: Go) -> Response | None:
        if self.after_accept:
            await go(call.request)
        await trio.sleep(self.seconds)
        return None


@frozen
class Close:
    """The connection closes without an answer (F1, F3)."""

    KIND: ClassVar[str] = "close"
    after_accept: bool = flag()

    async def answer(self, call: Call, go: Go) -> Response | None:
        if self.after_accept:
            await go(call.request)
        return None


@frozen
class Zombie:
    """The exchange acts `seconds` later; `then` is what the client sees meanwhile (F2). Its key is checked on arrival."""

    KIND: ClassVar[str] = "zombie"
    seconds: float = duration(30.0, low=0.001, high=3600)
    then: str = choice(("hang", "close", "status"), "hang")

    async def answer(self, call: Call, go: Go) -> Response | None:
        act = call.receive(call.original, call.request)
        call.desk.exchange.schedule.after(self.seconds, lambda: _silently(act()))
        if self.then == "status":
            return answer({"error": "order timed out"}, 500)
        if self.then == "hang":
            await trio.sleep(self.seconds)
        return None


@frozen
class Trickle:
    """The answer's body takes `seconds` to arrive, byte by byte (F34)."""

    KIND: ClassVar[str] = "trickle"
    seconds: float = duration(10.0, high=3600)

    async def answer(self, call: Call, go: Go) -> Response | None:
        response = await go(call.request)
        return evolve(response, lasts=self.seconds) if response else None


@frozen
class Cut:
    """The exchange acts; only half of the answer's body arrives, then the connection closes (F1)."""

    KIND: ClassVar[str] = "cut"

    async def answer(self, call: Call, go: Go) -> Response | None:
        response = await go(call.request)
        return evolve(response, cut=True) if response else None


@frozen
class Garble:
    """The exchange acts; the answer is a 200 whose body is `body` instead of JSON (F1: cannot be parsed)."""

    KIND: ClassVar[str] = "garble"
    body: str = string("<html>upstream</html>")

    async def answer(self, call: Call, go: Go) -> Response | None:
        response = await go(call.request)
        return evolve(response, body=self.body.encode()) if response else None


@frozen
class RateLimited:
    """429: with the signer's headers surely not processed, without them (Cloudflare's) perhaps (F9, polymarket.md §3.7)."""

    KIND: ClassVar[str] = "rate_limit"
    headers: bool = flag(True)
    retry_after: int = whole(0, 3600, 1)
    after_accept: bool = flag()

    async def answer(self, call: Call, go: Go) -> Response | None:
        if self.after_accept:
            await go(call.request)
        if not self.headers:
            return Response(b"error code: 1015", 429, content_type="text/plain; charset=UTF-8")
        reset = str(int(call.desk.exchange.wall()) + self.retry_after)
        told = {"Remaining": "0", "Reset": reset, "Tier": "standard", "Warning": "limit exceeded"}
        headers = tuple((f"Poly-RateLimit-{name}", value) for name, value in told.items())
        return answer({"error": "rate limit exceeded"}, 429, (("Retry-After", str(self.retry_after)), *headers))


@frozen
class Block:
    """Cloudflare's 403 page: HTML, whatever was asked for (F9)."""

    KIND: ClassVar[str] = "block"

    async def answer(self, call: Call, go: Go) -> Response | None:
        return Response(HTML.encode(), 403, content_type="text/html; charset=UTF-8")


@frozen
class YoungKey:
    """An API key works only `seconds` after the exchange first gave it out; 401 until then (F10)."""

    KIND: ClassVar[str] = "young_key"
    LASTING: ClassVar[bool] = True
    seconds: float = duration(120.0, high=3600)

    def concerns(self, call: Call) -> bool:
        born = call.desk.faults.born.get(_key(call.request))
        return born is not None and trio.current_time() - born < self.seconds

    async def answer(self, call: Call, go: Go) -> Response | None:
        return answer({"error": "Unauthorized/Invalid api key"}, 401)


def _key(request: Request) -> str:
    return request.headers.get("poly_api_key", "")


def _silently(_: Response) -> None:
    """Nobody waits for this answer any more."""


WAYS = (Delay, LateAnswer, Status, Hang, Close, Zombie, Trickle, Cut, Garble, RateLimited, Block, YoungKey)
