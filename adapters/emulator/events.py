"""What happened at the exchange, for whoever publishes it. Values only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import frozen

from adapters.emulator.accounts import Account
from adapters.emulator.listings import Listing
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Trade


@frozen
class LevelsMoved:
    """Orders came or went without a trade. A level is (on the bid side?, price) of the YES ladder."""

    listing: Listing
    levels: tuple[tuple[bool, int], ...]


@frozen
class BookTraded:
    """Trades changed the book; `trades` are of one taker order."""

    listing: Listing
    trades: tuple[Trade, ...]


@frozen
class OrderMoved:
    """For the order's owner alone. `status` overrides the ticket's in the frame, with the venue's free texts."""

    ticket: Ticket
    type: Literal["PLACEMENT", "UPDATE", "CANCELLATION"]
    status: str = ""


@frozen
class TradeMoved:
    """A trade was made or its status changed; for every account that is a leg of it."""

    trade: Trade


@frozen
class TickMoved:
    """The grid for new orders changed; resting orders stay where they are (polymarket.md §6.4)."""

    listing: Listing
    old: int


@frozen
class Listed:
    """A market began; told to everybody who asked for the custom features (§6.2)."""

    listing: Listing


@frozen
class PhaseMoved:
    """A market closed, was proposed, disputed or resolved; `listing.phase` says which."""

    listing: Listing


@frozen
class Paid:
    """The venue paid an account `cash` base units, for the UTC `day` (days since 1970) it was earned on."""

    account: Account
    kind: Literal["reward", "rebate"]
    cash: int
    day: int
    hash: str


@frozen
class ChainMoved:
    """A wallet split, merged, redeemed or converted; `cash` base units came in (signed).

    `changes` is what each token's holding changed by.
    """

    account: Account
    kind: Literal["split", "merge", "redeem", "convert"]
    listing: Listing
    cash: int
    changes: dict[str, int]
    hash: str


@frozen
class KeyDeleted:
    """An API key is no more: what it had open ends."""

    key: str


Event = (
    LevelsMoved
    | BookTraded
    | OrderMoved
    | TradeMoved
    | TickMoved
    | Listed
    | PhaseMoved
    | Paid
    | ChainMoved
    | KeyDeleted
)
Listener = Callable[[Event], None]
