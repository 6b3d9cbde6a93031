"""The venue's limits as one table: which call counts against which of them. The numbers are settings, with their sources.

Per signer there are token buckets for orders and for cancels (polymarket.md §12.2), per address sliding windows for each
kind of call (§12.1). Owns no clock; the caller says what time it is.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from attrs import define, field, frozen

from actors.model.limit_settings import WindowSettings

_TEN_SECONDS, _MINUTE, _TEN_MINUTES = 10.0, 60.0, 600.0
_SLICES = 100  # a window is counted in so many steps: nobody needs the instant of each of 120,000 calls
_ONE_REFUSAL, _RECOVERY, _LEAST = 1.0, 300.0, 1 / 16


class Lane(Enum):
    """Which share of the venue's limits a request uses."""

    __hash__ = object.__hash__  # as its equality; that of Enum hashes the name anew each time, in Python

    ORDERS = "orders"
    CANCELS = "cancels"
    READS = "reads"


class Call(Enum):
    """A request as the venue counts it."""

    __hash__ = object.__hash__  # as its equality; that of Enum hashes the name anew each time, in Python

    PLACE = "POST /order"
    PLACE_MANY = "POST /orders"
    CANCEL = "DELETE /orders"
    CANCEL_ALL = "DELETE /cancel-all"
    BEAT = "POST /v1/heartbeats"
    ORDER = "GET /data/order"
    OPEN_ORDERS = "GET /data/orders"
    TRADES = "GET /data/trades"
    BALANCE = "GET /balance-allowance"
    REFRESH = "GET /balance-allowance/update"
    BOOKS = "POST /books"
    TERMS = "GET /clob-markets"
    LISTING = "GET /markets of Gamma"
    TIME = "GET /time"
    KEY = "GET /auth/derive-api-key"
    REWARDS = "GET /rewards/user"
    REBATES = "GET /rebates/current"
    SUBMIT = "POST /submit of the relayer"

    @property
    def lane(self) -> Lane:
        if self in (Call.PLACE, Call.PLACE_MANY):
            return Lane.ORDERS
        return Lane.CANCELS if self in (Call.CANCEL, Call.CANCEL_ALL, Call.BEAT) else Lane.READS


@frozen
class Quota:
    """What an answer to a request of the lane said was `left` of the signer's tokens at `at` (trio time; state).

    If there is none, the next one comes in `resets_in` seconds. `warned` if the venue has warned, of the `tier` it names.
    """

    lane: Lane
    left: float
    resets_in: float
    at: float
    tier: str = ""
    warned: bool = False


# Tokens a second and at once that the venue grants a signer, by its name for the volume of 30 days (polymarket.md §12.2).
TIERS: dict[str, dict[Lane, tuple[float, float]]] = {
    name: {Lane.ORDERS: (rate, 1.5 * rate), Lane.CANCELS: (2.0 * rate, 3.0 * rate)}
    for name, rate in {
        "standard": 40.0,
        "copper": 60.0,
        "bronze": 80.0,
        "silver": 200.0,
        "gold": 400.0,
        "platinum": 450.0,
        "diamond": 525.0,
        "elite": 600.0,
    }.items()
}


_CLOB = frozenset(Call) - {Call.LISTING, Call.SUBMIT}

# The row's name in the settings → what counts there, and for how long (s).
WINDOWS: dict[str, tuple[frozenset[Call], float]] = {
    "everything": (frozenset(Call), _TEN_SECONDS),
    "clob": (_CLOB, _TEN_SECONDS),
    "place": (frozenset({Call.PLACE}), _TEN_SECONDS),
    "place_sustained": (frozenset({Call.PLACE}), _TEN_MINUTES),
    "place_many": (frozenset({Call.PLACE_MANY}), _TEN_SECONDS),
    "place_many_sustained": (frozenset({Call.PLACE_MANY}), _TEN_MINUTES),
    "cancel": (frozenset({Call.CANCEL}), _TEN_SECONDS),
    "cancel_sustained": (frozenset({Call.CANCEL}), _TEN_MINUTES),
    "cancel_all": (frozenset({Call.CANCEL_ALL}), _TEN_SECONDS),
    "cancel_all_sustained": (frozenset({Call.CANCEL_ALL}), _TEN_MINUTES),
    "ledger": (frozenset({Call.ORDER, Call.OPEN_ORDERS, Call.TRADES}), _TEN_SECONDS),
    "open_orders": (frozenset({Call.OPEN_ORDERS}), _TEN_SECONDS),
    "trades": (frozenset({Call.TRADES}), _TEN_SECONDS),
    "balance": (frozenset({Call.BALANCE}), _TEN_SECONDS),
    "refresh": (frozenset({Call.REFRESH}), _TEN_SECONDS),
    "books": (frozenset({Call.BOOKS}), _TEN_SECONDS),
    "keys": (frozenset({Call.KEY}), _TEN_SECONDS),
    "gamma_markets": (frozenset({Call.LISTING}), _TEN_SECONDS),
    "relayer": (frozenset({Call.SUBMIT}), _MINUTE),
}


@define(eq=False)
class Window:
    """At most `most` of its calls in any `seconds`, counted in slices: `recent` is (slice number, calls), oldest first."""

    name: str
    calls: frozenset[Call]
    most: int
    seconds: float
    used: int = 0
    recent: deque[tuple[int, int]] = field(factory=deque)

    def wait(self, count: int, now: float) -> float:
        """Seconds until so many more calls fit; more than ever fit at once wait for an empty window."""
        self.forget(now)
        surplus = self.used + min(count, self.most) - self.most
        for number, calls in self.recent:
            if surplus <= 0:
                break
            surplus -= calls
            ends = (number + _SLICES + 1) * self.seconds / _SLICES
            if surplus <= 0:
                return max(ends - now, self.seconds / _SLICES / 10)
        return 0.0

    def add(self, count: int, now: float) -> None:
        number = self._slice(now)
        before = self.recent.pop()[1] if self.recent and self.recent[-1][0] == number else 0
        self.recent.append((number, before + count))
        self.used += count

    def forget(self, now: float) -> None:
        """A slice counts until all of it lies outside of the window."""
        oldest = self._slice(now) - _SLICES
        while self.recent and self.recent[0][0] < oldest:
            self.used -= self.recent.popleft()[1]

    def _slice(self, now: float) -> int:
        return int(now * _SLICES // self.seconds)


def windows(settings: WindowSettings, share: float) -> tuple[Window, ...]:
    """Every window of the table, empty; of each only a `share` is used."""
    return tuple(
        Window(name, calls, max(1, int(getattr(settings, name) * share)), seconds)
        for name, (calls, seconds) in WINDOWS.items()
    )


@frozen
class Throttle:
    """Which part of its rate a lane uses: halved by every refusal, and whole again five minutes after the last.

    Refusals within a second are one: they answer requests that were under way together.
    """

    part: float = 1.0
    at: float = float("-inf")

    def refused(self, now: float) -> Throttle:
        if now - self.at < _ONE_REFUSAL:
            return self
        return Throttle(max(_LEAST, self.now(now) / 2), now)

    def now(self, now: float) -> float:
        return min(1.0, self.part + max(0.0, now - self.at) / _RECOVERY)
