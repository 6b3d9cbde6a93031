"""Virtual time: it stands at the deadline that is waited for, and only while nobody has anything to do does it move."""

from __future__ import annotations

from math import inf

import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.alarm import alarm
from actors.kernel.mailbox import Mailbox
from actors.kernel.virtual import VirtualClock
from tests.kernel.virtual import schedules

PAUSES = st.lists(st.lists(st.floats(0.0, 1e6), max_size=5), max_size=5)


@given(schedule=schedules(), waits=PAUSES)
def test_everybody_wakes_exactly_when_it_is_time_and_in_that_order(schedule: object, waits: list[list[float]]) -> None:
    woken: list[tuple[float, float]] = []

    async def wait(pauses: list[float]) -> None:
        for pause in pauses:
            due = trio.current_time() + pause
            await trio.sleep_until(due)
            woken.append((due, trio.current_time()))

    async def world() -> None:
        async with trio.open_nursery() as nursery:
            for pauses in waits:
                nursery.start_soon(wait, pauses)

    trio.run(world, clock=VirtualClock())
    assert len(woken) == sum(map(len, waits))
    assert all(due == at for due, at in woken)
    assert woken == sorted(woken, key=lambda one: one[1])


def test_no_time_passes_while_somebody_works() -> None:
    async def world() -> tuple[float, float]:
        with trio.move_on_after(1.0):
            for _ in range(100):
                await trio.lowlevel.checkpoint()
            worked = trio.current_time()
            await trio.sleep_forever()
        return worked, trio.current_time()

    assert trio.run(world, clock=VirtualClock()) == (0.0, 1.0)


def test_a_ring_that_wakes_nobody_does_not_let_the_loop_come_round() -> None:
    """One who was woken by a letter has left its time with the alarm; and somebody attends to the alarm all along."""
    passes: list[float] = []

    class Passes(trio.abc.Instrument):
        def before_io_wait(self, timeout: float) -> None:
            passes.append(trio.current_time())

    async def world() -> None:
        mailbox = Mailbox[object]("reader")
        with alarm().attended(0.25, lambda late, now: False):
            for second in range(1, 11):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(mailbox.read, second + 0.5)
                    await trio.sleep_until(second)
                    mailbox.tell("letter")

    trio.run(world, clock=VirtualClock(), instruments=[Passes()])
    assert {at for at in passes if at <= 10.0} == set(range(11)), "what comes later is the end of the run"


def test_whom_the_attendant_wakes_runs_before_time_goes_on() -> None:
    heard: list[float] = []

    async def world() -> None:
        mailbox = Mailbox[object]("reader")

        def beat(late: float, now: float) -> bool:
            if late > 1.0:
                mailbox.tell("nothing ran for a while")
            return late > 1.0

        async def read() -> None:
            await mailbox.read(until=100.0)
            heard.append(trio.current_time())

        with alarm().attended(0.25, beat):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read)
                await Mailbox[object]("other").read(until=1.0)
                clock.jump(5.0)
                await Mailbox[object]("other").read(until=40.0)

    clock = VirtualClock()
    trio.run(world, clock=clock)
    assert heard == [6.0]


def test_where_nobody_waits_for_a_time_the_alarm_does_not_make_it_pass() -> None:
    """A world in which all wait for each other stands still, as a real one does, until its user ends it."""
    clock = VirtualClock()

    async def world() -> None:
        with alarm().attended(0.25, lambda late, now: False):
            await trio.sleep(1.0)

    trio.run(world, clock=clock)
    assert clock.deadline_to_sleep_time(inf) == inf
    assert clock.current_time() == 1.0
