"""The relayer's client: the wallet's next nonce, a signed batch, what became of it (polymarket.md §1.8, §13).

Implements `ports.Relay`. Never raises for what the network does; a submit without a clear answer is neither taken nor
refused. A batch is found again by its label, which no other one has, and by its nonce.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import trio
from attrs import define, field

from actors.model.conversion import Conversion, Declined, Relayed
from actors.model.market import Market
from actors.model.order import Settlement
from actors.model.outcome import Unread
from actors.records import Batch
from adapters.polymarket.batches import NAMES, Terms, envelope
from adapters.polymarket.contracts import Call, calls_of
from adapters.polymarket.errors import error_text, parsed
from adapters.polymarket.lanes import Heard, Lane, MakeTransport, NotSent, Reply
from adapters.polymarket.reading import body_of, read
from adapters.polymarket.signing import Account
from adapters.polymarket.wire import decode
from adapters.polymarket.wire_relayer import Params, Submitted, Transaction

_GOOD_FOR = 600  # s a deposit wallet's batch may still be sent
_LOOK_EVERY, _DONE_WITHIN = 1.0, 90.0  # s: a transaction is confirmed within a minute
_REFUSALS = (400, 401, 403, 404, 422)


@define(eq=False, repr=False)
class RestRelayer:
    """One wallet's transactions. `key` is the relayer's API key of the wallet's owner; `wall` gives epoch seconds."""

    account: Account
    _key: str
    _wall: Callable[[], float]
    _lane: Lane
    _type: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._type = NAMES[self.account.signature_type]

    @classmethod
    def open(
        cls,
        base_url: str,
        account: Account,
        key: str,
        wall: Callable[[], float],
        transport: MakeTransport | None = None,
    ) -> RestRelayer:
        """Raises ValueError for an EOA, whose transactions the relayer does not send."""
        if account.signature_type not in NAMES:
            raise ValueError("the relayer serves contract wallets alone: an EOA sends its own transactions")
        return cls(account, key, wall, Lane(base_url, transport))

    async def sign(self, conversion: Conversion, market: Market) -> Batch | Unread:
        """Read the nonce and sign; nothing is sent."""
        try:
            calls = calls_of(conversion, market)
        except ValueError as problem:
            return Unread(str(problem))
        signed = await self._sign(calls, label(conversion))
        return signed if isinstance(signed, Unread) else Batch(conversion, *signed)

    async def submit(self, batch: Batch) -> Relayed | Declined | Unread:
        """POST it once. Only a refusal in the relayer's own words says that it was not taken."""
        return await self._post(batch.body)

    async def call(self, calls: Sequence[Call], name: str) -> Relayed | Declined | Unread:
        """Calls that may be made twice as well as once, as one transaction: how it ended, or stands after a while.

        `name` is not to be given again. Nobody remembers them: whether they are still needed can be read.
        """
        signed = await self._sign(calls, name)
        if isinstance(signed, Unread):
            return signed
        nonce, body = signed
        told: Relayed | Declined | Unread | None = await self._post(body)
        by = trio.current_time() + _DONE_WITHIN
        while not _over(told) and trio.current_time() < by:
            await trio.sleep(_LOOK_EVERY)
            told = await self._find(name, nonce, told.id if isinstance(told, Relayed) else "")
        return Unread("the relayer does not know it") if told is None else told

    async def _sign(self, calls: Sequence[Call], name: str) -> tuple[int, bytes] | Unread:
        """The wallet's next nonce, and the calls signed with it."""
        params = await self._params()
        if isinstance(params, Unread):
            return params
        terms = Terms(params.nonce, params.address, int(self._wall()) + _GOOD_FOR)
        try:
            return params.nonce, msgspec.json.encode(envelope(self.account, calls, terms, name))
        except ValueError as problem:
            return Unread(str(problem))

    async def _post(self, body: bytes) -> Relayed | Declined | Unread:
        heard = await self._send("POST", "/submit", body=body)
        if isinstance(heard, NotSent):
            return Declined(heard.why)
        if isinstance(heard, Reply) and heard.status in _REFUSALS and (why := _error(heard)):
            return Declined(why)
        return read(body_of(heard), lambda body: decode(body, Submitted).relayed())

    async def find(self, batch: Batch) -> Relayed | Declined | Unread | None:
        """By its id if that is known, else among all that the owner has sent.

        The nonce is read first: a batch that used it up before is among those listed after.
        """
        return await self._find(label(batch.conversion), batch.nonce, batch.taken)

    async def _find(self, name: str, nonce: int, taken: str) -> Relayed | Declined | Unread | None:
        if taken:
            heard = await self._send("GET", f"/v1/account/transactions/{taken}")
            return read(body_of(heard), lambda body: decode(body, Transaction).relayed())
        params = await self._params()
        heard = await self._send("GET", "/transactions")
        sent = read(body_of(heard), lambda body: decode(body, list[Transaction]))
        if isinstance(params, Unread) or isinstance(sent, Unread):
            return params if isinstance(params, Unread) else sent if isinstance(sent, Unread) else None
        known = [one.relayed() for one in sent if one.is_of(name, nonce)]
        if not known:
            return Declined("another transaction of the wallet took its turn", True) if params.nonce > nonce else None
        return next((one for one in known if one.settlement is not Settlement.FAILED), known[0])

    async def close(self) -> None:
        """Close the connections; requests under way end first."""
        await self._lane.close()

    async def _params(self) -> Params | Unread:
        path = "/relay-payload" if self._type == "PROXY" else "/v1/account/transactions/params"
        heard = await self._send("GET", path, query={"address": self.account.key.address, "type": self._type})
        return read(body_of(heard), lambda body: decode(body, Params))

    async def _send(self, method: str, path: str, *, query: dict[str, str] | None = None, body: bytes = b"") -> Heard:
        headers = {"RELAYER_API_KEY": self._key, "RELAYER_API_KEY_ADDRESS": self.account.key.address}
        return await self._lane.send(method, path, headers=headers, query=query, body=body)


def _over(told: Relayed | Declined | Unread | None) -> bool:
    """Whether looking again would tell nothing new."""
    if isinstance(told, Relayed):
        return told.settlement in (Settlement.CONFIRMED, Settlement.FAILED)
    return isinstance(told, Declined)


def label(conversion: Conversion) -> str:
    """What names a conversion among all transactions of its wallet, whichever bot sent them."""
    return f"polyactors {conversion.kind.value} {conversion.market} {conversion.key} at {conversion.at:.3f}"


def _error(reply: Reply) -> str:
    try:
        answer: Any = parsed(reply.body)
    except ValueError:
        return ""
    return error_text(answer)
