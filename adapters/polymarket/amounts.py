"""What an order gives and takes, in base units (10**-6), exactly and in integers. Owns no signature.

py-clob-client-v2 computes these in floats and signs wrong amounts in about 6 % of cases (polymarket.md §3.5). With prices in
1/10,000 and sizes in 0.01 share every limit amount is a whole number of base units, so nothing needs rounding. Only FAK
and FOK orders round: the venue takes two decimals of what they give and four of what they take, on every tick. Where
polymarket-client's Decimal amounts keep that cap ours are equal to them; finer ones of its (ticks below 0.01, which
the venue would refuse) are cut to four decimals.
"""

from __future__ import annotations

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE

_SHARE_GRAIN = 10_000  # the venue takes sizes of two decimals
_CENT = 10_000  # FAK and FOK: the given amount has at most two decimals,
_TAKEN_GRAIN = 100  # the taken amount at most four, whatever the tick,
_COARSE_TICK, _COARSE_GRAIN = 1_000, 1_000  # and by the official tables three on a tick of 0.1


def order_amounts(type_: str, side: Side, price: int, size: int, *, tick: int = 0) -> tuple[int, int]:
    """(makerAmount, takerAmount) of an order of `size` at `price`; sizes are floored to 0.01 share.

    A FAK or FOK buy is a budget, not a size: it spends up to what `size` costs at `price`, in whole cents, and finds
    more shares than `size` where the book is cheaper than `price`. `tick` matters to such a buy only, see `market_buy`.
    Raises ValueError when the price is not strictly between 0 and 1, nothing is left of the size, or a FAK or FOK of
    it would reach another price.
    """
    if not 0 < price < PRICE_ONE:
        raise ValueError(f"price {price} is not between 1 and {PRICE_ONE - 1} price units")
    if type_ in ("FAK", "FOK"):
        if side is Side.BUY:
            return market_buy(price * size // PRICE_ONE, price, tick=tick)
        return market_sell(price, size)
    shares = size // _SHARE_GRAIN * _SHARE_GRAIN
    if shares <= 0:
        raise ValueError(f"size {size} is less than 0.01 share")
    cash = price * shares // PRICE_ONE
    return (cash, shares) if side is Side.BUY else (shares, cash)


def market_buy(cash: int, price: int, *, tick: int = 0) -> tuple[int, int]:
    """The amounts of a FAK or FOK that spends `cash` at `price` or better, taking shares floored to four decimals.

    Rounding shares down raises the implied limit; rounding up would lower it and get the order killed (sdk#291). On a
    `tick` of 1000 price units the official clients take three decimals; 0 means not known, where the venue's own cap
    counts. Raises ValueError when the amount is so small that the implied limit would reach the next price unit:
    polymarket-client's rule for a protected price.
    """
    given = cash // _CENT * _CENT
    grain = _COARSE_GRAIN if tick == _COARSE_TICK else _TAKEN_GRAIN
    taken = given * PRICE_ONE // price // grain * grain
    if taken <= 0 or given * PRICE_ONE >= (price + 1) * taken:
        raise ValueError(
            f"{cash} base units at {price} price units cannot be expressed as a FAK or FOK buy: spend more"
        )
    return given, taken


def market_sell(price: int, size: int) -> tuple[int, int]:
    """A FAK or FOK sale; the cap of four decimals is documented for buys only and kept here as well (§3.5).

    Rounding cash down lowers the implied limit, from one share on by less than a price unit. Raises ValueError when
    so little is sold that it would reach the price unit below.
    """
    given = size // _SHARE_GRAIN * _SHARE_GRAIN
    taken = price * given // PRICE_ONE // _TAKEN_GRAIN * _TAKEN_GRAIN
    if taken <= 0 or taken * PRICE_ONE <= (price - 1) * given:
        raise ValueError(f"size {size} at {price} price units cannot be expressed as a FAK or FOK sale: sell more")
    return given, taken
