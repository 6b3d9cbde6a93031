"""What one tracker life does with its strategy's takes: each number once, followed until its trades add up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from attrs import define, evolve, field

from actors.market.blotter import Blotter
from actors.model.market import Side
from actors.model.numbers import Cash, Size, cost, proceeds
from actors.model.order import Key, Order
from actors.model.reason import Refusal
from actors.model.take import Stage, Take, Taken, Takes

_REMEMBERED = 32


@define(eq=False)
class Taking:
    """`next` grows over all lives of a market's tracker: it begins with the life's generation."""

    next: int
    tried: int = 0
    _open: dict[Key, Taken] = field(factory=dict)
    _ids: dict[Key, str] = field(factory=dict)
    _last: deque[Taken] = field(factory=lambda: deque(maxlen=_REMEMBERED))

    @classmethod
    def of(cls, generation: int) -> Taking:
        return cls(generation << 32)

    def due(self, takes: Sequence[Take]) -> Iterator[Take]:
        """Those whose number is expected, in turn; the others have been acted on or answer an older state."""
        for take in takes:
            if take.number == self.next:
                yield take

    def begun(self, take: Take, key: Key, size: Size) -> None:
        """It is on its way, perhaps with less than it asked for."""
        self.next += 1
        self._open[key] = Taken(evolve(take, size=size), Stage.OPEN)

    def refused(self, take: Take, why: Refusal) -> None:
        """Nothing of it has left."""
        self.next += 1
        self._end(Taken(take, Stage.REFUSED, why=why))

    def sent(self, key: Key, order_id: str) -> None:
        """Its bytes are about to leave under this id."""
        if key in self._open:
            self._ids[key] = order_id

    def told(self, key: Key, why: Refusal) -> None:
        """The gateway or the venue refuses it; its end is read from the order."""
        if key in self._open:
            self._open[key] = evolve(self._open[key], why=why)

    def follow(self, blotter: Blotter) -> bool:
        """Close what is over; True if anything was."""
        over = [key for key in self._open if key not in blotter.orders]
        for key in over:
            taken = self._open.pop(key)
            self._end(_summed(taken, blotter, self._ids.pop(key, "")))
        return bool(over)

    def is_one(self, order: Order) -> bool:
        return order.key in self._open

    def shown(self, *, unknown: int) -> Takes:
        return Takes(self.next, bool(self._open) or unknown > 0, self.tried, (*self._last, *self._open.values()))

    def _end(self, taken: Taken) -> None:
        self.tried += 1
        self._last.append(taken)


def _summed(taken: Taken, blotter: Blotter, order_id: str) -> Taken:
    fills = [fill for fill in blotter.ledger.fills if order_id and fill.order_id == order_id and not fill.void]
    worth = cost if taken.take.side is Side.BUY else proceeds
    size = Size(sum(fill.size for fill in fills))
    cash = Cash(sum(worth(fill.price, fill.size) for fill in fills))
    stage = Stage.REFUSED if taken.why is not None and not size else Stage.OVER
    return evolve(taken, stage=stage, size=size, cash=cash, fees=Cash(sum(fill.fee for fill in fills)))
