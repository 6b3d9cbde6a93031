"""Each key of `limits` that makes requests wait: how it is made to fire, the audit's row, and that requests did wait.

Runs at the practice exchange. A run is compared with the same one as shipped: what waits leaves less often in the same time;
what must not wait leaves as often, and the row says so.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import trio
from attrs import evolve, field, frozen

from actors.model.limit_settings import LimitSettings, WindowSettings
from tests.wiring.at_exchange import AtExchange, at_exchange
from tests.wiring.firing import Fires, settled
from tests.wiring.staging import nothing, quoted
from tests.wiring.world import virtually

Provoke = Callable[[AtExchange], Awaitable[None]]

PLACE, PLACE_MANY, CANCEL = "POST /order", "POST /orders", "DELETE /orders"
ORDERS, TRADES, BOOKS = "GET /data/orders", "GET /data/trades", "POST /books"
BALANCE, REFRESH = "GET /balance-allowance", "GET /balance-allowance/update"

STALE = {"kind": "stale_balance", "spent": 100, "at": 3, "for": 60}
_LOGIN = {"kind": "status", "code": 401, "method": "GET", "path": "/data/orders"}
LOGINS = ({**_LOGIN, "at": 2.5, "for": 3.4}, {**_LOGIN, "at": 9, "for": 6})  # two spells


@frozen
class Waits:
    """What fires the key: its own value and others, what happens, and which requests it keeps waiting.

    `ahead` if the key is only told of, for such requests must not wait.
    """

    keys: Mapping[str, Any]
    what: str
    provoke: Provoke = nothing
    ahead: bool = False
    seconds: float = 25.0
    faults: tuple[Mapping[str, Any], ...] = ()

    def row(self, limits: LimitSettings) -> Fires:
        return Fires(evolve(settled(), limits=limits), "rate_limit", nothing, kind="slowed")

    @property
    def limits(self) -> LimitSettings:
        own = dict(self.keys)
        windows = {name.removeprefix("windows."): own.pop(name) for name in list(own) if name.startswith("windows.")}
        return LimitSettings(**{"share": 1.0, **own}, windows=WindowSettings(**windows))

    @property
    def free(self) -> LimitSettings:
        """As shipped, but for how old an order may become."""
        return LimitSettings(order_ttl=self.keys.get("order_ttl"))

    @property
    def course(self) -> tuple[object, ...]:
        """What happens in the run as shipped."""
        return (self.free, self.provoke, self.seconds, self.faults)


@frozen
class Seen:
    """What a run showed: the audit's rows of the kind `slowed`, and how many requests left of each kind."""

    rows: tuple[str, ...]
    requests: Mapping[str, int] = field(factory=dict)

    def left(self, what: str) -> int:
        return sum(times for request, times in self.requests.items() if re.fullmatch(what, request))


async def seen(waits: Waits, limits: LimitSettings) -> Seen:
    with tempfile.TemporaryDirectory(prefix="pa") as home:
        async with at_exchange(waits.row(limits), Path(home), faults=waits.faults) as stage:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(waits.provoke, stage)
                await trio.sleep(waits.seconds)
                nursery.cancel_scope.cancel()
            return _shown(stage)


def _shown(stage: AtExchange) -> Seen:
    rows = map(json.loads, stage.life.places.trail.read_text(encoding="utf-8").splitlines())
    requests: dict[str, int] = {}
    for _, request in stage.watch.requests:
        requests[request] = requests.get(request, 0) + 1
    assert not stage.watch.breaches, stage.watch.breaches
    return Seen(tuple(row["text"] for row in rows if row["event"] == "slowed"), requests)


async def waited(key: str, waits: Waits) -> None:
    compare(key, waits, await seen(waits, waits.limits), await seen(waits, waits.free))


def compare(key: str, waits: Waits, limited: Seen, free: Seen) -> None:
    """The `key` is named in the audit, and what it is about left less often than without it."""
    verb = "goes ahead" if waits.ahead else "waits"
    assert any(key in row and verb in row for row in limited.rows), (limited.rows, limited.requests)
    assert not any(key in row for row in free.rows), free.rows
    assert free.left(waits.what) > 0, free.requests
    if waits.ahead:
        assert limited.left(waits.what) == free.left(waits.what), (limited.requests, free.requests)
    else:
        assert limited.left(waits.what) < free.left(waits.what), (limited.requests, free.requests)


def as_shipped(waits: Waits) -> Seen:
    """The run that it is compared with: a seeded one, so that all keys of one course share it."""
    return _as_shipped(next(key for key, other in WAITS.items() if other.course == waits.course))


@cache
def _as_shipped(key: str) -> Seen:
    return virtually(partial(seen, WAITS[key], WAITS[key].free))


# ── what provokes ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def flap(of: AtExchange) -> None:
    """A person stops the market and lets it go on, again and again."""
    while True:
        await trio.sleep(2.0)
        of.obey("pause", {})
        await trio.sleep(1.0)
        of.obey("resume", {})


async def drift(of: AtExchange) -> None:
    """The price goes up and down."""
    while True:
        for bid in (4900, 5000, 4800, 4700):
            await trio.sleep(2.0)
            await of.move(bid)


async def cancel_all(of: AtExchange) -> None:
    of.watch.cancels_all = lambda: True
    while True:
        await trio.sleep(4.0)
        of.obey("cancel-all", {})


async def crash_trackers(of: AtExchange) -> None:
    await _crash(of, "tracker")


async def crash_feeds(of: AtExchange) -> None:
    await _crash(of, "feed")


async def _crash(of: AtExchange, actor: str) -> None:
    """A few times: a new life reads what the former one may have missed."""
    for _ in range(3):
        await trio.sleep(3.2)
        of.obey("drill", {"market": "alpha", "actor": actor})


async def sell(of: AtExchange) -> None:
    await quoted(of)
    await of.take_buy()


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────────


_TABLE: dict[str, Waits] = {
    "order_burst": Waits({"order_rate": 0.1, "order_burst": 3}, PLACE_MANY, flap),
    "cancel_rate": Waits({"cancel_rate": 0.1, "cancel_burst": 4, "cancel_reserve": 0}, CANCEL, drift),
    "cancel_burst": Waits({"cancel_rate": 0.2, "cancel_burst": 2, "cancel_reserve": 0}, CANCEL, drift),
    "cancel_reserve": Waits({"cancel_rate": 0.1, "cancel_burst": 12, "cancel_reserve": 11, "order_ttl": 5.0}, CANCEL),
    "read_rate": Waits({"read_rate": 0.2, "read_burst": 8}, BOOKS, drift),
    "read_burst": Waits({"read_rate": 0.5, "read_burst": 4}, BOOKS, drift),
    "share": Waits({"share": 0.01, "windows.books": 200}, BOOKS, drift),
    "windows.everything": Waits({"windows.everything": 8}, f"{PLACE}s?", drift),
    "windows.clob": Waits({"windows.clob": 8}, f"{PLACE}s?", drift),
    "windows.place": Waits({"windows.place": 1}, PLACE, drift),
    "windows.place_sustained": Waits({"windows.place_sustained": 1}, PLACE, drift),
    "windows.place_many": Waits({"windows.place_many": 1}, PLACE_MANY, flap),
    "windows.place_many_sustained": Waits({"windows.place_many_sustained": 1}, PLACE_MANY, flap),
    "windows.cancel": Waits({"windows.cancel": 1}, CANCEL, drift),
    "windows.cancel_sustained": Waits({"windows.cancel_sustained": 1}, CANCEL, drift),
    "windows.cancel_all": Waits({"windows.cancel_all": 1}, "DELETE /cancel-all", cancel_all, ahead=True),
    "windows.cancel_all_sustained": Waits(
        {"windows.cancel_all_sustained": 1}, "DELETE /cancel-all", cancel_all, ahead=True
    ),
    "windows.ledger": Waits({"windows.ledger": 2}, ORDERS, crash_trackers),
    "windows.open_orders": Waits({"windows.open_orders": 2}, ORDERS, crash_trackers),
    "windows.trades": Waits({"windows.trades": 1}, TRADES, crash_trackers, seconds=9.0),
    "windows.balance": Waits({"windows.balance": 1}, BALANCE, ahead=True),
    "windows.refresh": Waits({"windows.refresh": 1}, REFRESH, sell, faults=(STALE,)),
    "windows.books": Waits({"windows.books": 1}, BOOKS, drift),
    "windows.keys": Waits({"windows.keys": 1}, "GET /auth/derive-api-key", crash_trackers, seconds=17.0, faults=LOGINS),
    "windows.gamma_markets": Waits({"windows.gamma_markets": 1}, "GET /markets/keyset", crash_feeds, seconds=9.0),
}

WAITS: dict[str, Waits] = {f"limits.{key}": waits for key, waits in _TABLE.items()}
