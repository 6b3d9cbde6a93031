"""Work that must outlive the actor that started it, such as a request whose bytes have left.

Errands run in a nursery of the services layer: an actor's crash, restart or cancellation never cuts one short
(reliability.md §5.1). An errand that fails does not take its siblings along; the failure becomes a fact in its actor's
mailbox, and the actor dies of it under its own supervisor.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ParamSpec

import trio
from attrs import frozen

from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import cause

P = ParamSpec("P")


@frozen
class ErrandFailed:
    """An errand raised (fact): its actor must not go on as if it had been done."""

    name: str
    why: str


@frozen
class Errands:
    """Starts errands for one actor."""

    nursery: trio.Nursery
    mailbox: Mailbox[object]

    def start(self, job: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run `job` to its end, whatever happens to the caller."""
        name = getattr(job, "__name__", "errand")

        async def errand() -> None:
            try:
                await job(*args, **kwargs)
            except* Exception as group:  # noqa: BLE001 - becomes the actor's own crash
                self.mailbox.tell(ErrandFailed(name, cause(group)))

        self.nursery.start_soon(errand, name=f"errand {name}")
