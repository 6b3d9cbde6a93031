"""The canary of trio's private parts: a trio that moves them must fail here, loudly, before it ruins a replay."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from actors.kernel.deterministic import CrashAtStep, seed_scheduler


def order_of_wakings(seed: int) -> list[int]:
    """In which order forty tasks run that are all ready at once, ten times over."""
    order: list[int] = []

    async def task(number: int) -> None:
        for _ in range(10):
            await trio.lowlevel.checkpoint()
            order.append(number)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for number in range(40):
                nursery.start_soon(task, number)

    seed_scheduler(seed)
    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    return order


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert order_of_wakings(1) == order_of_wakings(1)


def test_another_seed_gives_another_schedule() -> None:
    assert len({tuple(order_of_wakings(seed)) for seed in range(8)}) == 8


class Planted(Exception):
    pass


def run_with(crash: CrashAtStep) -> tuple[int, bool]:
    """How many steps a worker took before it crashed, and whether its sibling went on to the end."""
    steps, sibling = 0, False

    async def worker() -> None:
        nonlocal steps
        while True:
            await trio.lowlevel.checkpoint()
            steps += 1

    async def other() -> None:
        nonlocal sibling
        for _ in range(200):
            await trio.lowlevel.checkpoint()
        sibling = True

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(other, name="other")
            with pytest.raises(ExceptionGroup) as raised:
                async with trio.open_nursery() as inner:
                    inner.start_soon(worker, name="worker")
            assert isinstance(raised.value.exceptions[0], Planted)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0), instruments=[crash])
    return steps, sibling


@pytest.mark.parametrize("step", [1, 2, 7, 100])
def test_a_task_crashes_at_exactly_the_chosen_step_and_no_other_does(step: int) -> None:
    crash = CrashAtStep(lambda name: name == "worker", Planted, step)
    steps, sibling = run_with(crash)
    assert crash.hits == 1
    assert steps == max(0, step - 2)  # the first step starts the coroutine, the last one is the crash
    assert sibling


def test_an_unarmed_instrument_crashes_nobody() -> None:
    crash = CrashAtStep(lambda name: True, Planted, 0)

    async def main() -> None:
        for _ in range(50):
            await trio.lowlevel.checkpoint()

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0), instruments=[crash])
    assert crash.hits == 0
