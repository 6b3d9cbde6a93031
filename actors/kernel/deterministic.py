"""The one module that touches trio's private parts: the scheduler's draw, and a crash at a chosen step of a task.

trio runs the tasks that are ready together in an order it draws. Seeded, equal programs on a virtual clock take equal
steps; unseeded, two runs of one seed differ. `tests/kernel/test_deterministic.py` is the canary: it fails loudly on a
trio whose private parts have moved.
"""

from __future__ import annotations

from collections.abc import Callable

import trio
import trio._core._run as _run  # private, on purpose: see above
from attrs import define


def seed_scheduler(seed: int | str) -> None:
    """Let every later choice between tasks that are ready follow from `seed` (this process, from now on)."""
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]  # declared Final; Hypothesis sets it likewise
    _run._r.seed(seed)


@define(eq=False)
class CrashAtStep(trio.abc.Instrument):
    """Raise `error()` inside a task at its `step`-th step, counted from 1, instead of running that step.

    `chosen` picks tasks by name. What the step was about to receive is lost with it, as in a real crash. An instrument
    cannot raise itself (trio catches it), so the task is resumed with the error. `hits` counts what was crashed.
    """

    chosen: Callable[[str], bool]
    error: Callable[[], Exception]
    step: int
    hits: int = 0
    _steps: int = 0

    def arm(self, step: int) -> None:
        """Count anew: the `step`-th step from here on."""
        self.step, self._steps = step, 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        if self._steps >= self.step or not self.chosen(task.name):
            return
        self._steps += 1
        if self._steps == self.step:
            self.hits += 1
            task._next_send_fn = task.coro.throw
            task._next_send = self.error()
