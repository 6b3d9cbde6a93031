"""One market's supervision: tracker, feed and quoter, started in that order, stopped in reverse, parked when hopeless.

A crash here never reaches another market. The fence goes up in the same step in which the tracker dies.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from math import inf
from random import Random

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.errors import RestartLimit
from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Child, Ready, Supervised
from actors.market.closing import Closing, Custody
from actors.market.report import MarketReport
from actors.messages import Cancel
from actors.shared.admission import Fences
from actors.shared.board import Board

ACTORS = ("feed", "quoter", "tracker")


@frozen
class TreeState:
    """How a market's actors are (state): `state` is starting, running, parked, lost, leaving (the run goes on without it)
    or closing (the run ends); `down` names the actors that have crashed and are not back yet."""

    market: str
    state: str
    restarts: Mapping[str, int]
    why: str = ""
    down: tuple[str, ...] = ()


@frozen
class Lives:
    """The runs and mailboxes of a market's actors, and what cancels its orders if the tracker is beyond repair.

    `told` are the shared mailboxes that hold states about the market; they forget them when the tree ends.
    """

    runs: Mapping[str, Callable[[Ready], Awaitable[None]]]
    mailboxes: Mapping[str, Mailbox[object]]
    undertaker: Callable[[Ready], Awaitable[None]]
    told: tuple[Mailbox[object], ...] = ()


@define(eq=False)
class Tree:
    """The supervisor of one market. `generations` hands out tracker generations, never the same twice."""

    market: str
    lives: Lives
    rule: RestartRule
    retry_parked: float
    fences: Fences
    gateway: Mailbox[object]
    generations: Callable[[], int]
    board: Board
    random: Random
    children: dict[str, Supervised] = field(factory=dict)
    state: str = "starting"
    _why: str = ""
    _resume: trio.Event = field(factory=trio.Event)
    _leaving: str = ""  # the state while it is being left
    _reopened: trio.Event = field(factory=trio.Event)
    _tracker_died: float = -inf

    def __attrs_post_init__(self) -> None:
        self.children = {name: self._supervised(name) for name in ACTORS}
        self._new_generation()

    # ── life ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. `task_status` starts at once: a market that is slow to reconcile delays no other."""
        task_status.started()
        self._post()
        try:
            async with trio.open_nursery() as nursery:
                await self._start("tracker", nursery)
                while True:
                    why = await self._trade()
                    await self._park(why)
        except* RestartLimit as group:
            await self._bury(str(group.exceptions[0]))
        finally:
            self.forget()

    async def _trade(self) -> str:
        """Run feed and quoter until one of them is past its limit; then why."""
        self._enter(self._leaving or "running")
        self._mailbox("tracker").put(Custody(False))
        try:
            async with trio.open_nursery() as nursery:
                await self._start("feed", nursery)
                while True:
                    if not self._leaving:
                        await self._start("quoter", nursery)
                    await self._reopened.wait()
                    self._reopened = trio.Event()
                    await self.children["quoter"].stop()
        except* RestartLimit as group:
            why = str(group.exceptions[0])
        return why

    async def _start(self, name: str, nursery: trio.Nursery) -> None:
        """As a task that is named like its actor: whoever watches tasks finds it (the simulator crashes some at a step)."""
        child = self.children[name]
        await nursery.start(child.run, name=child.child.name)

    async def _park(self, why: str) -> None:
        """Custody: no targets count, orders are cancelled, settlement goes on; try again later or on `resume`."""
        logger.error("{}: parked: {}; retried in {:g} s or on resume", self.market, why, self.retry_parked)
        self._mailbox("tracker").put(Custody(True))
        self._enter("parked", why)
        with trio.move_on_after(self.retry_parked):
            await self._resume.wait()
        self._resume = trio.Event()
        for child in self.children.values():
            child.crashes.forgive()

    async def _bury(self, why: str) -> None:
        """The tracker is beyond its limit: its orders are cancelled by id, its position is left to be named."""
        logger.critical("{}: lost: {}; cancelling its orders by their journalled ids", self.market, why)
        self._enter("lost", why)
        self._mailbox("tracker").crash("", times=0)  # a drill was meant for the tracker, not for what comes after it
        endless = RestartRule(crashes=1_000_000, window=60.0, backoff=1.0, backoff_cap=self.rule.backoff_cap)
        child = Child(f"{self.market} undertaker", self.lives.undertaker, self._mailbox("tracker"))
        await Supervised.of(child, endless, self.random).run()

    # ── what root and control may do ──────────────────────────────────────────────────────────────────────────────

    async def close(self, *, positions: bool) -> None:
        """The run ends: stop quoting and have the tracker cancel, and with `positions` sell, until the tree is cancelled."""
        self._leave(Closing(positions), "closing")
        await self.children["quoter"].stop()

    def drain(self, *, positions: bool) -> None:
        """As `close`, but the run goes on: custody until nothing is held, or until `reopen`."""
        if self._leaving != "closing":
            self._leave(Closing(positions, dropped=True), "leaving")
            self.children["quoter"].cancel()

    def reopen(self) -> None:
        """Trade it after all."""
        if self._leaving == "leaving":
            self._leaving = ""
            self._mailbox("tracker").put(Closing(False, on=False))
            if self.state == "leaving":
                self._reopened.set()
                self._enter("running")

    def forget(self) -> None:
        """Nobody is to remember what this tree has told."""
        for mailbox in self.lives.told:
            mailbox.forget(self.market)

    def resume(self) -> None:
        """Try a parked market again now."""
        self._resume.set()

    def drill(self, actor: str, times: int) -> None:
        """Crash one of the actors at its next step, `times` lives in a row."""
        self._mailbox(actor).crash("drill", times)

    def _leave(self, closing: Closing, state: str) -> None:
        self._leaving = state
        self._mailbox("tracker").put(closing)
        if self.state == "parked" or not closing.dropped:
            self._resume.set()  # and not otherwise: a market that is reopened may have to be parked
        if self.state not in ("lost", "starting"):
            self._enter(state, self._why)

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _supervised(self, name: str) -> Supervised:
        child = Child(
            name=f"{self.market} {name}",
            run=self.lives.runs[name],
            mailbox=self._mailbox(name),
            on_down=self._tracker_down if name == "tracker" else self._down,
            on_ready=self._post,
        )
        return Supervised.of(child, self.rule, self.random)

    def _mailbox(self, name: str) -> Mailbox[object]:
        return self.lives.mailboxes[name]

    def _down(self, _: str) -> None:
        self._post()

    def _tracker_down(self, _: str) -> None:
        """Before anything else runs: nothing the dead tracker queued may leave any more.

        One crash keeps the resting orders for the next life to adopt; from the second within the window on nobody
        watches them for seconds, so they are pulled at once by the ids last reported.
        """
        self._new_generation()
        now, before, self._tracker_died = trio.current_time(), self._tracker_died, trio.current_time()
        report = self.board.last(MarketReport, self.market)
        if now - before < self.rule.window and report is not None and report.orders:
            self.gateway.tell(Cancel(self.market, tuple(o for o in report.orders if o.startswith("0x"))))
        self._post()

    def _new_generation(self) -> None:
        self.fences.raise_to(self.market, self.generations())

    def _enter(self, state: str, why: str = "") -> None:
        self.state, self._why = state, why
        self._post()

    def _post(self) -> None:
        restarts = {name: child.crashes.total for name, child in self.children.items()}
        wanted = {name: child for name, child in self.children.items() if not (self._leaving and name == "quoter")}
        down = tuple(name for name, child in wanted.items() if child.crashes.total and not child.up)
        self.board.put(TreeState(self.market, self.state, restarts, self._why, down), about=self.market)
