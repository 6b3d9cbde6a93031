"""RTDS, the legacy spot socket (polymarket.md §8.1): topics with and without a filter, a price a second each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count

from attrs import define, field

from adapters.emulator import wire_spot
from adapters.emulator.audience import Audience, current
from adapters.emulator.compact import compact_text
from adapters.emulator.sockets import Outlet
from adapters.emulator.spot_prices import SpotPrices

_TYPES = ("update", "*")
Wanted = tuple[str, str]  # topic and symbol; no symbol means all of the topic


@define(eq=False)
class Rtds:
    """`run` publishes until it is cancelled."""

    prices: SpotPrices
    wall: Callable[[], float]
    audience: Audience = field(init=False)
    _numbers: Iterator[int] = field(factory=lambda: count(1))

    def __attrs_post_init__(self) -> None:
        self.audience = Audience(self.wall)

    def open(self, outlet: Outlet) -> RtdsSession:
        session = RtdsSession(self, outlet, f"emulated-{next(self._numbers)}=")
        self.audience.join(session)
        return session

    async def run(self) -> None:
        await self.audience.run()


@define(eq=False)
class RtdsSession:
    """One client's subscriptions, in order."""

    channel: Rtds
    outlet: Outlet
    connection: str
    wanted: dict[Wanted, None] = field(factory=dict)

    def received(self, text: str) -> None:
        """A subscription, its end, or a PING. Anything else is answered with the gateway's own complaint."""
        if text == "PING":
            self.outlet.push("PONG")
            return
        action, wanted = _request(text)
        if action == "subscribe" and wanted is not None:
            for each in wanted:
                self._add(each)
        elif action == "unsubscribe" and wanted is not None:
            for each in wanted:
                self.wanted.pop(each, None)
        else:
            self._push({"message": "Invalid request body", "connectionId": self.connection, "requestId": "0"})

    def closed(self) -> None:
        self.channel.audience.leave(self)

    def publish(self, second: int) -> None:
        """Each price once, however many subscriptions want it."""
        prices, now = self.channel.prices, self.channel.wall()
        for topic, symbol in dict.fromkeys(each for wanted in self.wanted for each in _spelt_out(wanted)):
            self._push(wire_spot.rtds_update(prices, topic, symbol, second, now, self.connection))

    def _add(self, wanted: Wanted) -> None:
        """A filtered subscription brings a snapshot; one without a filter brings updates alone."""
        if wanted in self.wanted:
            return
        self.wanted[wanted] = None
        topic, symbol = wanted
        if symbol in wire_spot.TOPICS[topic].assets:
            now = self.channel.wall()
            self._push(wire_spot.rtds_snapshot(self.channel.prices, topic, symbol, current(now), now))

    def _push(self, frame: wire_spot.Json) -> None:
        self.outlet.push(compact_text(frame))


def _spelt_out(wanted: Wanted) -> list[Wanted]:
    topic, symbol = wanted
    known = wire_spot.TOPICS[topic].assets
    return [(topic, each) for each in known if symbol in ("", each)]


def _request(text: str) -> tuple[str, list[Wanted] | None]:
    """The action and what it is about; None where a part of it is no subscription of ours."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return "", None
    items = frame.get("subscriptions") if isinstance(frame, dict) else None
    if not isinstance(items, list) or not items:
        return "", None
    wanted = [_wanted(item) for item in items]
    known = [each for each in wanted if each is not None]
    return str(frame.get("action")), known if len(known) == len(wanted) else None


def _wanted(item: object) -> Wanted | None:
    if not isinstance(item, dict) or item.get("topic") not in wire_spot.TOPICS or item.get("type") not in _TYPES:
        return None
    symbol = _symbol(item.get("filters"))
    return None if symbol is None else (item["topic"], symbol)


def _symbol(filters: object) -> str | None:
    """The symbol of a filter, which is JSON inside a string; empty without one, None for nonsense."""
    if filters is None or filters == "":
        return ""
    try:
        inner = json.loads(filters) if isinstance(filters, str) else None
    except (ValueError, RecursionError):
        return None
    symbol = inner.get("symbol") if isinstance(inner, dict) else None
    return symbol.lower() if isinstance(symbol, str) and symbol else None
