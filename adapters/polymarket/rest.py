"""The private side of the venue over REST: places, cancels and reads for one account. Implements `ports.Trading`.

Every method answers with a value; what the network or the venue does never raises. Sources: polymarket.md §1.5, §3-§5.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import trio
from attrs import define, field

from actors.messages import Draft, Fill, OrderUpdate, Signed
from actors.model import rates
from actors.model.income import Kind
from actors.model.numbers import Cash
from actors.model.outcome import Cancelled, NeverSent, Placed, Rearmed, Unknown, Unread
from adapters.polymarket.auth import Credentials, Requests
from adapters.polymarket.eip712 import is_position_id, token_number
from adapters.polymarket.lanes import Heard, Lane, NoAnswer, NotSent, Reply
from adapters.polymarket.placement import placement, placements
from adapters.polymarket.quotas import Quotas
from adapters.polymarket.reading import body_of, pages, read
from adapters.polymarket.signing import OrderSigner
from adapters.polymarket.sockets import Dial, dialler
from adapters.polymarket.spot_channel import SpotBackends, backends
from adapters.polymarket.user_channel import PolymarketUserChannel
from adapters.polymarket.wire import base_units, decode
from adapters.polymarket.wire_account import Owner, fills, order_update
from adapters.polymarket.wire_income import day_text, rebates_in, rewards_in
from adapters.polymarket.wire_replies import Balance, BalanceAllowance, Beat, CancelAnswer, Funds

MOST_CANCELS = 1_000  # polymarket.md §0: one source says 3,000, so never more than this
MOST_ORDERS = 15
_NO_ORDER = "0x" + "00" * 32  # a well-formed id that no order has


@define(eq=False, repr=False)
class RestTrading:
    """One account's orders. `wall` gives epoch seconds; the three lanes have their own connection pools."""

    address: str
    signature_type: int
    _signer: OrderSigner
    _requests: Requests
    _us: Owner
    _wall: Callable[[], float]
    _orders: Lane
    _cancels: Lane
    _reads: Lane
    _derive: Callable[[], Awaitable[Credentials | Unread]]
    _beat_id: str = field(default="", init=False)
    _mended: bool = field(default=False, init=False)  # the chain of beats was broken since the last accepted one
    _quotas: Quotas = field(init=False)
    _beating: trio.Lock = field(factory=trio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._quotas = Quotas(self._wall)

    @property
    def credentials(self) -> Credentials:
        """What signs our requests."""
        return self._requests.credentials

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of this account's credentials must never be printed; for the log's redaction only."""
        known = self._requests.credentials
        return (known.api_key, known.secret, known.passphrase)

    def sign(self, draft: Draft) -> Signed:
        """Sign inline (about 35 us). Raises ValueError for a price or size off the grid."""
        return self._signer.sign(draft)

    async def place(self, signed: Signed) -> Placed:
        """POST the order once; how that ended."""
        heard = await self._send(self._orders, "POST", "/order", body=signed.body)
        if isinstance(heard, NotSent):
            return NeverSent(heard.why)
        if isinstance(heard, NoAnswer):
            return Unknown(heard.why)
        return placement(signed.order_id, heard.status, heard.headers, heard.body)

    async def place_all(self, orders: Sequence[Signed]) -> tuple[Placed, ...]:
        """POST 2 to 15 orders in one request, once; how that ended for each, in their order."""
        if not 1 < len(orders) <= MOST_ORDERS:
            raise ValueError(f"{len(orders)} orders in one batch: 2 to {MOST_ORDERS} are allowed")
        body = b"[" + b",".join(order.body for order in orders) + b"]"
        heard = await self._send(self._orders, "POST", "/orders", body=body)
        if isinstance(heard, NotSent):
            return (NeverSent(heard.why),) * len(orders)
        if isinstance(heard, NoAnswer):
            return (Unknown(heard.why),) * len(orders)
        return placements([order.order_id for order in orders], heard.status, heard.headers, heard.body)

    async def cancel(self, order_ids: Sequence[str]) -> Cancelled | Unread:
        """Cancel by id. Raises ValueError for more ids than the venue surely takes."""
        if len(order_ids) > MOST_CANCELS:
            raise ValueError(f"{len(order_ids)} ids in one cancel, at most {MOST_CANCELS} are allowed")
        if not order_ids:
            return Cancelled(())
        return await self._cancel("/orders", msgspec.json.encode(list(order_ids)))

    async def cancel_all(self) -> Cancelled | Unread:
        """Cancel every order of the account, external ones included."""
        return await self._cancel("/cancel-all", b"")

    async def probe(self) -> Unread | None:
        """Cancel an order that cannot exist: only the engine itself can say so, while reads may go on without it."""
        answer = await self.cancel([_NO_ORDER])
        return answer if isinstance(answer, Unread) else None

    async def order(self, order_id: str) -> OrderUpdate | Unread | None:
        """One order in any status; None when the venue answers that it knows none (null or 404)."""
        heard = await self._send(self._reads, "GET", f"/data/order/{order_id}")
        if isinstance(heard, Reply) and _knows_none(heard):
            return None
        found = read(body_of(heard), order_update)
        if isinstance(found, OrderUpdate) and found.order_id.lower() != order_id.lower():
            return Unread(f"asked for order {order_id}, was told of {found.order_id[:80]}")
        return found

    async def open_orders(self, condition_id: str | None = None) -> tuple[OrderUpdate, ...] | Unread:
        """Every live order (all pages), of one market or of the account."""
        query = {"market": condition_id} if condition_id else {}
        rows = await pages(lambda cursor: self._page("/data/orders", query, cursor))
        found = read(rows, lambda raws: tuple(order_update(raw) for raw in raws))
        return found if isinstance(found, Unread) else tuple({order.order_id: order for order in found}.values())

    async def trades(self, condition_id: str | None = None, after: float = 0.0) -> tuple[Fill, ...] | Unread:
        """Our parts of every trade (all pages) matched at or after `after`, in the venue's whole seconds.

        The venue's `after` is asked for one second earlier, since whether it includes its own second is undocumented.
        """
        query = {"market": condition_id} if condition_id else {}
        since = int(after)
        if since > 0:
            query["after"] = str(since - 1)
        rows = await pages(lambda cursor: self._page("/data/trades", query, cursor))
        found = read(rows, lambda raws: tuple(fill for raw in raws for fill in fills(raw, self._us)))
        return found if isinstance(found, Unread) else tuple(fill for fill in found if fill.matched_at >= since)

    async def cash(self) -> int | Unread:
        """Free collateral in cash units, as the venue counts it."""
        return await self._balance(_asset())

    async def shares(self, token: str) -> int | Unread:
        """Balance of a token in size units."""
        try:
            return await self._balance(_asset(token))
        except ValueError as problem:
            return Unread(str(problem))

    async def funds(self, token: str | None = None, signature_type: int | None = None) -> Funds | Unread:
        """Collateral or a token with what the exchanges may take of it; of another wallet of our key, if so asked."""
        try:
            query = _asset(token)
        except ValueError as problem:
            return Unread(str(problem))
        heard = await self._ask_balance(query, self.signature_type if signature_type is None else signature_type)
        return read(body_of(heard), lambda body: decode(body, BalanceAllowance).funds())

    async def refresh(self, token: str | None = None) -> Unread | None:
        """Have the venue read a balance and its allowance from the chain again. Its answer may be empty."""
        try:
            query = {**_asset(token), "signature_type": str(self.signature_type)}
        except ValueError as problem:
            return Unread(str(problem))
        body = body_of(await self._send(self._reads, "GET", "/balance-allowance/update", query=query))
        return body if isinstance(body, Unread) else None

    async def derives_our_key(self) -> bool | Unread:
        """Whether the venue still derives the API key in use; also True for one that is too young to be accepted."""
        derived = await self._derive()
        return derived if isinstance(derived, Unread) else derived == self._requests.credentials

    def quota(self, lane: rates.Lane) -> rates.Quota | None:
        """What the last trading answer of the lane said is left of our tokens; reads have none."""
        return self._quotas.last(lane)

    async def paid(self, kind: Kind, day: int) -> dict[str, Cash] | Unread:
        """What we were paid of the kind for a UTC day (all pages), by condition id; it may still be to come."""
        return await (self._rewards(day) if kind is Kind.REWARDS else self._rebates(day))

    async def _rewards(self, day: int) -> dict[str, Cash] | Unread:
        query = {"date": day_text(day), "signature_type": str(self.signature_type)}
        return read(await pages(lambda cursor: self._page("/rewards/user", query, cursor)), rewards_in)

    async def _rebates(self, day: int) -> dict[str, Cash] | Unread:
        query = {"date": day_text(day), "maker_address": self.address}
        return read(body_of(await self._send(self._reads, "GET", "/rebates/current", query=query)), rebates_in)

    async def beat(self) -> Rearmed | Unread | None:
        """One dead-man heartbeat. A refused id is replaced by the one the venue expects and sent once more (§3.9).

        That is told with the first beat that is accepted, whatever became of the ones before it.
        """
        async with self._beating:
            heard = await self._beat()
            if isinstance(heard, Reply) and heard.status == 400 and self._adopt(heard):
                self._mended = True
                heard = await self._beat()
            if isinstance(heard, Reply) and heard.status == 200 and self._adopt(heard):
                mended, self._mended = self._mended, False
                return Rearmed() if mended else None
        body = body_of(heard)
        return body if isinstance(body, Unread) else Unread(f"heartbeat answer without an id: {body[:80]!r}")

    def user_channel(self, url: str, dial: Dial | None = None) -> PolymarketUserChannel:
        """The channel of this account's events at `url`; `dial` replaces the network in tests and simulation."""
        return PolymarketUserChannel(url, self._requests.credentials, self._us, dial or dialler())

    def spot_channel(self, urls: Sequence[str], dial: Dial | None = None) -> SpotBackends:
        """Spot prices from the first of `urls` that serves them, with this account's login where one is needed."""
        return backends(urls, self._requests.credentials, dial or dialler())

    async def close(self) -> None:
        """Close all lanes; requests under way end first."""
        for lane in (self._orders, self._cancels, self._reads):
            await lane.close()

    async def _send(
        self, lane: Lane, method: str, path: str, *, query: dict[str, str] | None = None, body: bytes = b""
    ) -> Heard:
        headers = self._requests.headers(int(self._wall()), method, path, body)
        heard = await lane.send(method, path, headers=headers, query=query, body=body)
        if isinstance(heard, Reply):
            self._quotas.hear(rates.Lane.ORDERS if lane is self._orders else rates.Lane.CANCELS, heard.headers)
        return heard

    async def _page(self, path: str, query: dict[str, str], cursor: str) -> Heard:
        return await self._send(self._reads, "GET", path, query={**query, "next_cursor": cursor})

    async def _cancel(self, path: str, body: bytes) -> Cancelled | Unread:
        heard = await self._send(self._cancels, "DELETE", path, body=body)
        answer = read(body_of(heard), lambda text: decode(text, CancelAnswer))
        return answer if isinstance(answer, Unread) else answer.cancelled()

    async def _balance(self, query: dict[str, str]) -> int | Unread:
        heard = await self._ask_balance(query, self.signature_type)
        return read(body_of(heard), lambda body: base_units("balance", decode(body, Balance).balance))

    async def _ask_balance(self, query: dict[str, str], signature_type: int) -> Heard:
        query["signature_type"] = str(signature_type)
        return await self._send(self._reads, "GET", "/balance-allowance", query=query)

    async def _beat(self) -> Heard:
        """Beats share the cancels' lane: both keep us safe, neither may wait behind posts or reads."""
        body = msgspec.json.encode({"heartbeat_id": self._beat_id})
        return await self._send(self._cancels, "POST", "/v1/heartbeats", body=body)

    def _adopt(self, reply: Reply) -> bool:
        """Take the id of the answer as the next one to send; whether there was one."""
        try:
            self._beat_id = decode(reply.body, Beat).heartbeat_id
        except ValueError:
            return False
        return True


def _asset(token: str | None = None) -> dict[str, str]:
    """The query for collateral or a token; position ids of Protocol V2 live in another contract. Raises ValueError."""
    if token is None:
        return {"asset_type": "COLLATERAL"}
    kind = "CONDITIONAL-V2" if is_position_id(token_number(token)) else "CONDITIONAL"
    return {"asset_type": kind, "token_id": token}


def _knows_none(reply: Reply) -> bool:
    """A null, or a 404 in JSON: an HTML 404 comes from the edge and says nothing of the order."""
    if reply.status == 404:
        return reply.body.lstrip()[:1] in (b"{", b"n", b'"')
    return reply.status == 200 and reply.body.strip() == b"null"
