"""Getting out: the next reducing order of a market that is being flattened. Pure; the tracker places it."""

from __future__ import annotations

from collections.abc import Sequence

from actors.model.book import Book
from actors.model.ledger import Position
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import CENTISHARE, Price, Size
from actors.model.order import Order
from actors.model.plan import self_trades
from actors.model.quote import Quote

_FIRST_TICKS, _MOST_TICKS, _WIDEN_EVERY = 3, 10, 2.0  # architecture.md §7


def reducing(
    market: Market, position: Position, book: Book, orders: Sequence[Order], *, waited: float, keep: int = 0
) -> tuple[Quote, ...]:
    """FAK sells of what confirmed trades say is held, a few ticks through the bid, further the longer it takes.

    `waited` is how long flattening has been going on (s), `keep` how much of each outcome is not for sale. One sell per outcome at a time: what an order not proven dead
    may still sell is not sold again, and nothing is sold to an order of ours that the venue does not cancel. Less than the venue's minimum size cannot be sold: dust.
    """
    busy = {order.outcome for order in orders if order.side is Side.SELL}
    quotes: list[Quote] = []
    for outcome in Outcome:
        bid = book.depth(outcome).best_bid if book.live else None
        size = (position.holding(outcome).sellable - keep) // CENTISHARE * CENTISHARE
        if bid is not None and outcome not in busy and size >= market.min_size:
            price = max(book.tick, bid - ticks_through(waited) * book.tick)
            quote = Quote(outcome, Side.SELL, Price(price), Size(size))
            if not any(self_trades(quote, order) for order in orders):
                quotes.append(quote)
    return tuple(quotes)


def ticks_through(waited: float) -> int:
    """How far below the best bid a reducing order may reach: 3 ticks, one more every 2 s, at most 10."""
    return min(_MOST_TICKS, _FIRST_TICKS + int(waited / _WIDEN_EVERY))


def is_flat(market: Market, position: Position) -> bool:
    """Whether per token less than the venue's minimum size is left (architecture.md §7); what is gone is not left."""
    return all(position.holding(outcome).there < market.min_size for outcome in Outcome)
