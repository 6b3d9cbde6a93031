"""What crosses a channel. Facts happened and travel in order; states are the whole truth and replace each other.

Market events are msgspec structs because one is made per changed level of every frame (architecture.md §10).
"""

from __future__ import annotations

from math import inf

import msgspec
from attrs import frozen

from actors.model.book import OwnLevel
from actors.model.breaker import Caught
from actors.model.ledger import Position
from actors.model.market import Side
from actors.model.order import Key, Order, Settlement
from actors.model.outcome import Cancelled, Placed, Unread
from actors.model.take import Takes

# ── market channel: streams → feed ────────────────────────────────────────────────────────────────────────────────


class BookSnapshot(msgspec.Struct, frozen=True, gc=False):
    """A whole book of one token; levels in any order, (price, size) in integer units. `tick` 0 = not stated."""

    token: str
    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]
    tick: int = 0


class LevelChange(msgspec.Struct, frozen=True, gc=False):
    """The new absolute size of a level; `best_bid`/`best_ask` are the frame's own claim, -1 = none claimed."""

    token: str
    bid: bool
    price: int
    size: int
    best_bid: int = -1
    best_ask: int = -1


class Print(msgspec.Struct, frozen=True, gc=False):
    """A public trade; `side` is the taker's."""

    token: str
    side: Side
    price: int
    size: int


class TickChange(msgspec.Struct, frozen=True, gc=False):
    """The token's tick size is now `tick` (price units)."""

    token: str
    tick: int


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """The market of this token has resolved; `won` is the token that pays, "" = not stated."""

    token: str
    won: str = ""


MarketEvent = BookSnapshot | LevelChange | Print | TickChange | Resolved


class Frames(msgspec.Struct, frozen=True):
    """All events of one socket read that concern one market, in arrival order (fact)."""

    events: tuple[MarketEvent, ...]
    at: float


class StreamLost(msgspec.Struct, frozen=True):
    """The market's socket broke or was replaced: every book is in doubt until its next snapshot (fact)."""

    why: str


class BooksRead(msgspec.Struct, frozen=True):
    """Books read over REST for this market, or why not (fact)."""

    books: tuple[BookSnapshot, ...] | Unread
    asked_at: float
    at: float


@frozen
class FeedState:
    """How a feed stands, in words, and what it refused, by kind (state)."""

    market: str
    state: str
    refused: dict[str, int]


@frozen
class Resync:
    """A feed asks streams for fresh snapshots of its tokens (fact)."""

    market: str
    tokens: tuple[str, ...]


@frozen
class Fetch:
    """A feed (or a tracker without one) asks for REST books of its tokens; answered by `BooksRead` (fact)."""

    market: str
    tokens: tuple[str, ...]
    for_tracker: bool = False


@frozen
class Inventory:
    """A tracker's position, its own orders (`own`: in YES terms), what became of its takes, and its last fills (state)."""

    market: str
    position: Position
    own: tuple[OwnLevel, ...] = ()
    takes: Takes = Takes()
    orders: tuple[Order, ...] = ()
    fills: tuple[Caught, ...] = ()


# ── user channel and reads: account → tracker ─────────────────────────────────────────────────────────────────────


@frozen
class OrderUpdate:
    """An order of this account as the venue shows it; `status` is normalised upper-case (`LIVE`, `CANCELED…`)."""

    order_id: str
    condition_id: str
    token: str
    side: Side
    price: int
    size: int
    matched: int
    status: str
    type: str = ""


@frozen
class Fill:
    """Our part of one trade, keyed by (trade, order); repeated with every settlement status (polymarket.md §5.4)."""

    trade_id: str
    order_id: str
    condition_id: str
    token: str
    side: Side
    price: int
    size: int
    settlement: Settlement
    taker: bool
    matched_at: float


@frozen
class Snapshot:
    """Open orders and all fills of one market, read after `asked_at` (fact); the ground for every reconcile."""

    orders: tuple[OrderUpdate, ...]
    fills: tuple[Fill, ...]
    asked_at: float


@frozen
class SnapshotFailed:
    """The reconcile read failed; try again (fact)."""

    why: str


@frozen
class Reconsider:
    """Something may have happened to our orders unseen: read them again before quoting (fact)."""

    why: str


# ── gateway: tracker → venue → tracker ────────────────────────────────────────────────────────────────────────────


@frozen
class Draft:
    """An order to be signed: everything but salt and time. `tick` in price units, 0 when not known (FAK and FOK buys)."""

    token: str
    neg_risk: bool
    side: Side
    price: int
    size: int
    type: str = "GTC"
    post_only: bool = True
    expires: int = 0
    tick: int = 0


@frozen
class Signed:
    """A signed order: its venue id, known before the first byte, and the exact body to send."""

    order_id: str
    body: bytes


@frozen
class Place:
    """A tracker wants this order placed (fact). Its money is reserved under `key`.

    Past `valid_until` (monotonic), or under settings later than `tuned`, it must not leave; if it `reduces`, it may while paused.
    """

    market: str
    condition_id: str
    key: Key
    draft: Draft
    valid_until: float = inf
    reduces: bool = False
    tuned: int = 0


@frozen
class Cancel:
    """A tracker wants these venue ids cancelled (fact); `requote` if only to quote at other prices."""

    market: str
    order_ids: tuple[str, ...]
    requote: bool = False


@frozen
class Query:
    """A tracker wants to know what the venue knows of one order (fact)."""

    market: str
    order_id: str


@frozen
class Reconcile:
    """A tracker wants a `Snapshot` with trades from `after` on (epoch s; fact). A `routine` one may wait for others.

    One that is being read already will do if that began after `since` (trio time).
    """

    market: str
    condition_id: str
    after: float = 0.0
    routine: bool = False
    since: float = inf


@frozen
class Sent:
    """The intent is durable and the request is about to leave (fact)."""

    key: Key
    order_id: str


@frozen
class Refused:
    """The gateway did not send the order, for a local reason; it does not exist (fact)."""

    key: Key
    why: str


@frozen
class Outcome:
    """How a POST ended (fact)."""

    key: Key
    result: Placed


@frozen
class CancelOutcome:
    """How a cancel ended (fact)."""

    order_ids: tuple[str, ...]
    result: Cancelled | Unread


@frozen
class QueryOutcome:
    """What the venue knows of an order; None = it says it does not know it (fact)."""

    order_id: str
    result: OrderUpdate | Unread | None
    asked_at: float
