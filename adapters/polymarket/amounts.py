"""What an order gives and takes, in base units (10**-6), exactly and in integers. Owns no signature.

The official clients compute these in floats and sign wrong amounts in 5-6 % of cases (polymarket.md §3.5); with prices
in 1/10,000 and sizes in 0.01 share every limit amount is a whole number of base units, so nothing needs rounding.
"""

from __future__ import annotations

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE

_SHARE_GRAIN = 10_000  # the venue takes sizes of two decimals
_CENT = 10_000  # FAK and FOK: the given amount has at most two decimals,
_TAKEN_GRAIN = 100  # the taken amount at most four, whatever the tick


def order_amounts(type_: str, side: Side, price: int, size: int) -> tuple[int, int]:
    """(makerAmount, takerAmount) of an order of `size` at `price`; sizes are floored to 0.01 share.

    Raises ValueError when the price is not strictly between 0 and 1 or nothing is left of the size.
    """
    if not 0 < price < PRICE_ONE:
        raise ValueError(f"price {price} is not between 1 and {PRICE_ONE - 1} price units")
    if type_ in ("FAK", "FOK"):
        return market_buy(price * size // PRICE_ONE, price) if side is Side.BUY else market_sell(price, size)
    shares = size // _SHARE_GRAIN * _SHARE_GRAIN
    if shares <= 0:
        raise ValueError(f"size {size} is less than 0.01 share")
    cash = price * shares // PRICE_ONE
    return (cash, shares) if side is Side.BUY else (shares, cash)


def market_buy(cash: int, price: int) -> tuple[int, int]:
    """The amounts of a FAK or FOK that spends `cash` at `price` or better, taking shares floored to four decimals.

    Rounding shares down raises the implied limit; rounding up would lower it and get the order killed (sdk#291).
    Raises ValueError when the amount is so small that the implied limit would reach the next price unit.
    """
    given = cash // _CENT * _CENT
    taken = given * PRICE_ONE // price // _TAKEN_GRAIN * _TAKEN_GRAIN
    if taken <= 0 or given * PRICE_ONE >= (price + 1) * taken:
        raise ValueError(f"{cash} base units at {price} price units cannot be expressed as a FAK or FOK buy")
    return given, taken


def market_sell(price: int, size: int) -> tuple[int, int]:
    """A FAK or FOK sale; the cap of four decimals is documented for buys only and kept here as well (§3.5)."""
    given = size // _SHARE_GRAIN * _SHARE_GRAIN
    taken = price * given // PRICE_ONE // _TAKEN_GRAIN * _TAKEN_GRAIN
    if taken <= 0:
        raise ValueError(f"size {size} at {price} price units cannot be expressed as a FAK or FOK sale")
    return given, taken
