"""The alarm: every reader wakes at its time, not before, a few in one pass of the loop, and no entry outlives its use."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import inf

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.abc import Clock

from actors.kernel.alarm import A_STEP, alarm, shared
from actors.kernel.mailbox import Mailbox
from tests.kernel.virtual import CLOCKS, live, schedules

QUARTERS = st.integers(0, 20).map(lambda quarters: quarters / 4)


@pytest.mark.parametrize("clock", CLOCKS)
@given(schedule=schedules(), waits=st.lists(st.lists(QUARTERS, max_size=6), max_size=12))
def test_every_reader_wakes_at_the_time_until_which_it_waits(
    clock: Callable[[], Clock], schedule: object, waits: list[list[float]]
) -> None:
    woken: list[tuple[float, float]] = []

    async def read(pauses: list[float]) -> None:
        mailbox: Mailbox[object] = Mailbox("sleeper")
        for pause in pauses:
            until = trio.current_time() + pause
            assert await mailbox.read(until) == []
            woken.append((until, trio.current_time()))

    async def world() -> None:
        async with trio.open_nursery() as nursery:
            for pauses in waits:
                nursery.start_soon(read, pauses)

    live(world, clock)
    assert len(woken) == sum(map(len, waits))
    assert all(until == at for until, at in woken)


@pytest.mark.parametrize("clock", CLOCKS)
@given(schedule=schedules(), steps=st.lists(st.tuples(QUARTERS, QUARTERS), max_size=20))
def test_a_letter_wakes_a_reader_before_its_time_and_leaves_no_alarm_that_rings_early(
    clock: Callable[[], Clock], schedule: object, steps: list[tuple[float, float]]
) -> None:
    """Each step: the reader waits so long, a letter comes after so long."""

    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("sleeper")

        async def tell(after: float) -> None:
            await trio.sleep(after)
            mailbox.tell("letter")

        for patience, after in steps:
            begun = trio.current_time()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(tell, after)
                letters = await mailbox.read(begun + patience)
                took = trio.current_time() - begun
                assert took == min(patience, after)
                assert letters == [] or after <= patience
                while not letters:
                    letters = await mailbox.read()
        assert len(alarm()._entries) <= 2 + len(steps)
        await trio.sleep(1000)
        assert alarm()._entries == []

    live(world, clock)


def test_a_reader_that_is_woken_by_letters_keeps_one_entry() -> None:
    """Whoever reads a thousand letters while it waits for the same second must not fill the heap."""

    async def world() -> int:
        mailbox: Mailbox[object] = Mailbox("busy")
        for number in range(1000):
            mailbox.tell("letter")
            await mailbox.read(10.0 + number)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(mailbox.read, 10.0 + number)
                await trio.testing.wait_all_tasks_blocked()
                mailbox.tell("letter")
        return len(alarm()._entries)

    assert live(world) == 1


def test_what_is_due_together_wakes_a_few_in_a_pass() -> None:
    """A hundred readers of one instant, and somebody who only wants the loop to come round."""
    woken: list[int] = []

    async def read(mailbox: Mailbox[object]) -> None:
        await mailbox.read(1.0)
        woken[-1] += 1

    async def world() -> None:
        async with trio.open_nursery() as nursery:
            for number in range(100):
                nursery.start_soon(read, Mailbox(str(number)))
            await trio.sleep(1.0)
            while sum(woken) < 100:
                woken.append(0)
                await trio.lowlevel.checkpoint()

    live(world)
    assert max(woken) <= 2 * A_STEP, "those of two passes, for trio shuffles each"


def test_a_wait_without_an_end_sets_no_alarm() -> None:
    async def world() -> int:
        mailbox: Mailbox[object] = Mailbox("patient")
        with trio.move_on_after(5):
            await mailbox.read(inf)
        return len(alarm()._entries)

    assert live(world) == 0


@pytest.mark.parametrize("clock", CLOCKS)
@given(schedule=schedules(), waits=st.lists(QUARTERS, max_size=12))
def test_whoever_attends_is_called_often_enough_and_before_those_who_wake(
    clock: Callable[[], Clock], schedule: object, waits: list[float]
) -> None:
    """Both by what was called when, and by what each reader finds when it wakes."""
    beats: list[float] = []

    def beat(_: float, now: float) -> bool:
        assert now == trio.current_time()
        beats.append(now)
        return False

    async def read(until: float) -> None:
        await Mailbox[object]("sleeper").read(until)
        assert until == 0.0 or beats[-1] == trio.current_time()

    async def world() -> None:
        with alarm().attended(0.7, beat):
            async with trio.open_nursery() as nursery:
                for until in waits:
                    nursery.start_soon(read, until)
                await trio.sleep(10.0)
        seen = len(beats)
        await trio.sleep(10.0)
        assert len(beats) == seen, "nobody attends any more"

    live(world, clock)
    assert all(later - earlier <= 0.7 + 1e-9 for earlier, later in pairwise([0.0, *beats, 10.0]))


@given(st.floats(0.0, 1e9), st.sampled_from([0.25, 1.0, 5.0]))
def test_the_common_instant_is_ahead_and_no_farther_than_the_period(now: float, every: float) -> None:
    assert now < shared(every, now) <= now + every
    assert shared(every, now) % every == 0
