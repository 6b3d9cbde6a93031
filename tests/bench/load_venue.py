"""An exchange of many markets, in a process of its own, whose people trade just enough for so many market frames a second.

The frames are those that leave for subscribers, of whatever kind: one that nobody hears is none. Run by `tests.bench.load`;
alone: python -m tests.bench.load_venue --markets 200 --frames 500
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from random import Random

import trio
from attrs import define, field, frozen

from adapters.emulator.banner import banner_of, print_json
from adapters.emulator.doors import open_doors, ports, serve_sockets
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.families import Family, Plan
from adapters.emulator.faults_where import Where
from adapters.emulator.flow import Flow
from adapters.emulator.flow_choice import Choice
from adapters.emulator.flow_crowd import Crowd
from adapters.emulator.flow_takers import Taker, trade_informed, trade_noise
from adapters.emulator.listings import Draft
from adapters.emulator.sockets import Channel, Outlet, Session

_SEED = 1
_TICK = 0.01  # s between two rounds of acts
_MOST = 40  # acts of a round: what a slow start owes is not made up in one go
_TAKES, _KNOWS = 0.06, 0.02  # of all acts: trades without a reason, looks of the informed; the others are makers'


def family(markets: int) -> Family:
    """Markets of one kind; their prices begin all over the middle of the range."""
    starts = (0.25 + 0.5 * number / max(1, markets - 1) for number in range(markets))
    drafts = (Draft(f"load-{number:03}", f"Will load {number} come in?", start) for number, start in enumerate(starts))
    return Family("load", tuple(map(Plan, drafts)))


@define(eq=False)
class Count:
    """Frames pushed to whoever subscribed; `begun` by the first."""

    frames: int = 0
    begun: trio.Event = field(factory=trio.Event)


@frozen(eq=False)
class CountedOutlet:
    """An outlet that counts."""

    outlet: Outlet
    count: Count

    def push(self, text: str) -> None:
        self.count.frames += 1
        self.count.begun.set()
        self.outlet.push(text)


@frozen
class Counted:
    """A channel whose clients' frames are counted."""

    channel: Channel
    count: Count

    def open(self, outlet: Outlet) -> Session:
        return self.channel.open(CountedOutlet(outlet, self.count))  # type: ignore[arg-type]  # it pushes, which is all


@define(eq=False)
class Paced:
    """The crowds of a seeded flow, who act whenever frames are missing; nobody acts before somebody listens."""

    flow: Flow
    count: Count
    frames: float
    rng: Random = field(factory=lambda: Random(_SEED))
    _takers: dict[str, Taker] = field(factory=dict)

    def start(self) -> None:
        self.flow.start()

    async def run(self) -> None:
        await self.count.begun.wait()
        begun, before = trio.current_time(), self.count.frames
        while True:
            await trio.sleep(_TICK)
            due = before + self.frames * (trio.current_time() - begun)
            for _ in range(_MOST):
                if self.count.frames >= due:
                    break
                self._act(self.rng.choice(self.flow.crowds))

    def summary(self) -> dict[str, int | str]:
        return {"frames": self.count.frames}

    def _act(self, crowd: Crowd) -> None:
        kind = self.rng.random()
        if kind < _TAKES:
            trade_noise(self._taker(crowd))
        elif kind < _TAKES + _KNOWS:
            trade_informed(self._taker(crowd), crowd.value, crowd.clock())
        else:
            self.rng.choice(crowd.makers).requote(crowd.clock())

    def _taker(self, crowd: Crowd) -> Taker:
        slug = crowd.listing.market.slug
        if slug not in self._takers:
            address = f"0x{Random(slug).getrandbits(160):040x}"
            account = crowd.exchange.accounts.open(address, name=f"taker/{slug}", internal=True)
            new_id = partial(_order_id, Random(f"ids/{slug}"))
            self._takers[slug] = Taker(crowd.exchange, crowd.listing, account, slug, Random(f"acts/{slug}"), new_id)
        return self._takers[slug]


def _order_id(rng: Random) -> str:
    return f"0x{rng.getrandbits(256):064x}"


async def serve(markets: int, frames: float, wall: Callable[[], float]) -> None:
    """Print the banner and serve until cancelled."""
    emulator = build(_SEED, wall=wall, flow=Choice(family(markets)))
    count = Count()
    assert isinstance(emulator.flow, Flow)
    emulator.flow = Paced(emulator.flow, count, frames)
    emulator.channels["/ws/market"] = Counted(emulator.channels["/ws/market"], count)
    doors = await open_doors("127.0.0.1", 0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        for name in emulator.services:
            nursery.start_soon(trio.serve_listeners, partial(emulator.serve_rest, service=name), [doors[name]])
        print_json(banner_of(emulator, "127.0.0.1", ports(doors)))
        await serve_sockets(doors["sockets"], emulator.serve_socket, trio.Event(), partial(_goodbye, emulator))


def _goodbye(emulator: Emulator) -> None:
    emulator.desk.faults.lines.cut(Where(), 1001)


def _from_command_line() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load_venue", description=__doc__)
    parser.add_argument("--markets", type=int, required=True)
    parser.add_argument("--frames", type=float, required=True, help="a second")
    options = parser.parse_args()
    trio.run(serve, options.markets, options.frames, time.time)


if __name__ == "__main__":
    _from_command_line()
