"""One simulated run: the emulated exchange, the bot's lives one after another, what befalls them, and who watches.

Everything is in one `trio.run` on a virtual clock, with one seed for the exchange, the network, the bot and trio's own
scheduler. The exchange outlives every death of the bot; so does the disk.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from random import Random
from typing import Any

import trio
import trio.lowlevel
from attrs import define, evolve, field
from loguru import logger

from actors.kernel.deterministic import CrashAtStep, seed_scheduler
from actors.kernel.virtual import VirtualClock
from actors.market.report import MarketReport
from actors.market.tree import TreeState
from actors.model.distribution import Distribution
from actors.model.maker_settings import MakerParameters
from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE, Cash, Size
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from actors.model.taker_settings import TakerParameters
from actors.wiring.proof import proof
from adapters.emulator.accounts import FUNDED
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.faults import Faults, parse
from adapters.emulator.faults_when import When
from adapters.emulator.ledger import Ledger
from tests.faults.acts import Acts
from tests.faults.buyers import Buyers
from tests.faults.flows import flow_of
from tests.faults.life import Life
from tests.faults.liveliness import excuses, expected, idle, killed, tried
from tests.faults.network import Network
from tests.faults.plan import Act, Plan
from tests.faults.trace import Trace
from tests.faults.watch import START, Watch

_REBORN_AFTER = (0.3, 3.0)  # s between a kill and the next start
_STOP_WITHIN = 60.0  # s for a graceful end; the bot's own waits add up to less
_CHATTY = 8  # one run in so many is heard to the last debug message
_CALM_DOWN = 5.0  # s of quiet before takers are counted
_QUOTES_WITHIN = 90.0  # s of quiet after which every market must quote again (I22)


MAKER = StrategySettings("maker", MakerParameters(size=Size(20 * SHARE), limit=Size(100 * SHARE)))

# Sells as often as it buys, a few seconds apart, until a budget or what it holds stops one side.
TAKER = StrategySettings(
    "taker",
    TakerParameters(
        quantity=Distribution("uniform", 5.0, 10.0),
        interval=Distribution("uniform", 1.0, 6.0),
        max_spend=Cash(100_000 * PUSD),
        max_trades_per_minute=60,
        life="FAK",
    ),
)


class Crashed(Exception):
    """Raised at a chosen step of a chosen task."""


@define(eq=False)
class World:
    """The run of one plan."""

    plan: Plan
    home: Path
    trace: Trace
    acts: Acts
    watch: Watch
    lives: list[Life] = field(factory=list)
    hunt: bool = False
    tried: dict[str, tuple[int, int]] = field(factory=dict)
    _ends: Counter[str] = field(factory=Counter)

    @classmethod
    def of(cls, plan: Plan, home: Path, clock: VirtualClock, trace: Trace, steps: CrashAtStep) -> World:
        lives: list[Life] = []
        acts = Acts(clock, trace, steps, lambda: lives[-1])
        watch = Watch.of(trace, _budget(plan), lambda: len(lives), plan.takers)
        watch.cancels_all, watch.killed = lambda: acts.cancels_all, lambda: acts.killed
        acts.leaving, acts.stalled = watch.judge.leaving, watch.judge.stalled
        acts.broken, acts.printed = watch.broken, watch.printed
        return cls(plan, home, trace, acts, watch, lives)

    @property
    def breaches(self) -> list[str]:
        """What was broken, a sentence each."""
        return self.watch.breaches

    @property
    def met(self) -> Counter[str]:
        """What happened how often: `fault X`, `act X`, `point X`, `sometimes X`, exits and sums."""
        return self.watch.met + self.acts.done + self._ends

    async def run(self) -> None:
        """Weather, quiet, the question whether all markets are quoted again, and a graceful end."""
        plan = self.plan
        async with trio.open_nursery() as nursery:
            emulator = self._exchange()
            nursery.start_soon(emulator.run, name="exchange")
            if self.hunt:
                nursery.start_soon(self._end_when_broken, nursery.cancel_scope, name="hunt")
            await trio.lowlevel.checkpoint()
            with trio.move_on_after(plan.seconds):
                async with trio.open_nursery() as weather:
                    weather.start_soon(self._live_on, emulator, nursery, name="lives")
                    weather.start_soon(self._weather, emulator, name="weather")
                    weather.start_soon(self._look_at_what_rests, name="resting")
            if plan.quiet >= _QUOTES_WITHIN:
                self._judge_liveness(emulator)
            await self._end(emulator, nursery)
            nursery.cancel_scope.cancel()

    async def _weather(self, emulator: Emulator) -> None:
        with trio.move_on_after(self.plan.weather):
            async with trio.open_nursery() as nursery:
                for act in self.plan.acts:
                    nursery.start_soon(self.acts.befall, act, name=f"act {act.kind}")
                await trio.sleep_forever()
        if self.plan.quiet:  # else it goes on over the end of the bot
            self.acts.end()
            _still(emulator.desk.faults)
            self.watch.judge.quiet_since(trio.current_time())
            self.trace.note("act", "the weather is over")
            await trio.sleep(_CALM_DOWN)
            self.tried = {market: tried(self.lives[-1].board, market) for market in self.plan.takers}

    async def _end_when_broken(self, run: trio.CancelScope) -> None:
        while not self.breaches:  # noqa: ASYNC110 - nobody else needs to know of a breach at once
            await trio.sleep(1.0)
        run.cancel()

    async def _look_at_what_rests(self) -> None:
        while True:
            await trio.sleep(2.0)
            life = self.lives[-1]
            if life.alive and not life.over.is_set():
                self.watch.resting.parked(_parked(life))
                for text in self.watch.resting.blind(life.born_at):
                    self.watch.broken("I10", text)

    def _exchange(self) -> Emulator:
        plan = self.plan
        ends = plan.weather if plan.quiet else inf
        entries = [{**fault, **_window(fault, ends)} for fault in plan.faults]
        return build(
            plan.seed,
            wall=lambda: START + trio.current_time(),
            ledger=Ledger(lambda: START + trio.current_time(), self.watch),  # type: ignore[arg-type]  # a file, as far as it needs one
            faults=Faults(parse(entries)),
            flow=flow_of(plan.flow),
        )

    # ── lives ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _live_on(self, emulator: Emulator, nursery: trio.Nursery) -> None:
        """One life after another, each in the exchange's nursery, for it may outlast the weather."""
        random = Random(f"{self.plan.seed}/deaths")
        while True:
            life = self._bear(emulator, nursery)
            await life.over.wait()
            if life.alive:
                self._ended(life)
                life.network.die()
            await life.network.cut()
            await trio.sleep(random.uniform(*_REBORN_AFTER))

    def _bear(self, emulator: Emulator, nursery: trio.Nursery) -> Life:
        number = len(self.lives) + 1
        life = Life(
            number=number,
            seed=self.plan.seed,
            settings=self._settings,
            home=self.home,
            network=Network(emulator, nursery, Random(f"{self.plan.seed}/network/{number}")),
            witness=self.watch,
            wall=lambda: START + trio.current_time() + self.acts.skew,
            ill=lambda: self.acts.disk,
            hide=self.watch.hide,
        )
        self.lives.append(life)
        self.trace.note("life", str(number))
        self.watch.judge.life(number)
        nursery.start_soon(life.run, name=f"life {number}")
        return life

    async def _end(self, emulator: Emulator, nursery: trio.Nursery) -> None:
        """SIGTERM for whoever lives, or for one last life that finds what the dead have left."""
        plan = self.plan
        life = self.lives[-1] if not self.lives[-1].over.is_set() else self._bear(emulator, nursery)
        self.acts.end()
        self.watch.judge.leaving()
        life.stop.signal("SIGTERM")
        buyers = Buyers(emulator.exchange.listings.all)
        async with trio.open_nursery() as looking:
            looking.start_soon(buyers.look)
            with trio.move_on_after(_STOP_WITHIN):
                await life.over.wait()
            looking.cancel_scope.cancel()
        if life.over.is_set():
            self._ended(life)
            if plan.quiet >= _QUOTES_WITHIN and life.ending is not None:
                self._judge_the_end(life, emulator, buyers)
        else:
            self.watch.broken("I5", "the bot did not end within a minute of SIGTERM")
        life.kill()
        await life.network.cut()

    def _ended(self, life: Life) -> None:
        """How a life ended by itself: its exit code and last words, or that it honestly refused to start."""
        if life.ending is None:
            self._ends["exit 5"] += 1
            self.trace.note("exit", f"life {life.number} refused to start: {life.refused!r}")
            return
        code, out = int(life.ending.code), proof(life.ending)
        self._ends[f"exit {code}"] += 1
        self.trace.note("exit", f"life {life.number} code {code}")
        self.watch.judge.ended(code, out)

    @property
    def _settings(self) -> Settings:
        plan = self.plan
        markets = tuple(
            MarketSettings(name, TAKER if name in plan.takers else MAKER if number % 3 == 1 else None)
            for number, name in enumerate(plan.markets)
        )
        return Settings(markets, strategy=StrategySettings("simple"), budget=_budget(plan), orphans=plan.orphans)

    def _judge_the_end(self, life: Life, emulator: Emulator, buyers: Buyers) -> None:
        """I5: with nothing wrong for a minute and a half, a bot that is told to stop can cancel, sell and prove it.

        One that was killed sells nothing; nor does a lost market, nor anybody what the user offers for sale by hand, or
        what nobody wants to buy.
        """
        assert life.ending is not None
        open_ = {listing.market.slug for listing in emulator.exchange.listings.all if listing.accepting}
        lost = {tree.market for tree in life.board.all(TreeState) if tree.state == "lost"}
        kept = bool(lost) or killed(life.board, self.plan.markets)
        code, held = int(life.ending.code), {r.market for r in life.ending.reports if r.holding or r.settling}
        offered = held <= _offered_by_hand(emulator, self.watch.durable) | buyers.missed
        if code == 3 or (code == 4 and open_ >= set(self.plan.markets) and not (kept or offered)):
            self.watch.broken("I5", f"the bot ended with {code} although nothing was wrong any more")

    # ── liveness ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _judge_liveness(self, emulator: Emulator) -> None:
        """I22 and I11: with nothing wrong for a minute and a half, every market quotes and every position is right."""
        board, plan, console = self.lives[-1].board, self.plan, self.lives[-1].console
        if console is not None:
            self.watch.printed("the status", json.dumps(console.obey("status", {})))
        listings = {listing.market.slug: listing for listing in emulator.exchange.listings.all}
        accepting = frozenset(slug for slug, listing in listings.items() if listing.accepting)
        orders = [act for act in plan.acts if act.kind == "order"]
        meant = [() if act.who.startswith("resume") else _meant(act, plan) for act in orders]
        ordered = frozenset(market for markets in meant for market in markets)
        for text in excuses(board, plan.markets, ordered=ordered, accepting=accepting):
            self.watch.broken("I22", text)
        for text in idle(board, self.tried, accepting=accepting):
            self.watch.broken("I22", text)
        self.watch.judge.alive(expected(board, plan.markets, accepting=accepting))
        for market in plan.markets:
            report = board.last(MarketReport, market)
            tree = board.last(TreeState, market)  # of a lost market nobody keeps the books any more
            if report is not None and report.known and not report.reconciling and tree and tree.state != "lost":
                self.watch.compare(listings[market].market, report)


def simulate(plan: Plan, *, keep: bool = False, log: bool = False, hunt: bool = False) -> World:
    """Run a plan to its end. `keep` its events; `log` puts what the bot logs among them; a `hunt` ends soon after the
    first breach."""
    shm = Path("/dev/shm")
    seed_scheduler(f"{plan.seed}/scheduler")
    clock = VirtualClock(rings=False)
    steps = CrashAtStep(lambda name: False, Crashed, 0)
    with tempfile.TemporaryDirectory(prefix="pa", dir=shm if shm.is_dir() else None) as home:
        world = World.of(plan, Path(home), clock, Trace(keep), steps)
        world.hunt = hunt
        instruments: list[Any] = [steps] if any(act.kind == "step" for act in plan.acts) else []
        with _heard(world, log=log):
            trio.run(world.run, clock=clock, instruments=instruments)
        world.acts.done["act step"] += steps.hits
    return world


def _parked(life: Life) -> list[str]:
    spine = life.handles.spine
    return [] if spine is None else [slug for slug, tree in spine.trees.items() if tree.state == "parked"]


def _meant(act: Act, plan: Plan) -> tuple[str, ...]:
    """The markets that a person's order stops."""
    return (act.market,) if act.market and act.who != "cancel-all" else plan.markets


def _still(faults: Faults) -> None:
    """Whatever is open closes, and nothing opens again."""
    for armed in faults.armed:
        armed.until = -inf
        armed.fault = evolve(armed.fault, when=When(probability=0.0))


def _budget(plan: Plan) -> BudgetSettings:
    return BudgetSettings(Cash(plan.per_market * PUSD), Cash(plan.total * PUSD))


@contextmanager
def _heard(world: World, *, log: bool) -> Iterator[None]:
    """What the bot logs holds no secret, before anything is redacted; with `log` it is among the events, too.

    Formatting a debug message costs more than most steps of a run, so that few runs hear those.
    """

    def hear(message: str) -> None:
        world.watch.printed("the log", message)
        if log:
            world.trace.note("log", message.rstrip())

    level = "DEBUG" if log or world.plan.seed % _CHATTY == 0 else "INFO"
    sink = logger.add(hear, format="{level} {message}", level=level, backtrace=False, diagnose=False)
    try:
        yield
    finally:
        logger.remove(sink)


def _window(fault: Any, weather: float) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A fault that would outlast the weather ends with it."""
    at = float(fault.get("at", 0))
    return {"for": max(0.1, weather - at)} if "for" in fault and at + float(fault["for"]) > weather else {}


def _offered_by_hand(emulator: Emulator, ours: Callable[[str], bool]) -> set[str]:
    """Markets where the account has a sale open that is not the bot's."""
    account = emulator.exchange.accounts.get(FUNDED[0].address)
    assert account is not None
    tickets = emulator.exchange.tickets.open_of(account)
    return {t.listing.market.slug for t in tickets if t.order.side is Side.SELL and not ours(t.order.id)}
