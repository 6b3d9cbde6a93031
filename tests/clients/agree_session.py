"""An official client as somebody to talk to: `python -m tests.clients.agree_session v2c|sdk WALLET BANNER`.

Each line of stdin is an order to it (JSON: a verb and what it is about), each line of stdout what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import ROUND_DOWN, Decimal
from typing import Any, Protocol

from attrs import asdict, define
from polymarket import AsyncSecureClient
from py_clob_client_v2 import client as v2c
from py_clob_client_v2.clob_types import MarketOrderArgsV2, OrderArgsV2, OrderPayload

from actors.model.numbers import parse_price, parse_size
from tests.clients.agreement import Asked, Read
from tests.clients.sdk import WALLETS, client

_NEVER = 0
_CENT = Decimal("0.01")


class Client(Protocol):
    """What both can do; ids and orders as the client gives them."""

    async def place(self, asked: Asked) -> str: ...

    async def read(self, order_id: str) -> Read: ...

    async def open(self) -> list[Read]: ...

    async def cancel(self, order_id: str) -> list[str]: ...


@define
class Py:
    """py-clob-client-v2."""

    client: v2c.ClobClient

    async def place(self, asked: Asked) -> str:
        kind: dict[str, str] = {"position_id" if asked.position else "token_id": asked.token}
        if asked.type in ("FAK", "FOK"):
            amount = float(_spent(asked) if asked.side == "BUY" else Decimal(asked.size))
            terms = {"amount": amount, "side": asked.side, "price": float(asked.price), **kind}
            order = self.client.create_market_order(MarketOrderArgsV2(**terms, order_type=asked.type))
        else:
            terms = {"price": float(asked.price), "size": float(asked.size), "side": asked.side, **kind}
            order = self.client.create_order(OrderArgsV2(**terms, expiration=asked.expires))
        return str(self.client.post_order(order, asked.type, post_only=asked.post_only)["orderID"])

    async def read(self, order_id: str) -> Read:
        return self._seen(self.client.get_order(order_id))

    async def open(self) -> list[Read]:
        return [self._seen(row) for row in self.client.get_open_orders()]

    async def cancel(self, order_id: str) -> list[str]:
        return list(self.client.cancel_order(OrderPayload(orderID=order_id))["canceled"])

    def _seen(self, row: Mapping[str, Any]) -> Read:
        return Read(
            id=row["id"],
            market=row["market"],
            token=row["asset_id"],
            outcome=row["outcome"].upper(),
            side=row["side"],
            type=row["order_type"],
            price=parse_price(row["price"]),
            size=parse_size(row["original_size"]),
            matched=parse_size(row["size_matched"]),
            status=row["status"],
            expires=int(row["expiration"]),
        )


@define
class Sdk:
    """polymarket-client."""

    client: AsyncSecureClient

    async def place(self, asked: Asked) -> str:
        terms: dict[str, Any] = {"asset_id": asked.token, "side": asked.side}
        if asked.type in ("GTC", "GTD"):
            terms |= {"price": asked.price, "size": asked.size, "post_only": asked.post_only}
            answer = await self.client.place_limit_order(**terms, expiration=asked.expires or None)
        else:
            buys = {"amount": _spent(asked), "max_price": asked.price}
            terms |= buys if asked.side == "BUY" else {"shares": asked.size, "min_price": asked.price}
            market_order: Any = self.client.place_market_order  # overloaded by side
            answer = await market_order(**terms, order_type=asked.type)
        assert answer.ok, answer
        return str(answer.order_id)

    async def read(self, order_id: str) -> Read:
        return self._seen(await self.client.get_order(order_id=order_id))

    async def open(self) -> list[Read]:
        return [self._seen(row) async for page in self.client.list_open_orders() for row in page.items]

    async def cancel(self, order_id: str) -> list[str]:
        return list((await self.client.cancel_order(order_id=order_id)).canceled)

    def _seen(self, row: Any) -> Read:  # noqa: ANN401 - an OpenOrder
        return Read(
            id=row.id,
            market=row.condition_id,
            token=row.asset_id,
            outcome=row.outcome.upper(),
            side=row.side,
            type=row.order_type,
            price=parse_price(f"{row.price:f}"),
            size=parse_size(f"{row.original_size:f}"),
            matched=parse_size(f"{row.size_matched:f}"),
            status=row.status,
            expires=int(row.expires_at.timestamp()) if row.expires_at else _NEVER,
        )


def _spent(asked: Asked) -> Decimal:
    """What a FAK or FOK buy gives, in whole cents."""
    return (Decimal(asked.price) * Decimal(asked.size)).quantize(_CENT, ROUND_DOWN)


@asynccontextmanager
async def _signed_in(name: str, wallet: str, banner: dict[str, Any]) -> AsyncIterator[Client]:
    """With the API key that the account has already; `wallet` as in `sdk.WALLETS`."""
    if name == "sdk":
        async with client(banner, 0, wallet) as secure:
            yield Sdk(secure)
    else:
        own = banner["accounts"][0]
        paying = {"signature_type": WALLETS.index(wallet), "funder": own[wallet]}
        plain = v2c.ClobClient(banner["clob_url"], chain_id=137, key=own["private_key"], **paying)
        plain.set_api_creds(plain.derive_api_key())
        yield Py(plain)


async def _obey(who: Client, verb: str, about: Sequence[Any]) -> list[Any]:
    match verb:
        case "place":
            return [await who.place(Asked(**order)) for order in about]
        case "read":
            return [asdict(await who.read(order_id)) for order_id in about]
        case "open":
            return [asdict(order) for order in await who.open()]
        case "cancel":
            return [await who.cancel(order_id) for order_id in about]
    raise ValueError(verb)


async def main(name: str, wallet: str, banner: dict[str, Any]) -> None:
    async with _signed_in(name, wallet, banner) as who:
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await _obey(who, *json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
