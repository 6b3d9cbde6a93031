"""What befalls the bot and its machine: the acts of a plan, each at its time, upon whichever life is running then."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from math import inf

import trio
from attrs import define, field

from actors.kernel.deterministic import CrashAtStep
from actors.kernel.errors import Unanswered
from actors.kernel.virtual import VirtualClock
from actors.shared.control import CommandRefused
from actors.shared.journal import Settle
from actors.shared.switching import Switch
from tests.faults.evidence import TWO_CRASHES
from tests.faults.life import Life
from tests.faults.plan import Act
from tests.faults.trace import Trace

_NTP_AFTER = 20.0  # s until a clock that has jumped is set right again
_SHARED = "shared"
_SAID_AGAIN = 3.0  # s between a person's words to a bot that has not taken them
_ALREADY = "traded already"
_THOUGHT_OVER = 12.0  # s between a person's order and the one that ends it
_RECORDED_WITHIN = 4.0  # s between a kill and the moment from which it must hold over every life
_FORGIVEN = 6  # crashes in a row that a restart rule may forgive
_ORDERS = {"kill": "act kill switch", "flatten": "act flatten"}  # those that are counted by themselves
_GIVEN_UP_WITHIN = 25.0  # s: the pauses between six crashes add up to eight


@define(eq=False)
class Acts:
    """`life` is the current one. `skew` of the wall clock and `disk` (its illness, or "") are read by every life.

    `done` counts acts by kind; nothing acts any more once `over`. `cancels_all` is whether a person has ordered that.
    """

    clock: VirtualClock
    trace: Trace
    steps: CrashAtStep
    life: Callable[[], Life]
    skew: float = 0.0
    disk: str = ""
    over: bool = False
    cancels_all: bool = False
    killed: bool = False
    resumed_at: float = -inf
    switched_at: float = -inf
    leaving: Callable[[], None] = lambda: None
    stalled: Callable[[float], None] = lambda before: None
    broken: Callable[[str, str], None] = lambda invariant, text: None
    printed: Callable[[str, str], None] = lambda where, text: None
    done: Counter[str] = field(factory=Counter)

    def end(self) -> None:
        """The weather is over: clocks are right, the disk is well, nothing lies in wait."""
        self.skew, self.disk, self.over = 0.0, "", True
        self.steps.arm(0)
        self.life().points.disarm()
        self.life().network.down = False

    async def befall(self, act: Act) -> None:
        """Wait for the act's time, and do it."""
        await trio.sleep(act.at)
        self.trace.note("act", _words(act))
        match act.kind:
            case "kill":
                self._kill(act)
            case "crash":
                self._crash(act)
                if act.times > _FORGIVEN and act.market != _SHARED:
                    await self._see_parked(act, self.life())
            case "twins":
                self._crash_two(act)
            case "step":
                self.steps.chosen = partial(self._acting, act.who)
                self.steps.arm(act.nth)
            case "order":
                await self._order(act)
            case "switch":
                await self._switch(act)
            case "network":
                await self._pull_the_cable(act)
            case "disk":
                await self._sicken(act)
            case "stall":
                self._count("act stall")
                before = trio.current_time()
                self.clock.jump(act.seconds)
                self.stalled(before)
            case "wall":
                await self._jump_the_wall(act)

    def _acting(self, who: str, task: str) -> bool:
        """Whether it is the task of that actor, and its supervisor is not between two lives of it."""
        market, _, actor = who.rpartition(" ")
        spine = self.life().handles.spine if task == who else None
        return spine is not None and market in spine.trees and spine.trees[market].children[actor].alive

    def _count(self, what: str) -> None:
        self.done[what] += 1

    def _kill(self, act: Act) -> None:
        life = self.life()
        if act.point:
            life.points.arm(act.point, act.nth, partial(self._kill_at, life, act.point))
        elif life.alive and not life.over.is_set():
            self._count("act kill")
            self.kill(life)

    def _kill_at(self, life: Life, point: str) -> None:
        self._count("act kill at")
        self._count(f"point {point}")
        self.kill(life)

    def kill(self, life: Life) -> None:
        """kill -9."""
        self._count("kills")
        self.trace.note("kill", f"life {life.number}")
        life.kill()

    def _crash(self, act: Act) -> None:
        handles, kind = self.life().handles, "poison" if act.times > 2 else "crash"
        if handles.spine is None:
            return
        if act.market != _SHARED:
            self._count(f"act {kind}")
            if (tree := handles.spine.trees.get(act.market)) is not None:
                tree.drill(act.who, act.times)
        elif act.who in handles.services:
            self._count("act shared")
            handles.services[act.who].child.mailbox.crash("drill", act.times)

    def _crash_two(self, act: Act) -> None:
        """Actors of two markets in one tick."""
        spine = self.life().handles.spine
        there = {} if spine is None else spine.trees
        trees = [there[market] for market in (act.market, act.point) if market in there]
        for tree in trees:
            tree.drill(act.who, 1)
        if len(trees) == 2 and all(tree.children[act.who].up for tree in trees):
            self._count("act twins")
            self._count(f"sometimes {TWO_CRASHES}")

    async def _see_parked(self, act: Act, life: Life) -> None:
        """I7: a market whose actor dies at every start is given up, not started for ever."""
        spine = life.handles.spine
        if spine is None or act.market not in spine.trees or spine.trees[act.market].state != "running":
            return
        began, tree = trio.current_time(), spine.trees[act.market]
        await trio.sleep(_GIVEN_UP_WITHIN)
        dead = not life.alive or life.over.is_set()
        # A person who resumes a parked market, or switches it, starts it again.
        resumed = max(self.resumed_at, self.switched_at) >= began
        if not (dead or resumed or self.over) and tree.state == "running":
            restarts = tree.children[act.who].crashes.total
            self.broken(
                "I7",
                f"{act.market} still runs {_GIVEN_UP_WITHIN:g} s after its {act.who} began to die: {restarts} restarts",
            )

    async def _order(self, act: Act) -> None:
        """What a person orders, and a while later that it may go on, or the rest of the run would be idle."""
        verb, _, flag = act.who.partition(" ")
        if not self._obeyed(verb, act.market, flag):
            return
        self._count("act flatten all" if act.who == "flatten" and not act.market else _ORDERS.get(act.who, "act order"))
        self.cancels_all = self.cancels_all or verb in ("kill", "cancel-all")
        if verb == "flatten":
            self.leaving()
        if verb == "kill":
            await self._see_it_recorded(self.life())
        if verb != "resume":
            await trio.sleep(_THOUGHT_OVER)
            market = "" if verb == "cancel-all" else act.market  # that has paused all of them
            self._obeyed("resume", market, "ack_kill" if verb == "kill" else "")

    async def _switch(self, act: Act) -> None:
        """A person switches a market off, and later on again: until some life takes it, or the run would have one less."""
        if not await self._switched(act.market, on=False):
            return
        self._count("act switch")
        self.leaving()
        await trio.sleep(act.seconds)
        on = False
        while not on:
            on = await self._switched(act.market, on=True)
            await trio.sleep(_SAID_AGAIN)

    async def _switched(self, market: str, *, on: bool) -> bool:
        """Whether the market is as was said, by the word of a bot that has it on its disk."""
        spine, life = self.life().handles.spine, self.life()
        self.switched_at = trio.current_time()
        if spine is None:
            return False
        try:
            answer = await spine.universe.ask(Switch(market, on))
            await spine.journal.ask(Settle())
        except Unanswered:
            return False
        self.printed(f"the reply to markets {'on' if on else 'off'}", answer.done or answer.refused)
        return life.alive and (bool(answer.done) or _ALREADY in answer.refused)

    async def _see_it_recorded(self, life: Life) -> None:
        """From here on no life may place anything: a bot that has lived for a while with a kill has it on disk."""
        began = trio.current_time()
        await trio.sleep(_RECORDED_WITHIN)
        if self.resumed_at >= began:
            return
        self.killed = life.alive and not life.over.is_set() and not self.disk and life is self.life()

    def _obeyed(self, verb: str, market: str, flag: str) -> bool:
        """Whether there was a bot that took the command."""
        console = self.life().console
        args: dict[str, str | bool | int | None] = {"market": market or None}
        try:
            if console is not None:
                reply = console.obey(verb, args | ({flag: True} if flag else {}))
                self.printed(f"the reply to {verb}", json.dumps(reply))
        except CommandRefused as refusal:
            self.printed(f"the refusal of {verb}", str(refusal))
            return False
        if verb == "resume":
            self.killed = self.killed and flag != "ack_kill"
            self.resumed_at = trio.current_time()
        return console is not None

    async def _pull_the_cable(self, act: Act) -> None:
        self._count("act network")
        network = self.life().network
        network.down = True
        await network.cut()
        await trio.sleep(act.seconds)
        network.down = False

    async def _sicken(self, act: Act) -> None:
        self._count("act disk")
        self.disk = act.who
        await trio.sleep(act.seconds)
        self.disk = ""

    async def _jump_the_wall(self, act: Act) -> None:
        self._count("act wall")
        self.skew += act.seconds
        await trio.sleep(_NTP_AFTER)
        self.skew -= act.seconds


def _words(act: Act) -> str:
    """An act for the timeline."""
    parts = [act.kind, act.market, act.who, act.point and f"at the {act.nth}. {act.point}"]
    parts += [f"{act.times} times" if act.times > 1 else "", f"{act.seconds:g} s" if act.seconds else ""]
    return " ".join(part for part in parts if part)
