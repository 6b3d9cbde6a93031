"""What crosses the bot's own doors, seen from outside: requests, answers, frames and journal commits; and failpoints there.

A failpoint is a place in that traffic. Whoever is armed for its n-th passage is called in the very step in which it is
passed; the passing code then never goes on, as if the machine had lost power there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec
import trio
from attrs import define, field

from actors.ports import JournalStore
from actors.records import Intent, Note, Row
from adapters.polymarket.sockets import Dial, Socket
from adapters.sqlite import SqliteJournal

_ASSET = re.compile(r'"asset_id":"(\d+)"')
POINTS = (
    "before-journal",
    "after-journal",
    "before-send",
    "after-answer",
    "after-cancel",
    "after-fill",
    "before-release",
)


class Witness(Protocol):
    """Who is told what crosses (the judge, the trace)."""

    def posted(self, salts: Sequence[int], body: bytes) -> None:
        """A placement of these orders is about to leave."""

    def unsent(self, salts: Sequence[int]) -> None:
        """No byte of it has left after all."""

    def answered(self, salts: Sequence[int], status: int, body: bytes) -> None:
        """Its answer is back at the bot."""

    def framed(self, tokens: Sequence[str], text: str) -> None:
        """A market frame about these tokens is at the bot."""

    def booked(self, tokens: Sequence[str], asked_at: float, body: bytes) -> None:
        """A REST answer with these tokens' books is at the bot."""

    def read(self, what: str, asked_at: float) -> None:
        """The account's `orders` or `trades` were read."""

    def requested(self, method: str, path: str, body: bytes) -> None:
        """Any request is about to leave."""

    def down(self, actor: str, life: int) -> None:
        """A shared actor of this life has ended."""

    def up(self, actor: str, life: int) -> None:
        """It is restored."""

    def recorded(self, rows: Sequence[Intent | Note]) -> None:
        """These rows are durable in the journal."""


@define(eq=False)
class Points:
    """The failpoints of one life."""

    passed: Counter[str] = field(factory=Counter)
    struck: Counter[str] = field(factory=Counter)
    _armed: dict[str, tuple[int, Callable[[], None]]] = field(factory=dict)

    def arm(self, point: str, nth: int, strike: Callable[[], None]) -> None:
        """Call `strike` at the `nth` passage of `point` from now on."""
        self._armed[point] = (self.passed[point] + nth, strike)

    def disarm(self) -> None:
        """Nobody lies in wait any more."""
        self._armed.clear()

    async def reach(self, point: str) -> None:
        self.passed[point] += 1
        at, strike = self._armed.get(point, (0, None))
        if strike is not None and self.passed[point] == at:
            del self._armed[point]
            self.struck[point] += 1
            strike()
            await trio.sleep_forever()


@define(eq=False)
class TappedTransport(httpx.AsyncBaseTransport):
    """Tells the witness of each request and answer."""

    inner: httpx.AsyncBaseTransport
    witness: Witness
    points: Points

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path, body, asked_at = request.url.path, request.content, trio.current_time()
        places = request.method == "POST" and path in ("/order", "/orders")
        salts = salts_of(body) if places else []
        self.witness.requested(request.method, path, body)
        if places:
            await self.points.reach("before-send")
            self.witness.posted(salts, body)
        try:
            response = await self.inner.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            self.witness.unsent(salts)
            raise
        text = await response.aread()
        if places:
            self.witness.answered(salts, response.status_code, text)
            await self.points.reach("after-answer")
        elif request.method == "DELETE":
            self.witness.answered([], response.status_code, text)
            await self.points.reach("after-cancel")
        elif response.status_code == 200:
            self._read(path, text, asked_at)
        return response

    def _read(self, path: str, text: bytes, asked_at: float) -> None:
        if path == "/books":
            self.witness.booked(_ASSET.findall(text.decode()), asked_at, text)
        elif path in ("/data/orders", "/data/trades"):
            self.witness.read(path.rpartition("/")[2], asked_at)

    async def aclose(self) -> None:
        await self.inner.aclose()


@define(eq=False)
class TappedSocket:
    """Tells the witness which tokens' frames arrive, and passes `after-fill` with each trade frame."""

    inner: Socket
    witness: Witness
    points: Points

    async def receive(self) -> Sequence[str]:
        texts = await self.inner.receive()
        for text in texts:
            if '"event_type":"trade"' in text:
                await self.points.reach("after-fill")
            elif tokens := _ASSET.findall(text):
                self.witness.framed(tokens, text)
        return texts

    async def send(self, text: str) -> None:
        await self.inner.send(text)


def tapped_dial(inner: Dial, witness: Witness, points: Points) -> Dial:
    """The dial whose sockets tell the witness."""

    @asynccontextmanager
    async def dial(url: str) -> AsyncIterator[Socket]:
        async with inner(url) as socket:
            yield TappedSocket(socket, witness, points)

    def connect(url: str) -> AbstractAsyncContextManager[Socket]:
        return dial(url)

    return connect


@define(eq=False)
class TappedJournal:
    """The real SQLite journal, which a dead life can no longer touch. `ill` makes commits fail or last."""

    inner: SqliteJournal
    witness: Witness
    points: Points
    alive: Callable[[], bool]
    ill: Callable[[], str]

    @classmethod
    async def open(
        cls, path: Path, witness: Witness, points: Points, alive: Callable[[], bool], ill: Callable[[], str]
    ) -> JournalStore:
        return cls(await SqliteJournal.open(path, inline=True), witness, points, alive, ill)

    async def commit(self, rows: Sequence[Row]) -> None:
        intents = any(isinstance(row, Intent) for row in rows)
        if any(isinstance(row, Note) and row.kind == "closed" for row in rows):
            await self.points.reach("before-release")
        if intents:
            await self.points.reach("before-journal")
        if self.ill() == "fail":
            raise OSError(28, "No space left on device")
        if self.ill() == "slow":
            await trio.sleep(3.0)
        if not self.alive():
            await trio.sleep_forever()
        await self.inner.commit(rows)
        self.witness.recorded([row for row in rows if isinstance(row, Intent | Note)])
        if intents:
            await self.points.reach("after-journal")

    async def close(self) -> None:
        """A killed life's file is closed without a word: nothing is folded, as after kill -9."""
        if self.alive():
            await self.inner.close()
        else:
            self.inner._connection.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - every read is SQLite's own
        return getattr(self.inner, name)


def salts_of(body: bytes) -> list[int]:
    """The salts of the orders in a POST: one order, or an array of them."""
    return [int(msgspec.json.decode(own)["order"]["salt"]) for own in bodies_of(body)]


def bodies_of(body: bytes) -> list[bytes]:
    """The orders in a POST, each by itself."""
    value = msgspec.json.decode(body)
    return [msgspec.json.encode(order) for order in value] if isinstance(value, list) else [body]
