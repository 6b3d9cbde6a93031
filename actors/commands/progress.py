"""How far a long command has come, with the time it still needs: one line on a terminal, rewritten."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from attrs import define, field

_WIDTH = 30
_EVERY = 0.2  # s between two drawings; a line each time where there is no terminal would be noise
_LINE_EVERY = 10.0


@define
class Progress:
    """Out of `total` steps."""

    total: int
    stream: TextIO
    clock: Callable[[], float] = time.monotonic
    _done: int = 0
    _began: float = field(init=False)
    _drawn: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began = self._drawn = self.clock()

    def step(self) -> None:
        self._done += 1
        now = self.clock()
        if now - self._drawn >= (_EVERY if self.stream.isatty() else _LINE_EVERY) or self._done == self.total:
            self._drawn = now
            self._draw(now)

    def end(self) -> None:
        if self.stream.isatty():
            self.stream.write("\n")

    def _draw(self, now: float) -> None:
        left = (now - self._began) / self._done * (self.total - self._done)
        full = _WIDTH * self._done // self.total
        line = f"[{'#' * full}{'.' * (_WIDTH - full)}] {self._done}/{self.total}, {_spoken(left)} left"
        self.stream.write(f"\r{line}\x1b[K" if self.stream.isatty() else f"{line}\n")
        self.stream.flush()


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
