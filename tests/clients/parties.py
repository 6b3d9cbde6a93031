"""Who places and reads orders of one account side by side: our adapter, and each official client in a process of its own."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import trio
from attrs import asdict, define, field, frozen

from actors.messages import Draft, Fill, OrderUpdate
from actors.model.market import Market, Side
from actors.model.numbers import parse_price, parse_size
from actors.model.order import Key as OrderKey
from actors.model.outcome import Accepted, Cancelled
from actors.records import Intent
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.rest import RestTrading
from adapters.sqlite import SqliteJournal
from tests.clients.agreement import Asked, Read
from tests.clients.sdk import WALLETS
from tests.clients.test_redeem import read_until
from tests.clients.venue import ROOT, python

OFFICIAL = ("v2c", "sdk")


class Party(Protocol):
    async def place(self, orders: Sequence[Asked]) -> list[str]: ...

    async def read(self, order_ids: Sequence[str]) -> list[Read]: ...

    async def open(self) -> list[Read]: ...

    async def cancel(self, order_ids: Sequence[str]) -> list[list[str]]: ...


@frozen
class Official:
    """A client in its process."""

    process: trio.Process

    async def place(self, orders: Sequence[Asked]) -> list[str]:
        return list(await self._ask("place", [asdict(order) for order in orders]))

    async def read(self, order_ids: Sequence[str]) -> list[Read]:
        return [Read(**row) for row in await self._ask("read", order_ids)]

    async def open(self) -> list[Read]:
        return [Read(**row) for row in await self._ask("open", [])]

    async def cancel(self, order_ids: Sequence[str]) -> list[list[str]]:
        return list(await self._ask("cancel", order_ids))

    async def _ask(self, verb: str, about: Sequence[Any]) -> Any:  # noqa: ANN401 - JSON
        assert self.process.stdin is not None
        await self.process.stdin.send_all(json.dumps([verb, about]).encode() + b"\n")
        return json.loads(await read_until(self.process, b"\n"))


@define(eq=False)
class Ours:
    """Our adapter, each order in a journal before it leaves. `heard` is what the user channel last said of each order."""

    venue: RestTrading
    journal: SqliteJournal
    url: str
    markets: Mapping[str, Market]
    heard: dict[str, OrderUpdate] = field(factory=dict)
    filled: dict[tuple[str, str], Fill] = field(factory=dict)
    _numbers: int = 0

    async def place(self, orders: Sequence[Asked]) -> list[str]:
        return [await self._place(order) for order in orders]

    async def _place(self, asked: Asked) -> str:
        market, self._numbers = self.markets[asked.token], self._numbers + 1
        draft = Draft(
            token=asked.token,
            neg_risk=market.neg_risk,
            side=Side(asked.side),
            price=parse_price(asked.price),
            size=parse_size(asked.size),
            type=asked.type,
            post_only=asked.post_only,
            expires=asked.expires,
            tick=market.tick,
        )
        signed = self.venue.sign(draft)
        await self.journal.commit([_intent(OrderKey(1, self._numbers), signed.order_id, market, draft, signed.body)])
        answer = await self.venue.place(signed)
        assert isinstance(answer, Accepted), answer
        return signed.order_id

    async def read(self, order_ids: Sequence[str]) -> list[Read]:
        orders = [await self.venue.order(order_id) for order_id in order_ids]
        return [self.seen(order) for order in orders if isinstance(order, OrderUpdate)]

    async def open(self) -> list[Read]:
        orders = await self.venue.open_orders()
        assert isinstance(orders, tuple), orders
        return [self.seen(order) for order in orders]

    async def cancel(self, order_ids: Sequence[str]) -> list[list[str]]:
        answers = [await self.venue.cancel([order_id]) for order_id in order_ids]
        return [list(answer.done) for answer in answers if isinstance(answer, Cancelled)]

    def seen(self, order: OrderUpdate) -> Read:
        """The outcome is what the token stands for. Type and end are not read: the journal has those of our orders."""
        market = self.markets[order.token]
        return Read(
            id=order.order_id,
            market=order.condition_id,
            token=order.token,
            outcome=market.outcome(order.token).value,
            side=order.side.value,
            price=order.price,
            size=order.size,
            matched=order.matched,
            status=order.status,
        )

    async def listen(self) -> None:
        """Until cancelled."""
        async with self.venue.user_channel(self.url).connect() as events:
            async for batch in events:
                for event in batch:
                    if isinstance(event, OrderUpdate):
                        self.heard[event.order_id] = event
                    else:
                        self.filled[event.trade_id, event.order_id] = event


def _intent(key: OrderKey, order_id: str, market: Market, draft: Draft, body: bytes) -> Intent:
    own = {"token": draft.token, "side": draft.side.value, "price": draft.price, "size": draft.size}
    return Intent(key, order_id, market.slug, market.condition_id, **own, body=body, at=0.0, expires=draft.expires)  # type: ignore[arg-type]


@asynccontextmanager
async def ours(banner: Mapping[str, Any], wallet: str, markets: Sequence[Market], home: Path) -> AsyncIterator[Ours]:
    """Signed in, with its ear on the user channel."""
    own = banner["accounts"][0]
    venue = await connect(
        banner["clob_url"],
        Key(own["private_key"]),
        wall=time.time,
        salts=random.SystemRandom(),
        funder=own[wallet],
        signature_type=WALLETS.index(wallet),
    )
    journal = await SqliteJournal.open(home / "journal.db", inline=True)
    party = Ours(venue, journal, banner["user_ws_url"], {token: one for one in markets for token in one.tokens})
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(party.listen)
            yield party
            nursery.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            await journal.close()
            await venue.close()


@asynccontextmanager
async def official(name: str, wallet: str, banner: Mapping[str, Any]) -> AsyncIterator[Official]:
    command = [*python("agree_session"), name, wallet, json.dumps(banner)]
    process = await trio.lowlevel.open_process(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Official(process)
        assert process.stdin is not None
        await process.stdin.aclose()
        assert await process.wait() == 0
    finally:
        process.kill()
        await process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            await pipe.aclose()
