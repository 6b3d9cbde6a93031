"""The real root over a world in memory, from start-up to exit code, with its spine in reach of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import trio
from attrs import define, evolve, field, frozen
from loguru import logger

from actors.ending import Ending
from actors.kernel.supervisor import Supervised
from actors.model.settings import ControlSettings
from actors.shared.board import Board
from actors.stop import Stop
from actors.wiring.places import places
from actors.wiring.root import Root
from actors.wiring.spine import Spine
from tests.wiring.sources import unheard, unread
from tests.wiring.world import World, until


@define(eq=False)
class Run:
    """The real root over a world; `ending` once it has ended."""

    of: World
    stop: Stop
    ending: Ending | None = None
    over: trio.Event = field(factory=trio.Event)

    async def until_over(self, within: float) -> Ending:
        with trio.fail_after(within):
            await self.over.wait()
        assert self.ending is not None
        return self.ending


@frozen
class OpenRoot(Root):
    """The root as it is; its world gets to see the spine."""

    of: World

    async def _start_services(self, spine: Spine, stop: Stop, nursery: trio.Nursery) -> dict[str, Supervised]:
        self.of._spine = spine
        return await super()._start_services(spine, stop, nursery)


@asynccontextmanager
async def quoting_root(of: World, folder: Path) -> AsyncIterator[Run]:
    """A run that has both its quotes of every market resting."""
    async with rooted(of, folder) as run:
        await until(lambda: all(len(of.live(m.slug)) == 2 for m in of.venue.markets), within=5.0)
        yield run


@asynccontextmanager
async def rooted(of: World, folder: Path) -> AsyncIterator[Run]:
    """A run, asked to stop at the end of the block if it has not ended before."""
    settings = evolve(of.settings, control=ControlSettings(socket=str(folder / "s")))
    logger.disable("actors")
    where = places(settings, {"XDG_STATE_HOME": str(folder)})
    named = of.venue.markets if of.plots is None else ()
    root = OpenRoot(
        settings, of.ports, named, where, Random, None, {}, unread(settings), unheard, of, plots=of.plots or ()
    )
    of.board = Board()
    run = Run(of, Stop(of.board))

    async def live() -> None:
        run.ending = await root.run(of.board, run.stop)
        run.over.set()

    async with trio.open_nursery() as nursery:
        of.venue.nursery = nursery
        nursery.start_soon(live)
        yield run
        run.stop.ask("the test is over")
        await run.until_over(60.0)
        nursery.cancel_scope.cancel()
