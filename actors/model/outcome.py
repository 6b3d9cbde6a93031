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


class Storm(Enum):
    """What one answer tells about the whole venue, or about our account there; the value is its text."""

    RESTART = "the venue's matching engine restarts (HTTP 425)"
    CANCEL_ONLY = "the venue takes cancels only"
    DISABLED = "trading is disabled at the venue"
    POST_ONLY = "the venue takes post-only orders alone"
    LIMITED = "the venue limits our requests (HTTP 429)"
    BLOCKED = "the venue's edge blocks this machine (HTTP 403)"
    LOGIN = "the venue refuses our API key or the time we sign (HTTP 401)"
    CLOSED_ONLY = "the venue lets this account reduce positions only"
    BARRED = "the venue bars this account or its key from trading"
    CLOCK = "this machine's clock is off the venue's"

    @property
    def code(self) -> str:
        return self.name.lower()


@frozen
class Sign:
    """An answer's sign of a storm; `wait` is how long the venue asks to wait (s), 0 if it does not say."""

    storm: Storm
    wait: float = 0.0


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
    sign: Sign | None = None


@frozen
class Unknown:
    """The order may exist, with `exists` it does: the venue has said so, though not what became of it.

    `engine_down` marks a 425: then age alone proves nothing (architecture.md §3).
    """

    why: str
    engine_down: bool = False
    exists: bool = False
    sign: Sign | None = None


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
class Rearmed:
    """A heartbeat was accepted, but only anew: the chain of ids was broken, so the venue may have missed one before."""


@frozen
class Unread:
    """A read or a cancel that failed; nothing may be concluded from it but a sign of what holds for every request."""

    why: str
    sign: Sign | None = None


@frozen
class Misnamed(Unread):
    """The question names no single market; asking again does not help, `why` says what would (a line for each name)."""


def sign_of(result: object) -> Sign | None:
    """What the end of a request tells about all the others, if anything."""
    match result:
        case Unknown(engine_down=True):
            return Sign(Storm.RESTART)
        case Rejected() | Unknown() | Unread():
            return result.sign
    return None
