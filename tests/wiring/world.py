"""A whole bot on virtual time: the real spine over a venue in memory, started the way the root starts it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import TypeVar

import trio
from attrs import define, field
from loguru import logger
from trio.testing import MockClock

from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Supervised
from actors.market.report import MarketReport
from actors.market.tree import Tree
from actors.messages import OrderUpdate
from actors.model.conversion import Conversion
from actors.model.market import Market
from actors.model.numbers import SHARE
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from actors.model.trading import Order
from actors.shared.board import Board
from actors.shared.risk import Command
from actors.wiring.builder import build
from actors.wiring.plots import Plot
from actors.wiring.spine import Spine
from actors.wiring.venue import Ports
from tests.venue import Venue, market, wall
from tests.wiring.links import MarketSockets, MemoryJournal, MemoryTrail, UserSockets
from tests.wiring.relays import MemoryRelay

ALPHA, BETA = market("alpha"), market("beta")
SIMPLE = StrategySettings("simple")  # quotes around any book at once: `maker` first watches how its prices move
T = TypeVar("T")


@define(eq=False, repr=False)
class World:
    """The venue with its sockets and journal, and what of the bot runs over it."""

    venue: Venue
    users: UserSockets
    sockets: MarketSockets
    journal: MemoryJournal
    settings: Settings
    relay: MemoryRelay | None = None
    calls: Callable[[Conversion, Market], Sequence[str]] | None = None
    trail: MemoryTrail = field(factory=MemoryTrail)
    board: Board = field(factory=Board)
    services: dict[str, Supervised] = field(factory=dict)
    plots: tuple[Plot, ...] | None = None  # None: every market of the venue is named
    _spine: Spine | None = None

    @property
    def spine(self) -> Spine:
        assert self._spine is not None
        return self._spine

    @property
    def ports(self) -> Ports:
        sides = (self.venue, self.venue, self.sockets, self.users)
        return Ports(*sides, self.journal, wall, self.trail, relay=self.relay, calls=self.calls)

    def box(self, slug: str, actor: str) -> Mailbox[object]:
        return self.tree(slug).lives.mailboxes[actor]

    def shared(self, name: str) -> Mailbox[object]:
        return self.spine.mailboxes[name]

    def tree(self, slug: str) -> Tree:
        return self.spine.trees[slug]

    def report(self, slug: str = "alpha") -> MarketReport:
        report = self.board.last(MarketReport, slug)
        assert report is not None, f"{slug} has not reported"
        return report

    def live(self, slug: str = "alpha") -> list[OrderUpdate]:
        return self.venue.live(slug)

    def buy(self, slug: str = "alpha") -> OrderUpdate:
        """Our resting buy of YES."""
        return next(o for o in self.live(slug) if o.token.endswith("yes") and o.side.value == "BUY")

    async def start_services(self, nursery: trio.Nursery) -> None:
        rule = self.rule()
        for child in self.spine.services:
            self.services[child.name] = Supervised.of(child, rule, Random(child.name))
            nursery.start_soon(self.services[child.name].run, name=child.name)
            await self.services[child.name].ready.wait()

    def rule(self) -> RestartRule:
        own = self.settings.restarts
        return RestartRule(own.crashes, own.window, own.backoff, own.backoff_cap)


def world(*markets: Market, settings: Settings | None = None) -> World:
    """A world whose bot does not run yet."""
    listed = markets or (ALPHA,)
    journal = MemoryJournal()
    venue = Venue(listed, durable=journal.durable)
    users = UserSockets()
    venue.tell = users.say
    names = tuple(MarketSettings(m.slug) for m in listed)
    return World(venue, users, MarketSockets(venue.snapshot), journal, settings or Settings(names, strategy=SIMPLE))


@asynccontextmanager
async def bot(of: World, *, trees: bool = True) -> AsyncIterator[World]:
    """Run the bot of a world for the block's duration: services outside, trees inside, as the root does."""
    logger.disable("actors")
    async with trio.open_nursery() as services:
        of.venue.nursery = of.venue.nursery or services
        run, memory = await of.journal.next_run(), await of.journal.memory()
        of._spine = build(
            of.settings,
            of.ports,
            of.venue.markets if of.plots is None else (),
            plots=of.plots or (),
            run=run,
            memory=memory,
            random=Random,
            nursery=services,
            board=of.board,
        )
        await of.start_services(services)
        async with trio.open_nursery() as planted:
            if trees:
                await of.spine.forest.start(planted)
            yield of
            planted.cancel_scope.cancel()
        services.cancel_scope.cancel()


@asynccontextmanager
async def quoting(*markets: Market, settings: Settings | None = None) -> AsyncIterator[World]:
    """A bot that has both its quotes of every market resting."""
    async with bot(world(*markets, settings=settings)) as running:
        await until(lambda: all(len(running.live(m.slug)) == 2 for m in running.venue.markets), within=3.0)
        await trio.sleep(0.1)  # until the answers are back
        yield running


async def until(true: Callable[[], bool], *, within: float) -> float:
    """Wait in virtual time until something is so; how long that took. Fails when it takes longer than `within`.

    Asked in steps of 10 ms, but only of those before which some task has made it so.
    """
    began = trio.current_time()
    while not true():
        assert trio.current_time() < began + within, f"not so within {within:g} s"
        with trio.move_on_at(began + within):
            await _look_for(true)
            await trio.sleep_until(began + 0.01 * ((trio.current_time() - began) // 0.01 + 1))
    return trio.current_time() - began


async def happens(true: Callable[[], bool], *, within: float) -> bool:
    """Whether something is so after any turn of the loop in so many virtual seconds."""
    with trio.move_on_after(within):
        await _look_for(true)
        return True
    return False


async def _look_for(true: Callable[[], bool]) -> None:
    """Until something is so after a turn of the loop. Between turns nobody does anything, so that nobody needs to look."""
    look = _Look(true)
    trio.lowlevel.add_instrument(look)
    try:
        await look.seen.wait()
    finally:
        trio.lowlevel.remove_instrument(look)


@define(eq=False)
class _Look(trio.abc.Instrument):
    true: Callable[[], bool]
    seen: trio.Event = field(factory=trio.Event)

    def before_io_wait(self, timeout: float) -> None:
        # What cannot be asked amid a change is asked again at the next step, by whoever waits.
        with suppress(Exception):
            if not self.true():
                return
        self.seen.set()


def virtually(main: Callable[[], Awaitable[T]]) -> T:
    """Run on virtual time, as inside a Hypothesis example."""
    return trio.run(main, clock=MockClock(autojump_threshold=0))


LEVEL = 1000 * SHARE


def order(of: World, what: Order, market: str = "alpha") -> None:
    of.shared("risk").tell(Command(what, market))


def move(of: World, bid: int) -> None:
    """The venue's book moves and its channel says so."""
    of.venue.books_["alpha"] = (((bid, LEVEL),), ((bid + 400, LEVEL),))
    of.sockets.say(*(of.venue.snapshot(token) for token in ALPHA.tokens))


async def rate(of: World, seconds: float, kind: str = "place") -> float:
    """Requests of a kind a second, from now on."""
    began = trio.current_time()
    await trio.sleep(seconds)
    return len(of.venue.since(began, kind)) / seconds
