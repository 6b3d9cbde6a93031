"""A venue of one market on blocking sockets, in a process of its own, that times how fast it is answered.

It shows a book that is too wide to quote, narrows it with one frame, and notes when whole orders have arrived. It judges
no price and matches nothing; orders rest until they are cancelled.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from random import Random
from urllib.parse import urlsplit

from attrs import define, field, frozen

from actors.model.numbers import PRICE_ONE, SHARE
from adapters.emulator.signatures import EXCHANGE, order_digest, order_domain
from adapters.emulator.signed_order import parse
from tests.bench.bare_book import MARKET, Json, book, price_change
from tests.bench.bare_wire import CLOSE, PING, PONG, TEXT, Gone, Request, Wire, framed

_MARKET_PATH, _USER_PATH = "/ws/market", "/ws/user"
_PATIENCE = 5.0


@frozen
class Cycles:
    """What to measure: `count` frames that each call for `orders` orders, which a second frame ends if `cancels`.

    `settle` is the time between all orders and that second frame, `pause` (s, from, to) the rest before the next.
    """

    count: int
    orders: int
    cancels: bool
    settle: float = 0.005
    pause: tuple[float, float] = (0.06, 0.07)


@frozen
class Sample:
    """Monotonic nanoseconds: right before the frame is written, and when the POST with each order was in whole."""

    written: int
    orders: tuple[int, ...]


@frozen
class Timed:
    """All samples, and the exact bytes of the last POST."""

    samples: tuple[Sample, ...]
    post: bytes


@define(eq=False)
class Venue:
    """Everything its threads share, under one lock that is also how they wait for each other."""

    narrow: bool = False
    orders: dict[str, Json] = field(factory=dict)
    _sockets: list[tuple[str, Wire]] = field(factory=list)
    _arrived: list[int] = field(factory=list)
    _wanted: int = 0
    _post: bytes = b""
    _changed: threading.Condition = field(factory=threading.Condition)

    # ── connections ───────────────────────────────────────────────────────────────────────────────────────────────

    def serve(self, wire: Wire) -> None:
        """One connection to its end, in its thread."""
        path = ""
        try:
            while not path:
                request = wire.request()
                now = time.perf_counter_ns()
                if "sec-websocket-key" in request.headers:
                    wire.upgrade(request)
                    path = request.path
                elif request.method == "POST" and request.path in ("/order", "/orders"):
                    wire.reply(self._placed(request, now))
                else:
                    wire.reply(self._answer(request))
            self._talk(wire, path)
        except Gone:
            with self._changed:
                self._sockets = [(where, other) for where, other in self._sockets if other is not wire]
            wire.close()

    def _talk(self, wire: Wire, path: str) -> None:
        """Greet whoever subscribes, answer keep-alives. Raises Gone."""
        while True:
            opcode, content = wire.frame()
            if opcode == CLOSE:
                wire.send(framed(content, CLOSE))
                raise Gone("closed")
            if opcode == PING:
                wire.send(framed(content, PONG))
            elif opcode == TEXT and content == b"PING":
                wire.send(framed(b"PONG"))
            elif opcode == TEXT and b"unsubscribe" not in content:
                self._greet(wire, path)

    def _greet(self, wire: Wire, path: str) -> None:
        with self._changed:
            if path == _MARKET_PATH:
                wire.send(framed(book(narrow=self.narrow)))
            if (path, wire) not in self._sockets:
                self._sockets.append((path, wire))
            self._changed.notify_all()

    # ── requests ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _placed(self, request: Request, now: int) -> object:
        """Note the arrivals; answer once all orders of the frame are in, so that no answer's work delays another's."""
        count = request.body.count(b'"orderType"')
        with self._changed:
            self._arrived += [now] * count
            self._post = request.raw
            self._changed.notify_all()
            self._changed.wait_for(lambda: len(self._arrived) >= self._wanted, _PATIENCE)
            bodies = json.loads(request.body)
            legs = [self._rest(body) for body in (bodies if isinstance(bodies, list) else [bodies])]
        return legs if request.path == "/orders" else legs[0]

    def _rest(self, body: object) -> Json:
        """Keep the order; its hash is its id (polymarket.md §3.1)."""
        signed = parse(body)
        order_id = "0x" + order_digest(signed, order_domain("2", EXCHANGE)).hex()
        self.orders[order_id] = {
            "id": order_id,
            "market": MARKET.condition_id,
            "asset_id": signed.token,
            "side": signed.side.value,
            "price": f"{(signed.exact_price or 0) / PRICE_ONE:g}",
            "original_size": str(signed.shares // SHARE),
            "size_matched": "0",
            "status": "LIVE",
        }
        return {"success": True, "errorMsg": "", "orderID": order_id, "status": "live"}

    def _answer(self, request: Request) -> object:
        path = urlsplit(request.path).path
        with self._changed:
            if request.method == "DELETE":
                return self._cancelled(json.loads(request.body))
            if path.startswith("/data/order/"):
                return self.orders.get(path.removeprefix("/data/order/"))
            live = [order for order in self.orders.values() if order["status"] == "LIVE"]
        answers: dict[str, Json] = {
            "/data/orders": {"data": live, "next_cursor": "LTE="},
            "/data/trades": {"data": [], "next_cursor": "LTE="},
            "/balance-allowance": {"balance": "1000000000"},
            "/v1/heartbeats": {"heartbeat_id": "1"},
        }
        return answers[path]

    def _cancelled(self, ids: list[str]) -> Json:
        for order_id in ids:
            self.orders[order_id]["status"] = "CANCELED"
            event = {"event_type": "order", "type": "CANCELLATION", **self.orders[order_id]}
            self._say(_USER_PATH, json.dumps(event).encode())
        self._changed.notify_all()
        return {"canceled": ids, "not_canceled": {}}

    def _say(self, path: str, text: bytes) -> None:
        for where, wire in self._sockets:
            if where == path:
                wire.send(framed(text))

    # ── measuring ─────────────────────────────────────────────────────────────────────────────────────────────────

    def measure(self, cycles: Cycles, random: Random) -> Timed:
        """Raises TimeoutError if a subscriber, orders or cancels do not come."""
        samples = []
        for _ in range(cycles.count):
            samples.append(self._narrow(cycles.orders))
            if cycles.cancels:
                time.sleep(cycles.settle)
                self._widen()
            time.sleep(random.uniform(*cycles.pause))
        if not cycles.cancels:  # whoever comes next finds a wide book and no orders
            with self._changed:
                self.narrow = False
                self.orders.clear()
        return Timed(tuple(samples), self._post)

    def _narrow(self, orders: int) -> Sample:
        frame = framed(price_change(narrow=True))
        with self._changed:
            self._await(lambda: any(path == _MARKET_PATH for path, _ in self._sockets), "subscriber")
            wire = next(wire for path, wire in self._sockets if path == _MARKET_PATH)
            self._arrived.clear()
            self._wanted, self.narrow = orders, True
        written = time.perf_counter_ns()
        wire.send(frame)
        with self._changed:
            self._await(lambda: len(self._arrived) >= orders, "orders")
            return Sample(written, tuple(self._arrived))

    def _widen(self) -> None:
        with self._changed:
            self.narrow = False
            self._say(_MARKET_PATH, price_change(narrow=False))
            self._await(lambda: all(order["status"] != "LIVE" for order in self.orders.values()), "cancels")

    def _await(self, true: Callable[[], bool], what: str) -> None:
        if not self._changed.wait_for(true, _PATIENCE):
            raise TimeoutError(f"no {what} within {_PATIENCE:g} s")


def serve(control: Connection) -> None:
    """The process's life: tell the port, measure whenever `Cycles` are asked for, end at None."""
    venue = Venue()
    listener = socket.create_server(("127.0.0.1", 0))
    control.send(listener.getsockname()[1])
    threading.Thread(target=_accept, args=(listener, venue), daemon=True).start()
    random = Random("tick to order")
    while (cycles := control.recv()) is not None:
        try:
            control.send(venue.measure(cycles, random))
        except (TimeoutError, Gone) as problem:
            control.send(problem)


def _accept(listener: socket.socket, venue: Venue) -> None:
    while True:
        wire = Wire(listener.accept()[0])
        threading.Thread(target=venue.serve, args=(wire,), daemon=True).start()
