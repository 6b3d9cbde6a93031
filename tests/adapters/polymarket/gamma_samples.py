"""Synthetic Gamma and Data API objects, and a scripted Gamma that answers like the real one."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import httpx

from tests.adapters.polymarket.samples import ADDRESS, COMPLEMENT, CONDITION, TOKEN

POSITION, OPPOSITE = (str((1 << 248) | (0xABCDEF << 120) | (137 << 24) | n) for n in (0, 1))
V2_CONDITION = f"0x{int(POSITION):064x}"[:64]  # 62 digits, as Gamma shows it


def listed(**changes: object) -> dict[str, object]:
    """A market as Gamma shows it."""
    plain: dict[str, object] = {
        "id": "501", "slug": "demo", "question": "Demo?", "conditionId": CONDITION, "version": "v1",
        "outcomes": '["Yes", "No"]', "outcomePrices": '["0.53", "0.47"]', "clobTokenIds": json.dumps([TOKEN, COMPLEMENT]),
        "active": True, "closed": False, "archived": False, "acceptingOrders": True, "enableOrderBook": True,
        "orderPriceMinTickSize": 0.01, "orderMinSize": 5, "negRisk": False, "endDate": "2026-12-31T00:00:00Z",
    }  # fmt: skip
    return {**plain, **changes}


def listed_v2(**changes: object) -> dict[str, object]:
    """A market of Protocol V2: position ids, a condition id of 31 bytes, no token ids."""
    return {
        **{key: value for key, value in listed().items() if key != "clobTokenIds"},
        "version": "v2", "slug": "demo-v2", "conditionId": V2_CONDITION, "positionIds": [POSITION, OPPOSITE],
        "resolutionStatus": "active", **changes,
    }  # fmt: skip


def event(*markets: dict[str, object], **changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "id": "77", "slug": "demo-event", "title": "Demo", "active": True, "closed": False, "negRisk": False,
        "series": [{"id": "9", "slug": "demo-series"}], "markets": list(markets),
    }  # fmt: skip
    return {**plain, **changes}


def position(**changes: object) -> dict[str, object]:
    """A row of `/v2/positions`."""
    plain: dict[str, object] = {
        "proxy_wallet": ADDRESS.lower(), "token_id": TOKEN, "condition_id": CONDITION, "current_size": 12.5,
        "avg_price": 0.48, "current_price": 0.5, "total_cost_usdc": 6.0, "current_value": 6.25, "realized_pnl": -0.5,
        "unrealized_pnl": 0.25, "status": "OPEN", "redeemable": False, "mergeable": False, "negative_risk": False,
        "outcome": "Yes", "outcome_index": 0, "opposite_token_id": COMPLEMENT, "slug": "demo", "event_slug": "demo-event",
        "end_date": "2026-12-31", "last_event_at": 1763628000,
    }  # fmt: skip
    return {**plain, **changes}


def tape(**changes: object) -> dict[str, object]:
    """A row of `/v2/trades`."""
    plain: dict[str, object] = {
        "proxy_wallet": ADDRESS.lower(), "token_id": TOKEN, "condition_id": CONDITION, "side": "SELL", "size": 2.5,
        "price": 0.481, "timestamp": 1763628000, "transaction_hash": "0xaa", "outcome": "Yes", "outcome_index": 0,
    }  # fmt: skip
    return {**plain, **changes}


def envelope(rows: object, cursor: str | None = None) -> dict[str, object]:
    return {
        "data": rows,
        "pagination": {"limit": 2, "offset": 0, "has_more": cursor is not None, "next_cursor": cursor},
    }


class GammaVenue:
    """Gamma and the order book behind one transport: `/clob-markets` answers for every listed market.

    `asked` keeps the addresses in order, so that a test can say which questions were put.
    """

    def __init__(
        self, *markets: dict[str, object], events: tuple[dict[str, object], ...] = (), page: int = 100
    ) -> None:
        self.markets, self.events, self.page = markets, events, page
        self.compacts: dict[str, dict[str, object]] = {}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.raw_path.decode())
        path, query = request.url.path, request.url.params
        *_, kind, last = ["", *path.split("/")]
        if kind == "clob-markets":
            return httpx.Response(200, json=self.compacts[last]) if last in self.compacts else self._missing()
        if last == "keyset":
            return self._keyset(kind, query)
        if path == "/series":
            return httpx.Response(
                200, json=[{"id": "9", "slug": "demo-series"}] if query["slug"] == "demo-series" else []
            )
        if path == "/public-search":
            rows = [one for one in self.events if query["q"] in str(one["title"]).lower()]
            return httpx.Response(200, json={"events": rows, "tags": [], "pagination": {"hasMore": False}})
        known = self.markets if "markets" in path else self.events
        key = "slug" if kind == "slug" else "id"
        found = [row for row in known if row[key] == last]
        return httpx.Response(200, json=found[0]) if found else self._missing()

    def _keyset(self, kind: str, query: httpx.QueryParams) -> httpx.Response:
        rows = list(self.markets if kind == "markets" else self.events)
        rows = [row for row in rows if str(row["closed"]).lower() == query["closed"]]
        if wanted := query.get_list("condition_ids"):
            rows = [row for row in rows if row["conditionId"] in wanted]
        if token := query.get("clob_token_ids"):
            rows = [row for row in rows if token in str(row.get("clobTokenIds"))]
        if token := query.get("position_ids"):
            rows = [row for row in rows if token in str(row.get("positionIds"))]
        start = int(base64.b64decode(query.get("after_cursor", "MA==")))
        body: dict[str, object] = {kind: rows[start : start + self.page]}
        if start + self.page < len(rows):
            body["next_cursor"] = base64.b64encode(str(start + self.page).encode()).decode()
        return httpx.Response(200, json=body)

    def _missing(self) -> httpx.Response:
        return httpx.Response(404, json={"type": "not found error", "error": "slug not found"})


def compacts(*shorts: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The order book's markets by the condition id they are asked for with."""
    return {str(short["c"]): dict(short) for short in shorts}
