"""Spot prices as RTDS and PolyBolt word them (polymarket.md §8): topics, symbols, points and frames. Shapes only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from actors.model.market import Market, Outcome
from adapters.emulator import wire_books
from adapters.emulator.listings import Listing
from adapters.emulator.spot_prices import CRYPTO, EQUITY, USD, SpotPrices

Json = dict[str, Any]

_MEMORY = 60  # seconds in a snapshot of RTDS
_EQUITY_GRAIN = 10**3  # an equity feed prints five decimals


@frozen
class Series:
    """One kind of price: `read(prices, asset, second)` in 1e-8 USD, `exact` its exact text, `assets` by wire symbol."""

    assets: Mapping[str, str]
    read: Callable[[SpotPrices, str, int], int]
    exact: Callable[[int], str]
    source: str = ""
    window: int = 0

    def point(self, prices: SpotPrices, symbol: str, second: int) -> Json:
        price = self.read(prices, self.assets[symbol], second)
        return {"full_accuracy_value": self.exact(price), "timestamp": second * 1000, "value": price / USD}


def decimal(price: int) -> str:
    """Eight decimals, as PolyBolt and Binance print."""
    return f"{price // USD}.{price % USD:08d}"


def _short(price: int) -> str:
    return decimal(price).rstrip("0").rstrip(".")


def _e18(price: int) -> str:
    """RTDS prints Chainlink's own integer of 18 decimals."""
    return str(price * 10**10)


def _equity(prices: SpotPrices, asset: str, second: int) -> int:
    return prices.price(asset, second) // _EQUITY_GRAIN * _EQUITY_GRAIN


def _twap(seconds: int) -> Callable[[SpotPrices, str, int], int]:
    return lambda prices, asset, second: prices.twap(asset, second, seconds)


_SLASHED = {f"{asset}/usd": asset for asset in CRYPTO}
_PAIRS = {f"{asset}usd": asset for asset in CRYPTO}
_TETHER = {f"{asset}usdt": asset for asset in CRYPTO}
_TICKERS = {asset: asset for asset in EQUITY}

TOPICS: Mapping[str, Series] = {
    "crypto_prices": Series(_TETHER, SpotPrices.last, decimal),
    "crypto_prices_chainlink": Series(_SLASHED, SpotPrices.price, _e18),
    "crypto_prices_twap_thirty": Series(_SLASHED, _twap(30), _e18, window=30),
    "crypto_prices_twap_sixty": Series(_SLASHED, _twap(60), _e18, window=60),
    "equity_prices": Series(_TICKERS, _equity, _short),
}
CHANNELS: Mapping[str, Series] = {
    "price.crypto": Series(_PAIRS, SpotPrices.price, decimal, "chainlink"),
    "price.crypto.twap": Series(_PAIRS, _twap(60), decimal, "chainlink", 60),
    "price.equity": Series(_TICKERS, _equity, _short, "pyth"),
    "price.equity.twap": Series(_TICKERS, _twap(60), decimal, "pyth", 60),
}
# The recorded snapshot of a Chainlink symbol calls itself crypto_prices: the venue's quirk, kept.
_SNAPSHOT_TOPICS = {"crypto_prices_chainlink": "crypto_prices"}


def rtds_update(prices: SpotPrices, topic: str, symbol: str, second: int, now: float, connection: str) -> Json:
    """One price of one symbol."""
    series = TOPICS[topic]
    payload: Json = {**series.point(prices, symbol, second), "symbol": symbol}
    if series.window:
        payload["window_s"] = series.window
    if topic == "equity_prices":
        payload["received_at"] = second * 1000 + 5
    return {
        "connection_id": connection,
        "payload": payload,
        "timestamp": int(now * 1000),
        "topic": topic,
        "type": "update",
    }


def rtds_snapshot(prices: SpotPrices, topic: str, symbol: str, second: int, now: float) -> Json:
    """The last minute of one symbol; its points carry no exact value."""
    points = (TOPICS[topic].point(prices, symbol, each) for each in range(second - _MEMORY + 1, second + 1))
    return {
        "payload": {
            "data": [{key: point[key] for key in ("timestamp", "value")} for point in points],
            "symbol": symbol,
        },
        "timestamp": int(now * 1000),
        "topic": _SNAPSHOT_TOPICS.get(topic, topic),
        "type": "subscribe",
    }


def bolt_update(prices: SpotPrices, channel: str, symbol: str, second: int) -> Json:
    """The payload of one price. An equity's live point also says when it came and that it is fresh."""
    series = CHANNELS[channel]
    payload: Json = {"symbol": symbol, "source": series.source, **series.point(prices, symbol, second)}
    if channel == "price.equity":
        payload |= {"received_at": second * 1000 + 5, "is_carried_forward": False}
    return payload | ({"window_seconds": series.window} if series.window else {})


def bolt_snapshot(prices: SpotPrices, channel: str, symbol: str, seconds: range) -> Json:
    """The payload of these seconds; none for a symbol nobody prices."""
    series = CHANNELS[channel]
    points = [series.point(prices, symbol, second) for second in seconds]
    payload: Json = {"symbol": symbol, "source": series.source, "data": points}
    return payload | ({"window_seconds": series.window} if series.window else {})


def best(listing: Listing, token: str, now: float) -> Json:
    """The payload of `price.polymarket`: the best prices of one token."""
    market: Market = listing.market
    outcome: Outcome = market.outcome(token)
    bid, ask = wire_books.best(listing, outcome)
    mark = hashlib.sha1(f"{token}{bid}{ask}".encode(), usedforsecurity=False).hexdigest()
    return {
        "market": market.condition_id,
        "asset_id": token,
        "best_bid": bid,
        "best_ask": ask,
        "hash": mark,
        "timestamp": int(now * 1000),
    }
