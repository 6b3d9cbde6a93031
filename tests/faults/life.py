"""One life of the bot in the simulated world: the real start-up, actors, adapters and shutdown; and its violent end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random

import trio
from attrs import define, evolve, field, frozen

from actors.ending import Ending
from actors.kernel.supervisor import Child, Supervised
from actors.model.settings import Settings
from actors.shared.board import Board
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.demo import demo_ports
from actors.wiring.opening import Seams, Venue
from actors.wiring.places import Places
from actors.wiring.root import Root
from actors.wiring.selection import select
from actors.wiring.spine import Spine
from actors.wiring.venue import check_clock, check_journal
from adapters.polymarket.sockets import dialler
from adapters.trail_file import TrailFile
from tests.faults.network import Network
from tests.faults.taps import Points, TappedJournal, TappedTransport, Witness, tapped_dial
from tests.wiring.sources import unheard, unread

VENUE = Venue("http://clob", "ws://sockets/ws/market", "ws://sockets/ws/user", gamma_url="http://gamma")

_NEEDED = ("budget", "risk", "limiter", "journal", "gateway", "account", "heartbeat")  # by I8


@define(eq=False)
class Handles:
    """What a person (or a drill) has of a running bot."""

    spine: Spine | None = None
    services: dict[str, Supervised] = field(factory=dict)


@frozen
class WatchedRoot(Root):
    """The root as it is; it only leaves its handles where the simulation finds them, and tells who of those on whom
    orders depend is down."""

    handles: Handles
    witness: Witness
    number: int

    async def _start_services(self, spine: Spine, stop: Stop, nursery: trio.Nursery) -> dict[str, Supervised]:
        self.handles.spine = spine
        services = await super()._start_services(spine, stop, nursery)
        self.handles.services.update(services)
        for name in _NEEDED:
            services[name].child = self._watched(services[name].child)
        return services

    def _watched(self, child: Child) -> Child:
        def down(why: str) -> None:
            child.on_down(why)
            self.witness.down(child.name, self.number)

        def up() -> None:
            self.witness.up(child.name, self.number)
            child.on_ready()

        return evolve(child, on_down=down, on_ready=up)


@define(eq=False)
class Life:
    """From start-up to exit, or to `kill`. `ending` is None until it has ended by itself."""

    number: int
    seed: int
    settings: Settings
    home: Path
    network: Network
    witness: Witness
    wall: Callable[[], float]
    ill: Callable[[], str]
    hide: Callable[[str], None]
    points: Points = field(factory=Points)
    handles: Handles = field(factory=Handles)
    board: Board = field(factory=Board)
    ending: Ending | None = None
    refused: BaseException | None = None
    born_at: float = field(factory=trio.current_time)
    stop: Stop = field(init=False)
    over: trio.Event = field(factory=trio.Event)
    _scope: trio.CancelScope = field(factory=trio.CancelScope)

    def __attrs_post_init__(self) -> None:
        self.stop = Stop(self.board)

    @property
    def alive(self) -> bool:
        return self.network.alive

    async def run(self) -> None:
        """Until it ends or is killed. A preflight that refuses to start is kept in `refused`."""
        try:
            with self._scope:
                await self._trade()
        except* Exception as group:
            self.refused = group
            if self.alive and not _preflight(group):
                raise
        finally:
            self.over.set()

    def kill(self) -> None:
        """kill -9: no byte and no journal row of this life from here on."""
        self.network.die()
        self._scope.cancel()

    async def _trade(self) -> None:
        async with demo_ports(VENUE, self.places, self.hide, self._seams()) as ports:
            await check_clock(ports.public, ports.wall)
            chosen = await select(ports, self.settings)
            await check_journal(ports.journal, chosen.markets, str(self.places.journal))
            root = WatchedRoot(
                settings=self.settings,
                ports=ports,
                markets=(),
                plots=chosen.plots,
                places=self.places,
                random=lambda name: Random(f"{self.seed}/{self.number}/{name}"),
                duration=None,
                details={},
                sources=unread(self.settings),
                set_level=unheard,
                handles=self.handles,
                witness=self.witness,
                number=self.number,
            )
            self.ending = await root.run(self.board, self.stop)

    @property
    def console(self) -> Console | None:
        """What the control socket's commands reach; None before the spine is built."""
        spine = self.handles.spine
        if spine is None:
            return None
        details: Mapping[str, str] = {}
        return Console(spine, self.stop, self.settings, self.handles.services, details, 0.0)

    @property
    def places(self) -> Places:
        root = self.home
        return Places(
            root,
            root / "control.sock",
            root / "journal.db",
            root / "ledger.jsonl",
            root / "exchange.log",
            root / "audit.jsonl",
        )

    def _seams(self) -> Seams:
        return Seams(
            wall=self.wall,
            salts=Random(f"{self.seed}/{self.number}/salts"),
            transport=lambda: TappedTransport(self.network.transport(), self.witness, self.points),
            dial=tapped_dial(dialler(self.network.open_stream), self.witness, self.points),
            journal=partial(
                TappedJournal.open,
                witness=self.witness,
                points=self.points,
                alive=lambda: self.alive,
                ill=self.ill,
            ),
            trail=lambda path: TrailFile(path, inline=True),
        )


def _preflight(group: BaseExceptionGroup[BaseException]) -> bool:
    """Whether these are honest refusals to start (exit 5), as when the venue does not answer."""
    from actors.wiring.venue import PreflightFailed

    _, rest = group.split(PreflightFailed)
    return rest is None
