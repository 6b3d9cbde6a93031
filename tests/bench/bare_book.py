"""The bare venue's one market and its book as frames: a bid at 0.48, and an ask at 0.52 while narrow, else at 0.90."""

from __future__ import annotations

import json

from actors.model.market import Market
from actors.model.numbers import SHARE, Price, Size

Json = dict[str, object]

MARKET = Market(
    slug="bench",
    condition_id=f"0x{7:064x}",
    yes=str(int("1f" * 32, 16)),
    no=str(int("2e" * 32, 16)),
    tick=Price(100),
    min_size=Size(5 * SHARE),
)


def book(*, narrow: bool) -> bytes:
    """The snapshots of both tokens in one frame."""
    return json.dumps([_snapshot(token, narrow=narrow) for token in MARKET.tokens]).encode()


def price_change(*, narrow: bool) -> bytes:
    """The price_change frame that shows or removes the near ask, in both tokens, keys in the venue's order."""
    size = "500" if narrow else "0"
    best = {"best_bid": "0.48", "best_ask": "0.52"}
    yes = best if narrow else {**best, "best_ask": "0.9"}
    no = best if narrow else {**best, "best_bid": "0.1"}
    common = {"size": size, "hash": "1c" * 20}
    changes = [
        {"asset_id": MARKET.yes, "price": "0.52", "side": "SELL", **common, **yes},
        {"asset_id": MARKET.no, "price": "0.48", "side": "BUY", **common, **no},
    ]
    frame = {"market": MARKET.condition_id, "price_changes": changes, "timestamp": "1763628000000"}
    return json.dumps({**frame, "event_type": "price_change"}, separators=(",", ":")).encode()


def _snapshot(token: str, *, narrow: bool) -> Json:
    """NO mirrors YES."""
    if token == MARKET.yes:
        bids, asks = ["0.48"], ["0.52", "0.9"] if narrow else ["0.9"]
    else:
        bids, asks = ["0.48", "0.1"] if narrow else ["0.1"], ["0.52"]
    sides = {"bids": _levels(bids), "asks": _levels(asks)}
    return {"event_type": "book", "market": MARKET.condition_id, "asset_id": token, **sides}


def _levels(prices: list[str]) -> list[dict[str, str]]:
    return [{"price": price, "size": "500"} for price in prices]
