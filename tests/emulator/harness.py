"""A venue to test against and clients that sign with the official library's code, over memory streams or sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import h11
import trio
from attrs import define, field
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, order_to_json_v2
from py_clob_client_v2.order_utils.model.side import Side as SdkSide
from py_clob_client_v2.signer import Signer
from py_clob_client_v2.signing.eip712 import sign_clob_auth_message
from py_clob_client_v2.signing.hmac import build_hmac_signature
from trio_websocket import WebSocketConnection, wrap_client_stream

from actors.model.numbers import PRICE_ONE, parse_price, parse_size
from adapters.emulator import signatures
from adapters.emulator.accounts import FUNDED
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.listings import Listing

START = 1_763_628_000.0
Reply = tuple[int, Any]


def virtual_wall() -> Callable[[], float]:
    """Wall seconds that follow trio's clock from now on."""
    began = trio.current_time()
    return lambda: START + trio.current_time() - began


@define
class Rest:
    """An HTTP client on one stream."""

    stream: trio.abc.Stream
    connection: h11.Connection = field(factory=lambda: h11.Connection(h11.CLIENT))

    async def call(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """(status, parsed JSON). Raises EOFError when the server closes without an answer."""
        head = [("host", "venue"), ("content-length", str(len(body))), *(headers or {}).items()]
        for part in (h11.Request(method=method, target=target, headers=head), h11.Data(data=body), h11.EndOfMessage()):
            await self.stream.send_all(self.connection.send(part) or b"")
        status, text = 0, bytearray()
        while True:
            event = self.connection.next_event()
            if event is h11.NEED_DATA:
                self.connection.receive_data(bytes(await self.stream.receive_some()))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                text += event.data
            elif isinstance(event, h11.EndOfMessage):
                self.connection.start_next_cycle()
                return status, json.loads(text)
            else:
                raise EOFError


@define(eq=False)
class Venue:
    """A running emulator; every connection is a new stream to it."""

    emulator: Emulator
    nursery: trio.Nursery
    wall: Callable[[], float]

    @property
    def listings(self) -> tuple[Listing, ...]:
        return tuple(self.emulator.exchange.listings.all)

    def rest(self, service: str = "clob") -> Rest:
        ours, theirs = trio.testing.memory_stream_pair()
        self.nursery.start_soon(self.emulator.serve_rest, theirs, service)
        return Rest(ours)

    async def socket(self, path: str) -> WebSocketConnection:
        ours, theirs = trio.testing.memory_stream_pair()
        self.nursery.start_soon(self.emulator.serve_socket, theirs)
        return await wrap_client_stream(self.nursery, ours, "venue", path)  # type: ignore[arg-type]

    async def trader(self, number: int = 0) -> Trader:
        """A logged-in client of one of the funded accounts."""
        trader = Trader(self, Signer(FUNDED[number].private_key, 137), self.rest())
        await trader.login()
        return trader


@define(eq=False)
class Trader:
    """A client of one wallet."""

    venue: Venue
    signer: Signer
    rest: Rest
    creds: dict[str, str] = field(factory=dict)
    salts: count[int] = field(factory=lambda: count(1))

    @property
    def address(self) -> str:
        return str(self.signer.address())

    def login_headers(self, nonce: int = 0, skew: float = 0.0) -> dict[str, str]:
        stamp = int(self.venue.wall() + skew)
        signature = sign_clob_auth_message(self.signer, stamp, nonce)
        return {
            "POLY_ADDRESS": self.address,
            "POLY_SIGNATURE": signature,
            "POLY_TIMESTAMP": str(stamp),
            "POLY_NONCE": str(nonce),
        }

    async def login(self) -> None:
        _, self.creds = await self.rest.call("POST", "/auth/api-key", headers=self.login_headers())

    def headers(self, method: str, path: str, body: str, skew: float = 0.0) -> dict[str, str]:
        stamp = str(int(self.venue.wall() + skew))
        return {
            "POLY_ADDRESS": self.address,
            "POLY_SIGNATURE": build_hmac_signature(self.creds["secret"], stamp, method, path, body),
            "POLY_TIMESTAMP": stamp,
            "POLY_API_KEY": self.creds["apiKey"],
            "POLY_PASSPHRASE": self.creds["passphrase"],
        }

    async def call(self, method: str, path: str, body: object = None, query: str = "") -> Reply:
        text = "" if body is None else json.dumps(body, separators=(",", ":"))
        return await self.rest.call(method, path + query, text.encode(), self.headers(method, path, text))

    def order(
        self,
        listing: Listing,
        token: str,
        side: str,
        price: str,
        size: str,
        *,
        life: str = "GTC",
        post_only: bool = False,
        expiration: int = 0,
        amounts: tuple[int, int] | None = None,
        contract: str | None = None,
        version: str = "2",
    ) -> dict[str, Any]:
        """A body for POST /order, signed by the official library for the market's contract."""
        shares, cash = parse_size(size), parse_price(price) * parse_size(size) // PRICE_ONE
        maker, taker = amounts or ((cash, shares) if side == "BUY" else (shares, cash))
        right = signatures.NEG_RISK_EXCHANGE if listing.market.neg_risk else signatures.EXCHANGE
        salt = next(self.salts)
        builder = ExchangeOrderBuilderV2(contract or right, 137, self.signer, lambda: str(salt), version)
        signed = builder.build_signed_order(
            OrderDataV2(
                maker=self.address,
                tokenId=token,
                makerAmount=str(maker),
                takerAmount=str(taker),
                side=SdkSide.BUY if side == "BUY" else SdkSide.SELL,
                timestamp=str(int(self.venue.wall() * 1000)),
                expiration=str(expiration),
            )
        )
        body: dict[str, Any] = order_to_json_v2(signed, self.creds["apiKey"], life, post_only)
        return body

    async def place(self, *args: Any, **kwargs: Any) -> Reply:  # noqa: ANN401 - as `order`
        return await self.call("POST", "/order", self.order(*args, **kwargs))

    async def cancel(self, *order_ids: str) -> Reply:
        return await self.call("DELETE", "/orders", list(order_ids))

    async def open_ids(self) -> list[str]:
        _, page = await self.call("GET", "/data/orders")
        return [order["id"] for order in page["data"]]

    async def balance(self, token: str = "") -> int:
        """On-chain base units of pUSD, or of a token."""
        query = f"?asset_type=CONDITIONAL&token_id={token}" if token else "?asset_type=COLLATERAL"
        _, answer = await self.call("GET", "/balance-allowance", query=query)
        return int(answer["balance"])


@asynccontextmanager
async def open_venue(**options: Any) -> AsyncIterator[Venue]:  # noqa: ANN401 - as `build`
    """An emulator (without flow unless asked) on a wall clock that follows trio's."""
    wall = virtual_wall()
    emulator = build(options.pop("seed", 7), wall=wall, **{"flow": False, **options})
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        try:
            yield Venue(emulator, nursery, wall)
        finally:
            nursery.cancel_scope.cancel()
            emulator.exchange.ledger.close()


async def frames_until_quiet(socket: WebSocketConnection) -> list[Any]:
    """Every JSON frame that has been sent by now. Needs an autojump clock: silence is 0.2 virtual seconds."""
    frames: list[Any] = []
    while True:
        with trio.move_on_after(0.2):
            text = await socket.get_message()
            frames += [text] if text == "PONG" else _flat(json.loads(text))
            continue
        return frames


def _flat(frame: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return frame if isinstance(frame, list) else [frame]
