"""How often one address may call: the venue's sliding windows per path (polymarket.md §12.1). Knows no account.

Cloudflare delays first and refuses later; the emulator refuses at once, as text without the venue's own headers.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator

import trio
from attrs import define, field, frozen

from adapters.emulator.http import Request, Response

_TEN_SECONDS, _MINUTE, _TEN_MINUTES = 10, 60, 600
_SLICES = 100  # a window is counted in so many steps


@frozen
class Window:
    """At most `most` calls in any `seconds`, of a service (any: empty) and one of some `METHOD /path` or `/path`.

    A path that ends with `/` means everything below it; no paths at all means every one.
    """

    service: str
    paths: tuple[str, ...]
    most: int
    seconds: int = _TEN_SECONDS

    def covers(self, service: str, request: Request) -> bool:
        if self.service not in ("", service):
            return False
        return not self.paths or any(_matches(path, request) for path in self.paths)


def _matches(wanted: str, request: Request) -> bool:
    method, _, path = wanted.rpartition(" ")
    if method not in ("", request.method):
        return False
    return request.path.startswith(path) if path.endswith("/") else request.path == path


def _trading(place: str, burst: int, sustained: int) -> tuple[Window, Window]:
    return Window("clob", (place,), burst), Window("clob", (place,), sustained, _TEN_MINUTES)


WINDOWS = (
    Window("", (), 15_000),
    Window("", ("/ok",), 100),
    Window("clob", (), 9_000),
    Window("clob", ("/book",), 1_500),
    Window("clob", ("/books",), 500),
    Window("clob", ("/price",), 1_500),
    Window("clob", ("/midpoint",), 1_500),
    Window("clob", ("/prices",), 500),
    Window("clob", ("/midpoints",), 500),
    Window("clob", ("/prices-history",), 1_000),
    Window("clob", ("/tick-size", "/tick-size/"), 200),
    Window("clob", ("/data/trades", "/data/orders", "/notifications", "/data/order/"), 900),
    Window("clob", ("/data/orders",), 500),
    Window("clob", ("/data/trades",), 500),
    Window("clob", ("/notifications",), 125),
    Window("clob", ("/auth/",), 100),
    Window("clob", ("/balance-allowance",), 200),
    Window("clob", ("/balance-allowance/update",), 50),
    *_trading("POST /order", 5_000, 120_000),
    *_trading("DELETE /order", 5_000, 120_000),
    *_trading("POST /orders", 2_000, 21_000),
    *_trading("DELETE /orders", 2_000, 15_000),
    *_trading("DELETE /cancel-all", 250, 6_000),
    *_trading("DELETE /cancel-market-orders", 1_500, 21_000),
    Window("gamma", (), 4_000),
    Window("gamma", ("/events",), 500),
    Window("gamma", ("/markets",), 300),
    Window("gamma", ("/events", "/markets"), 900),
    Window("gamma", ("/comments",), 200),
    Window("gamma", ("/tags", "/tags/"), 200),
    Window("gamma", ("/public-search",), 350),
    Window("data", (), 800),
    Window("data", ("/v2/trades",), 300),
    Window("data", ("/v2/positions",), 200),
    Window("data", ("/v2/activity",), 200),
    Window("data", ("/v2/prices-history",), 200),
    Window("relayer", ("/submit",), 25, _MINUTE),
)


@define(eq=False)
class Count:
    """Calls of one window, in slices: `recent` is (slice number, calls), oldest first."""

    seconds: int
    total: int = 0
    recent: deque[tuple[int, int]] = field(factory=deque)

    def forget(self, now: float) -> None:
        oldest = self._slice(now) - _SLICES
        while self.recent and self.recent[0][0] <= oldest:
            self.total -= self.recent.popleft()[1]

    def add(self, now: float) -> None:
        number = self._slice(now)
        before = self.recent.pop()[1] if self.recent and self.recent[-1][0] == number else 0
        self.recent.append((number, before + 1))
        self.total += 1

    def wait(self, now: float) -> float:
        """Seconds until the oldest slice leaves the window."""
        return (self.recent[0][0] + _SLICES + 1) * self.seconds / _SLICES - now if self.recent else 0.0

    def _slice(self, now: float) -> int:
        return int(now * _SLICES // self.seconds)


@define(eq=False)
class Gates:
    """All callers share one address here: this machine. `shut` without `on` never counts."""

    on: bool = False
    clock: Callable[[], float] = trio.current_time
    counts: dict[Window, Count] = field(factory=dict)

    def shut(self, service: str, request: Request) -> Response | None:
        """The refusal, if any window is full; a refused call is not counted."""
        if not self.on:
            return None
        now, counts = self.clock(), []
        for window, count in self._covering(service, request):
            count.forget(now)
            if count.total >= window.most:
                return _too_many(count.wait(now))
            counts.append(count)
        for count in counts:
            count.add(now)
        return None

    def _covering(self, service: str, request: Request) -> Iterator[tuple[Window, Count]]:
        for window in WINDOWS:
            if window.covers(service, request):
                yield window, self.counts.setdefault(window, Count(window.seconds))


def _too_many(seconds: float) -> Response:
    retry = (("Retry-After", str(max(1, math.ceil(seconds)))),)
    return Response(b"error code: 1015", 429, retry, "text/plain; charset=UTF-8")
