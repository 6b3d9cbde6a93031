"""One strategy on one path of a simulated family: the real spine over ports in memory, on virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import trio
from attrs import frozen
from loguru import logger

from actors.kernel.deterministic import seed_scheduler
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Supervised
from actors.kernel.virtual import VirtualClock
from actors.market.report import MarketReport
from actors.market.tree import TreeState
from actors.model.ledger import Position
from actors.model.market import Outcome
from actors.model.performance import Performance
from actors.model.settings import Settings
from actors.shared.board import Board
from actors.wiring.builder import build
from actors.wiring.spine import Spine
from actors.wiring.venue import Ports
from adapters.simulated.account import FUNDS
from adapters.simulated.delays import Delays
from adapters.simulated.links import SpotFeed
from adapters.simulated.listing import START, SYMBOL, wall
from adapters.simulated.memory import NoTrail, PathJournal
from adapters.simulated.path import Path
from adapters.simulated.public import PublicReads
from adapters.simulated.timer import Timer
from adapters.simulated.venue import SimulatedVenue

_LAST_NEWS = 15.0  # s after the end in which the bot hears of its last trades, however late


@frozen
class Lived:
    """A path that has been traded: what the venue's books say, what the bot believes it holds, and how often it crashed."""

    performance: Performance
    venue: SimulatedVenue
    believed: Position | None
    crashes: Mapping[str, int]

    @property
    def wrong(self) -> str:
        """What does not add up, "" if everything does: cash against its causes, the bot's ledger against the venue's, crashes."""
        if crashed := [f"its {name} crashed {times} times" for name, times in self.crashes.items() if times]:
            return " and ".join(crashed)
        account, own = self.venue.account, self.performance
        if account.cash - FUNDS != own.spread + own.inventory - own.fees:
            return f"cash came to {account.cash - FUNDS}, its parts to {own.spread + own.inventory - own.fees}"
        if self.believed is None:
            return "the bot's tracker never reported"
        held = {outcome: self.believed.holding(outcome).size for outcome in Outcome}
        return "" if held == account.held else f"the bot held {held}, the venue says {account.held}"


def evaluate(path: Path, settings: Settings) -> Lived:
    """Trade the path from its first second to its last. The same path and settings do the same, to the last order."""
    logger.disable("actors")
    seed_scheduler(path.seed)
    try:
        timer = Timer()
        return trio.run(_trade, path, settings, timer, clock=VirtualClock(bells=[timer]))
    finally:
        logger.enable("actors")


async def _trade(path: Path, settings: Settings, timer: Timer) -> Lived:
    venue, board = SimulatedVenue(path, Delays.of(path.seed, path.family.horizon), timer), Board()
    venue.open()
    async with trio.open_nursery() as requests:
        spine = build(
            settings,
            _ports(venue),
            (venue.terms,),
            run=1,
            memory=await PathJournal().memory(),
            random=lambda name: Random(f"{path.seed}/{name}"),
            nursery=requests,
            board=board,
        )
        async with trio.open_nursery() as services:
            await _start(spine, settings, services)
            async with trio.open_nursery() as trees:
                await spine.forest.start(trees)
                await venue.run()
                performance = venue.close()
                await trio.sleep(_LAST_NEWS)
                report, state = board.last(MarketReport, venue.terms.slug), board.last(TreeState, venue.terms.slug)
                trees.cancel_scope.cancel()
            services.cancel_scope.cancel()
        requests.cancel_scope.cancel()
    assert state is not None, "a tree posts its state when it starts"
    return Lived(performance, venue, report.position if report is not None else None, state.restarts)


def _ports(venue: SimulatedVenue) -> Ports:
    path = venue.path
    spot = SpotFeed(SYMBOL, path.past, path.spot, int(START * 1000), venue.timer) if path.family.spot else None
    public = PublicReads(venue.market, venue.delays, venue.timer)
    return Ports(venue, public, venue.books_channel, venue.own_channel, PathJournal(), wall, NoTrail(), spot)


async def _start(spine: Spine, settings: Settings, nursery: trio.Nursery) -> None:
    """In their order, as the root starts them; an actor past its restart limit ends the path with its error."""
    own = settings.restarts
    rule = RestartRule(own.crashes, own.window, own.backoff, own.backoff_cap)
    for child in spine.services:
        service = Supervised.of(child, rule, Random(child.name))
        nursery.start_soon(service.run, name=child.name)
        await service.ready.wait()
