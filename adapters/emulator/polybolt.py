"""PolyBolt, the spot socket (polymarket.md §8.2): who subscribed to which price, acknowledged, numbered, limited.

As at the venue every reference price needs CLOB credentials; only `price.polymarket` is public.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

from attrs import define, field

from adapters.emulator import wire_spot
from adapters.emulator.audience import Audience, current
from adapters.emulator.bolt_requests import Item, Refusal, Request, item_of, items_of, read
from adapters.emulator.compact import compact_text
from adapters.emulator.keys import Keys
from adapters.emulator.listings import Listings
from adapters.emulator.sockets import Outlet, Unwelcome
from adapters.emulator.spot_prices import SpotPrices

MOST_SUBSCRIPTIONS, MOST_FRAMES_A_SECOND, MOST_LOGINS = 64, 20, 8
MEMORY = 120  # seconds in a snapshot


@define(eq=False)
class PolyBolt:
    """`run` publishes until it is cancelled."""

    prices: SpotPrices
    keys: Keys
    listings: Listings
    wall: Callable[[], float]
    audience: Audience = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.audience = Audience(self.wall)

    def open(self, outlet: Outlet) -> BoltSession:
        session = BoltSession(self, outlet)
        self.audience.join(session)
        return session

    async def run(self) -> None:
        await self.audience.run()


@define(eq=False)
class BoltSession:
    """One client: its subscriptions with what it last heard of each, and its counts.

    After a breach of policy it hears the error and is let go at its next frame or at the next second.
    """

    channel: PolyBolt
    outlet: Outlet
    wanted: dict[Item, object] = field(factory=dict)
    known: bool = False
    over: bool = False
    logins: int = 0
    numbers: Counter[str] = field(factory=Counter)
    changes: deque[float] = field(factory=lambda: deque(maxlen=MOST_FRAMES_A_SECOND + 1))

    def received(self, text: str) -> None:
        """One request. Raises Unwelcome once the client has broken the rules."""
        if self.over:
            raise Unwelcome
        if text == "PING":
            self.outlet.push("PONG")
            return
        request = read(text)
        if request.op == "ping":
            self._answer(request, "pong")
        elif request.op == "auth":
            self._login(request)
        elif request.op in ("subscribe", "unsubscribe"):
            self._change(request)
        else:
            self._refuse(request, "bad_op")

    def closed(self) -> None:
        self.channel.audience.leave(self)

    def publish(self, second: int) -> None:
        """The new second of every subscription; best prices only where they moved."""
        if self.over:
            self.outlet.connection.cancel()
            return
        for item, last in list(self.wanted.items()):
            if item.channel == "price.polymarket":
                self._best(item, last)
            elif item.priced:
                self._push(item.channel, wire_spot.bolt_update(self.channel.prices, item.channel, item.subject, second))

    def _login(self, request: Request) -> None:
        self.logins += 1
        auth = request.body.get("auth")
        parts = [auth.get(name) if isinstance(auth, dict) else None for name in ("apiKey", "secret", "passphrase")]
        if self.logins > MOST_LOGINS:
            self._breach(request, "auth_attempts")
        elif not all(isinstance(part, str) for part in parts):
            self._refuse(request, "bad_op")
        elif self.channel.keys.proven(*map(str, parts)) is None:
            self._breach(request, "auth_invalid")
        else:
            self.known = True
            self._answer(request, "authed")

    def _change(self, request: Request) -> None:
        """Every item is answered in order; a batch counts once against the rate."""
        now = self.channel.wall()
        self.changes.append(now)
        if len(self.changes) > MOST_FRAMES_A_SECOND and now - self.changes[0] < 1.0:
            self._breach(request, "rate_limited")
            return
        items = items_of(request)
        if not items:
            self._refuse(request, "bad_op")
        for raw in items:
            if self.over:
                return
            self._one(request, raw)

    def _one(self, request: Request, raw: object) -> None:
        try:
            item = item_of(raw)
        except Refusal as refusal:
            self._refuse(request, refusal.code, refusal.channel)
            return
        if item.channel != "price.polymarket" and not self.known:
            self._refuse(request, "auth_required", item.channel)
        elif request.op == "unsubscribe":
            self.wanted.pop(item, None)
            self._answer(request, "unsubscribed", item.channel)
        elif item not in self.wanted and len(self.wanted) >= MOST_SUBSCRIPTIONS:
            self._breach(request, "sub_limit", item.channel)
        else:
            fresh = item not in self.wanted
            self.wanted.setdefault(item, None)
            self._answer(request, "subscribed", item.channel)
            if fresh:
                self._snapshot(item)

    def _snapshot(self, item: Item) -> None:
        if item.channel == "price.polymarket":
            self._best(item, None, snapshot=True)
            return
        end = current(self.channel.wall()) + 1
        seconds = range(end - MEMORY if item.priced else end, end)
        payload = wire_spot.bolt_snapshot(self.channel.prices, item.channel, item.subject, seconds)
        self._push(item.channel, payload, snapshot=True)

    def _best(self, item: Item, last: object, *, snapshot: bool = False) -> None:
        """An unknown token has an empty snapshot and nothing after it."""
        listing = self.channel.listings.by_token.get(item.subject)
        best = None if listing is None else wire_spot.best(listing, item.subject, self.channel.wall())
        if snapshot or (best is not None and best["hash"] != last):
            self._push(item.channel, best or [], snapshot=snapshot)
        self.wanted[item] = None if best is None else best["hash"]

    def _push(self, channel: str, payload: object, *, snapshot: bool = False) -> None:
        self.numbers[channel] += 1
        frame: wire_spot.Json = {"v": 1, "channel": channel, "seq": self.numbers[channel]}
        frame["ts"] = int(self.channel.wall() * 1000)
        self._send(frame | ({"snapshot": True} if snapshot else {}) | {"payload": payload})

    def _answer(self, request: Request, op: str, channel: str = "") -> None:
        self._send({"op": op} | ({"channel": channel} if channel else {}) | request.rid)

    def _refuse(self, request: Request, code: str, channel: str = "") -> None:
        self._send({"op": "error", "code": code} | ({"channel": channel} if channel else {}) | request.rid)

    def _breach(self, request: Request, code: str, channel: str = "") -> None:
        self._refuse(request, code, channel)
        self.over = True

    def _send(self, frame: wire_spot.Json) -> None:
        self.outlet.push(compact_text(frame))
