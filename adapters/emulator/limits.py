"""How much one signer may place and cancel: token buckets by tier (polymarket.md §12.2). Knows no order, only counts.

The venue's enforcement is documented, its refusal text is not: `rate limit exceeded` is an emulator choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import trio
from attrs import define, field, frozen

from adapters.emulator.http import Request
from adapters.emulator.refusal import Refused

Headers = tuple[tuple[str, str], ...]

_ORDERS = {("POST", "/order"), ("POST", "/orders")}
_CANCELS = {("DELETE", "/order"), ("DELETE", "/orders")}
_SWEEPS = {("DELETE", "/cancel-all"), ("DELETE", "/cancel-market-orders")}
_BATCHES = ("/orders",)


@frozen
class Tier:
    """Tokens a second and the most that can be saved up, of orders and of cancels.

    With `debt` a sweep that cancelled more than there were tokens leaves the cancel bucket below zero.
    """

    name: str
    orders: tuple[int, int]
    cancels: tuple[int, int]
    debt: bool


TIERS = {
    tier.name: tier
    for tier in (
        Tier("standard", (40, 60), (80, 120), debt=True),
        Tier("copper", (60, 90), (120, 180), debt=True),
        Tier("bronze", (80, 120), (160, 240), debt=True),
        Tier("silver", (200, 300), (400, 600), debt=True),
        Tier("gold", (400, 600), (800, 1_200), debt=True),
        Tier("platinum", (450, 675), (900, 1_350), debt=False),
        Tier("diamond", (525, 787), (1_050, 1_575), debt=False),
        Tier("elite", (600, 900), (1_200, 1_800), debt=False),
    )
}
OFF = "off"


@define(eq=False)
class Bucket:
    """Refills continuously up to its burst; `at` is on trio's clock."""

    rate: int
    burst: int
    tokens: float
    at: float

    def refill(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now

    def wait(self, cost: int) -> float:
        """Seconds until `cost` tokens are there."""
        return max(0.0, (cost - self.tokens) / self.rate)


@define(eq=False)
class Limits:
    """Buckets by lower-case signer address; without a tier nothing is counted and nothing is said."""

    tier: Tier | None = None
    wall: Callable[[], float] = lambda: 0.0
    clock: Callable[[], float] = trio.current_time
    buckets: dict[tuple[str, str], Bucket] = field(factory=dict)

    @classmethod
    def of(cls, name: str, wall: Callable[[], float]) -> Limits:
        """The limits of a tier; `off` counts nothing. Raises KeyError for another name."""
        return cls(None if name == OFF else TIERS[name], wall)

    def charged(self, request: Request, address: str, act: Callable[[], object]) -> tuple[object, Headers]:
        """What `act` answers, and the headers of a trading call. Raises Refused 429, or act's own with the headers."""
        place = (request.method, request.path)
        if self.tier is None or place not in _ORDERS | _CANCELS | _SWEEPS:
            return act(), ()
        bucket = self._bucket(self.tier, address, "orders" if place in _ORDERS else "cancels")
        self._take(bucket, _cost(request))
        try:
            answer = act()
        except Refused as refusal:
            refusal.headers = (*refusal.headers, *self._headers(self.tier, bucket))
            raise
        if place in _SWEEPS:
            self._debit(self.tier, bucket, _cancelled(answer))
        return answer, self._headers(self.tier, bucket)

    def _take(self, bucket: Bucket, cost: int) -> None:
        """All of a batch or none of it; one that is larger than the burst never fits."""
        if cost <= bucket.tokens:
            bucket.tokens -= cost
            return
        assert self.tier is not None
        seconds = max(1, math.ceil(bucket.wait(cost)))
        headers = (*self._headers(self.tier, bucket, cost), ("Retry-After", str(seconds)))
        raise Refused(429, "rate limit exceeded", headers=headers)

    def _debit(self, tier: Tier, bucket: Bucket, count: int) -> None:
        """A sweep pays for what it really cancelled, afterwards."""
        bucket.tokens -= count
        if not tier.debt:
            bucket.tokens = max(0.0, bucket.tokens)

    def _bucket(self, tier: Tier, address: str, kind: str) -> Bucket:
        rate, burst = tier.orders if kind == "orders" else tier.cancels
        now = self.clock()
        bucket = self.buckets.setdefault((address.lower(), kind), Bucket(rate, burst, burst, now))
        bucket.refill(now)
        return bucket

    def _headers(self, tier: Tier, bucket: Bucket, cost: int = 1) -> Headers:
        """`Reset` is the wall second from which the next call (or the refused one) fits."""
        return (
            ("Poly-RateLimit-Remaining", str(math.floor(bucket.tokens))),
            ("Poly-RateLimit-Reset", str(math.ceil(self.wall() + bucket.wait(cost)))),
            ("Poly-RateLimit-Tier", tier.name),
            ("Poly-RateLimit-Warning", "false"),
        )


def _cost(request: Request) -> int:
    """One token, or one for each entry of a batch; what is no batch costs nothing and is refused anyway."""
    if request.path not in _BATCHES:
        return 1
    try:
        batch = request.json()
    except ValueError:
        return 0
    return len(batch) if isinstance(batch, Sequence) and not isinstance(batch, str) else 0


def _cancelled(answer: object) -> int:
    cancelled = answer.get("canceled") if isinstance(answer, Mapping) else None
    return len(cancelled) if isinstance(cancelled, Sequence) else 0
