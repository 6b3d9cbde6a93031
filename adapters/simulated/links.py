"""The channels of a simulated market: books, own orders and spot prices, each as late as its path says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from math import ceil

import trio
from attrs import define, field

from actors.messages import BookSnapshot, Fill, MarketEvent, OrderUpdate
from actors.model.spot import CANONICAL, USD, SpotPrice
from adapters.simulated.delays import Delays
from adapters.simulated.inbox import Inbox
from adapters.simulated.timer import Timer

OwnEvent = OrderUpdate | Fill
_KEEP_ALIVE = 10.0  # s
_RELAY = 1.3  # s from a price to whoever listens to the relay


@define(eq=False)
class BookLink:
    """One market-channel connection; frames keep their order."""

    _inbox: Inbox[Sequence[MarketEvent]]
    _snapshot: Callable[[str], BookSnapshot]
    _delay: Callable[[], float]
    oddities: dict[str, int] = field(factory=dict, init=False)
    frames: int = field(default=0, init=False)
    _last: float = field(default=0.0, init=False)

    def push(self, events: Sequence[MarketEvent]) -> None:
        self._last = max(self._last, trio.current_time() + self._delay())
        self._inbox.send(events, self._last)

    async def read(self) -> Sequence[MarketEvent]:
        events = await self._inbox.receive(trio.current_time() + _KEEP_ALIVE)
        if events is None:
            return ()
        self.frames += 1
        return events

    async def subscribe(self, tokens: Sequence[str]) -> None:
        await trio.lowlevel.checkpoint()
        self.push([self._snapshot(token) for token in tokens])

    async def unsubscribe(self, tokens: Sequence[str]) -> None:
        await trio.lowlevel.checkpoint()


@define(eq=False)
class BookChannel:
    """Implements MarketChannel; `frames` is how many it has sent."""

    snapshot: Callable[[str], BookSnapshot]
    delays: Delays
    timer: Timer
    frames: int = 0
    _links: list[BookLink] = field(factory=list)

    @asynccontextmanager
    async def connect(self, tokens: Sequence[str]) -> AsyncIterator[BookLink]:
        link = BookLink(Inbox(self.timer), self.snapshot, lambda: self.delays.feed(trio.current_time()))
        self._links.append(link)
        await link.subscribe(tokens)
        try:
            yield link
        finally:
            self._links.remove(link)

    def say(self, events: Sequence[MarketEvent]) -> None:
        self.frames += 1
        for link in self._links:
            link.push(events)


@define(eq=False)
class OwnChannel:
    """Implements UserChannel: own events, some of them late or twice."""

    delays: Delays
    timer: Timer
    _inboxes: list[Inbox[OwnEvent]] = field(factory=list)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncIterator[Sequence[OwnEvent]]]:
        await trio.lowlevel.checkpoint()
        inbox = Inbox[OwnEvent](self.timer)
        self._inboxes.append(inbox)
        try:
            yield _received(inbox)
        finally:
            self._inboxes.remove(inbox)

    def say(self, event: OwnEvent, after: float = 0.0) -> None:
        """It is news `after` seconds from now."""
        now = trio.current_time()
        for inbox in self._inboxes:
            for late in self.delays.own(now):
                inbox.send(event, now + after + late)


async def _received(inbox: Inbox[OwnEvent]) -> AsyncIterator[Sequence[OwnEvent]]:
    while (event := await inbox.receive()) is not None:
        yield (event,)


@define(eq=False)
class SpotFeed:
    """Implements SpotChannel and SpotLink: first those of the `past`, then a price a second, as late as the relay.

    As the venue's own does on subscribing (polymarket.md §8.2); what is not a relay's delay old by then comes in its turn.
    """

    symbol: str
    past: Sequence[float]
    prices: Sequence[float]
    start_ms: int
    timer: Timer
    oddities: dict[str, int] = field(factory=dict)
    _told: bool = False
    _next: int = field(init=False, default=-ceil(_RELAY))

    @asynccontextmanager
    async def connect(self, symbols: Sequence[str]) -> AsyncIterator[SpotFeed]:
        await trio.lowlevel.checkpoint()
        yield self

    async def read(self) -> Sequence[SpotPrice]:
        if not self._told:
            self._told = True
            await trio.lowlevel.checkpoint()
            known = self.past[: -ceil(_RELAY)]
            return tuple(self._price(second - len(self.past), price) for second, price in enumerate(known))
        second = self._next
        if second >= len(self.prices):
            await trio.sleep_forever()
        await self.timer.until(second + _RELAY)
        self._next += 1
        return (self._price(second, self.prices[second] if second >= 0 else self.past[second]),)

    def _price(self, second: int, price: float) -> SpotPrice:
        return SpotPrice(self.symbol, int(price * USD), self.start_ms + 1000 * second, CANONICAL)
