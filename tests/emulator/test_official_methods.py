"""Every public method of the venue's own Python client, on a real socket, against what it should answer."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import trio
from attrs import frozen
from py_clob_client_v2 import client as sdk
from py_clob_client_v2.clob_types import (
    ApiCreds,
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    BuilderTradeParams,
    DropNotificationParams,
    MarketOrderArgsV2,
    OpenOrderParams,
    OrderArgsV2,
    OrderMarketCancelParams,
    OrderPayload,
    OrderScoringParams,
    OrdersScoringParams,
    OrderType,
    PostOrdersV2Args,
    PricesHistoryParams,
    TradeParams,
)
from py_clob_client_v2.exceptions import PolyApiException

from adapters.emulator.accounts import FUNDED
from adapters.emulator.builders import code_of
from tests.emulator.test_official_client import _fresh_connections, logged_in, run, served

__all__ = ["_fresh_connections"]  # a fixture that this module wants too

NOBODY = "0x" + "ee" * 32
CODE = code_of(FUNDED[0].address)


@frozen
class World:
    """A venue where Bob rests, Ann took some of it, and both still have an order in the market."""

    url: str
    condition: str
    yes: str
    no: str
    traded: str
    resting: str
    today: str


def prepared(url: str, market: Any) -> tuple[World, sdk.ClobClient]:  # noqa: ANN401 - a Market
    ann, bob = logged_in(url, 0), logged_in(url, 1)
    ann.create_builder_api_key()
    bob.create_and_post_order(OrderArgsV2(token_id=market.no, price=0.45, size=100, side="BUY"))
    order = MarketOrderArgsV2(token_id=market.yes, amount=22, side="BUY", order_type=OrderType.FOK, builder_code=CODE)
    taken = ann.create_and_post_market_order(order, order_type=OrderType.FOK)
    resting = ann.create_and_post_order(OrderArgsV2(token_id=market.yes, price=0.53, size=50, side="BUY"))
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    return World(url, market.condition_id, market.yes, market.no, taken["tradeIDs"][0], resting["orderID"], today), ann


Case = tuple[str, Callable[[sdk.ClobClient, World], Any], Callable[[Any, World], object]]


def args(w: World, price: float = 0.4, size: float = 10) -> OrderArgsV2:
    return OrderArgsV2(token_id=w.yes, price=price, size=size, side="BUY")


def collateral() -> BalanceAllowanceParams:
    return BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)


def both(w: World, side: str = "") -> list[BookParams]:
    return [BookParams(token_id=w.yes, side=side), BookParams(token_id=w.no, side=side)]


SERVER: list[Case] = [
    ("get_ok", lambda c, w: c.get_ok(), lambda got, w: got == "OK"),
    ("get_server_time", lambda c, w: c.get_server_time(), lambda got, w: abs(got - time.time()) < 3),
    ("get_version", lambda c, w: c.get_version(), lambda got, w: got == 2),
    ("get_address", lambda c, w: c.get_address(), lambda got, w: got == FUNDED[0].address),
    ("assert_level_1_auth", lambda c, w: c.assert_level_1_auth(), lambda got, w: got is None),
    ("assert_level_2_auth", lambda c, w: c.assert_level_2_auth(), lambda got, w: got is None),
]

MARKETS: list[Case] = [
    ("get_markets", lambda c, w: c.get_markets(), lambda got, w: got["count"] == 5),
    ("get_simplified_markets", lambda c, w: c.get_simplified_markets(), lambda got, w: got["count"] == 5),
    (
        "get_sampling_markets",
        lambda c, w: c.get_sampling_markets(),
        lambda got, w: [m["condition_id"] for m in got["data"]] == [w.condition],
    ),
    (
        "get_sampling_simplified_markets",
        lambda c, w: c.get_sampling_simplified_markets(),
        lambda got, w: [m["rewards"]["min_size"] for m in got["data"]] == [20],
    ),
    ("get_market", lambda c, w: c.get_market(w.condition), lambda got, w: got["tokens"][0]["token_id"] == w.yes),
    ("get_clob_market_info", lambda c, w: c.get_clob_market_info(w.condition), lambda got, w: got["r"]["ma"] == 3.5),
    (
        "get_market_trades_events",
        lambda c, w: c.get_market_trades_events(w.condition),
        lambda got, w: [(e["price"], e["size"], e["side"]) for e in got] == [("0.55", "40", "BUY")],
    ),
    ("get_tick_size", lambda c, w: c.get_tick_size(w.yes), lambda got, w: got == "0.01"),
    ("get_neg_risk", lambda c, w: c.get_neg_risk(w.yes), lambda got, w: got is False),
    ("get_fee_rate_bps", lambda c, w: c.get_fee_rate_bps(w.yes), lambda got, w: got == 1000),
    ("get_fee_exponent", lambda c, w: c.get_fee_exponent(w.yes), lambda got, w: got == 1),
    ("get_current_rewards", lambda c, w: c.get_current_rewards(), lambda got, w: got[0]["native_daily_rate"] == 100),
    (
        "get_raw_rewards_for_market",
        lambda c, w: c.get_raw_rewards_for_market(w.condition),
        lambda got, w: got[0]["rewards_config"][0]["rate_per_day"] == 100,
    ),
]

PRICES: list[Case] = [
    (
        "get_order_book",
        lambda c, w: c.get_order_book(w.yes),
        lambda got, w: (
            (got["bids"], got["asks"]) == ([{"price": "0.53", "size": "50"}], [{"price": "0.55", "size": "60"}])
        ),
    ),
    (
        "get_order_books",
        lambda c, w: c.get_order_books(both(w)),
        lambda got, w: [b["asset_id"] for b in got] == [w.yes, w.no],
    ),
    (
        "get_order_book_hash",
        lambda c, w: (lambda book: (c.get_order_book_hash(dict(book)), book["hash"]))(c.get_order_book(w.yes)),
        lambda got, w: got[0] == got[1],
    ),
    ("get_midpoint", lambda c, w: c.get_midpoint(w.yes), lambda got, w: got == {"mid": "0.54"}),
    ("get_midpoints", lambda c, w: c.get_midpoints(both(w)), lambda got, w: got == {w.yes: "0.54", w.no: "0.46"}),
    ("get_price", lambda c, w: c.get_price(w.yes, "SELL"), lambda got, w: got == {"price": "0.55"}),
    (
        "get_prices",
        lambda c, w: c.get_prices(both(w, "BUY")),
        lambda got, w: got == {w.yes: {"BUY": "0.53"}, w.no: {"BUY": "0.45"}},
    ),
    ("get_spread", lambda c, w: c.get_spread(w.yes), lambda got, w: got == {"spread": "0.02"}),
    ("get_spreads", lambda c, w: c.get_spreads(both(w)), lambda got, w: got == {w.yes: "0.02", w.no: "0.02"}),
    (
        "get_last_trade_price",
        lambda c, w: c.get_last_trade_price(w.no),
        lambda got, w: got == {"price": "0.45", "side": "BUY"},
    ),
    (
        "get_last_trades_prices",
        lambda c, w: c.get_last_trades_prices(both(w)),
        lambda got, w: [(row["token_id"], row["price"]) for row in got] == [(w.yes, "0.55"), (w.no, "0.45")],
    ),
    (
        "get_prices_history",
        lambda c, w: c.get_prices_history(PricesHistoryParams(market=w.yes, interval="1d", fidelity=5)),
        lambda got, w: [point["p"] for point in got["history"]] == [0.55],
    ),
    ("calculate_market_price", lambda c, w: c.calculate_market_price(w.yes, "BUY", 10), lambda got, w: got == 0.55),
]

ACCOUNT: list[Case] = [
    (
        "get_open_orders",
        lambda c, w: c.get_open_orders(OpenOrderParams(market=w.condition)),
        lambda got, w: [order["id"] for order in got] == [w.resting],
    ),
    ("get_pre_migration_orders", lambda c, w: c.get_pre_migration_orders(), lambda got, w: got == []),
    (
        "get_order",
        lambda c, w: c.get_order(w.resting),
        lambda got, w: (got["status"], got["price"]) == ("LIVE", "0.53"),
    ),
    (
        "get_trades",
        lambda c, w: c.get_trades(TradeParams(id=w.traded)),
        lambda got, w: [t["size"] for t in got] == ["40"],
    ),
    (
        "get_trades_paginated",
        lambda c, w: c.get_trades_paginated(TradeParams(asset_id=w.yes)),
        lambda got, w: (got["count"], got["next_cursor"], got["trades"][0]["id"]) == (1, "LTE=", w.traded),
    ),
    (
        "get_builder_trades",
        lambda c, w: c.get_builder_trades(BuilderTradeParams(builder_code=CODE)),
        lambda got, w: [(t["id"], t["tradeType"], t["sizeUsdc"]) for t in got["trades"]] == [(w.traded, "TAKER", "22")],
    ),
    (
        "get_balance_allowance",
        lambda c, w: c.get_balance_allowance(collateral()),
        lambda got, w: len(got["allowances"]) == 3 and int(got["balance"]) > 9_900 * 10**6,
    ),
    ("update_balance_allowance", lambda c, w: c.update_balance_allowance(collateral()), lambda got, w: got),
    (
        "is_order_scoring",
        lambda c, w: c.is_order_scoring(OrderScoringParams(orderId=w.resting)),
        lambda got, w: got == {"scoring": False},
    ),
    (
        "are_orders_scoring",
        lambda c, w: c.are_orders_scoring(OrdersScoringParams(orderIds=[w.resting, NOBODY])),
        lambda got, w: got == {w.resting: False, NOBODY: False},
    ),
    (
        "get_notifications",
        lambda c, w: c.get_notifications(),
        lambda got, w: [(n["type"], n["payload"]["matched_size"]) for n in got] == [(2, "40")],
    ),
    (
        "drop_notifications",
        lambda c, w: (
            c.drop_notifications(DropNotificationParams(ids=[str(n["id"]) for n in c.get_notifications()])),
            c.get_notifications(),
        ),
        lambda got, w: got == ("OK", []),
    ),
    ("get_earnings_for_user_for_day", lambda c, w: c.get_earnings_for_user_for_day(w.today), lambda got, w: got == []),
    (
        "get_total_earnings_for_user_for_day",
        lambda c, w: c.get_total_earnings_for_user_for_day(w.today),
        lambda got, w: got == [],
    ),
    (
        "get_user_earnings_and_markets_config",
        lambda c, w: c.get_user_earnings_and_markets_config(w.today),
        lambda got, w: [(row["condition_id"], row["earning_percentage"]) for row in got] == [(w.condition, 0)],
    ),
    ("get_reward_percentages", lambda c, w: c.get_reward_percentages(), lambda got, w: got == {}),
]

ORDERS: list[Case] = [
    ("create_order", lambda c, w: c.create_order(args(w)), lambda got, w: got.makerAmount == "4000000"),
    ("post_order", lambda c, w: c.post_order(c.create_order(args(w))), lambda got, w: got["status"] == "live"),
    (
        "post_orders",
        lambda c, w: c.post_orders([PostOrdersV2Args(order=c.create_order(args(w, price))) for price in (0.3, 0.31)]),
        lambda got, w: [leg["status"] for leg in got] == ["live", "live"],
    ),
    (
        "create_and_post_order",
        lambda c, w: c.create_and_post_order(args(w), post_only=True),
        lambda got, w: (got["success"], got["errorMsg"], got["tradeIDs"]) == (True, "", []),
    ),
    (
        "create_market_order",
        lambda c, w: c.create_market_order(MarketOrderArgsV2(token_id=w.yes, amount=11, side="BUY")),
        lambda got, w: (got.makerAmount, got.takerAmount) == ("11000000", "20000000"),
    ),
    (
        "create_and_post_market_order",
        lambda c, w: c.create_and_post_market_order(MarketOrderArgsV2(token_id=w.yes, amount=11, side="BUY")),
        lambda got, w: (got["status"], got["takingAmount"]) == ("matched", "20"),
    ),
    (
        "cancel_order",
        lambda c, w: c.cancel_order(OrderPayload(orderID=w.resting)),
        lambda got, w: got == {"canceled": [w.resting], "not_canceled": {}},
    ),
    (
        "cancel_orders",
        lambda c, w: c.cancel_orders([w.resting, NOBODY]),
        lambda got, w: (
            got["not_canceled"]
            == {w.resting: "already canceled or matched", NOBODY: "Order not found or already canceled"}
        ),
    ),
    (
        "cancel_market_orders",
        lambda c, w: c.cancel_market_orders(OrderMarketCancelParams(market=w.condition, asset_id=w.yes)),
        lambda got, w: len(got["canceled"]) == 4,
    ),
    ("cancel_all", lambda c, w: c.cancel_all(), lambda got, w: got == {"canceled": [], "not_canceled": {}}),
    ("post_heartbeat", lambda c, w: c.post_heartbeat(), lambda got, w: len(got["heartbeat_id"]) == 36),
]

KEYS: list[Case] = [
    ("get_api_keys", lambda c, w: c.get_api_keys(), lambda got, w: len(got["apiKeys"]) == 1),
    ("get_closed_only_mode", lambda c, w: c.get_closed_only_mode(), lambda got, w: got == {"closed_only": False}),
    ("create_readonly_api_key", lambda c, w: c.create_readonly_api_key(), lambda got, w: len(got["apiKey"]) == 36),
    ("get_readonly_api_keys", lambda c, w: c.get_readonly_api_keys(), lambda got, w: len(got) == 1),
    (
        "delete_readonly_api_key",
        lambda c, w: [c.delete_readonly_api_key(c.get_readonly_api_keys()[0]), c.get_readonly_api_keys()],
        lambda got, w: got == [True, []],
    ),
    ("create_builder_api_key", lambda c, w: set(c.create_builder_api_key()), lambda got, w: len(got) == 3),
    ("get_builder_api_keys", lambda c, w: c.get_builder_api_keys(), lambda got, w: len(got) == 2),
    ("revoke_builder_api_key", lambda c, w: c.revoke_builder_api_key(), lambda got, w: got == "OK"),
    ("derive_api_key", lambda c, w: c.derive_api_key(), lambda got, w: isinstance(got, ApiCreds)),
    ("create_api_key", lambda c, w: c.create_api_key(nonce=9), lambda got, w: isinstance(got, ApiCreds)),
    ("create_or_derive_api_key", lambda c, w: c.create_or_derive_api_key(9), lambda got, w: isinstance(got, ApiCreds)),
    ("set_api_creds", lambda c, w: c.set_api_creds(c.derive_api_key()), lambda got, w: got is None),
    ("delete_api_key", lambda c, w: c.delete_api_key(), lambda got, w: got == "OK"),
]

CASES = [*SERVER, *MARKETS, *PRICES, *ACCOUNT, *ORDERS, *KEYS]


def test_no_public_method_is_left_out() -> None:
    public = {name for name, _ in inspect.getmembers(sdk.ClobClient, inspect.isfunction) if not name.startswith("_")}
    assert sorted(public) == sorted(name for name, *_ in CASES)


async def test_every_method_answers_what_it_should() -> None:
    """In order, on one venue: the later parts of the table undo what the earlier ones need."""
    async with served(flow=False) as (url, emulator):
        with trio.fail_after(30):
            await run(_call_everything, url, emulator.exchange.listings.all[0].market)


def _call_everything(url: str, market: object) -> None:
    world, client = prepared(url, market)
    wrong = {}
    for name, call, expected in CASES:
        got = call(client, world)
        if not expected(got, world):
            wrong[name] = got
    assert wrong == {}
    with pytest.raises(PolyApiException) as refused:
        client.get_api_keys()
    assert refused.value.status_code == 401


async def test_what_the_venue_does_not_offer_is_not_found() -> None:
    async with served(flow=False) as (url, _):
        with trio.fail_after(10):
            await run(_not_offered, url)


def _not_offered(url: str) -> None:
    client = logged_in(url, 0)
    for call in (client.rfq.rfq_config, lambda: client.get_market(NOBODY), lambda: client.get_order_book("11")):
        with pytest.raises(PolyApiException) as refused:
            call()
        assert refused.value.status_code == 404
    assert client.get_order(NOBODY) is None
