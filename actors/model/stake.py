"""What markets have at stake: the worst that can come of an event, and the worth of what is held and being bought.

Orders count as far as they may still fill, each in the way that is worst: nobody knows which of them will.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from actors.model.ledger import Position
from actors.model.market import Side
from actors.model.numbers import PRICE_ONE, Cash, cost, proceeds
from actors.model.plan import yes_terms
from actors.model.quote import Quote


@frozen
class Stake:
    """A market's position and what its orders not proven dead may still take or give."""

    position: Position
    orders: tuple[Quote, ...] = ()

    def plus(self, *orders: Quote) -> Stake:
        return evolve(self, orders=(*self.orders, *orders))

    @property
    def losses(self) -> tuple[int, int]:
        """What is lost if YES pays and if NO does, every order that then loses filled, none that earns (cash units)."""
        spent = self.position.yes.cost + self.position.no.cost
        if_yes, if_no = spent - self.position.yes.size, spent - self.position.no.size
        for order in self.orders:
            if yes_terms(order.outcome, order.side, order.price)[0]:
                if_no += _risked(order)
            else:
                if_yes += _risked(order)
        return if_yes, if_no

    def notional(self, yes_mid: int | None) -> Cash:
        """What the shares held are worth, at cost while they have no price, and what open buys would cost."""
        held = self.position
        worth = held.inventory_cost
        if yes_mid is not None:
            worth = Cash(proceeds(yes_mid, held.yes.size) + proceeds(PRICE_ONE - yes_mid, held.no.size))
        return Cash(worth + sum(cost(o.price, o.size) for o in self.orders if o.side is Side.BUY))


def _risked(order: Quote) -> int:
    """What an order loses if its side turns out wrong: a buy its price, a sale what its shares would have paid beyond it."""
    if order.side is Side.BUY:
        return cost(order.price, order.size)
    return order.size - proceeds(order.price, order.size)


def worst_loss(losses: Sequence[tuple[int, int]], *, exclusive: bool) -> Cash:
    """The most that an event can lose from here, never below 0; `losses` are its markets' if YES and if NO pays.

    In an `exclusive` event (neg-risk) at most one market ends in YES; it may also be one that is not traded here.
    """
    if not exclusive:
        return Cash(max(0, sum(max(if_yes, if_no) for if_yes, if_no in losses)))
    none = sum(if_no for _, if_no in losses)
    return Cash(max(0, none, *(none - if_no + if_yes for if_yes, if_no in losses)))
