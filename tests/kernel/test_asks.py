"""Questions: answered, refused at once by a death, or withdrawn; an answer is either taken or never given."""

from __future__ import annotations

import pytest
import trio
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st

from actors.kernel.ask import Ask, Desk, check_ranks
from actors.kernel.errors import ActorDown, RankViolation, TimedOut, Unanswered
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.restarts import RestartRule
from tests.kernel.virtual import live, schedules, supervised

DELAYS = st.integers(0, 8).map(lambda quarters: quarters / 4)
LONG = 1_000.0


def desk(mailbox: Mailbox[object], timeout: float = LONG) -> Desk[int, int]:
    return Desk("answerer", 1, mailbox, timeout)


@given(schedule=schedules(), asked=st.lists(DELAYS, min_size=1, max_size=12), dies_at=DELAYS)
@example(schedule=None, asked=[0.0, 0.25, 0.5, 1.0], dies_at=0.75)
def test_askers_of_a_dead_actor_are_told_at_once(schedule: object, asked: list[float], dies_at: float) -> None:
    """Those whose question it holds since many reads, those in its queue, and those who come later: 0 s each."""
    waited: list[float] = []

    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("answerer")

        async def run(ready: object) -> None:
            with trio.move_on_at(dies_at * 2 / 3):
                while True:
                    await mailbox.read()
            await trio.sleep_until(dies_at)
            raise ValueError("drawn")

        async def ask(at: float) -> None:
            await trio.sleep_until(at)
            with pytest.raises(ActorDown):
                await desk(mailbox).ask(0)
            waited.append(trio.current_time() - max(at, dies_at))

        async with trio.open_nursery() as nursery:
            child = supervised(run, mailbox=mailbox, rule=RestartRule(backoff=LONG, backoff_cap=LONG))
            nursery.start_soon(child.run)
            for at in asked:
                nursery.start_soon(ask, at)
            await trio.sleep(3)
            nursery.cancel_scope.cancel()

    live(world)
    assert waited == [0.0] * len(asked)


@given(schedule=schedules(), delays=st.lists(st.tuples(DELAYS, DELAYS), min_size=1, max_size=10))
@example(schedule=None, delays=[(1.0, 1.0)])
def test_a_late_grant_leaks_nothing(schedule: object, delays: list[tuple[float, float]]) -> None:
    """What was granted is exactly what was received, however the answer's instant and the timeout's fall."""
    granted: list[int] = []
    received: list[int] = []

    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("answerer")
        mailbox.renew()

        async def answer(ask: Ask[int, int], after: float) -> None:
            await trio.sleep(after)
            if ask.open:
                ask.reply(ask.question)
                granted.append(ask.question)

        async def serve(nursery: trio.Nursery) -> None:
            while True:
                for letter in await mailbox.read():
                    assert isinstance(letter, Ask)
                    nursery.start_soon(answer, letter, delays[letter.question][0])

        async def ask(number: int, patience: float) -> None:
            try:
                received.append(await desk(mailbox, patience).ask(number))
            except TimedOut:
                assert trio.current_time() == patience

        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve, nursery)
            async with trio.open_nursery() as askers:
                for number, (_, patience) in enumerate(delays):
                    askers.start_soon(ask, number, patience)
            await trio.sleep(5)
            nursery.cancel_scope.cancel()

    live(world)
    assert sorted(granted) == sorted(received)
    assert {n for n, (after, timeout) in enumerate(delays) if after < timeout} <= set(granted)
    assert not {n for n, (after, timeout) in enumerate(delays) if after > timeout} & set(granted)


def test_an_answer_given_in_the_instant_of_the_timeout_is_taken() -> None:
    """Both wake at second 1 and either may go first: whenever the answerer does, its answer must count."""

    async def world() -> bool:
        ask: Ask[int, int] = Ask(7)
        seen_open: list[bool] = []

        async def answer() -> None:
            await trio.sleep(1)
            seen_open.append(ask.open)
            if ask.open:
                ask.reply(8)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer)
            try:
                answered = await ask.answer(1) == 8
            except TimedOut:
                answered = False
        assert answered == seen_open[0]
        return answered

    assert {live(world) for _ in range(60)} == {True, False}


def test_a_question_that_timed_out_is_withdrawn_and_answering_it_is_a_bug() -> None:
    async def world() -> None:
        ask: Ask[int, int] = Ask(7)
        with pytest.raises(TimedOut, match=r"no answer within 0\.25 s"):
            await ask.answer(0.25)
        assert ask.withdrawn
        with pytest.raises(AssertionError):
            ask.reply(8)

    live(world)


def test_a_question_whose_asker_was_cancelled_is_withdrawn_too() -> None:
    async def world() -> None:
        ask: Ask[int, int] = Ask(7)
        with trio.move_on_after(1):
            await ask.answer(LONG)
        assert ask.withdrawn

    live(world)


def test_questions_dropped_by_an_overflow_fail_at_once() -> None:
    async def world() -> list[object]:
        mailbox: Mailbox[object] = Mailbox("answerer", 2)
        mailbox.renew()

        async def ask() -> None:
            with pytest.raises(ActorDown, match="overloaded"):
                await desk(mailbox).ask(1)
            assert trio.current_time() == 0.0

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            nursery.start_soon(ask)
            await trio.testing.wait_all_tasks_blocked()
            mailbox.tell("fact")
        return mailbox.read_nowait()

    assert live(world) == [Gap("2 facts were waiting"), "fact"]


def test_facts_told_to_a_dead_actor_wait_for_its_next_life_and_questions_do_not() -> None:
    mailbox: Mailbox[object] = Mailbox("answerer")
    asks: list[Ask[int, int]] = [Ask(1), Ask(2), Ask(3)]
    mailbox.tell(asks[0])
    mailbox.renew()
    mailbox.tell("before")
    mailbox.tell(asks[1])
    mailbox.close("drawn")
    mailbox.tell("after")
    mailbox.tell(asks[2])
    assert [ask.open for ask in asks] == [False] * 3
    assert mailbox.read_nowait() == ["before", "after"]


def test_both_ways_to_stay_without_an_answer_are_refusals() -> None:
    assert issubclass(TimedOut, Unanswered)
    assert issubclass(ActorDown, Unanswered)


@frozen
class Asker:
    desk: Desk[int, int]
    mailbox: Mailbox[object]


@given(own=st.integers(-2, 8), asked=st.integers(-2, 8))
def test_ranks_fall_strictly_along_every_ask(own: int, asked: int) -> None:
    asker = Asker(Desk("other", asked, Mailbox("other")), Mailbox("own"))
    if asked < own:
        check_ranks(asker, own)
    else:
        with pytest.raises(RankViolation, match=rf"Asker \(rank {own}\) may not ask other \(rank {asked}\)"):
            check_ranks(asker, own)


def test_questions_put_in_one_go_are_read_in_one_go_and_none_outlives_a_failure() -> None:
    async def world() -> None:
        mailbox: Mailbox[object] = Mailbox("answerer")
        held: list[Ask[int, int]] = []

        async def run(ready: object) -> None:
            first = [letter for letter in await mailbox.read() if isinstance(letter, Ask)]
            for ask in first:
                ask.reply(ask.question * 2)
            assert len(first) == 3
            held.extend(letter for letter in await mailbox.read() if isinstance(letter, Ask))
            held[0].reply(0)
            await trio.sleep_forever()

        async with trio.open_nursery() as nursery:
            child = supervised(run, mailbox=mailbox, rule=RestartRule(backoff=LONG, backoff_cap=LONG))
            nursery.start_soon(child.run)
            await trio.sleep(0.1)
            assert await desk(mailbox).ask_all([1, 2, 3]) == [2, 4, 6]
            with pytest.raises(TimedOut):
                await desk(mailbox, timeout=1.0).ask_all([4, 5, 6])
            assert [ask.open for ask in held] == [False] * 3, "a late answer would be given to nobody"
            nursery.cancel_scope.cancel()

    live(world)


async def test_a_desk_tells_how_long_its_answers_took(autojump_clock: object) -> None:
    took: list[float] = []
    mailbox: Mailbox[object] = Mailbox("answerer")
    slow: Desk[int, int] = Desk("answerer", 1, mailbox, LONG, took.append)

    async def answer() -> None:
        while True:
            asks = [ask for ask in await mailbox.read() if isinstance(ask, Ask)]
            await trio.sleep(0.5)
            for ask in asks:
                ask.reply(ask.question)

    mailbox.renew()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        assert await slow.ask(1) == 1
        assert await slow.ask_all([2, 3]) == [2, 3]
        nursery.cancel_scope.cancel()
    assert took == [0.5, 0.5], "those put in one go are one question"
