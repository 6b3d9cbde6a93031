"""Runs a child again after each crash, with a limit, a back-off and an owner who hears of it in the same instant.

The only place that may catch everything a child raises. `except*` matters: a child that fails while being cancelled
raises a group that mixes `Cancelled` with the error, which `except Exception` would miss (reliability.md §5.4).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.errors import Drilled, Hopeless, RestartLimit
from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import CrashLog, RestartRule

Ready = Callable[[], None]


def _nothing(_: str) -> None:
    return None


@frozen
class Child:
    """What a supervisor needs to know of an actor.

    `run(ready)` is one life; it calls `ready` once it has what it needs to work. `on_down(why)` is called in the same
    step in which a life ends, before anything else runs; `on_ready()` when a life has become ready.
    """

    name: str
    run: Callable[[Ready], Awaitable[None]]
    mailbox: Mailbox[object]
    on_down: Callable[[str], None] = _nothing
    on_ready: Callable[[], None] = lambda: None


@define(eq=False)
class Supervised:
    """One child under supervision: its crash count, whether it lives (`alive`) and is ready (`up`), and the scope to stop it by."""

    child: Child
    crashes: CrashLog
    up: bool = False
    ready: trio.Event = field(factory=trio.Event)
    alive: bool = False
    _scope: trio.CancelScope | None = None
    _stopped: trio.Event = field(factory=trio.Event)

    @classmethod
    def of(cls, child: Child, rule: RestartRule, random: Random) -> Supervised:
        return cls(child, CrashLog(rule, random))

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the child alive until `stop`; `task_status` starts at its first readiness (or its stop).

        Raises RestartLimit from the last crash once the rule is exceeded; then the child is down and stays down.
        """
        self._stopped = trio.Event()
        reported = False

        def ready() -> None:
            nonlocal reported
            if self.crashes.total:
                logger.info("{} is back", self.child.name)
            self.up = True
            self.ready.set()
            self.child.on_ready()
            if not reported:
                reported = True
                task_status.started()

        try:
            with trio.CancelScope() as self._scope:
                await self._keep_alive(ready)
        finally:
            self._down("stopped")
            self._scope = None
            self._stopped.set()
            if not reported:
                task_status.started()

    def cancel(self) -> None:
        """Have the child end, without waiting for it."""
        if self._scope is not None:
            self._scope.cancel()

    async def stop(self) -> None:
        """Cancel the child and wait until it has ended. Stopping a child that is not running does nothing."""
        if self._scope is not None:
            self.cancel()
            await self._stopped.wait()

    async def _keep_alive(self, ready: Ready) -> None:
        while True:
            crash = await self._live(ready)
            if crash is None:
                return
            if (given_up := crash.subgroup(Hopeless)) is not None:
                raise RestartLimit(f"{self.child.name} gave up: {given_up.exceptions[0]}") from crash
            pause = self.crashes.pause_after(trio.current_time())
            if pause is None:
                raise RestartLimit(f"{self.child.name} crashed {self.crashes.total} times") from crash
            await trio.sleep(pause)

    async def _live(self, ready: Ready) -> BaseExceptionGroup[Exception] | None:
        """One life; the errors it died of, or None if it ended by itself."""
        died: BaseExceptionGroup[Exception] | None = None
        self.child.mailbox.renew()
        self.alive = True
        try:
            await self.child.run(ready)
        except* Exception as group:  # noqa: BLE001 - the one place that may catch everything
            died = group
            self._down(cause(group))
            self._log(group)
        return died

    def _log(self, died: BaseExceptionGroup[Exception]) -> None:
        """One line for what was raised on purpose, the whole traceback for a real crash."""
        meant = died.split((Drilled, Hopeless))[1] is None
        drilled = died.split(Drilled)[1] is None
        told = logger.opt(exception=None if meant else died)
        told.error("{} crashed: {}", self.child.name, "a drill" if drilled else cause(died))

    def _down(self, why: str) -> None:
        if not self.alive:
            return
        self.alive = self.up = False
        self.child.mailbox.close(why)
        self.child.on_down(why)


def cause(group: BaseExceptionGroup[BaseException]) -> str:
    """The innermost errors of a group, in one line."""
    leaves: list[str] = []
    for error in group.exceptions:
        leaves.append(cause(error) if isinstance(error, BaseExceptionGroup) else f"{type(error).__name__}: {error}")
    return "; ".join(leaves)
