"""States: only the last one put is heard, again after every restart, until it is forgotten or no longer valid."""

from __future__ import annotations

from math import inf

import trio
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.mailbox import Gap, Mailbox
from tests.kernel.virtual import live, schedules

SUBJECTS = ("a", "b")


@frozen
class Weather:
    """A state about a subject; `valid_until` is what the mailbox looks at."""

    subject: str
    number: int
    valid_until: float = inf


@frozen
class Tide:
    """Another kind of state, about the same subjects, that never expires."""

    subject: str
    number: int


@frozen
class Put:
    kind: type
    subject: str
    lasts: float
    wakes: bool


@frozen
class Forget:
    subject: str


@frozen
class Wait:
    seconds: float


READ, RENEW = "read", "renew"
PUTS = st.builds(
    Put,
    st.sampled_from([Weather, Tide]),
    st.sampled_from(SUBJECTS),
    st.sampled_from([0.0, 1.0, 5.0, inf]),
    st.booleans(),
)
STEPS = st.lists(
    st.one_of(
        PUTS,
        PUTS,
        st.sampled_from(SUBJECTS).map(Forget),
        st.sampled_from([0.5, 1.0, 3.0]).map(Wait),
        st.sampled_from([READ, READ, RENEW]),
    ),
    max_size=30,
)
Slot = tuple[type, str]
Read = tuple[list[object], list[object]]


def state(put: Put, number: int, now: float) -> Weather | Tide:
    return Weather(put.subject, number, now + put.lasts) if put.kind is Weather else Tide(put.subject, number)


def valid(states: dict[Slot, Weather | Tide], now: float) -> list[object]:
    return [s for s in states.values() if getattr(s, "valid_until", inf) >= now]


async def heard_over(steps: list[object]) -> list[Read]:
    """Every read beside what should have been heard, by the plainest possible model: two dicts."""
    mailbox: Mailbox[object] = Mailbox("actor")
    mailbox.renew()
    last: dict[Slot, Weather | Tide] = {}
    unread: dict[Slot, Weather | Tide] = {}
    reads: list[Read] = []
    for number, step in enumerate([*steps, READ]):
        now = trio.current_time()
        match step:
            case Put():
                slot = (step.kind, step.subject)
                last[slot] = unread[slot] = state(step, number, now)
                (mailbox.put if step.wakes else mailbox.lay)(last[slot], about=step.subject)
            case Forget():
                last = {slot: s for slot, s in last.items() if slot[1] != step.subject}
                unread = {slot: s for slot, s in unread.items() if slot[1] != step.subject}
                mailbox.forget(step.subject)
            case Wait():
                await trio.sleep(step.seconds)
            case "renew":
                mailbox.close("drawn")
                mailbox.renew()
                unread = dict(last)
            case _:
                letters = await mailbox.read(until=now)
                reads.append(([s for s in letters if not isinstance(s, Gap)], valid(unread, now)))
                unread = {}
    return reads


@given(STEPS)
def test_each_read_hears_the_last_valid_state_of_every_subject_once(steps: list[object]) -> None:
    """Also after `renew`, never after `forget`, never past `valid_until`."""
    for heard, expected in live(lambda: heard_over(steps)):
        assert sorted(heard, key=repr) == sorted(expected, key=repr)


def test_a_state_that_replaces_an_unread_one_does_not_wake_its_reader_twice() -> None:
    async def world() -> list[list[object]]:
        mailbox: Mailbox[object] = Mailbox("actor")
        reads: list[list[object]] = []

        async def listen() -> None:
            while True:
                reads.append(await mailbox.read())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            await trio.testing.wait_all_tasks_blocked()
            for number in range(100):
                mailbox.put(number)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        return reads

    assert live(world) == [[99]]


def test_a_state_that_is_laid_waits_for_whatever_wakes_the_reader() -> None:
    async def world() -> list[tuple[float, list[object]]]:
        mailbox: Mailbox[object] = Mailbox("actor")
        reads: list[tuple[float, list[object]]] = []

        async def listen() -> None:
            for until in (2.0, inf):
                letters = await mailbox.read(until=until)
                reads.append((trio.current_time(), letters))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            for second in (1.0, 3.0):
                await trio.sleep_until(second)
                mailbox.lay(second)
            await trio.sleep_until(4.0)
            mailbox.tell("fact")
        return reads

    assert live(world) == [(2.0, [1.0]), (4.0, ["fact", 3.0])]


def test_facts_come_before_states_so_that_what_happened_is_known_before_what_is() -> None:
    mailbox: Mailbox[object] = Mailbox("actor")
    mailbox.put(1.5)
    mailbox.tell("fact")
    assert mailbox.read_nowait() == ["fact", 1.5]


@given(schedule=schedules(), pauses=st.lists(st.sampled_from([0.0, 0.0, 1.0]), min_size=1, max_size=30))
def test_however_slow_the_reader_it_ends_with_the_last_state(schedule: object, pauses: list[float]) -> None:
    heard: list[object] = []

    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("actor")

        async def listen() -> None:
            while True:
                heard.extend(await mailbox.read())
                await trio.sleep(1.5)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            for number, pause in enumerate(pauses):
                mailbox.put(number)
                await trio.sleep(pause)
            await trio.sleep(10)
            nursery.cancel_scope.cancel()

    live(world)
    assert heard[-1] == len(pauses) - 1
    assert heard == sorted(set(heard), key=heard.index)
