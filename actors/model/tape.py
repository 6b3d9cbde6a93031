"""The tape: public trades of a market as its socket told them, in YES terms. A short memory, newest last; owns no clock."""

from __future__ import annotations

from attrs import frozen

from actors.model.numbers import Price, Size

LENGTH = 200  # trades remembered: the busiest series trades about once a second, and no figure looks back three minutes


@frozen
class PublicTrade:
    """`bid` is whether the taker bought YES (or sold NO); `price` is YES's; `at` is when it was read (monotonic).

    `number` counts a feed's trades, so that whoever reads the tape now and then counts each once.
    """

    number: int
    bid: bool
    price: Price
    size: Size
    at: float


Tape = tuple[PublicTrade, ...]


def with_trade(tape: Tape, bid: bool, price: Price, size: Size, at: float) -> Tape:
    """The tape with one more trade, less what is too old to remember."""
    number = tape[-1].number + 1 if tape else 1
    return (*tape[1 - LENGTH :], PublicTrade(number, bid, price, size, at))


def since(tape: Tape, at: float) -> Tape:
    """The trades read at `at` or later."""
    return tuple(trade for trade in tape if trade.at >= at)
