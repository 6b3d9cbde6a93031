"""A venue that answers everything the adapters ask, and bends what it says: wild JSON, bytes, statuses, headers and cuts.

Right answers first, then a few things wrong with each; a plain generator draws a hundred of them in the time of ten of
Hypothesis's. What a client has sent it may say back to it, secrets included.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
from attrs import define, field

from tests.adapters.polymarket.gamma_samples import GammaVenue, envelope, event, listed, listed_v2, position, tape
from tests.adapters.polymarket.samples import (
    ADDRESS,
    API_SECRET,
    CONDITION,
    NOW,
    OWNER,
    TOKEN,
    compact,
    full,
    order,
    page,
    trade,
)

TEXTS = (
    *("", "0", "-1", "1", "0.5", "9" * 11, "9" * 400, "1e400", "nan", "-inf", "٣", "²", "\ud800", "\0", "null", "\n"),
    *("LTE=", "MA==", "%%%", "a,b", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "Yes"),
    *(ADDRESS, CONDITION, TOKEN, "0x" + "zz" * 20, "BUY", "SELL", "LIVE", "MATCHED", "FAILED", "STATE_NEW", "v2"),
    *("/../x", "trading is disabled", "Duplicated 0x", "not enough balance", "post-only mode", '["a"]', "[" * 500),
)
NUMBERS = (0, -1, 1, 5, 2**53, 2**64, 10**400, 1.5, 0.1, -0.0, 1e300, float("inf"), float("nan"))
STATUSES = (100, 200, 200, 201, 204, 301, 400, 401, 403, 404, 418, 425, 429, 500, 502, 503, 599)
RAW = (b"", b"{", b"\xff\xfe", b"null", b"1" * 5000, b"[" * 5000, b'"', b"<html>nginx</html>", b'{"error":', b"\0")
HEADERS = (
    *(
        ("retry-after", text)
        for text in ("-1", "1e999", "nan", "5", "9" * 400, "soon", "Wed, 21 Oct 2026 07:28:00 GMT")
    ),
    *(("poly-ratelimit-remaining", "-5"), ("poly-ratelimit-reset", "x"), ("content-encoding", "gzip")),
    *(("content-type", "text/plain; charset=no-such"), ("content-encoding", "br, zstd"), ("location", "http://[")),
)
FAILURES: tuple[Callable[[httpx.Request], Exception], ...] = (
    lambda request: httpx.ReadTimeout("nothing for 5 s", request=request),
    lambda request: httpx.ConnectError("refused", request=request),
    lambda request: httpx.RemoteProtocolError("peer closed connection", request=request),
    lambda request: httpx.PoolTimeout("none free", request=request),
    lambda request: httpx.WriteError("broken pipe", request=request),
)


def anything(rng: Random, depth: int = 3) -> Any:  # noqa: ANN401 - JSON
    """A JSON value of any shape."""
    kind = rng.randrange(7 if depth else 4)
    if kind < 4:
        return (rng.choice(TEXTS), rng.choice(NUMBERS), None, rng.random() < 0.5)[kind]
    children = [anything(rng, depth - 1) for _ in range(rng.randrange(4))]
    return children if kind == 4 else {rng.choice(TEXTS): child for child in children}


def bent(rng: Random, right: Any, times: int) -> Any:  # noqa: ANN401 - JSON
    """The value with so many of its parts replaced, doubled or left out."""
    value = json.loads(json.dumps(right))
    for _ in range(times):
        value = _bend(rng, value)
    return value


def _bend(rng: Random, value: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(value, dict | list) or not value or rng.random() < 0.1:
        return anything(rng)
    at = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    if rng.random() < 0.6:
        value[at] = _bend(rng, value[at])
    elif isinstance(value, list):
        value.insert(at, value[at])
    else:
        value.pop(at)
    return value


@define
class WildVenue:
    """Every service behind one transport; `clock` is what it takes the time for, `wild` the part of answers that are not right."""

    rng: Random
    clock: Callable[[], float] = lambda: NOW
    wild: float = 1.0
    gamma: GammaVenue = field(init=False)

    def __attrs_post_init__(self) -> None:
        markets = listed(), listed_v2()
        self.gamma = GammaVenue(*markets, events=(event(*markets),))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Raises what httpx raises for a network that fails."""
        rng = self.rng
        if rng.random() >= self.wild:
            return httpx.Response(200, json=self._right(request))
        if rng.random() < 0.05:
            raise rng.choice(FAILURES)(request)
        status = 200 if rng.random() < 0.7 else rng.choice(STATUSES)
        headers = [rng.choice(HEADERS)] if rng.random() < 0.2 else []
        return httpx.Response(status, content=self._body(request), headers=headers)

    def _body(self, request: httpx.Request) -> bytes:
        rng = self.rng
        if rng.random() < 0.1:
            return rng.choice(RAW) + rng.randbytes(rng.randrange(3))
        if rng.random() < 0.1:  # such as a proxy's page of what it was asked
            said = rng.choice([str(dict(request.headers)), request.content.decode(errors="replace"), str(request.url)])
            return json.dumps({rng.choice(["error", "errorMsg", "error_msg"]): said}).encode()
        value = bent(rng, self._right(request), rng.choice((0, 0, 1, 1, 2, 4)))
        return json.dumps(value).encode(errors="replace")

    def _right(self, request: httpx.Request) -> Any:  # noqa: ANN401 - JSON
        path = request.url.path
        known: dict[str, Any] = {
            "/time": int(self.clock()),
            "/markets": page([full()]),
            f"/markets/{CONDITION}": full(),
            "/books": [_book(TOKEN)],
            "/data/orders": page([order(), order(id="0x" + "36" * 32)]),
            "/data/trades": page([trade()]),
            "/order": _placed("0x" + "35" * 32),
            "/orders": [_placed("0x" + "35" * 32), _placed("")],
            "/cancel-all": {"canceled": ["0x1"], "not_canceled": {"0x2": "matched"}},
            "/balance-allowance": {"balance": "1000000", "allowances": {ADDRESS: "1"}},
            "/balance-allowance/update": {},
            "/v1/heartbeats": {"heartbeat_id": "6c8c-1"},
            "/auth/api-key": {"apiKey": OWNER, "secret": API_SECRET, "passphrase": "x"},
            "/auth/derive-api-key": {"apiKey": OWNER, "secret": API_SECRET, "passphrase": "x"},
            "/v2/positions": envelope([position()]),
            "/v2/trades": envelope([tape()]),
            "/v2/value": {"data": {"proxy_wallet": ADDRESS, "value": 3.5}},
            "/relay-payload": {"address": ADDRESS, "nonce": "3"},
            "/v1/account/transactions/params": {"address": ADDRESS, "nonce": "3"},
            "/submit": {"transactionID": "0190-a", "state": "STATE_NEW"},
            "/transactions": [{"transactionID": "0190-a", "state": "STATE_MINED", "nonce": "3", "metadata": "x"}],
            "/api/geoblock": {"blocked": False, "country": "AT", "region": "9", "ip": "203.0.113.7"},
        }
        if request.method == "DELETE":
            return known["/cancel-all"]
        if path in known:
            return known[path]
        for start, right in (
            ("/data/order/", order()),
            ("/clob-markets/", compact()),
            ("/markets-by-token/", {"condition_id": CONDITION}),
            ("/v1/account/transactions/", {"transaction_id": "0190-a", "state": "STATE_CONFIRMED", "nonce": "3"}),
        ):
            if path.startswith(start):
                return right
        return json.loads(self.gamma(request).content)


def _book(token: str) -> dict[str, Any]:
    levels = {"bids": [{"price": "0.48", "size": "30"}], "asks": [{"price": "0.52", "size": "60"}]}
    return {"market": CONDITION, "asset_id": token, "hash": "9f", "timestamp": "1", "tick_size": "0.01", **levels}


def _placed(order_id: str) -> dict[str, Any]:
    return {"success": True, "errorMsg": "", "orderID": order_id, "status": "live", "makingAmount": "", "tradeIDs": []}
