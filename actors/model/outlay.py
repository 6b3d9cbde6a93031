"""What a buy may take out of the account: its cost, and the fee of one that trades at once."""

from __future__ import annotations

from actors.model.market import FeeSchedule
from actors.model.numbers import CENTISHARE, Cash, Size, cost

_ROUNDINGS = 100  # cash units: an order that meets several others pays a fee for each, rounded by itself


def outlay(fees: FeeSchedule, price: int, size: int, *, takes: bool) -> Cash:
    """The most that a buy at `price` or better takes. At a better price cost and fee together are less: the fee's curve
    falls by less than the price does (strategies.md §0)."""
    fee = fees.taker_fee(price, size) if takes else 0
    return Cash(cost(price, Size(size)) + fee + (_ROUNDINGS if fee else 0))


def affordable(fees: FeeSchedule, room: int, price: int, size: int, *, takes: bool) -> Size:
    """The most of `size`, in whole hundredths of a share, whose outlay fits into `room` (strategies.md §1)."""
    low, high = 0, size // CENTISHARE
    while low < high:  # the outlay grows with the size
        middle = (low + high + 1) // 2
        if outlay(fees, price, middle * CENTISHARE, takes=takes) <= room:
            low = middle
        else:
            high = middle - 1
    return Size(low * CENTISHARE)
