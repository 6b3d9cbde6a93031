"""The wish to end the run: who may utter it, and how often it was said."""

from __future__ import annotations

from math import inf

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.shared.board import Board


@frozen
class StopState:
    """How often the end was asked for (state): the second time skips positions, the third leaves at once."""

    count: int


@define(eq=False)
class Stop:
    """Someone wants the bot to end: a signal, `stop`, `--for`, or a shared actor past its limit."""

    board: Board
    wanted: trio.Event = field(factory=trio.Event)
    count: int = 0
    fatal: str | None = None
    keep_positions: bool = False
    killed: bool = False
    _last_signal: float = -inf

    def ask(self, why: str, *, keep_positions: bool = False) -> None:
        """End in an orderly way."""
        logger.info("stopping: {}", why)
        self.keep_positions = self.keep_positions or keep_positions
        self.count = max(1, self.count)
        self._tell()

    def signal(self, name: str) -> None:
        """A signal: those within one second count once."""
        now = trio.current_time()
        if now - self._last_signal < 1.0:
            return
        self._last_signal = now
        self.count += 1
        steps = {1: "stopping", 2: "leaving positions as they are", 3: "cancelling everything and leaving now"}
        logger.info("{}: {}", name, steps.get(self.count, steps[3]))
        self._tell()

    def fail(self, why: str) -> None:
        """A shared actor is beyond its restart limit: drain everything, the exit code says so."""
        self.fatal = self.fatal or why
        self.ask(why)

    def kill(self) -> None:
        """The kill switch was pulled and is to end the process: positions stay as they are."""
        self.killed = True
        self.ask("killed", keep_positions=True)

    def _tell(self) -> None:
        self.board.put(StopState(self.count))
        self.wanted.set()
