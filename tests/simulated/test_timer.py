"""The timer of simulated time: whoever waits wakes at its instant, and nobody who has stopped waiting does."""

from __future__ import annotations

from math import inf

import trio
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.inbox import Inbox
from adapters.simulated.timer import Timer
from tests.simulated.timed import timed

TIMES = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=8)


@given(times=TIMES)
def test_everybody_wakes_at_the_instant_that_was_asked_for(times: list[float]) -> None:
    async def main(timer: Timer) -> list[tuple[float, float]]:
        woken = list[tuple[float, float]]()

        async def wait(at: float) -> None:
            await timer.until(at)
            woken.append((at, trio.current_time()))

        async with trio.open_nursery() as nursery:
            for at in times:
                nursery.start_soon(wait, at)
        return woken

    assert timed(main) == sorted((at, at) for at in times)


def test_a_wait_that_was_cancelled_wakes_nobody_and_costs_no_time() -> None:
    async def main(timer: Timer) -> float:
        with trio.move_on_at(1.0):
            await timer.until(5.0)
        await timer.until(2.0)
        return trio.current_time()

    assert timed(main) == 2.0


@given(sent=st.lists(st.tuples(st.floats(0.0, 10.0), st.floats(0.0, 10.0)), max_size=6))
def test_a_reader_gets_every_letter_when_it_arrives_however_they_were_sent(sent: list[tuple[float, float]]) -> None:
    """(when it is sent, how long it is under way) of each letter."""

    async def main(timer: Timer) -> list[tuple[float, float]]:
        inbox, got = Inbox[float](timer), list[tuple[float, float]]()

        async def send(at: float, away: float) -> None:
            await timer.until(at)
            inbox.send(at + away, at + away)

        async with trio.open_nursery() as nursery:
            for at, away in sent:
                nursery.start_soon(send, at, away)
            while (letter := await inbox.receive(30.0)) is not None:
                got.append((letter, trio.current_time()))
        assert trio.current_time() == 30.0
        return got

    got = timed(main)
    assert [due for due, _ in got] == sorted(at + away for at, away in sent)
    assert all(due == at for due, at in got)


def test_where_nobody_waits_for_a_time_it_does_not_pass() -> None:
    timer = Timer()
    assert timer.idle
    assert timer.due == inf
    assert not timer.strike(1e9)
