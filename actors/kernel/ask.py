"""A question that carries its own reply slot, and the desk it is asked at.

Only permission is asked for, only downward in rank, and always with a deadline: no answer means no (architecture.md §1).
An `Ask` is a fact in the answerer's one mailbox. The answerer replies in the same step in which it looks whether the
question still stands, so an answer is either taken or never given: a late grant cannot leak.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import trio
from attrs import define, field, frozen

from actors.kernel.errors import ActorDown, RankViolation, TimedOut

if TYPE_CHECKING:
    from actors.kernel.mailbox import Mailbox

Q = TypeVar("Q")
A = TypeVar("A")


@define(eq=False)
class Ask(Generic[Q, A]):
    """One question in flight. `withdrawn` once the asker has given up: skip it, grant nothing."""

    question: Q
    withdrawn: bool = False
    _answers: list[A] = field(factory=list)
    _failure: str | None = None
    _settled: trio.Event = field(factory=trio.Event, repr=False)

    @property
    def open(self) -> bool:
        """Whether an answer would still be taken."""
        return not (self.withdrawn or self._settled.is_set())

    def reply(self, answer: A) -> None:
        """Answer, once. Replying to a withdrawn question is a bug: look at `open` in the same step."""
        assert self.open, "a withdrawn or settled question was answered"
        self._answers.append(answer)
        self._settled.set()

    def fail(self, why: str) -> None:
        """Tell the asker at once that no answer will come."""
        if self.open:
            self._failure = why
            self._settled.set()

    async def answer(self, within: float) -> A:
        """Wait for the answer. Raises TimedOut (the question is then withdrawn) or ActorDown."""
        if not self._settled.is_set():
            try:
                with trio.move_on_after(within):
                    await self._settled.wait()
            finally:
                self.withdrawn = not self._settled.is_set()
        if self._answers:
            return self._answers[0]
        if self._failure is not None:
            raise ActorDown(self._failure)
        raise TimedOut(f"no answer within {within:g} s")


def _nobody(_: float) -> None:
    return None


@frozen
class Desk(Generic[Q, A]):
    """Where questions of one kind are asked: the answerer's mailbox, its rank, and how long an asker waits.

    `took` hears how many seconds a question, or those put in one go, waited for the answer.
    """

    name: str
    rank: int
    mailbox: Mailbox[object] = field(repr=False)
    timeout: float = 0.25
    took: Callable[[float], None] = field(default=_nobody, repr=False)

    async def ask(self, question: Q) -> A:
        """Put one question. Raises TimedOut or ActorDown, both `Unanswered`: treat either as a refusal."""
        ask: Ask[Q, A] = Ask(question)  # calling `Ask[Q, A]` takes three times as long
        asked_at = trio.current_time()
        self.mailbox.tell(ask)
        answer = await ask.answer(self.timeout)
        self.took(trio.current_time() - asked_at)
        return answer

    async def ask_all(self, questions: Sequence[Q]) -> list[A]:
        """Put questions in one go, so that they can be answered together. Raises as `ask` does, for any of them."""
        asks: list[Ask[Q, A]] = [Ask(question) for question in questions]
        asked_at = trio.current_time()
        for ask in asks:
            self.mailbox.tell(ask)
        try:
            answers = [await ask.answer(self.timeout) for ask in asks]
            self.took(trio.current_time() - asked_at)
            return answers
        finally:
            for ask in asks:  # after the first failure nobody waits for the others
                ask.withdrawn = True


def check_ranks(actor: object, rank: int) -> None:
    """Raise RankViolation if any desk the actor holds is not strictly below its own rank."""
    for attribute in getattr(type(actor), "__attrs_attrs__", ()):
        desk = getattr(actor, attribute.name)
        if isinstance(desk, Desk) and desk.rank >= rank:
            raise RankViolation(f"{type(actor).__name__} (rank {rank}) may not ask {desk.name} (rank {desk.rank})")
