"""Which of our orders were priced from a book that was already old: judged by the books that the ledger itself spells out.

For the `simple` strategy without a skew: its quotes lie `half_spread` from the middle of other people's orders and stay while
that moves less than half as much. So every order names, within that, the middle it was made for; an order whose middle
was not seen in the last second before it was made for an older one (I10).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from actors.model.numbers import PRICE_ONE
from tests.emulator.ledger_reader import Book, Event, Open, replay
from tests.process.bot import ADDRESS
from tests.process.judge import is_order

_HALF_SPREAD, _TICK = 200, 100  # price units, of `simple` as it is and of the flow's markets
_ROUNDING_AND_REQUOTE = _TICK + _HALF_SPREAD // 2
_FRESH = 1.0  # s


def outdated(events: Sequence[Event], since: float, until: float) -> Iterator[str]:
    """Our orders between two instants (wall seconds) that no middle of the second before them explains."""
    yes = {event.line["market"]: event.line["tokens"][0] for event in events if event.kind == "market"}
    seen: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for event, book in replay(events):
        market = str(event.line.get("market"))
        if market not in yes or event.t < since - 2 * _FRESH or event.t > until:
            continue
        middle = _middle(book, market, yes[market])
        if middle is not None:
            seen[market].append((event.t, middle))
        order = book.orders.get(event.line["order"]) if is_order(event) and event.t > since else None
        if order is not None:  # one that was taken at once is no longer there
            wanted = _middle_of(order, yes[market])
            fresh = [middle for t, middle in seen[market] if t >= event.t - _FRESH]
            if fresh and min(abs(wanted - middle) for middle in fresh) > _ROUNDING_AND_REQUOTE:
                yield (
                    f"line {event.id}, {event.t - since:.3f} s after SIGCONT: an order made for the middle "
                    f"{wanted / PRICE_ONE:.4f}, but in the last second it was {min(fresh) / PRICE_ONE:.4f} to {max(fresh) / PRICE_ONE:.4f}"
                )


def _middle(book: Book, market: str, yes: str) -> float | None:
    """The middle of other people's orders, in YES terms."""
    bids, asks = [0], [PRICE_ONE]
    for order in book.orders.values():
        if order.market == market and order.address != ADDRESS.lower():
            bid, price = _terms(order, yes)
            (bids if bid else asks).append(price)
    return (max(bids) + min(asks)) / 2 if len(bids) > 1 and len(asks) > 1 else None


def _middle_of(order: Open, yes: str) -> int:
    bid, price = _terms(order, yes)
    return price + _HALF_SPREAD if bid else price - _HALF_SPREAD


def _terms(order: Open, yes: str) -> tuple[bool, int]:
    """Whether it is a bid for YES, and at which price of YES."""
    is_yes = order.token == yes
    return (order.side == "BUY") == is_yes, order.price if is_yes else PRICE_ONE - order.price
