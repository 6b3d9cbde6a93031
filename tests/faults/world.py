"""One simulated run: the emulated exchange, the bot's lives one after another, what befalls them, and who watches.

Everything is in one `trio.run` on a virtual clock, with one seed for the exchange, the network, the bot and trio's own
scheduler. The exchange outlives every death of the bot; so does the disk.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import trio
import trio.lowlevel
from attrs import define, field
from loguru import logger
from trio.testing import MockClock

from actors.kernel.deterministic import CrashAtStep, seed_scheduler
from actors.model.numbers import PUSD, Cash, format_price, format_size
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.ports import Intent, Note
from actors.shared.control import CommandRefused
from actors.shutdown import Ending
from actors.wiring.demo import DEMO_KEY
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.faults import Faults, parse
from adapters.emulator.ledger import Ledger
from adapters.polymarket.keys import Key
from tests.faults.life import Life
from tests.faults.network import Network
from tests.faults.plan import Act, Plan
from tests.faults.taps import salts_of
from tests.faults.trace import Trace

START = 1_763_628_000.0
_REBORN_AFTER = (0.3, 3.0)  # s between a kill and the next start
_CROWDS = tuple(f'"kind":"{kind}"' for kind in ("order", "cancel", "expire", "trade", "balance"))
_STOP_WITHIN = 60.0  # s for a graceful end; the bot's own waits add up to less
_NTP_AFTER = 20.0  # s until a clock that has jumped is set right again
_SHARED = "shared"


class Drilled(Exception):
    """Raised at a chosen step of a chosen task."""


@define(eq=False)
class World:
    """The run of one plan."""

    plan: Plan
    home: Path
    clock: MockClock
    trace: Trace
    steps: CrashAtStep
    lives: list[Life] = field(factory=list)
    counts: Counter[str] = field(factory=Counter)
    breaches: list[str] = field(factory=list)
    wall_skew: float = 0.0
    disk: str = ""
    address: str = Key(DEMO_KEY).address
    _ids: dict[int, str] = field(factory=dict)

    # ── the run ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        plan = self.plan
        async with trio.open_nursery() as nursery:
            emulator = self._exchange()
            nursery.start_soon(emulator.run, name="exchange")
            await trio.lowlevel.checkpoint()
            with trio.move_on_after(plan.seconds) as until:
                async with trio.open_nursery() as weather:
                    for act in plan.acts:
                        weather.start_soon(self._befall, act, name=f"act {act.kind}")
                    weather.start_soon(self._live_on, emulator, nursery, name="lives")
            assert until.cancelled_caught
            self.wall_skew, self.disk = 0.0, ""
            await self._end(emulator, nursery)
            nursery.cancel_scope.cancel()

    def _exchange(self) -> Emulator:
        plan = self.plan
        entries = [{**fault, **_window(fault, plan.weather)} for fault in plan.faults]
        return build(
            plan.seed,
            wall=lambda: START + trio.current_time(),
            ledger=Ledger(lambda: START + trio.current_time(), self),  # type: ignore[arg-type]  # a file as far as it needs one
            faults=Faults(parse(entries)),
            flow=plan.flow,
        )

    async def _live_on(self, emulator: Emulator, nursery: trio.Nursery) -> None:
        """One life after another, each in the exchange's nursery, for it may outlast the weather."""
        random = Random(f"{self.plan.seed}/deaths")
        while True:
            life = self._bear(emulator, nursery)
            await life.over.wait()
            if life.alive:
                if life.refused is None:
                    self._ended(life)
                life.network.die()
            await life.network.cut()
            await trio.sleep(random.uniform(*_REBORN_AFTER))

    def _bear(self, emulator: Emulator, nursery: trio.Nursery) -> Life:
        number = len(self.lives) + 1
        network = Network(emulator, nursery, Random(f"{self.plan.seed}/network/{number}"))
        life = Life(
            number=number,
            seed=self.plan.seed,
            settings=self.settings,
            home=self.home,
            network=network,
            witness=self,
            wall=lambda: START + trio.current_time() + self.wall_skew,
            ill=lambda: self.disk,
        )
        self.lives.append(life)
        self.trace.note("life", str(number))
        nursery.start_soon(life.run, name=f"life {number}")
        return life

    async def _end(self, emulator: Emulator, nursery: trio.Nursery) -> None:
        """SIGTERM for whoever lives, or for one last life that finds what the dead have left."""
        life = self.lives[-1] if self.lives and not self.lives[-1].over.is_set() else self._bear(emulator, nursery)
        life.stop.signal("SIGTERM")
        with trio.move_on_after(_STOP_WITHIN):
            await life.over.wait()
        if not life.over.is_set():
            self.breaches.append("I5: the bot did not end within a minute of SIGTERM")
        else:
            self._ended(life)
        life.kill()
        await life.network.cut()

    def _ended(self, life: Life) -> None:
        ending: Ending | None = life.ending
        code = "refused" if ending is None else str(int(ending.code))
        self.counts[f"exit {code}"] += 1
        self.trace.note("exit", f"life {life.number} code {code}")

    @property
    def settings(self) -> Settings:
        plan = self.plan
        budget = BudgetSettings(Cash(plan.per_market * PUSD), Cash(plan.total * PUSD))
        return Settings(tuple(map(MarketSettings, plan.markets)), budget=budget, orphans=plan.orphans)

    # ── what befalls the bot ──────────────────────────────────────────────────────────────────────────────────────

    async def _befall(self, act: Act) -> None:
        await trio.sleep(act.at)
        self.trace.note("act", str(act))
        match act.kind:
            case "kill":
                self._kill(act)
            case "crash":
                self._crash(act)
            case "step":
                self._crash_at_step(act)
            case "order":
                self._order(act)
            case "network":
                await self._pull_the_cable(act)
            case "disk":
                self.disk = act.who
                await trio.sleep(act.seconds)
                self.disk = ""
            case "stall":
                self.clock.jump(act.seconds)
            case "wall":
                self.wall_skew += act.seconds
                await trio.sleep(_NTP_AFTER)
                self.wall_skew -= act.seconds

    def _kill(self, act: Act) -> None:
        life = self.lives[-1]
        if life.over.is_set():
            return
        if act.point:
            life.points.arm(act.point, act.nth, partial(self._kill_now, life))
        else:
            self._kill_now(life)

    def _kill_now(self, life: Life) -> None:
        self.counts["kills"] += 1
        self.trace.note("kill", f"life {life.number}")
        life.kill()

    def _crash(self, act: Act) -> None:
        handles = self.lives[-1].handles
        if handles.spine is None:
            return
        if act.market == _SHARED:
            if act.who in handles.services:
                handles.services[act.who].child.mailbox.crash("drill", act.times)
        else:
            handles.spine.trees[act.market].drill(act.who, act.times)

    def _crash_at_step(self, act: Act) -> None:
        self.steps.chosen = lambda name: name == act.who
        self.steps.arm(act.nth)

    def _order(self, act: Act) -> None:
        console = self.lives[-1].console
        if console is None:
            return
        verb, _, flag = act.who.partition(" ")
        args: dict[str, str | bool | int | None] = {"market": act.market or None}
        args |= {flag: True} if flag else {}
        try:
            console.obey(verb, args)
        except CommandRefused:
            self.counts["commands refused"] += 1

    async def _pull_the_cable(self, act: Act) -> None:
        life = self.lives[-1]
        life.network.down = True
        await life.network.cut()
        await trio.sleep(act.seconds)
        life.network.down = False

    # ── what is seen ──────────────────────────────────────────────────────────────────────────────────────────────

    def write(self, text: str) -> None:
        """A line of the exchange's ledger."""
        if self.address not in text and any(kind in text for kind in _CROWDS):
            self.trace.note("crowd", text)
            return
        line = json.loads(text)
        self.trace.note("ledger", text, *_orders_of(line, self.address))
        self.counts[f"ledger {line['kind']}"] += 1

    def close(self) -> None:
        """The ledger has ended."""

    def recorded(self, rows: Sequence[Intent | Note]) -> None:
        for row in rows:
            if isinstance(row, Intent):
                self._ids |= dict.fromkeys(salts_of(row.body), row.order_id)
                where = f"{row.market} {row.side} {format_size(row.size)} at {format_price(row.price)}"
                self.trace.note("journal", f"{where}, key {row.key.generation}/{row.key.counter}", row.order_id)
            elif row.kind == "closed":
                self.trace.note("journal", "closed", row.body)
            else:
                self.trace.note("journal", f"{row.kind} {row.market} {row.body}")

    def posted(self, salts: Sequence[int], body: bytes) -> None:
        self.counts["posts"] += len(salts)
        self.trace.note("posted", f"by life {len(self.lives)}", *self._named(salts))

    def answered(self, salts: Sequence[int], status: int, body: bytes) -> None:
        self.trace.note("answered", f"{status} {body[:200].decode(errors='replace')!r}", *self._named(salts))

    def framed(self, tokens: Sequence[str]) -> None:
        self.counts["frames"] += 1

    def booked(self, tokens: Sequence[str], asked_at: float) -> None:
        self.counts["books"] += 1

    def read(self, what: str, asked_at: float) -> None:
        self.counts[f"read {what}"] += 1

    def requested(self, method: str, path: str, body: bytes) -> None:
        named = json.loads(body) if method == "DELETE" and path == "/orders" else ()
        self.trace.note("request", f"{method} {path}", *named)

    def _named(self, salts: Sequence[int]) -> tuple[str, ...]:
        return tuple(self._ids.get(salt, f"salt {salt}, never journalled") for salt in salts)


def simulate(plan: Plan, *, keep: bool = False, log: bool = False) -> World:
    """Run a plan to its end. `keep` its events; `log` puts what the bot logs among them."""
    shm = Path("/dev/shm")
    seed_scheduler(f"{plan.seed}/scheduler")
    clock = MockClock(autojump_threshold=0)
    steps = CrashAtStep(lambda name: False, Drilled, 0)
    with tempfile.TemporaryDirectory(prefix="pa", dir=shm if shm.is_dir() else None) as home:
        world = World(plan, Path(home), clock, Trace(keep), steps)
        instruments: list[Any] = [steps] if any(act.kind == "step" for act in plan.acts) else []
        with _logged(world.trace) if log else _unlogged():
            trio.run(world.run, clock=clock, instruments=instruments)
    return world


@contextmanager
def _logged(trace: Trace) -> Iterator[None]:
    sink = logger.add(
        lambda message: trace.note("log", str(message).rstrip()), format="{level} {message}", level="DEBUG"
    )
    try:
        yield
    finally:
        logger.remove(sink)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Formatting a message costs more than most steps of a run."""
    logger.disable("actors")
    try:
        yield
    finally:
        logger.enable("actors")


def _orders_of(line: Mapping[str, Any], address: str) -> list[str]:
    """The account's orders that a ledger line is about."""
    if line["kind"] == "trade":
        return [leg["order"] for leg in (line["taker"], *line["makers"]) if leg["address"] == address]
    return [line["order"]] if "order" in line and line.get("address") == address else []


def _window(fault: Any, weather: float) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A fault that would outlast the weather ends with it."""
    at = float(fault.get("at", 0))
    return {"for": max(0.1, weather - at)} if "for" in fault and at + float(fault["for"]) > weather else {}
