"""Book levels from text: looked-up prices, exact sizes, whole snapshots. Shared by REST books and market frames.

Prices strictly between 0 and 1, sizes up to a billion shares; anything else is `Odd`, a snapshot with one odd level
included: half a book is a wrong book. A best bid of "0" or ask of "1" claims an empty side (polymarket.md §6.2).
"""

from __future__ import annotations

import msgspec
from attrs import define, field

from actors.messages import BookSnapshot
from actors.model.numbers import PRICE_ONE, NotANumber, parse_price, parse_size
from adapters.polymarket.wire import decode
from adapters.polymarket.wire_market import TICKS

NO_CLAIM = -1
_MOST_SIZE = 10**9 * 10**6
_MOST_TEXTS = 50_000
_CLAIMS_NOTHING: dict[str | None, int] = {None: NO_CLAIM, "": NO_CLAIM}
_TENS: list[int] = [10 ** (6 - digits) for digits in range(7)]


class Odd(ValueError):
    """A value that no honest book holds. The text is its kind, from a small set, fit for counting."""


@define(eq=False)
class Prices:
    """Price texts in price units, learnt as they come; `known` is a plain dict because looking up there is fastest."""

    known: dict[str, int] = field(factory=dict)

    def of(self, text: str) -> int:
        """The price of a text. Raises Odd unless strictly between 0 and 1."""
        return self.known.get(text) or self._learn(text)

    def _learn(self, text: str) -> int:
        try:
            price = parse_price(text)
        except NotANumber:
            raise Odd("bad price") from None
        if not 0 < price < PRICE_ONE:
            raise Odd("price out of range")
        if len(self.known) >= _MOST_TEXTS:
            self.known.clear()
        self.known[text] = price
        return price


class Sizes(dict[str, int]):
    """Size texts in size units. Many are new (a third in the benchmark), so a miss must be cheap: no second look."""

    def __missing__(self, text: str) -> int:
        whole, _, fraction = text.partition(".")
        digits = whole + fraction
        if digits.isdecimal() and digits.isascii() and len(fraction) <= 6 and len(digits) <= 20:
            size = int(digits) * _TENS[len(fraction)]  # what the venue prints, four times faster than parse_size
        else:
            size = _rare_size(text)
        if size > _MOST_SIZE:
            raise Odd("absurd size")
        if len(self) >= _MOST_TEXTS:
            self.clear()
        self[text] = size
        return size


def _rare_size(text: str) -> int:
    try:
        return parse_size(text)
    except NotANumber:
        raise Odd("bad size") from None


@define(eq=False)
class Claims:
    """A frame's own best prices on one side; "" and `nonsense` (a bid at 1, an ask at 0) claim nothing."""

    nonsense: int
    known: dict[str | None, int] = field(factory=lambda: dict(_CLAIMS_NOTHING))

    def of(self, text: str | None) -> int:
        """The claimed price, 0 to PRICE_ONE, or NO_CLAIM. Raises Odd."""
        known = self.known.get(text)
        return self._learn(text or "") if known is None else known

    def _learn(self, text: str) -> int:
        try:
            price = parse_price(text)
        except NotANumber:
            raise Odd("bad best price") from None
        if len(self.known) >= _MOST_TEXTS:
            self.known.clear()
            self.known.update(_CLAIMS_NOTHING)
        self.known[text] = NO_CLAIM if price == self.nonsense else price
        return self.known[text]


class WireLevel(msgspec.Struct, gc=False):
    price: str
    size: str


class WireBook(msgspec.Struct):
    """A REST book object (§1.4); order of levels is never relied upon."""

    asset_id: str
    bids: list[WireLevel]
    asks: list[WireLevel]
    tick_size: str | float | None = None


def tick_of(value: str | float | None) -> int:
    """A tick in price units, 0 when not stated."""
    if value is None or value == "":
        return 0
    try:
        tick = parse_price(str(value))
    except NotANumber:
        raise Odd("bad tick") from None
    if tick not in TICKS:
        raise Odd("unknown tick")
    return tick


def levels(wire: list[WireLevel], prices: Prices, sizes: Sizes) -> tuple[tuple[int, int], ...]:
    """The levels that hold anything."""
    return tuple((prices.of(level.price), size) for level in wire if (size := sizes[level.size]))


def book_snapshots(body: bytes) -> tuple[BookSnapshot, ...]:
    """The books of a POST /books answer. Raises ValueError."""
    prices, sizes = Prices(), Sizes()
    return tuple(
        BookSnapshot(
            book.asset_id,
            levels(book.bids, prices, sizes),
            levels(book.asks, prices, sizes),
            tick_of(book.tick_size),
        )
        for book in decode(body, list[WireBook])
    )
