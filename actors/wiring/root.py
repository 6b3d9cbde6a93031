"""The root: requests outermost, then services, then market trees, and the order in which they come and go.

A flat nursery loses: a shielded clean-up would wait on a gateway that is already dead (architecture.md §7). Requests have
a nursery of their own, so that stopping the services cuts none short.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random

import trio
from attrs import field, frozen
from loguru import logger

from actors import signals
from actors.ending import Ending
from actors.kernel.errors import RestartLimit, Unanswered
from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Child, Supervised
from actors.model.market import Market
from actors.model.settings import Settings
from actors.model.trading import Order
from actors.records import Note
from actors.shared.board import Board
from actors.shared.control import Control
from actors.shared.entries import Recalled
from actors.shared.journal import Settle
from actors.shared.risk import Command
from actors.shutdown import Leaving
from actors.stop import Stop
from actors.wiring.builder import build
from actors.wiring.console import Console
from actors.wiring.narrator import Narrator
from actors.wiring.places import Places
from actors.wiring.plots import Plot
from actors.wiring.reload import Reload, Sources
from actors.wiring.spine import CRITICAL, SERVICES, TRAIL, UNIVERSE, Spine
from actors.wiring.venue import Ports

_STOP_WITHIN = 2.0
_LAST_REQUEST = 10.0  # s for requests under way at the very end: longer than their own time-outs together
_TRY_ON = 1.0  # s before an actor past its restart limit is tried again


@frozen
class Root:
    """One run of the bot over its ports."""

    settings: Settings
    ports: Ports
    markets: tuple[Market, ...]
    places: Places
    random: Callable[[str], Random]
    duration: float | None
    details: dict[str, str]
    sources: Sources
    set_level: Callable[[str], None]
    plots: tuple[Plot, ...] = field(
        default=(), kw_only=True
    )  # markets that are here for other reasons than their names
    clean: Callable[[str], str] = field(default=str, kw_only=True)  # takes secrets out of what is answered and recorded

    async def run(self, board: Board, stop: Stop) -> Ending:
        """Start everything, trade until told to stop, leave, and say what was proven."""
        run, memory = await self.ports.journal.next_run(), await self.ports.journal.memory()
        async with trio.open_nursery() as requests:
            spine = build(
                self.settings,
                self.ports,
                self.markets,
                plots=self.plots,
                run=run,
                memory=memory,
                random=self.random,
                nursery=requests,
                board=board,
                killed=lambda: _killed(spine, stop),
            )
            await self._begin_trail(spine.mailboxes[TRAIL], run)
            async with trio.open_nursery() as nursery:
                services = await self._start_services(spine, stop, nursery)
                async with trio.open_nursery() as trees:
                    await spine.forest.start(trees)
                    await self._until_stopped(stop)
                    spine.roll.frozen = True
                    await services[UNIVERSE].stop()
                    ending = await self._leave(spine, stop)
                    trees.cancel_scope.cancel()
                await self._stop_services(spine, services, ending)
                nursery.cancel_scope.cancel()
            requests.cancel_scope.deadline = trio.current_time() + _LAST_REQUEST
        return ending

    async def _begin_trail(self, trail: Mailbox[object], run: int) -> None:
        """It begins with every order of which no earlier run has seen the end: a kill may have cut their rows off."""
        trail.tell(Note("started", "", f"run {run}", self.ports.wall()))
        for intent in await self.ports.journal.intents():
            trail.tell(Recalled(intent))

    async def _start_services(self, spine: Spine, stop: Stop, nursery: trio.Nursery) -> dict[str, Supervised]:
        """Control first, so that the bot can be watched and stopped while it starts; the rest in their order."""
        rule = self._rule()
        services: dict[str, Supervised] = {}
        console = Console(spine, stop, self.settings, services, self.details, trio.current_time())
        reload = Reload(
            self.sources, spine.tuning, spine.markets, self.set_level, spine.mailboxes["journal"], self.ports.wall
        )
        control = Control(
            self.places.socket,
            console,
            reload,
            spine.mailboxes["journal"],
            self.ports.wall,
            spine.risk,
            spine.journal,
            spine.universe,
            self.clean,
        )
        narrator = Narrator(spine.mailboxes["narrator"], lambda: console.status().everything())
        for child in (
            Child("control", control.run, spine.mailboxes["control"]),
            *spine.services,
            Child("narrator", narrator.run, spine.mailboxes["narrator"]),
        ):
            services[child.name] = Supervised.of(child, rule, self.random(child.name))
            nursery.start_soon(_keep, services[child.name], stop, name=child.name)
            if child.name in SERVICES:  # a tool that cannot start keeps nothing else from starting
                await _ready_or_stopped(services[child.name], stop)
        return services

    async def _stop_services(self, spine: Spine, services: Mapping[str, Supervised], ending: Ending) -> None:
        """In reverse: heartbeat, account and gateway first, the journal last, once everything told to it is durable."""
        for name in reversed(list(services)):
            if name == "journal":
                await self._record(spine, ending)
            with trio.move_on_after(_STOP_WITHIN):
                await services[name].stop()

    def _rule(self) -> RestartRule:
        rule = self.settings.restarts
        return RestartRule(rule.crashes, rule.window, rule.backoff, rule.backoff_cap)

    async def _until_stopped(self, stop: Stop) -> None:
        """Until someone wants the end, or the time given by `--for` is over."""
        with trio.move_on_after(float("inf") if self.duration is None else self.duration):
            await stop.wanted.wait()
        if not stop.wanted.is_set():
            stop.ask(f"the {self.duration:g} s asked for are over")

    async def _leave(self, spine: Spine, stop: Stop) -> Ending:
        spine.mailboxes["risk"].tell(
            Command(Order.DRAIN)
        )  # in the gateway's eyes, too, nothing new may rest from now on
        now = spine.tuning.settings
        leaving = Leaving(
            trees=spine.trees,
            board=spine.board,
            markets=spine.markets,
            account=spine.prove,
            journal=spine.journal,
            gateway=spine.mailboxes["gateway"],
            settings=now.shutdown,
            stop=stop,
            flatten=now.on_shutdown == "flatten",
        )
        return await leaving.run()

    async def _record(self, spine: Spine, ending: Ending) -> None:
        """The last journal entry, behind all others, also behind what was told as a state: that is read after facts."""
        await _settled(spine)
        spine.mailboxes["journal"].tell(Note("ended", "", f"exit {int(ending.code)}", self.ports.wall()))
        await _settled(spine)


async def _settled(spine: Spine) -> None:
    """Once everything that was told to the journal is durable. A dead journal does not keep us."""
    try:
        await spine.journal.ask(Settle())
    except Unanswered as silence:
        logger.error("the journal's last notes may be lost: {}", silence)


def _killed(spine: Spine, stop: Stop) -> None:
    """The loss limit has killed."""
    if spine.tuning.settings.risk.on_kill == "exit":
        stop.kill()


async def _keep(service: Supervised, stop: Stop) -> None:
    """Keep a shared actor alive. Past its limit: drain if orders depend on it; either way it is tried on.

    The drain needs it more than anything: whatever can still be cancelled and read goes through it.
    """
    while True:
        try:
            await service.run()
            return
        except RestartLimit as limit:
            logger.critical("{}", limit)
            if service.child.name in CRITICAL:
                stop.fail(str(limit))
        service.child.mailbox.crash("", times=0)  # a drill has shown what it was to show
        await trio.sleep(_TRY_ON)
        service.crashes.forgive()


async def _ready_or_stopped(service: Supervised, stop: Stop) -> None:
    """Wait for a service to become ready, but not past a wish to stop."""
    async with trio.open_nursery() as nursery:

        async def stopped() -> None:
            await stop.wanted.wait()
            nursery.cancel_scope.cancel()

        nursery.start_soon(stopped)
        await service.ready.wait()
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def signals_to(stop: Stop) -> AsyncIterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP into wishes to stop, those of the start-up included."""
    with trio.open_signal_receiver(*signals.STOPS) as receiver:
        for number in signals.early:
            stop.signal(signal.Signals(number).name)
        async with trio.open_nursery() as nursery:

            async def listen() -> None:
                async for number in receiver:
                    stop.signal(signal.Signals(number).name)

            nursery.start_soon(listen)
            yield
            nursery.cancel_scope.cancel()
