"""What was traded: the public prints of every market and its volume. A listener; never changes anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from attrs import define, field

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE
from adapters.emulator.events import BookTraded, Event, TradeMoved
from adapters.emulator.trades import Trade

KEPT = 5_000  # prints of a market that stay readable
_DAY = 86_400.0
_OVER = ("CONFIRMED", "FAILED")


@define(eq=False)
class Print:
    """One public trade from its taker's view; `at` wall seconds, `cash` what changed hands without the fee.

    `hash` is its transaction's, empty until there is one. Thousands are kept: nothing here may hold a whole trade.
    """

    at: float
    token: str
    side: Side
    price: int
    size: int
    taker: str
    hash: str = ""

    @property
    def cash(self) -> int:
        return self.price * self.size // PRICE_ONE


@define(eq=False)
class Tape:
    """Prints by condition id, oldest first; `volume` (cash units since the listing) forgets none.

    `_open` are the prints by trade id whose transaction may still change.
    """

    wall: Callable[[], float]
    prints: dict[str, deque[Print]] = field(factory=dict)
    volume: dict[str, int] = field(factory=dict)
    _open: dict[str, Print] = field(factory=dict)

    def hear(self, event: Event) -> None:
        if isinstance(event, BookTraded):
            self._print(event)
        elif isinstance(event, TradeMoved) and event.trade.id in self._open:
            self._open[event.trade.id].hash = event.trade.hash
            if event.trade.status in _OVER:
                del self._open[event.trade.id]

    def _print(self, event: BookTraded) -> None:
        condition = event.listing.market.condition_id
        fresh = [_print(trade) for trade in event.trades]
        self._open.update(zip((trade.id for trade in event.trades), fresh, strict=True))
        self.prints.setdefault(condition, deque(maxlen=KEPT)).extend(fresh)
        self.volume[condition] = self.volume.get(condition, 0) + sum(one.cash for one in fresh)

    def of(self, condition_id: str) -> Iterable[Print]:
        return self.prints.get(condition_id, ())

    def last_day(self, condition_id: str) -> int:
        """Cash units traded in the last 24 h, as far as the kept prints reach."""
        since = self.wall() - _DAY
        return sum(one.cash for one in self.of(condition_id) if one.at >= since)


def _print(trade: Trade) -> Print:
    taker, ticket = trade.taker, trade.taker.ticket
    return Print(trade.matched_at, ticket.token, ticket.order.side, taker.price, taker.size, ticket.account.address)
