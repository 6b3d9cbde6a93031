"""Spot frames of RTDS and PolyBolt into spot prices (polymarket.md §8). Never raises: what it cannot read it names.

The exact text of a price is used where there is one, and must agree with the rounded number beside it: so a change of
scale (RTDS prints Chainlink's 18 decimals as an integer, PolyBolt a plain decimal) is refused, not traded on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec
from attrs import frozen

from actors.model.spot import USD, SpotPrice
from adapters.polymarket.wire import Unreadable, decode, nearest_units

_PLAIN = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
_E18 = Decimal(10) ** 18
_MILLISECONDS_FROM = 10**11
_SAME = Decimal("0.01")  # relative; the number beside an exact value may be rounded to cents

_EXACT_E18 = ("crypto_prices_chainlink",)
_TOPICS = ("crypto_prices", "crypto_prices_chainlink", "equity_prices")
_CHANNELS = ("price.crypto", "price.equity")


class _Frame(msgspec.Struct):
    """Either dialect's: `topic` and `type` of RTDS, `op`, `code` and `channel` of PolyBolt."""

    topic: str = ""
    type: str = ""
    op: str = ""
    code: str = ""
    v: int = 1
    channel: str = ""
    rid: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"null")


class _Point(msgspec.Struct):
    timestamp: int
    value: Decimal
    full_accuracy_value: str = ""


class _Payload(msgspec.Struct):
    symbol: str = ""
    source: str = ""
    data: list[_Point] | None = None


@frozen
class SpotFrame:
    """The prices of a frame, oldest first; or why there are none; or an acknowledgement (`op`, `code`, `rid`)."""

    prices: tuple[SpotPrice, ...] = ()
    refused: str = ""
    op: str = ""
    code: str = ""
    rid: str = ""


def rtds_frame(text: str) -> SpotFrame:
    """A frame of RTDS: a snapshot or an update."""
    return _read(text, _rtds)


def bolt_frame(text: str) -> SpotFrame:
    """A frame of PolyBolt: prices, or an acknowledgement."""
    return _read(text, _bolt)


def _read(text: str, read: Callable[[_Frame], SpotFrame]) -> SpotFrame:
    try:
        frame = decode(text.encode(errors="replace"), _Frame)
    except ValueError:
        return SpotFrame(refused="not a frame")
    try:
        return read(frame)
    except ValueError as problem:
        return SpotFrame(refused=f"{frame.topic or frame.channel}: {problem}"[:120])


def _rtds(frame: _Frame) -> SpotFrame:
    if frame.topic not in _TOPICS:
        return SpotFrame(refused=f"unknown topic {frame.topic}"[:60])
    payload = decode(frame.payload, _Payload)
    scale = _E18 if frame.topic in _EXACT_E18 else Decimal(1)
    if frame.topic == "equity_prices":
        return _prices(frame, payload, payload.symbol.lower(), "pyth", scale)
    # A snapshot of Chainlink prices calls itself crypto_prices: only the symbol tells whose they are.
    base, slash, _ = payload.symbol.lower().partition("/usd")
    symbol, source = (base, "chainlink") if slash else (base.removesuffix("usdt"), "binance")
    return _prices(frame, payload, symbol, source, scale)


def _bolt(frame: _Frame) -> SpotFrame:
    if frame.op:
        refused = f"error: {frame.code}" if frame.op == "error" else ""
        return SpotFrame(refused=refused[:60], op=frame.op, code=frame.code, rid=frame.rid)
    if frame.channel not in _CHANNELS or frame.v != 1:
        return SpotFrame(refused=f"unknown channel {frame.channel} of version {frame.v}"[:60])
    payload = decode(frame.payload, _Payload)
    symbol = payload.symbol.lower()
    if frame.channel == "price.crypto":
        symbol = symbol.removesuffix("usd")
    return _prices(frame, payload, symbol, payload.source.lower(), Decimal(1))


def _prices(frame: _Frame, payload: _Payload, symbol: str, source: str, scale: Decimal) -> SpotFrame:
    if not symbol:
        raise Unreadable("no symbol")
    if not source:
        raise Unreadable("no source")
    points = [decode(frame.payload, _Point)] if payload.data is None else payload.data
    return SpotFrame(tuple(_price(point, symbol, source, scale) for point in points))


def _price(point: _Point, symbol: str, source: str, scale: Decimal) -> SpotPrice:
    if point.timestamp < _MILLISECONDS_FROM:
        raise Unreadable("a time that is not in milliseconds")
    exact = point.value
    if point.full_accuracy_value:
        if not _PLAIN.fullmatch(point.full_accuracy_value):
            raise Unreadable("an exact value that is no plain number")
        exact = Decimal(point.full_accuracy_value) / scale
    units = nearest_units("value", exact, USD)
    if units <= 0 or abs(exact - point.value) > exact * _SAME:
        raise Unreadable("a price that is not above 0" if units <= 0 else "the exact value is not the rounded one")
    return SpotPrice(symbol, units, point.timestamp, source)
