"""The seams to the world, in the model's words. JSON, signatures and status codes stop at the adapters behind them.

No method here may be cancelled from outside while a request is under way (reliability.md §5.1): callers run them in the
services layer and rely on the adapters' own timeouts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from actors.messages import BookSnapshot, Draft, Fill, MarketEvent, OrderUpdate, Signed
from actors.model.conversion import Conversion, Declined, Relayed
from actors.model.income import Kind
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.numbers import Cash
from actors.model.outcome import Cancelled, Placed, Rearmed, Unread
from actors.model.rates import Lane, Quota
from actors.model.spot import SpotPrice
from actors.records import Batch, Intent, Memory, Row


class Trading(Protocol):
    """The private side of the venue, for one account."""

    @property
    def address(self) -> str:
        """The account's funder address, checksummed."""
        ...

    def sign(self, draft: Draft) -> Signed:
        """Sign inline (about 40 us); never reuses a salt. Raises ValueError for a price or size off the grid."""
        ...

    async def place(self, signed: Signed) -> Placed: ...

    async def place_all(self, orders: Sequence[Signed]) -> tuple[Placed, ...]:
        """2 to 15 orders in one request; how it ended for each, in their order."""
        ...

    async def cancel(self, order_ids: Sequence[str]) -> Cancelled | Unread:
        """Cancel by id, in the cancels' own connection pool; at most 1,000 ids."""
        ...

    async def cancel_all(self) -> Cancelled | Unread: ...

    async def order(self, order_id: str) -> OrderUpdate | Unread | None:
        """One order in any status; None when the venue says it knows none."""
        ...

    async def open_orders(self, condition_id: str | None = None) -> tuple[OrderUpdate, ...] | Unread:
        """Every live order (all pages), of one market or of the account."""
        ...

    async def trades(self, condition_id: str | None = None, after: float = 0.0) -> tuple[Fill, ...] | Unread:
        """Our parts of every trade (all pages) matched at or after `after` (epoch seconds)."""
        ...

    async def cash(self) -> int | Unread:
        """Free collateral in cash units."""
        ...

    async def shares(self, token: str) -> int | Unread:
        """Balance of a token in size units."""
        ...

    async def refresh(self, token: str | None = None) -> Unread | None:
        """Have the venue read our balance of a token, or of collateral, from the chain again."""
        ...

    async def probe(self) -> Unread | None:
        """Ask the matching engine for something that changes nothing; None once it answers."""
        ...

    async def derives_our_key(self) -> bool | Unread:
        """Whether the venue still derives the API key in use from our wallet."""
        ...

    def quota(self, lane: Lane) -> Quota | None:
        """What the last answer to a request of the lane said is left of its tokens; None while none has said anything."""

    async def paid(self, kind: Kind, day: int) -> Mapping[str, Cash] | Unread:
        """What we were paid of the kind for a UTC day (since 1970), by condition id; it may still be to come."""

    async def beat(self) -> Rearmed | Unread | None:
        """One dead-man heartbeat; keeps the id chain itself (polymarket.md §3.9)."""
        ...


class Catalogue(Protocol):
    """What the venue lists, for choosing among it; lags by a minute or more."""

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        """Open markets by volume, largest first."""
        ...


class PublicData(Catalogue, Protocol):
    """The public side of the venue."""

    async def server_time(self) -> float | Unread: ...

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        """The markets with these names (`actors.model.naming`), in order; unknown ones are missing from the answer.

        Misnamed if any names no single market, such as the address of an event that has several.
        """
        ...

    async def describe(self, condition_ids: Sequence[str]) -> Mapping[str, Market | Unread] | Unread:
        """How the venue describes these conditions now, each for itself; those it does not know are missing."""
        ...

    async def listed(self, like: str = "") -> tuple[str, ...] | Unread:
        """Slugs of markets that take orders, for suggestions; where there are very many, those that resemble `like`."""
        ...

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread: ...


class Relay(Protocol):
    """Sends transactions of the account's wallet, which pays no gas: each once at most, by the wallet's nonce."""

    async def sign(self, conversion: Conversion, market: Market) -> Batch | Unread:
        """The conversion as the wallet's next transaction; nothing is sent. Unread if the relayer does not say which."""
        ...

    async def submit(self, batch: Batch) -> Relayed | Declined | Unread:
        """Send it; also again, for the same bytes happen once. Unread: it may have been taken."""
        ...

    async def find(self, batch: Batch) -> Relayed | Declined | Unread | None:
        """What became of it. None: not known, and may still be taken; Declined: not known, and its nonce is spent."""
        ...


class Disconnected(Exception):
    """A stream's connection ended or could not be made; says why."""


class MarketFeedLink(Protocol):
    """One open market-channel connection."""

    async def read(self) -> Sequence[MarketEvent]:
        """The events of the next frame(s); empty for keep-alives. Raises Disconnected."""
        ...

    async def subscribe(self, tokens: Sequence[str]) -> None: ...

    async def unsubscribe(self, tokens: Sequence[str]) -> None: ...

    @property
    def oddities(self) -> dict[str, int]:
        """Count of frames or parts that were refused, by kind."""
        ...

    @property
    def frames(self) -> int:
        """How many were read, keep-alives left out."""
        ...


class MarketChannel(Protocol):
    """Opens market-channel connections."""

    def connect(self, tokens: Sequence[str]) -> AbstractAsyncContextManager[MarketFeedLink]:
        """A connection subscribed to `tokens`. Entering or reading raises Disconnected."""
        ...


class UserChannel(Protocol):
    """Opens user-channel connections."""

    def connect(self) -> AbstractAsyncContextManager[AsyncIterator[Sequence[OrderUpdate | Fill]]]:
        """A stream of our own order and trade events. Entering or iterating raises Disconnected."""
        ...


class SpotLink(Protocol):
    """One open connection to spot prices."""

    async def read(self) -> Sequence[SpotPrice]:
        """The prices of the next frame(s), oldest first; empty for keep-alives. Raises Disconnected."""
        ...

    @property
    def oddities(self) -> dict[str, int]:
        """Count of frames that were refused, by kind."""
        ...


class SpotChannel(Protocol):
    """Opens connections to spot prices, whatever serves them."""

    def connect(self, symbols: Sequence[str]) -> AbstractAsyncContextManager[SpotLink]:
        """A connection that brings `symbols` and perhaps others. Entering or reading raises Disconnected."""
        ...


class JournalBroken(Exception):
    """The journal's storage failed; says how, and what to do."""


class JournalStore(Protocol):
    """Durable storage for one instance. Everything here but `close` raises JournalBroken when the storage fails."""

    async def commit(self, rows: Sequence[Row]) -> None:
        """Store all rows, or none: returns once they survive a power loss."""
        ...

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        """Every journalled order, of a market or of all, that no `closed` note (body: order id) has ended, oldest first."""
        ...

    async def batches(self, condition_id: str | None = None, *, pending: bool = False) -> tuple[Batch, ...]:
        """Every conversion as it stands, of a market or of all, or only those that are not over, oldest first."""
        ...

    async def memory(self) -> Memory:
        """The newest states."""
        ...

    async def next_run(self) -> int:
        """A number never given before, for the generations of this process."""
        ...

    async def forget_venue(self) -> None:
        """Forget what is true of the venue alone, which no longer exists: orders, notes, results, tenures. Standings are
        people's, and so is what they have switched off."""
        ...

    async def close(self) -> None: ...


class TrailStore(Protocol):
    """Where the audit trail is written. Nothing that trades depends on it."""

    async def append(self, lines: Sequence[str]) -> None:
        """Append whole lines. Raises OSError; some may be there then, and twice once repeated."""
        ...


class WallClock(Protocol):
    """Epoch seconds; the only source of timestamps."""

    def __call__(self) -> float: ...
