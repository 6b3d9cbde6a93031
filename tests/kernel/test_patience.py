"""Patience ends when nothing was heard for so long, at that instant and at no other, and cancels nobody before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.abc import Clock

from actors.kernel.patience import Patience
from tests.kernel.virtual import CLOCKS, live, schedules

WITHIN = 3.0
QUARTERS = st.integers(0, 20).map(lambda quarters: quarters / 4)


@pytest.mark.parametrize("clock", CLOCKS)
@given(schedule=schedules(), pauses=st.lists(QUARTERS.filter(lambda pause: pause != WITHIN), max_size=20))
def test_it_ends_so_long_after_the_first_word_that_no_other_followed_in_time(
    clock: Callable[[], Clock], schedule: object, pauses: list[float]
) -> None:
    heard = [0.0]
    for pause in pauses:
        if pause > WITHIN:
            break
        heard.append(heard[-1] + pause)
    ended: list[float] = []

    async def world() -> None:
        began = trio.current_time()
        with Patience(WITHIN) as patience:
            for pause in pauses:
                await trio.sleep(pause)
                patience.heard(trio.current_time())
            await trio.sleep(1_000.0)
        ended.append(trio.current_time() - began)

    live(world, clock)
    assert ended == [heard[-1] + WITHIN]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_look_cancels_nobody(clock: Callable[[], Clock]) -> None:
    """A write under way when the first look comes goes to its end."""
    written: list[float] = []

    async def write(patience: Patience) -> None:
        patience.heard(trio.current_time())
        await trio.sleep(2.5)
        written.append(trio.current_time())
        patience.heard(trio.current_time())

    async def world() -> None:
        began = trio.current_time()
        with Patience(WITHIN) as patience:
            await trio.sleep(1.0)
            await write(patience)
        assert [at - began for at in written] == [3.5]

    live(world, clock)


@pytest.mark.parametrize("clock", CLOCKS)
def test_whoever_gives_up_ends_it_at_once_and_one_that_is_over_cancels_nothing_later(
    clock: Callable[[], Clock],
) -> None:
    async def world() -> None:
        began = trio.current_time()
        with Patience(WITHIN) as patience:
            patience.cancel()
            await trio.sleep(1_000.0)
        assert trio.current_time() == began
        with Patience(WITHIN):
            await trio.sleep(1.0)
        await trio.sleep(10.0)
        assert trio.current_time() == began + 11.0

    live(world, clock)
