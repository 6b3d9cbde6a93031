"""Virtual time for Hypothesis: one `trio.run` an example. Draw `schedules()` too, and every order of tasks is tried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import TypeVar

import trio
from hypothesis import strategies as st
from trio.abc import Clock
from trio.testing import MockClock

from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Child, Ready, Supervised
from actors.kernel.virtual import VirtualClock

T = TypeVar("T")
Life = Callable[[Ready], Awaitable[None]]
DEFAULT = RestartRule()


CLOCKS: tuple[Callable[[], Clock], ...] = (partial(MockClock, autojump_threshold=0), VirtualClock)


def live(world: Callable[[], Awaitable[T]], clock: Callable[[], Clock] = CLOCKS[0]) -> T:
    """Run a world to its end; sleeping costs nothing."""
    return trio.run(world, clock=clock())


def schedules() -> st.SearchStrategy[object]:
    """Seeds the generator by which trio shuffles runnable tasks (Hypothesis knows it by itself)."""
    return st.random_module()


def supervised(
    run: Life,
    *,
    name: str = "actor",
    mailbox: Mailbox[object] | None = None,
    rule: RestartRule = DEFAULT,
    on_down: Callable[[str], None] = lambda _: None,
) -> Supervised:
    """A child under supervision, as the wiring would make it."""
    return Supervised.of(Child(name, run, mailbox or Mailbox(name), on_down), rule, Random(1))
