"""One shared actor under supervision on virtual time, with a restart rule that forgives everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Protocol

import trio
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Child, Ready, Supervised

PAUSE = 0.25  # s: the first back-off at most


class Actor(Protocol):
    @property
    def mailbox(self) -> Mailbox[object]: ...

    async def run(self, ready: Ready) -> None: ...


@asynccontextmanager
async def living(actor: Actor) -> AsyncIterator[Supervised]:
    """The actor, ready."""
    logger.disable("actors")
    rule = RestartRule(crashes=1000, backoff=PAUSE, backoff_cap=PAUSE)
    child = Supervised.of(Child("actor", actor.run, actor.mailbox), rule, Random(1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.run)
        await child.ready.wait()
        yield child
        nursery.cancel_scope.cancel()


async def crash(actor: Actor) -> None:
    """Crash it now; returns while it is down."""
    actor.mailbox.crash("drill")
    await trio.sleep(0.001)


async def reborn() -> None:
    """Longer than any pause."""
    await trio.sleep(PAUSE + 0.01)
