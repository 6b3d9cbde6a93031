"""The emulated exchange: orders a second, book updates a second, and its memory at a thousand markets.

Run: python -m tests.bench exchange
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from random import Random

import trio
from attrs import define, field
from trio.testing import MockClock, memory_stream_pair

from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, format_price
from adapters.emulator.accounts import FUNDED
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.exchange import Exchange
from adapters.emulator.listings import DRAFTS, Draft, generate
from adapters.emulator.tickets import Ticket
from adapters.matching import MatchBook, Order
from tests.emulator.harness import Venue

MATCHED, SUBMITTED, POSTED, UPDATES = 40_000, 10_000, 400, 3_000
SUBSCRIBERS = (1, 50)
MARKETS, MINUTES = 1_000, 2
_BEHIND = 500  # updates between two waits for the slowest subscriber


def stream(rng: Random, count: int, owners: tuple[str, ...]) -> list[Order]:
    """Limit orders around the middle from several owners, both tokens and sides; about half of them trade."""
    orders = []
    for number in range(count):
        outcome, side = rng.choice(list(Outcome)), rng.choice(list(Side))
        price = rng.randrange(4000, 6100, 100)
        orders.append(Order(f"{number}", rng.choice(owners), outcome, side, price, rng.randint(5, 200) * SHARE))
    return orders


def matching() -> float:
    """Orders a second of the matching engine alone."""
    book, orders = MatchBook(), stream(Random(1), MATCHED, ("a", "b", "c"))
    began = time.perf_counter()
    for order in orders:
        book.submit(order)
    return MATCHED / (time.perf_counter() - began)


async def submitting() -> float:
    """Orders a second of the exchange without its wire: accounts, trades, settlement, listeners."""
    exchange = build(1, wall=time.time, flow=False).exchange
    accounts = {name: exchange.accounts.open(f"0x{name * 40}", internal=True) for name in ("a", "b", "c")}
    listing = exchange.listings.all[0]
    orders = stream(Random(1), SUBMITTED, tuple(accounts))
    began = time.perf_counter()
    for order in orders:
        exchange.submit(Ticket(order, accounts[order.owner], "key", listing, 0.0))
    return SUBMITTED / (time.perf_counter() - began)


async def posting() -> float:
    """Signed orders a second through POST /order: HTTP parsed, both signatures checked, matched, answered."""
    emulator = build(1, wall=time.time, flow=False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        trader = await Venue(emulator, nursery, time.time).trader()
        listing, rng = emulator.exchange.listings.all[0], Random(1)
        bodies = []
        for _ in range(POSTED):
            price = format_price(rng.randrange(1000, 5000, 100))
            bodies.append(trader.order(listing, listing.market.yes, "BUY", price, "5"))
        began = time.perf_counter()
        for body in bodies:
            status, answer = await trader.call("POST", "/order", body)
            assert (status, answer["status"]) == (200, "live"), answer
        rate = POSTED / (time.perf_counter() - began)
        nursery.cancel_scope.cancel()
    return rate


@define(eq=False)
class Drain:
    """A subscriber that reads the server's WebSocket frames off the stream and looks at their headers only."""

    stream: trio.abc.Stream
    frames: int = 0
    _bytes: bytearray = field(factory=bytearray)

    async def subscribe(self, path: str, text: str) -> None:
        await self.stream.send_all(
            f"GET {path} HTTP/1.1\r\nHost: venue\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._bytes:
            self._bytes += await self.stream.receive_some()
        del self._bytes[: self._bytes.index(b"\r\n\r\n") + 4]
        payload = text.encode()  # a masked text frame whose mask is zero
        await self.stream.send_all(b"\x81\xfe" + len(payload).to_bytes(2, "big") + b"\0\0\0\0" + payload)

    async def run(self) -> None:
        while True:
            self._count()
            self._bytes += await self.stream.receive_some(1 << 20)

    def _count(self) -> None:
        while len(self._bytes) >= 10:
            short = self._bytes[1] & 127
            head = 2 + {126: 2, 127: 8}.get(short, 0)
            size = int.from_bytes(self._bytes[2:head], "big") if short > 125 else short
            if len(self._bytes) < head + size:
                return
            del self._bytes[: head + size]
            self.frames += 1


async def publishing(subscribers: int) -> float:
    """Book updates a second, each reaching every subscriber over its own WebSocket."""
    emulator = build(1, wall=time.time, flow=False)
    async with trio.open_nursery() as nursery:
        drains = [await _subscribed(emulator, nursery) for _ in range(subscribers)]
        move = _mover(emulator.exchange)
        began = time.perf_counter()
        for number in range(1, UPDATES + 1):
            move(number)
            if number % _BEHIND == 0:
                while any(drain.frames <= number for drain in drains):
                    await trio.lowlevel.checkpoint()
        rate = UPDATES / (time.perf_counter() - began)
        nursery.cancel_scope.cancel()
    return rate


async def _subscribed(emulator: Emulator, nursery: trio.Nursery) -> Drain:
    """A subscriber of both tokens of the first market that has its first books."""
    ours, theirs = memory_stream_pair()
    nursery.start_soon(emulator.serve_socket, theirs)
    drain, tokens = Drain(ours), emulator.exchange.listings.all[0].market.tokens
    await drain.subscribe("/ws/market", json.dumps({"type": "market", "assets_ids": tokens}))
    nursery.start_soon(drain.run)
    while not drain.frames:
        await trio.lowlevel.checkpoint()
    return drain


def _mover(exchange: Exchange) -> Callable[[int], None]:
    """Places an order at every odd call and cancels it at the next: one frame each, on a book of forty levels a side."""
    listing, account = exchange.listings.all[0], exchange.accounts.open(FUNDED[0].address)
    for cents in (*range(10, 50), *range(51, 91)):
        side = Side.BUY if cents < 50 else Side.SELL
        order = Order(f"level-{cents}", "0xa", Outcome.YES, side, cents * 100, 50 * SHARE)
        exchange.submit(Ticket(order, account, "key", listing, 0.0))
    resting: list[Ticket] = []

    def move(number: int) -> None:
        if resting:
            exchange.cancel(resting.pop(), "moved on")
            return
        order = Order(f"{number}", "0xa", Outcome.YES, Side.BUY, 4000 + number % 9 * 100, 5 * SHARE)
        resting.append(Ticket(order, account, "key", listing, 0.0))
        exchange.submit(resting[0])

    return move


async def living(markets: int) -> None:
    """Prints what a process holds that runs this many calm markets: in MiB, at the start and some minutes later."""
    began = time.process_time()
    drafts = DRAFTS if markets == len(DRAFTS) else [Draft(f"market-{n}", f"Market {n}?", 0.5) for n in range(markets)]
    wall = trio.current_time
    emulator = build(1, wall=lambda: 1_763_628_000 + wall(), listings=generate(1, drafts), flow="quiet")
    print(f"{resident():.0f} {time.process_time() - began:.1f}")
    began = time.process_time()
    with trio.move_on_after(MINUTES * 60):
        await emulator.run()
    print(f"{resident():.0f} {time.process_time() - began:.1f}")


def resident() -> float:
    """RSS of this process in MiB."""
    with open("/proc/self/status", encoding="ascii") as status:
        (line,) = [line for line in status if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def measured(markets: int) -> tuple[list[str], list[str]]:
    """(RSS, CPU seconds) at the start and after some virtual minutes, of a process of its own."""
    code = f"import tests.bench.exchange as bench; bench.live({markets})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    start, later = (line.split() for line in done.stdout.splitlines())
    return start, later


def live(markets: int) -> None:
    trio.run(living, markets, clock=MockClock(autojump_threshold=0))


def main() -> None:
    alone, inside, posted = matching(), trio.run(submitting), trio.run(posting)
    print(f"exchange, orders a second      matching alone {alone:8,.0f}   with accounts and trades {inside:8,.0f}")
    print(f"                               signed POST /order over HTTP {posted:6,.0f} ({1000 / posted:.2f} ms each)")
    one, many = (trio.run(publishing, subscribers) for subscribers in SUBSCRIBERS)
    print(f"exchange, book updates a second  to {SUBSCRIBERS[0]} subscriber {one:6,.0f}", end="   ")
    print(f"to {SUBSCRIBERS[1]} subscribers {many:6,.0f} ({many * SUBSCRIBERS[1]:,.0f} frames)")
    for markets in (len(DRAFTS), MARKETS):
        (start, opening), (later, running) = measured(markets)
        print(
            f"exchange, {markets:5,} markets: RSS {start} MiB at the start ({opening} s CPU), "
            f"{later} MiB after {MINUTES} virtual minutes ({running} s CPU)"
        )


if __name__ == "__main__":
    main()
