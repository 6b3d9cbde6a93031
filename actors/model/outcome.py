"""How a venue request ended. A timeout, 5xx, disconnect or unreadable answer is `Unknown`, never `Rejected`."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Fault(Enum):
    """Why the venue definitely refused, in the words a bot can act on (polymarket.md §3.7)."""

    CROSSES = "crosses the book"
    BALANCE = "not enough balance or allowance"
    GRID = "price or size off the grid"
    KILLED = "FOK or FAK found nothing to match"
    NOT_READY = "market takes no orders now"
    RATE = "rate limited"
    VERSION = "wrong domain version or signature"
    ACCOUNT = "key, owner or address refused"
    BLOCKED = "blocked by the venue's edge"
    PAUSED = "venue takes no new orders now"
    OTHER = "refused"


@frozen
class Accepted:
    """The venue holds the order (`live`, `matched` or `delayed`); what it filled follows as trades."""

    order_id: str
    status: str


@frozen
class Rejected:
    """A definite refusal: the order does not exist and never will."""

    fault: Fault
    text: str


@frozen
class Unknown:
    """The order may exist. `engine_down` marks a 425: then age alone proves nothing (architecture.md §3)."""

    why: str
    engine_down: bool = False


@frozen
class NeverSent:
    """No byte of the request left this machine (connect and pool errors)."""

    why: str


Placed = Accepted | Rejected | Unknown | NeverSent


@frozen
class Cancelled:
    """A cancel answer, per id; an id in neither list was not answered for."""

    done: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()


@frozen
class Unread:
    """A read that failed; nothing may be concluded from it."""

    why: str
