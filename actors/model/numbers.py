"""Prices, sizes and cash as integers at fixed scales; text becomes integer only here, exactly.

Price is in 1/10,000 pUSD, size in 1/1,000,000 share, cash in 1/1,000,000 pUSD (`PRICE_ONE`, `SHARE`, `PUSD`).
Every venue tick is a whole number of price units, so nothing here ever rounds but `cost` and `proceeds`.
"""

from __future__ import annotations

from typing import NewType

Price = NewType("Price", int)
Size = NewType("Size", int)
Cash = NewType("Cash", int)

PRICE_ONE = 10_000
SHARE = 1_000_000
PUSD = 1_000_000
CENTISHARE = SHARE // 100  # sizes of orders have two decimals (polymarket.md §3.5)

_PRICE_DIGITS, _AMOUNT_DIGITS = 4, 6
_LONGEST_NUMBER = 40


class NotANumber(ValueError):
    """A text that is no plain decimal number of the expected precision; says what it was."""


def parse_scaled(text: str, digits: int) -> int:
    """The non-negative decimal `text` in units of 10**-digits, exactly.

    Accepts what the venue prints (`0.5`, `.5`, `12`, `0.50`); trailing zeros past `digits` are harmless.
    Raises NotANumber for signs, exponents, NaN, blanks, too many digits, or a value finer than the scale.
    """
    whole, _, fraction = text.partition(".")
    if len(text) > _LONGEST_NUMBER or not (whole + fraction).isascii() or not (whole + fraction).isdigit():
        raise NotANumber(f"{text[:_LONGEST_NUMBER]!r} is not a plain decimal number")
    if len(fraction) > digits:
        if fraction[digits:].strip("0"):
            raise NotANumber(f"{text!r} has more than {digits} decimals")
        fraction = fraction[:digits]
    return int((whole or "0") + fraction.ljust(digits, "0"))


def parse_price(text: str) -> Price:
    """A price text in price units, 0 to PRICE_ONE. Raises NotANumber."""
    price = parse_scaled(text, _PRICE_DIGITS)
    if price > PRICE_ONE:
        raise NotANumber(f"{text!r} is not a price between 0 and 1")
    return Price(price)


def parse_size(text: str) -> Size:
    """A share count text in size units. Raises NotANumber."""
    return Size(parse_scaled(text, _AMOUNT_DIGITS))


def parse_cash(text: str) -> Cash:
    """A pUSD text in cash units. Raises NotANumber."""
    return Cash(parse_scaled(text, _AMOUNT_DIGITS))


def format_scaled(value: int, digits: int) -> str:
    """The shortest decimal text of `value` × 10**-digits."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), 10**digits)
    tail = f"{fraction:0{digits}d}".rstrip("0")
    return f"{sign}{whole}.{tail}" if tail else f"{sign}{whole}"


def format_price(price: int) -> str:
    """`4900` → `0.49`."""
    return format_scaled(price, _PRICE_DIGITS)


def format_size(size: int) -> str:
    """`2500000` → `2.5`."""
    return format_scaled(size, _AMOUNT_DIGITS)


def format_cash(cash: int) -> str:
    """`-1500000` → `-1.5`."""
    return format_scaled(cash, _AMOUNT_DIGITS)


def cost(price: int, size: int) -> Cash:
    """What buying `size` at `price` takes, rounded up: money out is never understated."""
    return Cash(-(-price * size // PRICE_ONE))


def proceeds(price: int, size: int) -> Cash:
    """What selling `size` at `price` brings, rounded down: money in is never overstated."""
    return Cash(price * size // PRICE_ONE)


def complement(price: int) -> Price:
    """The price of the other outcome: a YES bid at p is a NO ask at 1 - p."""
    return Price(PRICE_ONE - price)
