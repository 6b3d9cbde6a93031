"""The one mailbox of an actor: facts travel a bounded memory channel in order, states replace their unread predecessor.

trio cannot wait for a channel and a slot at once, so the reader parks itself and either lane wakes it: one reader, one
wake-up, no exception on the empty path (a state hop costs less than a channel hop). Mailboxes are made by the wiring
and outlive the actors that read them; no sender ever waits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from math import inf
from typing import Any, Generic, TypeVar

import trio
from attrs import define, field, frozen

from actors.kernel.alarm import alarm
from actors.kernel.ask import Ask
from actors.kernel.errors import Drilled

M = TypeVar("M")
K = TypeVar("K", bound=Hashable)
_PARKED_FOR_EVER = inf


@frozen
class Gap:
    """Facts were lost before what follows: reconcile before anything else. `why` is for the log."""

    why: str


def tell(boxes: Mapping[K, Mailbox[object]], name: K, fact: object) -> None:
    """Tell whoever has this name; nobody, if nobody has it any more."""
    if (box := boxes.get(name)) is not None:
        box.tell(fact)


@define(eq=False)
class Mailbox(Generic[M]):
    """One actor's inbox. `bound` is how many facts may wait before they are dropped and a `Gap` is set."""

    name: str
    bound: int = 4096
    _send: trio.MemorySendChannel[M] = field(init=False, repr=False)
    _receive: trio.MemoryReceiveChannel[M] = field(init=False, repr=False)
    _waiting: int = field(init=False, default=0)
    _states: dict[Hashable, M] = field(factory=dict, repr=False)
    _unread: dict[Hashable, M] = field(factory=dict, repr=False)
    _gap: str | None = None
    _reader: trio.lowlevel.Task | None = field(default=None, repr=False)
    _due: float = inf
    _set: float = inf
    _held: list[Ask[object, object]] = field(factory=list, repr=False)
    _poison: str = ""
    _doses: int = 0
    _turn: Callable[[list[Any]], None] | None = field(default=None, repr=False)
    _broken: Exception | None = field(default=None, repr=False)
    _open: bool = False
    _lives: int = 0

    def __attrs_post_init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel(self.bound)

    # ── senders ───────────────────────────────────────────────────────────────────────────────────────────────────

    def tell(self, fact: M) -> None:
        """Queue a fact. Never waits; a full queue drops its content and the reader finds a `Gap` instead.

        A question told to an actor that is not running fails at once; one that finds it idle may be answered at once.
        """
        if isinstance(fact, Ask):
            if not self._open:
                fact.fail(f"{self.name} is down")
                return
            if self._answered(fact):
                return
        try:
            self._send.send_nowait(fact)
        except trio.WouldBlock:
            self._drop_facts(f"{self.bound} facts were waiting")
            self._send.send_nowait(fact)
        self._waiting += 1
        self._wake()

    def put(self, state: M, about: Hashable = None) -> None:
        """Replace the state of this type (and subject, e.g. a market). Only the newest is ever read."""
        self.lay(state, about)
        self._wake()

    def lay(self, state: M, about: Hashable = None) -> None:
        """As `put`, for the reader to find when something else wakes it: what changes nothing that it would do now."""
        slot = (type(state), about)
        self._states[slot] = self._unread[slot] = state

    def forget(self, about: Hashable) -> None:
        """Drop every state about a subject that no longer exists, read or not."""
        for slot in [s for s in self._states if isinstance(s, tuple) and s[1] == about]:
            del self._states[slot]
            self._unread.pop(slot, None)

    # ── the reader ────────────────────────────────────────────────────────────────────────────────────────────────

    async def read(
        self, until: float = _PARKED_FOR_EVER, turn: Callable[[list[M | Gap]], None] | None = None
    ) -> list[M | Gap]:
        """Everything that waits: a `Gap` if there was one, facts in order, then unread states. Empty at `until`.

        `until` is a trio time. Cancelled while waiting, it has taken nothing. States past their own `valid_until` are
        dropped. Whatever one `read` returned is in the actor's hands: if it dies, the next life starts with a `Gap`.

        A reader that gives its `turn`, what it does with letters, has it taken in the step of whoever asks it something
        meanwhile, as if its turn had come there and then: permission to place an order shall not take two passes of a busy
        loop. It then wakes up to nothing; what its turn raises there, it dies of here.
        """
        self._turn = turn
        try:
            if self._idle(until):
                await trio.lowlevel.wait_task_rescheduled(self._unpark)
            else:
                await trio.lowlevel.checkpoint()
        finally:
            self._turn, self._due = None, inf
        if self._doses:
            self._doses -= 1
            raise Drilled(self._poison)
        if (broken := self._broken) is not None:
            self._broken = None
            raise broken
        return self._take()

    def _answered(self, ask: Ask[Any, Any]) -> bool:
        """In the reader's turn, if it waits and lets others take it. Nothing comes before its death, or a gap."""
        if self._turn is None or self._gap is not None or self._doses or self._broken is not None:
            return False
        turn, self._turn = self._turn, None
        try:
            turn([*self._take(), ask])
        except Exception as problem:  # noqa: BLE001 - the reader's error, for its supervisor to judge
            self._broken = problem
            ask.fail(f"{self.name} died: {type(problem).__name__}")
            self._wake()
        else:
            self._turn = turn
        return True

    def _idle(self, until: float) -> bool:
        """Whether there is something to wait for; then the reader is parked, and woken at `until` if nothing comes."""
        if self._unread or self._waiting or self._gap or self._doses:
            return False
        if until < inf:
            if until <= trio.current_time():
                return False
            self._due = until
            if until < self._set:
                self._set = until
                alarm().set(until, self)
        assert self._reader is None, f"two readers of {self.name}"
        self._reader = trio.lowlevel.current_task()
        return True

    def read_nowait(self) -> list[M | Gap]:
        """What waits right now, possibly nothing."""
        return self._take()

    def _unpark(self, _: object) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED

    def ring(self, at: float, now: float) -> float:
        """The alarm's call at the time it was set to: wakes a reader whose time has come (0), else says when to call again."""
        if at != self._set:
            return inf
        self._set = inf
        if self._reader is None:
            return inf
        if self._due > now:
            self._set = self._due
            return self._due
        self._wake()
        return 0.0

    def _take(self) -> list[M | Gap]:
        if self._gap is None and not self._waiting:
            return self._news() if self._unread else []
        letters: list[M | Gap] = []
        if self._gap is not None:
            letters.append(Gap(self._gap))
            self._gap = None
        if self._waiting:
            facts = self._facts()
            self._held = [ask for ask in (*self._held, *facts) if isinstance(ask, Ask) and ask.open]
            letters += facts
        if self._unread:
            letters += self._news()
        return letters

    def _facts(self) -> list[M]:
        waiting, self._waiting = self._waiting, 0
        return [self._receive.receive_nowait() for _ in range(waiting)]

    def _news(self) -> list[M | Gap]:
        unread, self._unread = self._unread, {}
        for state in unread.values():
            if getattr(state, "valid_until", inf) != inf:
                now = trio.current_time()
                return [state for state in unread.values() if getattr(state, "valid_until", inf) >= now]
        return list(unread.values())

    def _wake(self) -> None:
        if (reader := self._reader) is not None:
            self._reader = None
            trio.lowlevel.reschedule(reader)

    # ── the supervisor ────────────────────────────────────────────────────────────────────────────────────────────

    def renew(self) -> None:
        """Open for a new life: it hears the last states again, keeps waiting facts, and a `Gap` if one died before it."""
        if self._lives:
            self._gap = self._gap or "a former life may have lost facts"
        self._lives += 1
        self._open, self._broken = True, None
        self._unread = dict(self._states)

    def close(self, why: str) -> None:
        """The reader has died: every question it holds or has waiting fails at once, later ones too; facts stay."""
        self._open = False
        for ask in self._held:
            ask.fail(f"{self.name} died: {why}")
        self._held = []
        waiting = self._facts() if self._waiting else []
        for fact in waiting:
            if isinstance(fact, Ask):
                fact.fail(f"{self.name} died: {why}")
            else:
                self._send.send_nowait(fact)
                self._waiting += 1

    def crash(self, why: str, times: int = 1) -> None:
        """Make the next `times` reads raise `Drilled`, one a life (crash drills)."""
        self._poison, self._doses = why, times
        self._wake()

    def _drop_facts(self, why: str) -> None:
        for fact in self._facts():
            if isinstance(fact, Ask):
                fact.fail(f"{self.name} is overloaded")
        self._gap = self._gap or why
