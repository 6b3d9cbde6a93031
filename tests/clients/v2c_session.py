"""py-clob-client-v2 from key creation to fills, unchanged, against the exchange of a banner (the only argument).

It cannot merge: the library has no on-chain call. Prints what it does; the last line is a JSON report.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from py_clob_client_v2 import client as sdk
from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    MarketOrderArgsV2,
    OpenOrderParams,
    OrderArgsV2,
    OrderPayload,
    OrderType,
    PostOrdersV2Args,
    TradeParams,
)

Report = dict[str, Any]


def main(banner: dict[str, Any]) -> Report:
    first, second = banner["accounts"][:2]
    ann, bob = _login(banner, first, "ann"), _login(banner, second, "bob")
    market = next(market for market in banner["markets"] if market["slug"] == "demo-election")
    report: Report = {"owner": first["address"], "before": _cash(ann)}
    report |= _look(ann, market) | _fill(ann, bob, market) | _rest(ann, market) | _batch(ann, market)
    report["heartbeats"] = _beat(ann)
    report |= {"after": _cash(ann), "shares": _shares(ann, market["token_ids"][0])}
    report |= {"cancelled_at_last": ann.cancel_all()["canceled"], "open_at_last": ann.get_open_orders()}
    return report


def _login(banner: dict[str, Any], account: dict[str, str], name: str) -> sdk.ClobClient:
    client = sdk.ClobClient(banner["clob_url"], chain_id=137, key=account["private_key"])
    created = client.create_api_key()
    client.set_api_creds(created)
    assert client.derive_api_key().api_key == created.api_key
    print(f"{name} has a key:", client.get_api_keys(), "version", client.get_version())
    return client


def _look(client: sdk.ClobClient, market: dict[str, Any]) -> Report:
    token = market["token_ids"][0]
    page, book = client.get_markets(), client.get_order_book(token)
    print(
        "markets:", [one["market_slug"] for one in page["data"]], "book of", market["slug"], book["asset_id"] == token
    )
    return {
        "slugs": [one["market_slug"] for one in page["data"]],
        "tick": client.get_tick_size(token),
        "condition": client.get_market(market["condition_id"])["condition_id"],
    }


def _fill(ann: sdk.ClobClient, bob: sdk.ClobClient, market: dict[str, Any]) -> Report:
    """Bob offers NO by bidding for it, Ann takes it as YES: minted for both."""
    yes, no = market["token_ids"]
    resting = bob.create_and_post_order(OrderArgsV2(token_id=no, price=0.45, size=60, side="BUY"))
    limit = ann.create_and_post_order(OrderArgsV2(token_id=yes, price=0.55, size=20, side="BUY"))
    taken = ann.create_and_post_market_order(
        MarketOrderArgsV2(token_id=yes, amount=11, side="BUY", order_type=OrderType.FAK), order_type=OrderType.FAK
    )
    print("bob rests", resting["status"], "- ann takes", limit["status"], taken["status"])
    trades = _mined(ann, market["condition_id"], 2)
    filled = bob.get_order(resting["orderID"])
    return {
        "statuses": [resting["status"], limit["status"], taken["status"]],
        "trades": sorted((trade["price"], trade["size"], trade["trader_side"]) for trade in trades),
        "maker_matched": filled["size_matched"],
    }


def _mined(client: sdk.ClobClient, condition: str, count: int) -> list[Any]:
    """The trades of a market once they are all on the chain."""
    for _ in range(60):
        trades = list(client.get_trades(TradeParams(market=condition)))
        if len(trades) == count and all("MATCHED" not in trade["status"] for trade in trades):
            break
        time.sleep(0.2)
    return trades


def _rest(client: sdk.ClobClient, market: dict[str, Any]) -> Report:
    yes = market["token_ids"][0]
    order = client.create_order(OrderArgsV2(token_id=yes, price=0.31, size=10, side="BUY"))
    placed = client.post_order(order, OrderType.GTC, post_only=True)
    listed = [one["id"] for one in client.get_open_orders(OpenOrderParams(market=market["condition_id"]))]
    cancelled = client.cancel_order(OrderPayload(orderID=placed["orderID"]))
    print("one order lived from", placed["status"], "to", cancelled)
    return {"listed": listed == [placed["orderID"]], "cancelled": cancelled["canceled"] == [placed["orderID"]]}


def _batch(client: sdk.ClobClient, market: dict[str, Any]) -> Report:
    """Three at once, of which one is below the minimum size; then the two others go."""
    yes = market["token_ids"][0]
    sizes = (10, 1, 12)
    orders = [client.create_order(OrderArgsV2(token_id=yes, price=0.3, size=size, side="BUY")) for size in sizes]
    legs = client.post_orders([PostOrdersV2Args(order=order, orderType=OrderType.GTC) for order in orders])
    live = [leg["orderID"] for leg in legs if leg["orderID"]]
    print("batch:", [leg["status"] or leg["errorMsg"] for leg in legs])
    gone = client.cancel_orders(live)["canceled"]
    return {
        "batch_live": len(live),
        "batch_error": legs[1]["errorMsg"],
        "batch_cancelled": sorted(gone) == sorted(live),
    }


def _beat(client: sdk.ClobClient) -> int:
    first = client.post_heartbeat("")["heartbeat_id"]
    second = client.post_heartbeat(first)["heartbeat_id"]
    return len({first, second})


def _cash(client: sdk.ClobClient) -> int:
    client.update_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))
    return int(client.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))["balance"])


def _shares(client: sdk.ClobClient, token: str) -> int:
    params = BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=token)
    return int(client.get_balance_allowance(params)["balance"])


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
