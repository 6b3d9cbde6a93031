"""Open orders of the account that are not ours: counted as exposure, shown, and never touched (F32)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from actors.messages import OrderUpdate
from actors.model.market import Side
from actors.model.numbers import Cash, cost


@define(eq=False)
class Foreign:
    """By venue id, as the venue last showed them."""

    _orders: dict[str, OrderUpdate] = field(factory=dict)

    def __iter__(self) -> Iterator[str]:
        return iter(self._orders)

    @property
    def orders(self) -> tuple[OrderUpdate, ...]:
        """Those that may still be filled."""
        return tuple(o for o in self._orders.values() if _left(o))

    def show(self, heard: OrderUpdate) -> None:
        """The venue's view of one of them; an order that is over is dropped."""
        if heard.status in ("LIVE", "DELAYED", "UNMATCHED"):
            self._orders[heard.order_id] = heard
        else:
            self.drop(heard.order_id)

    def drop(self, order_id: str) -> None:
        """It is over, or ours after all."""
        self._orders.pop(order_id, None)

    def clear(self) -> None:
        """A new reading of the venue follows."""
        self._orders.clear()

    @property
    def notional(self) -> Cash:
        """Money that they may take."""
        return Cash(sum(cost(o.price, _left(o)) for o in self._orders.values() if o.side is Side.BUY))

    def selling(self, token: str) -> int:
        """Shares of a token that they tie up (size units)."""
        return sum(_left(o) for o in self._orders.values() if (o.token, o.side) == (token, Side.SELL))


def _left(order: OrderUpdate) -> int:
    return max(0, order.size - order.matched)
