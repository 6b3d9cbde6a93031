"""The venue's own Python client, unchanged, on real sockets: from key creation to a fill and a cancel."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from py_clob_client_v2 import client as sdk
from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    MarketOrderArgsV2,
    OpenOrderParams,
    OrderArgsV2,
    OrderMarketCancelParams,
    OrderPayload,
    OrderType,
    TradeParams,
)
from py_clob_client_v2.exceptions import PolyApiException

from adapters.emulator.accounts import FUNDED
from adapters.emulator.emulator import Emulator, build


@asynccontextmanager
async def served(**options: Any) -> AsyncIterator[tuple[str, Emulator]]:  # noqa: ANN401 - as `build`
    """A REST address of an emulator on a real port and the real clock."""
    emulator = build(11, wall=time.time, **options)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        listeners = await nursery.start(trio.serve_tcp, emulator.serve_rest, 0)
        port = listeners[0].socket.getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}", emulator
        finally:
            nursery.cancel_scope.cancel()


def logged_in(url: str, number: int) -> sdk.ClobClient:
    client = sdk.ClobClient(url, chain_id=137, key=FUNDED[number].private_key)
    client.set_api_creds(client.create_or_derive_api_key())
    return client


async def run(session: Callable[..., None], *args: object) -> None:
    """The client blocks, so it gets a thread."""
    await trio.to_thread.run_sync(lambda: session(*args))


@pytest.fixture(autouse=True)
def _fresh_connections(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """The client keeps one connection pool per process and polls trades in half-second sleeps."""
    import httpx
    from py_clob_client_v2.http_helpers import helpers

    with httpx.Client() as client:
        monkeypatch.setattr(helpers, "_http_client", client)
        monkeypatch.setattr(sdk, "RESOLVE_TRADES_TIMEOUT_SECONDS", 0)
        yield


async def test_the_official_client_trades_without_noticing() -> None:
    async with served(flow=False) as (url, emulator):
        market = emulator.exchange.listings.all[0].market
        with trio.fail_after(30):
            await run(_trade, url, market.condition_id, market.yes, market.no)


def _trade(url: str, condition: str, yes: str, no: str) -> None:
    ann, bob = logged_in(url, 0), logged_in(url, 1)
    assert ann.get_ok() == "OK"
    assert ann.derive_api_key().api_key == ann.create_or_derive_api_key().api_key
    resting = bob.create_and_post_order(OrderArgsV2(token_id=no, price=0.45, size=100, side="BUY"))
    assert (resting["success"], resting["status"]) == (True, "live")
    assert [order["id"] for order in bob.get_open_orders(OpenOrderParams(market=condition))] == [resting["orderID"]]
    taken = ann.create_and_post_market_order(
        MarketOrderArgsV2(token_id=yes, amount=22, side="BUY", order_type=OrderType.FOK), order_type=OrderType.FOK
    )
    assert (taken["status"], taken["makingAmount"], taken["takingAmount"]) == ("matched", "22", "40")
    (trade,) = ann.get_trades(TradeParams(market=condition))
    assert (trade["price"], trade["size"], trade["maker_orders"][0]["owner"]) == ("0.55", "40", bob.creds.api_key)
    assert bob.get_order(resting["orderID"])["size_matched"] == "40"
    assert bob.cancel_order(OrderPayload(orderID=resting["orderID"]))["canceled"] == [resting["orderID"]]
    assert bob.get_open_orders() == []


async def test_the_official_client_reads_every_market_fact() -> None:
    async with served(flow=True) as (url, emulator):
        listings = [
            (x.market.condition_id, x.market.yes, x.market.tick, x.market.neg_risk)
            for x in emulator.exchange.listings.all
        ]
        with trio.fail_after(30):
            await run(_read, url, listings)


def _read(url: str, listings: list[tuple[str, str, int, bool]]) -> None:
    client = logged_in(url, 0)
    assert abs(client.get_server_time() - time.time()) < 2
    assert client.get_version() == 2
    page = client.get_markets()
    assert [market["condition_id"] for market in page["data"]] == [condition for condition, *_ in listings]
    for condition, token, tick, neg_risk in listings:
        assert client.get_market(condition)["tokens"][0]["token_id"] == token
        assert float(client.get_clob_market_info(condition)["mts"]) == tick / 10_000
        assert float(client.get_tick_size(token)) == tick / 10_000
        assert client.get_neg_risk(token) is neg_risk
        book = client.get_order_book(token)
        assert client.get_order_books([BookParams(token_id=token)])[0]["bids"]
        bid, ask = float(book["bids"][-1]["price"]), float(book["asks"][-1]["price"])
        assert bid < float(client.get_midpoint(token)["mid"]) < ask
        assert float(client.get_spread(token)["spread"]) == pytest.approx(ask - bid)
        assert float(client.get_price(token, "BUY")["price"]) == bid
        assert client.get_last_trade_price(token)["price"]
    balance = client.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))
    assert balance["balance"] == "10000000000"
    client.update_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))


async def test_the_official_client_trades_every_tick_and_contract() -> None:
    """One limit order per market: plain and neg-risk contracts, ticks 0.01 and 0.001, then everything cancelled."""
    async with served(flow=False) as (url, emulator):
        markets = [listing.market for listing in emulator.exchange.listings.all]
        with trio.fail_after(30):
            await run(_quote_all, url, [(m.condition_id, m.no, 0.123 if m.tick == 10 else 0.12) for m in markets])


def _quote_all(url: str, markets: list[tuple[str, str, float]]) -> None:
    client = logged_in(url, 0)
    ids = []
    for _, token, price in markets:
        order = client.create_order(OrderArgsV2(token_id=token, price=price, size=33.33, side="BUY"))
        ids.append(client.post_order(order, post_only=True)["orderID"])
    assert [order["id"] for order in client.get_open_orders()] == ids
    first = client.post_heartbeat("")
    assert client.post_heartbeat(first["heartbeat_id"])["heartbeat_id"] != first["heartbeat_id"]
    cancelled = client.cancel_market_orders(OrderMarketCancelParams(market=markets[0][0]))
    assert cancelled["canceled"] == ids[:1]
    assert client.cancel_orders(ids[1:3])["canceled"] == ids[1:3]
    assert client.cancel_all()["canceled"] == ids[3:]


async def test_the_official_client_hears_a_refusal_in_the_venues_words() -> None:
    async with served(flow=False) as (url, emulator):
        token = emulator.exchange.listings.all[0].market.yes
        with trio.fail_after(30):
            await run(_refused, url, token)


def _refused(url: str, token: str) -> None:
    client = logged_in(url, 0)
    order = client.create_order(OrderArgsV2(token_id=token, price=0.5, size=30_000, side="BUY"))
    with pytest.raises(PolyApiException, match="not enough balance / allowance"):
        client.post_order(order)
