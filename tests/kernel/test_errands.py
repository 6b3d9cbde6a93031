"""Errands outlive the actor that started them, and their failure becomes a fact in its mailbox."""

from __future__ import annotations

import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.errands import ErrandFailed, Errands
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Ready
from tests.kernel.virtual import live, schedules, supervised

SECONDS = st.integers(0, 6)


@given(schedule=schedules(), lasts=st.lists(SECONDS, min_size=1, max_size=6), dies_at=SECONDS, crashes=st.booleans())
def test_an_errand_outlives_the_actor_that_started_it(
    schedule: object, lasts: list[int], dies_at: int, crashes: bool
) -> None:
    done: list[float] = []

    async def errand(seconds: int) -> None:
        await trio.sleep(seconds)
        done.append(trio.current_time())

    async def world() -> None:
        async with trio.open_nursery() as services:
            errands = Errands(services, Mailbox("actor"))

            async def run(ready: Ready) -> None:
                ready()
                for seconds in lasts:
                    errands.start(errand, seconds)
                await trio.sleep(dies_at if crashes else 100)
                raise ValueError("drawn")

            child = supervised(run, rule=RestartRule(backoff=100, backoff_cap=100))
            await services.start(child.run)
            await trio.sleep(dies_at)
            await child.stop()

    live(world)
    assert done == sorted(lasts)


@given(schedule=schedules(), fails=st.lists(st.booleans(), min_size=1, max_size=8), nested=st.booleans())
def test_a_failed_errand_becomes_a_fact_and_takes_no_sibling_along(
    schedule: object, fails: list[bool], nested: bool
) -> None:
    done: list[int] = []

    async def fetch(number: int) -> None:
        await trio.sleep(1)
        if fails[number] and nested:
            async with trio.open_nursery():
                raise ValueError(f"errand {number}")
        if fails[number]:
            raise ValueError(f"errand {number}")
        await trio.sleep(number)
        done.append(number)

    async def world() -> list[object]:
        mailbox: Mailbox[object] = Mailbox("actor")
        async with trio.open_nursery() as services:
            errands = Errands(services, mailbox)
            for number in range(len(fails)):
                errands.start(fetch, number)
        return mailbox.read_nowait()

    heard = live(world)
    assert done == [n for n, failed in enumerate(fails) if not failed]
    assert sorted(heard, key=repr) == [
        ErrandFailed("fetch", f"ValueError: errand {n}") for n, failed in enumerate(fails) if failed
    ]


def test_the_failure_of_an_errand_waits_for_the_next_life_of_its_actor() -> None:
    async def fail() -> None:
        await trio.sleep(1)
        raise ValueError("late")

    async def world() -> list[object]:
        mailbox: Mailbox[object] = Mailbox("actor")
        mailbox.renew()
        async with trio.open_nursery() as services:
            Errands(services, mailbox).start(fail)
            mailbox.close("drawn")
        mailbox.renew()
        return mailbox.read_nowait()

    gap, failure = live(world)
    assert isinstance(gap, Gap)
    assert failure == ErrandFailed("fail", "ValueError: late")
