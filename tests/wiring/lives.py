"""One process of the bot after another over the same world: only the journal and the venue outlive each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio

from actors.shared.board import Board
from actors.shared.journal import Settle
from actors.shared.risk import Heeded
from actors.stop import Stop
from actors.wiring.console import Console
from tests.wiring.world import World, bot, until


@asynccontextmanager
async def life(of: World) -> AsyncIterator[World]:
    """One process; its end is a kill -9: nothing is told to anybody, and nothing but the journal is left of it."""
    of.board, of.services = Board(), {}
    async with bot(of) as running:
        yield running


def console(of: World) -> Console:
    return Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)


def status(of: World) -> dict[str, Any]:
    shown: dict[str, Any] = console(of).obey("status", {})
    return shown


async def recorded(of: World) -> None:
    """As the control socket waits before it answers."""
    await of.spine.risk.ask(Heeded())
    await of.spine.journal.ask(Settle())


async def quoted(of: World) -> None:
    await until(lambda: all(len(of.live(m.slug)) == 2 for m in of.venue.markets), within=5.0)


async def still(of: World) -> bool:
    """Nothing rests and nothing is placed for a while."""
    await trio.sleep(2.0)
    began = trio.current_time()
    await trio.sleep(20.0)
    return not of.venue.live() and not of.venue.since(began, "place")
