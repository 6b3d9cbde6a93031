"""Facts: in order, and never lost without a gap, whatever is told, read, crashed or restarted in between."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.errors import Drilled
from actors.kernel.mailbox import Gap, Mailbox
from tests.kernel.virtual import live, schedules, supervised


@frozen
class Tell:
    count: int


READ, DIE, DIE_UNREAD = "read", "die with what was read", "die and stay away"
STEPS = st.lists(st.one_of(st.integers(1, 6).map(Tell), st.sampled_from([READ, READ, DIE, DIE_UNREAD])), max_size=40)
Heard = list[list[object]]


async def heard_over(steps: list[object], bound: int) -> Heard:
    """What each life of an actor heard of numbered facts; the last life reads to the end."""
    mailbox: Mailbox[object] = Mailbox("actor", bound)
    mailbox.renew()
    lives: Heard = [[]]
    number, down = 0, False
    for step in [*steps, DIE, READ]:
        if isinstance(step, Tell):
            for _ in range(step.count):
                number += 1
                mailbox.tell(number)
            continue
        if down or step == DIE:
            mailbox.close("drawn")
            mailbox.renew()
            lives.append([])
            down = False
        if step == READ:
            lives[-1] += await mailbox.read(until=trio.current_time())
        if step == DIE_UNREAD:
            mailbox.close("drawn")
            down = True
    return lives


def told(steps: list[object]) -> int:
    return sum(step.count for step in steps if isinstance(step, Tell))


@given(STEPS, st.integers(1, 8))
def test_no_fact_is_lost_without_a_gap(steps: list[object], bound: int) -> None:
    expected, gap = 1, False
    letters = [letter for life in live(lambda: heard_over(steps, bound)) for letter in life]
    for letter in [*letters, told(steps) + 1]:  # the last number stands for the end
        if isinstance(letter, Gap):
            gap = True
            continue
        assert isinstance(letter, int)
        assert letter == expected or gap, f"{expected} to {letter - 1} vanished"
        expected, gap = letter + 1, False


@given(STEPS, st.integers(1, 8))
def test_whatever_a_dead_actor_had_in_hand_the_next_life_starts_with_a_gap(steps: list[object], bound: int) -> None:
    _, *later = live(lambda: heard_over(steps, bound))
    assert all(isinstance(letter, Gap) for life in later for letter in life[:1])


@given(STEPS, st.integers(1, 8))
def test_facts_keep_their_order_and_none_is_told_twice(steps: list[object], bound: int) -> None:
    heard = [letter for life in live(lambda: heard_over(steps, bound)) for letter in life if isinstance(letter, int)]
    assert all(earlier < later for earlier, later in pairwise(heard))


@given(STEPS)
def test_without_overflow_and_crashes_nothing_is_missing_and_nothing_is_in_doubt(steps: list[object]) -> None:
    peaceful = [step for step in steps if step not in (DIE, DIE_UNREAD)]
    lives = live(lambda: heard_over(peaceful, 1_000))
    assert [letter for life in lives for letter in life if isinstance(letter, int)] == list(range(1, told(steps) + 1))
    assert not any(isinstance(letter, Gap) for letter in lives[0])


@given(
    schedule=schedules(),
    pauses=st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0]), max_size=20),
    patience=st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=20),
)
def test_a_reader_that_is_cancelled_while_waiting_has_taken_nothing(
    schedule: object, pauses: list[float], patience: list[float]
) -> None:
    heard: list[object] = []

    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("actor")
        mailbox.renew()

        async def talk() -> None:
            for number, pause in enumerate(pauses):
                await trio.sleep(pause)
                mailbox.tell(number)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(talk)
            for limit in patience:
                with trio.move_on_after(limit):
                    heard.extend(await mailbox.read())
        heard.extend(mailbox.read_nowait())

    live(world)
    assert heard == list(range(len(pauses)))


@given(schedule=schedules(), until=st.integers(0, 6), told_at=st.integers(0, 6))
def test_a_read_ends_at_its_time_or_with_the_first_letter(schedule: object, until: int, told_at: int) -> None:
    async def world() -> tuple[float, list[object]]:
        mailbox: Mailbox[object] = Mailbox("actor")
        async with trio.open_nursery() as nursery:

            async def talk() -> None:
                await trio.sleep(told_at)
                mailbox.tell("fact")

            nursery.start_soon(talk)
            heard = await mailbox.read(until=trio.current_time() + until)
            at = trio.current_time()
        return at, heard

    at, heard = live(world)
    assert at == min(until, told_at)
    if told_at != until:
        assert heard == (["fact"] if told_at < until else [])


def test_a_full_mailbox_drops_its_content_keeps_the_newest_and_says_so() -> None:
    mailbox: Mailbox[object] = Mailbox("actor", 3)
    for number in range(5):
        mailbox.tell(number)
    assert mailbox.read_nowait() == [Gap("3 facts were waiting"), 3, 4]


@given(schedule=schedules(), burst=st.integers(1, 5_000))
def test_an_actor_that_stops_reading_delays_no_sender_and_no_other_reader(schedule: object, burst: int) -> None:
    heard: list[object] = []

    async def world() -> float:
        stuck: Mailbox[object] = Mailbox("stuck", 16)
        other: Mailbox[object] = Mailbox("other")

        async def stop_reading() -> None:
            await stuck.read()
            await trio.sleep_forever()

        async def listen() -> None:
            while True:
                heard.extend(await other.read())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(stop_reading)
            nursery.start_soon(listen)
            for number in range(burst):
                stuck.tell(number)
                stuck.put(number)
                other.tell(number)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        return trio.current_time()

    assert live(world) == 0.0
    assert heard[-1] == burst - 1
    assert heard == list(range(min(burst, 4096))) or isinstance(heard[0], Gap)


@given(schedule=schedules(), doses=st.integers(1, 4), pauses=st.lists(st.sampled_from([0.0, 0.1, 3.0]), max_size=12))
def test_a_drill_crashes_as_many_lives_as_asked_and_loses_no_fact(
    schedule: object, doses: int, pauses: list[float]
) -> None:
    ends: list[str] = []
    heard: list[object] = []

    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("actor")

        async def run(ready: object) -> None:
            while True:
                heard.extend(await mailbox.read())

        child = supervised(run, mailbox=mailbox, on_down=ends.append)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child.run)
            await trio.testing.wait_all_tasks_blocked()
            mailbox.crash("drill", doses)
            for number, pause in enumerate(pauses):
                mailbox.tell(number)
                await trio.sleep(pause)
            await trio.sleep(60)
            await child.stop()

    live(world)
    assert ends == ["Drilled: drill"] * doses + ["stopped"]
    assert [letter for letter in heard if not isinstance(letter, Gap)] == list(range(len(pauses)))


def test_a_drill_strikes_between_letters_never_in_the_middle_of_one() -> None:
    async def world() -> list[object]:
        mailbox: Mailbox[object] = Mailbox("actor")
        mailbox.renew()
        mailbox.tell("fact")
        mailbox.crash("drill")
        with pytest.raises(Drilled, match="drill"):
            await mailbox.read()
        return await mailbox.read()

    assert live(world) == ["fact"]
