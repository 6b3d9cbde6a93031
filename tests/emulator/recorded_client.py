"""A client's resting order among recorded ones, and a model of its queue that knows only rows and displayed sizes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, islice
from pathlib import Path
from random import Random

from attrs import define

from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE
from adapters.emulator.accounts import FUNDED
from adapters.emulator.emulator import Emulator
from adapters.emulator.recorded_flow import RecordedFlow
from adapters.emulator.recorded_rows import Row
from adapters.emulator.tickets import Ticket
from adapters.matching import Order
from tests.emulator.harness import virtual_wall
from tests.emulator.recordings import Cells, change, opened, write

BEST = ("0.48", "0.5")
OPENING = [change(1000, "BID", "0.48", "100", BEST), change(1001, "ASK", "0.5", "100", BEST)]
_NUMBERS = count()


@define(eq=False)
class Client:
    """A resting order of a client, and a model of its queue that knows only rows and displayed sizes."""

    emulator: Emulator
    ticket: Ticket
    ahead: int

    @classmethod
    def join(cls, emulator: Emulator, flow: RecordedFlow, market: int, bids: bool, price: int, size: int) -> Client:
        book = flow.books[market]
        side = book.listing.book.bids if bids else book.listing.book.asks
        ahead = side.size_at(price)
        account = emulator.exchange.accounts.open(FUNDED[0].address)
        made = Order(
            f"client-{next(_NUMBERS)}",
            account.address.lower(),
            Outcome.YES,
            Side.BUY if bids else Side.SELL,
            price,
            size,
            post_only=True,
        )
        ticket = Ticket(made, account, "key", book.listing, 0.0)
        result, _ = emulator.exchange.submit(ticket)
        assert result.rested
        return cls(emulator, ticket, ahead)

    @property
    def filled(self) -> int:
        return self.ticket.matched

    def expects(self, row: Row) -> int:
        """What a print should bring it; called before the row is played. Moves up in the queue."""
        order = self.ticket.order
        bids, price = order.bids, order.price
        if row.trade and row.bids is not bids and (row.price <= price if bids else row.price >= price):
            ladder = self.ticket.listing.book.bids if bids else self.ticket.listing.book.asks
            better = sum(ladder.size_at(p) for p in ladder.prices if (p > price if bids else p < price))
            arrives = max(row.size - better, 0)
            mine = min(max(arrives - self.ahead, 0), self.ticket.remaining)
            self.ahead = max(self.ahead - arrives, 0)
            return mine
        if not row.trade and (row.bids, row.price) == (bids, price):
            self.ahead = min(self.ahead, row.size)
        if not row.trade and (row.best_bid < price if bids else row.best_ask > price):
            self.ahead = 0  # the venue's best is worse: nobody of the recording is left at this price
        return 0

    def crossed_by(self, row: Row) -> bool:
        """Does the row say that somebody now offers (bids) at its price or better?"""
        order = self.ticket.order
        other = row.best_ask if order.bids else row.best_bid
        return not row.trade and (other <= order.price if order.bids else other >= order.price)


def watch(emulator: Emulator, flow: RecordedFlow, *, every: int, rows: int) -> tuple[int, int, int]:
    """Play with a client in each market that joins the best bid or ask again and again, and leaves after a while.

    (joined, filled by prints, filled by crosses)
    """
    rng, clients, joined, printed, crossed = Random(5), dict[int, Client](), 0, 0, 0
    for number, row in enumerate(islice(flow.steps, rows)):
        if number % (40 * every) == 0:
            for tired in clients.values():
                emulator.exchange.cancel(tired.ticket, "tired of waiting")
            clients.clear()
        client = clients.get(row.market)
        if client is None and number % every == 0 and None not in flow.books[row.market].listing.book.best(Outcome.YES):
            bids = rng.random() < 0.5
            ladder = flow.books[row.market].listing.book
            price = ladder.bids.best if bids else ladder.asks.best
            assert price is not None
            client = clients[row.market] = Client.join(emulator, flow, row.market, bids, price, 20 * SHARE)
            joined += 1
        before, expected = (client.filled, client.expects(row)) if client else (0, 0)
        flow.apply(row)
        if client is None:
            continue
        got = client.filled - before
        if row.trade:
            assert got == expected, f"row {number}"
            printed += got
        elif got:
            assert client.crossed_by(row), f"row {number}"
            crossed += got
        if not client.ticket.remaining:
            del clients[row.market]
    return joined, printed, crossed


async def played(folder: Path, rows: list[Cells]) -> tuple[Emulator, RecordedFlow, Callable[[str], int]]:
    """A one-market recording, its opening played; the function tells what rests at a YES price, clients included."""
    emulator, flow = opened(write(folder, [*OPENING, *rows]), virtual_wall())
    for row in flow.steps[:2]:
        flow.apply(row)
    book = flow.books[0].listing.book

    def at(price: str) -> int:
        units = round(float(price) * 10_000)
        return (book.bids.size_at(units) + book.asks.size_at(units)) // SHARE

    return emulator, flow, at
