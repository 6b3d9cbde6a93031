"""Numbers of lives, never given twice by one journal."""

from __future__ import annotations

from attrs import define

_RUN_SPAN = 1_000_000  # generations one process may use before it would touch the next run's


@define(eq=False)
class Generations:
    """Tracker generations, above those of every earlier run."""

    run: int
    _given: int = 0

    def __call__(self) -> int:
        self._given += 1
        return self.run * _RUN_SPAN + self._given
