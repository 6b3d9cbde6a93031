"""A reader's turn, taken in the step of whoever asks: the same answers in the same order, two passes of the loop earlier."""

from __future__ import annotations

import pytest
import trio
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.ask import Ask, Desk
from actors.kernel.errors import ActorDown
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.restarts import RestartRule
from actors.kernel.supervisor import Ready
from tests.kernel.virtual import live, schedules, supervised

LONG = 1_000.0


@define(eq=False)
class Adder:
    """Adds up facts and answers with the sum; dies of a negative fact and of a negative question."""

    mailbox: Mailbox[object] = field(factory=lambda: Mailbox("adder"))
    heard: list[object] = field(factory=list)
    sum: int = 0
    turns_elsewhere: int = 0

    async def run(self, ready: Ready) -> None:
        own, self.sum = trio.lowlevel.current_task(), 0

        def turn(letters: list[object]) -> None:
            self.turns_elsewhere += trio.lowlevel.current_task() is not own
            for letter in letters:
                self.take(letter)

        ready()
        while True:
            turn(await self.mailbox.read(turn=turn))

    def take(self, letter: object) -> None:
        self.heard.append(letter.question if isinstance(letter, Ask) else letter)
        match letter:
            case Ask(question=int(number)) | int(number) if number < 0:
                raise ValueError("drawn")
            case Ask() if letter.open:
                letter.reply(self.sum)
            case int(number):
                self.sum += number

    @property
    def desk(self) -> Desk[int, int]:
        return Desk("adder", 1, self.mailbox, LONG)


@given(schedule=schedules(), letters=st.lists(st.integers(0, 9) | st.just("ask"), max_size=20))
def test_a_question_is_answered_after_everything_told_before_it(schedule: object, letters: list[object]) -> None:
    adder = Adder()

    async def world() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(supervised(adder.run, mailbox=adder.mailbox).run)
            await trio.testing.wait_all_tasks_blocked()
            told = 0
            for letter in letters:
                if isinstance(letter, int):
                    adder.mailbox.tell(letter)
                    told += letter
                else:
                    assert await adder.desk.ask(0) == told
            nursery.cancel_scope.cancel()

    live(world)
    asks = letters.count("ask")
    assert adder.turns_elsewhere == asks


def test_a_question_to_a_waiting_reader_is_answered_without_a_pass_of_the_loop() -> None:
    adder = Adder()

    async def world() -> int:
        passes = 0

        async def count() -> None:
            nonlocal passes
            while True:
                await trio.lowlevel.checkpoint()
                passes += 1

        async with trio.open_nursery() as nursery:
            nursery.start_soon(supervised(adder.run, mailbox=adder.mailbox).run)
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(count)
            await trio.lowlevel.checkpoint()
            before = passes
            for _ in range(100):
                await adder.desk.ask(0)
            nursery.cancel_scope.cancel()
            return passes - before

    assert live(world) == 0


def test_a_turn_that_raises_kills_the_reader_and_fails_the_question() -> None:
    """Not the asker; the supervisor begins a new life, which hears that facts may be lost."""
    adder = Adder()

    async def world() -> int:
        async with trio.open_nursery() as nursery:
            child = supervised(adder.run, mailbox=adder.mailbox, rule=RestartRule(backoff=1.0, backoff_cap=1.0))
            nursery.start_soon(child.run)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(ActorDown, match="adder died: ValueError"):
                await adder.desk.ask(-1)
            with pytest.raises(ActorDown):
                await adder.desk.ask(1)
            await trio.sleep(3)
            adder.mailbox.tell(5)
            answer = await adder.desk.ask(0)
            nursery.cancel_scope.cancel()
            return answer

    assert live(world) == 5
    assert [letter for letter in adder.heard if isinstance(letter, Gap)] == [Gap("a former life may have lost facts")]


def test_a_fact_that_kills_the_reader_in_a_turn_fails_every_question_it_held() -> None:
    adder = Adder()

    async def world() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(supervised(adder.run, mailbox=adder.mailbox, rule=RestartRule(backoff=LONG)).run)
            await trio.testing.wait_all_tasks_blocked()
            adder.mailbox.tell(-1)
            with pytest.raises(ActorDown):
                await adder.desk.ask(3)
            assert trio.current_time() == 0.0
            nursery.cancel_scope.cancel()

    live(world)
    assert adder.heard == [-1]


def test_a_reader_that_is_being_cancelled_answers_nothing_more_once_it_is_gone() -> None:
    adder = Adder()

    async def world() -> None:
        adder.mailbox.renew()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(adder.run, lambda: None)
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        ask: Ask[int, int] = Ask(1)
        adder.mailbox.tell(ask)
        assert ask.open, "it waits for the next life"

    live(world)
    assert adder.heard == []


def test_a_crash_that_is_ordered_comes_before_the_answer() -> None:
    adder = Adder()

    async def world() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(supervised(adder.run, mailbox=adder.mailbox, rule=RestartRule(backoff=LONG)).run)
            await trio.testing.wait_all_tasks_blocked()
            adder.mailbox.crash("drill")
            with pytest.raises(ActorDown):
                await adder.desk.ask(0)
            nursery.cancel_scope.cancel()

    live(world)
    assert adder.heard == []
