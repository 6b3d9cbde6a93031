"""What the whole matching engine may refuse for a while: restarts, post-only, cancel-only, disabled (F6, F7, F8).

Reads and balances go on; texts and codes are those of polymarket.md §3.7 and §12.3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve, frozen

from adapters.emulator.faults_call import Call, Go, parsed
from adapters.emulator.faults_keys import choice, duration, flag
from adapters.emulator.http import Request, Response, answer
from adapters.emulator.wire_orders import failed_leg

POSTS = frozenset({("POST", "/order"), ("POST", "/orders")})
CANCELS = frozenset(("DELETE", path) for path in ("/order", "/orders", "/cancel-all", "/cancel-market-orders"))
BEATS = frozenset({("POST", "/v1/heartbeats")})

POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
DISABLED = "trading is disabled"


@frozen
class Restart:
    """The engine is away for `seconds` (425 on every order endpoint, also on heartbeats if asked), then `post_only`
    seconds take post-only orders and cancels. `lose_orders` ends every client's open order without a word (F7)."""

    KIND: ClassVar[str] = "restart"
    LASTING: ClassVar[bool] = True
    seconds: float = duration(90.0)
    post_only: float = duration(120.0)
    heartbeats: bool = flag()
    lose_orders: bool = flag()
    code: int = choice((400, 503), 400)

    @property
    def lasts(self) -> float:
        return self.seconds + self.post_only

    def concerns(self, call: Call) -> bool:
        here = _place(call)
        if call.since >= self.seconds:
            return here in POSTS and bool(_takers(call.request))
        return here in POSTS | CANCELS or (self.heartbeats and here in BEATS)

    async def answer(self, call: Call, go: Go) -> Response | None:
        if call.since < self.seconds:
            return answer({"error": "matching engine is restarting"}, 425)
        return await only_post_only(call, go, self.code, self.lasts - call.since)


@frozen
class PostOnly:
    """Only post-only orders and cancels; `code` is that of the refusal of a single order."""

    KIND: ClassVar[str] = "post_only"
    LASTING: ClassVar[bool] = True
    code: int = choice((400, 503), 400)

    def concerns(self, call: Call) -> bool:
        return _place(call) in POSTS and bool(_takers(call.request))

    async def answer(self, call: Call, go: Go) -> Response | None:
        return await only_post_only(call, go, self.code, 60)


@frozen
class CancelOnly:
    """503 to every placement; cancels work (F8)."""

    KIND: ClassVar[str] = "cancel_only"
    LASTING: ClassVar[bool] = True

    def concerns(self, call: Call) -> bool:
        return _place(call) in POSTS

    async def answer(self, call: Call, go: Go) -> Response | None:
        return _unavailable(CANCEL_ONLY, "cancel_only", 60)


@frozen
class Disabled:
    """503 to every placement and every cancel (F8)."""

    KIND: ClassVar[str] = "disabled"
    LASTING: ClassVar[bool] = True

    def concerns(self, call: Call) -> bool:
        return _place(call) in POSTS | CANCELS

    async def answer(self, call: Call, go: Go) -> Response | None:
        return answer({"error": DISABLED}, 503)


async def only_post_only(call: Call, go: Go, code: int, left: float) -> Response | None:
    """Refuse what may take: a single order with `code`, of a batch the legs; the others go on."""
    takers = _takers(call.request)
    if call.request.path == "/order":
        if code == 503:
            return _unavailable(POST_ONLY, "post_only_mode", left)
        return answer({"error": POST_ONLY, "code": "post_only_mode", "retry_after_seconds": int(left)}, code)
    return await without_legs(call, go, dict.fromkeys(takers, POST_ONLY))


async def without_legs(call: Call, go: Go, refused: Mapping[int, str]) -> Response | None:
    """Send a batch without some of its legs; in the answer they stand failed, in their places."""
    bodies = orders_of(call.request)
    kept = [body for number, body in enumerate(bodies) if number not in refused]
    if not kept:
        return answer([failed_leg(refused[number]) for number in range(len(bodies))])
    response = await go(evolve(call.request, body=json.dumps(kept).encode()))
    told = parsed(response) if response is not None and response.status == 200 else None
    if not isinstance(told, list):
        return response
    legs = iter(told)
    return answer([failed_leg(refused[i]) if i in refused else next(legs) for i in range(len(bodies))])


def orders_of(request: Request) -> list[Mapping[str, object]]:
    """The order bodies of a placement, in their places; nothing for a body that is none."""
    try:
        body = request.json()
    except (ValueError, RecursionError):
        return []
    bodies: list[Any] = body if isinstance(body, list) else [body]
    return bodies if all(isinstance(entry, Mapping) for entry in bodies) else []


def _takers(request: Request) -> list[int]:
    return [number for number, body in enumerate(orders_of(request)) if body.get("postOnly") is not True]


def _place(call: Call) -> tuple[str, str] | None:
    return (call.request.method, call.request.path) if call.service == "clob" else None


def _unavailable(text: str, code: str, left: float) -> Response:
    body = {"error": text, "code": code, "retry_after_seconds": int(left)}
    return answer(body, 503, (("Retry-After", str(int(left))),))


MODES = (Restart, PostOnly, CancelOnly, Disabled)
