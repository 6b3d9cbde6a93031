"""Virtual time: it stands at the deadline that is waited for, and only while nobody has anything to do does it move."""

from __future__ import annotations

import trio
from hypothesis import given
from hypothesis import strategies as st

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
