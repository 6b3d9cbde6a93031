"""What was traded: the public prints of every market and its volume. A listener; never changes anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from attrs import define, field, frozen

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE
from adapters.emulator.events import BookTraded, Event
from adapters.emulator.trades import Trade

KEPT = 5_000  # prints of a market that stay readable
_DAY = 86_400.0


@frozen
class Print:
    """One public trade from its taker's view; `at` wall seconds, `cash` what changed hands without the fee.

    `trade` is the one it came from: its hash appears once it is mined.
    """

    at: float
    token: str
    side: Side
    price: int
    size: int
    trade: Trade

    @property
    def cash(self) -> int:
        return self.price * self.size // PRICE_ONE


@define(eq=False)
class Tape:
    """Prints by condition id, oldest first; `volume` (cash units since the listing) forgets none."""

    wall: Callable[[], float]
    prints: dict[str, deque[Print]] = field(factory=dict)
    volume: dict[str, int] = field(factory=dict)

    def hear(self, event: Event) -> None:
        if not isinstance(event, BookTraded):
            return
        condition = event.listing.market.condition_id
        fresh = [_print(trade) for trade in event.trades]
        self.prints.setdefault(condition, deque(maxlen=KEPT)).extend(fresh)
        self.volume[condition] = self.volume.get(condition, 0) + sum(one.cash for one in fresh)

    def of(self, condition_id: str) -> Iterable[Print]:
        return self.prints.get(condition_id, ())

    def last_day(self, condition_id: str) -> int:
        """Cash units traded in the last 24 h, as far as the kept prints reach."""
        since = self.wall() - _DAY
        return sum(one.cash for one in self.of(condition_id) if one.at >= since)


def _print(trade: Trade) -> Print:
    taker = trade.taker
    return Print(trade.matched_at, taker.ticket.token, taker.ticket.order.side, taker.price, taker.size, trade)
