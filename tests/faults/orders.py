"""The account's orders as the ledger tells them: the bot's own, by its journal, and the user's (F32)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from attrs import define, field

from tests.emulator.ledger_reader import Open, opened

_IMMEDIATE = ("FAK", "FOK")


@define(eq=False)
class Arrived:
    """An order that reached the exchange; `own` if it is the bot's. Times are ledger seconds."""

    order: Open
    size: int
    life: str
    post_only: bool
    own: bool
    filled_at: float = -inf
    ended_at: float | None = None

    @property
    def immediate(self) -> bool:
        return self.life in _IMMEDIATE

    @property
    def buys(self) -> bool:
        return self.order.side == "BUY"


@define(eq=False)
class Orders:
    """Every order of the account for ever, and the open ones by market."""

    by_id: dict[str, Arrived] = field(factory=dict)
    _open: dict[str, dict[str, Arrived]] = field(factory=dict)

    def arrive(self, line: Mapping[str, Any], *, own: bool) -> Arrived:
        order = opened(dict(line))
        arrived = Arrived(order, order.remaining, line["life"], line["post_only"], own)
        self.by_id[order.id] = arrived
        self._open.setdefault(order.market, {})[order.id] = arrived
        return arrived

    def fill(self, order_id: str, size: int, t: float) -> int:
        """Take the fill off the order; what it got beyond its size or after its end, in size units."""
        arrived = self.by_id[order_id]
        arrived.filled_at = t
        left = arrived.order.remaining if arrived.ended_at is None else 0
        arrived.order.remaining = max(0, arrived.order.remaining - size)
        if not arrived.order.remaining:
            self.end(order_id, t)
        return max(0, size - left)

    def end(self, order_id: str, t: float) -> Arrived | None:
        """Nothing of it will trade any more; None if nothing of the kind was open."""
        arrived = self.by_id.get(order_id)
        if arrived is None or arrived.ended_at is not None:
            return None
        arrived.ended_at = t
        self._open[arrived.order.market].pop(order_id, None)
        return arrived

    def own_in(self, market: str) -> list[Arrived]:
        """The bot's open orders of a market."""
        return [arrived for arrived in self._open.get(market, {}).values() if arrived.own]

    @property
    def own_open(self) -> Iterator[Arrived]:
        return (arrived for market in self._open for arrived in self.own_in(market))
