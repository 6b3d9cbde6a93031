"""The venue's spellings: numbers, times, sides, statuses and pages, made into the model's words. Knows no endpoint.

msgspec rather than cattrs does the REST decoding: one typed pass from bytes, and its errors name the field
(`Expected str, got int - at $.data[0].price`). Everything here raises ValueError (Unreadable or msgspec's) only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar

import msgspec

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE, Price, Size, parse_scaled, parse_size
from actors.model.order import Settlement

Number = str | int | float
T = TypeVar("T")

FIRST_PAGE, LAST_PAGE = "MA==", "LTE="  # base64 of 0 and -1 (polymarket.md §0.2)

_MILLISECONDS_FROM = 10**11
_MOST = 10**18
_FINE_DIGITS = 24  # prices of trades can be averages with more decimals than any tick
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_SETTLEMENTS = {status.value: status for status in Settlement} | {"MATCHED_NOT_BROADCASTED": Settlement.MATCHED}


class Unreadable(ValueError):
    """A value that is not what the venue documents; names the field."""


class Page(msgspec.Struct):
    """One page of a paged answer; the rows stay raw until their decoder reads them."""

    data: list[msgspec.Raw]
    next_cursor: str | None = None


def decode(body: bytes | msgspec.Raw, type_: type[T]) -> T:
    """The typed value of a JSON text. Raises ValueError naming what did not fit."""
    try:
        return msgspec.json.decode(body, type=type_)
    except RecursionError:
        raise Unreadable("nested too deeply") from None


def text_of(value: Number) -> str:
    """A number as the text it had; a float's shortest text is what the venue wrote."""
    return value if isinstance(value, str) else str(value)


def named(field: str, read: Callable[[str], T], value: Number | None) -> T:
    """`read` the value's text; errors name the field. Raises Unreadable, also when the field is missing."""
    if value is None:
        raise Unreadable(f"{field} is missing")
    try:
        return read(text_of(value))
    except ValueError as problem:
        raise Unreadable(f"{field}: {problem}") from None


def size_of(field: str, value: Number | None) -> Size:
    """A share count in size units, exactly."""
    return named(field, parse_size, value)


def base_units(field: str, value: Number | None) -> int:
    """A whole number of base units, as balances are told."""
    return named(field, lambda text: parse_scaled(text, 0), value)


def nearest_units(field: str, number: Decimal, scale: int) -> int:
    """A JSON number in units of 1/`scale`, rounded once: Gamma and the Data API print doubles with noise behind."""
    if not number.is_finite() or abs(number) > _MOST:
        raise Unreadable(f"{field}: {str(number)[:40]} is no amount")
    return int((number * scale).to_integral_value(ROUND_HALF_EVEN))


def exact_units(field: str, number: Decimal, scale: int) -> int:
    """A JSON number that is not negative and a whole number of units."""
    units = nearest_units(field, number, scale)
    if units < 0 or number * scale != units:
        raise Unreadable(f"{field}: {str(number)[:40]} is no whole number of 1/{scale}")
    return units


def fine_price(field: str, value: Number | None) -> int:
    """A price in units of 10**-24, for averages that no tick can hold."""
    fine = named(field, lambda text: parse_scaled(text, _FINE_DIGITS), value)
    if fine > 10**_FINE_DIGITS:
        raise Unreadable(f"{field}: {text_of(value or 0)[:40]!r} is not a price between 0 and 1")
    return fine


FINE_ONE = 10**_FINE_DIGITS


def against_us(side: Side, numerator: int, denominator: int) -> Price:
    """A ratio (1 = one pUSD a share) in price units, rounded up for what we buy and down for what we sell."""
    scaled = numerator * PRICE_ONE
    return Price(-(-scaled // denominator) if side is Side.BUY else scaled // denominator)


def price_of(field: str, value: Number | None, side: Side) -> Price:
    """A price in price units; finer ones are rounded against us."""
    return against_us(side, fine_price(field, value), FINE_ONE)


def side_of(field: str, value: str | None) -> Side:
    """BUY or SELL in any case."""
    side = _SIDES.get((value or "").upper())
    if side is None:
        raise Unreadable(f"{field}: {value!r:.40} is neither BUY nor SELL")
    return side


def status_of(value: str | None, prefix: str) -> str:
    """A status in upper case without its known prefix; free text is kept (`CANCELED_…`)."""
    return (value or "").upper().removeprefix(prefix)


def settlement_of(value: str | None) -> Settlement:
    """The settlement a trade status names (§5.2)."""
    settlement = _SETTLEMENTS.get(status_of(value, "TRADE_STATUS_"))
    if settlement is None:
        raise Unreadable(f"status: {value!r:.60} is no known trade status")
    return settlement


def epoch_seconds(field: str, value: Number | None) -> float:
    """Epoch seconds from seconds or milliseconds (as text or number) or from ISO 8601 (§0.2)."""
    if value is None or value == "":
        raise Unreadable(f"{field} is missing")
    text = text_of(value)
    if text.isascii() and text.isdigit() and len(text) <= 16:
        return int(text) / 1000 if int(text) >= _MILLISECONDS_FROM else float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{field}: {text[:40]!r} is no time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
