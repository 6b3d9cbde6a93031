"""A venue whose answers and frames are bent on their way to the whole bot: nothing crashes, no order is outside its limits.

What such a venue says of fills and balances cannot be known, so positions are not judged here; the simulator does that
for one that tells the truth.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random

import httpx
import trio
from attrs import define, evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from actors.wiring.opening import Seams
from adapters.polymarket.sockets import Dial, Socket
from tests.adapters.polymarket.wild import RAW, bent
from tests.depth import seeded
from tests.faults.life import Life
from tests.faults.taps import bodies_of
from tests.wiring.at_exchange import AtExchange, at_exchange
from tests.wiring.firing import FIRES
from tests.wiring.world import virtually

_HONEST_FOR = 1.0  # s: a start that reads nonsense refuses to start
_RUNS_FOR = 15.0
_LIES = 0.08  # part of all answers and frames


def lie(rng: Random, text: bytes) -> bytes:
    """The same with something wrong in it, or something else."""
    if trio.current_time() < _HONEST_FOR or rng.random() > _LIES:
        return text
    if rng.random() < 0.2:
        return rng.choice(RAW)
    try:
        return json.dumps(bent(rng, json.loads(text), rng.choice((1, 1, 2, 5)))).encode(errors="replace")
    except ValueError:
        return text


@define(eq=False)
class Lying(httpx.AsyncBaseTransport):
    inner: httpx.AsyncBaseTransport
    rng: Random
    posted: list[bytes]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path in ("/order", "/orders"):
            self.posted += bodies_of(request.content)
        response = await self.inner.handle_async_request(request)
        text = await response.aread()
        return httpx.Response(response.status_code, content=lie(self.rng, text))

    async def aclose(self) -> None:
        await self.inner.aclose()


@frozen
class LyingSocket:
    inner: Socket
    rng: Random

    async def receive(self) -> Sequence[str]:
        return [lie(self.rng, text.encode()).decode(errors="replace") for text in await self.inner.receive()]

    async def send(self, text: str) -> None:
        await self.inner.send(text)


def lying_dial(inner: Dial, rng: Random) -> Dial:
    @asynccontextmanager
    async def dial(url: str) -> AsyncIterator[Socket]:
        async with inner(url) as socket:
            yield LyingSocket(socket, rng)

    def connect(url: str) -> AbstractAsyncContextManager[Socket]:
        return dial(url)

    return connect


def among_liars(rng: Random, posted: list[bytes]) -> Callable[..., Life]:
    """A life to which everybody lies."""

    class Deceived(Life):
        def _seams(self) -> Seams:
            honest = super()._seams()
            assert honest.transport is not None
            return evolve(
                honest,
                transport=lambda: Lying(honest.transport(), rng, posted),  # type: ignore[misc]
                dial=lying_dial(honest.dial, rng),
            )

    return Deceived


@seeded(24)
@given(st.integers(0, 2**32 - 1))
def test_a_venue_that_lies_crashes_nothing_and_is_sent_no_order_outside_the_limits(seed: int) -> None:
    rng, posted = Random(seed), list[bytes]()
    row = FIRES["risk.max_balance_loss"]
    limits = row.settings.risk

    async def main() -> None:
        with tempfile.TemporaryDirectory(prefix="pa") as home:
            async with at_exchange(evolve(row, money=1000), Path(home), among_liars(rng, posted)) as stage:
                await live_on(stage, rng)
                shown = stage.obey("status", {})
                assert not [name for name, one in shown["services"].items() if one["restarts"]]
                assert not [market for market in shown["markets"] if any(market["restarts"].values())]
                assert not [told for told in stage.watch.breaches if " I20: " in told or " I2: " in told]

    virtually(main)
    assert posted
    for body in posted:
        order = json.loads(body)["order"]
        maker, taker = int(order["makerAmount"]), int(order["takerAmount"])
        shares, cash = (taker, maker) if order["side"] == "BUY" else (maker, taker)
        assert 0 < cash < shares, body
        if order["side"] == "BUY":
            assert shares <= limits.max_order_size, body
            assert cash <= limits.max_order_notional, body


async def live_on(stage: AtExchange, rng: Random) -> None:
    """The others move, and take what rests."""
    until = trio.current_time() + _RUNS_FOR
    while trio.current_time() < until:
        await trio.sleep(rng.uniform(0.3, 3.0))
        if stage.orders and rng.random() < 0.5:
            stage.meet(rng.choice(stage.orders))
