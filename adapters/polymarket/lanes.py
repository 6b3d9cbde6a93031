"""HTTP lanes: a client with its own connection pool per kind of traffic, so that cancels never queue behind posts.

No retries, redirects or environment proxies. Requests are never cancelled from outside: httpx's own timeouts end them,
because a cancelled request can keep its pool slot for ever (reliability.md §5.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import trio
from attrs import define, field, frozen

TIMEOUT = httpx.Timeout(connect=2.0, read=5.0, write=5.0, pool=1.0)
SLOTS = 32
_HEALTHY_FOR = 5.0  # an answer this recent means the host is there and the pool is what failed

MakeTransport = Callable[[], httpx.AsyncBaseTransport]


@frozen
class Reply:
    """An answer: its status code, headers (lower-case names) and whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@frozen
class NotSent:
    """No byte left this machine: connecting failed or no pool slot came free."""

    why: str


@frozen
class NoAnswer:
    """The request left, or may have, and no whole answer came back."""

    why: str


Heard = Reply | NotSent | NoAnswer


@define(eq=False)
class _Pool:
    client: httpx.AsyncClient
    busy: int = 0
    retired: bool = False


@define(eq=False)
class Lane:
    """One pool of connections to `base_url`; `transport` replaces the network in tests and simulation."""

    base_url: str
    transport: MakeTransport | None = None
    rebuilt: int = field(default=0, init=False)
    _pool: _Pool = field(init=False)
    _answered_at: float = field(default=float("-inf"), init=False)

    def __attrs_post_init__(self) -> None:
        self._pool = self._new_pool()

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Heard:
        """One request, once. Never raises for what the network does."""
        pool = self._pool
        pool.busy += 1
        try:
            answer = await pool.client.request(method, path, headers=headers, params=query, content=body or None)
            self._answered_at = trio.current_time()
            return Reply(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)
        except httpx.PoolTimeout:
            self._suspect(pool)
            return NotSent("no free connection within a second")
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            return NotSent(f"{type(problem).__name__}: {problem}")
        except httpx.RequestError as problem:
            return NoAnswer(f"{type(problem).__name__}: {problem}")
        finally:
            pool.busy -= 1
            if pool.retired:
                await self._close_when_idle(pool)

    async def close(self) -> None:
        """Close the pool once its last request has ended."""
        self._pool.retired = True
        await self._close_when_idle(self._pool)

    def _new_pool(self) -> _Pool:
        limits = httpx.Limits(max_connections=SLOTS, max_keepalive_connections=SLOTS, keepalive_expiry=60.0)
        client = httpx.AsyncClient(
            base_url=self.base_url,
            timeout=TIMEOUT,
            limits=limits,
            trust_env=False,
            follow_redirects=False,
            transport=self.transport() if self.transport else None,
            headers={"Content-Type": "application/json", "User-Agent": "polyactors"},
        )
        return _Pool(client)

    def _suspect(self, pool: _Pool) -> None:
        """A pool that starves while its host answers, or with slots to spare, has lost slots: use a new one."""
        answering = trio.current_time() - self._answered_at < _HEALTHY_FOR
        if pool is self._pool and (answering or pool.busy <= SLOTS):
            self._pool = self._new_pool()
            pool.retired = True
            self.rebuilt += 1

    async def _close_when_idle(self, pool: _Pool) -> None:
        if pool.busy == 0:
            with trio.CancelScope(shield=True), trio.move_on_after(2):
                await pool.client.aclose()
