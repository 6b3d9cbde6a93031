"""Waiting on trio's clock without the exception that ends trio's own sleep: where time is simulated, it costs more than the rest."""

from __future__ import annotations

import trio


async def until(scope: trio.CancelScope) -> None:
    """Wait, inside of `scope`, until its deadline, wherever that is moved meanwhile. Whatever else ends the wait is raised."""
    task = trio.lowlevel.current_task()

    def wake(_: object) -> trio.lowlevel.Abort:
        if not scope.cancel_called:
            return trio.lowlevel.Abort.SUCCEEDED
        trio.lowlevel.reschedule(task)
        return trio.lowlevel.Abort.FAILED

    await trio.lowlevel.wait_task_rescheduled(wake)


async def sleep_until(at: float) -> None:
    """As trio's."""
    with trio.CancelScope(deadline=at) as scope:
        await until(scope)


async def sleep(seconds: float) -> None:
    """As trio's."""
    await sleep_until(trio.current_time() + seconds)
