"""The universe actor: which markets the run has. Rolls series on, chooses anew now and then, obeys `markets on` and `off`.

It never trades and asks nobody: the gateway reads for it, the forest plants and uproots. What it knows stands in the roll,
so a new life goes on where the last one ended. A list or a description that could not be read changes nothing.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.ask import Ask
from actors.kernel.errands import ErrandFailed
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.model.outcome import Unread
from actors.shared.choosing import Choice
from actors.shared.rolling import Rolling
from actors.shared.seating import Seating
from actors.shared.survey import Describe, Described, Looked
from actors.shared.switching import Switch, Switched, Switching

_TEND_EVERY = 1.0  # s between looks at markets that are being left, at windows and at the money
_ASK_AGAIN = 5.0  # s after which a name is asked for again: a window may be listed late
_LOOK_AGAIN = 60.0  # s after a list that could not be read


class Unforeseen(Exception):
    """A read ended in a way its code did not foresee; markets stay as they are."""


@define(eq=False)
class _Work:
    """One life's: when the list is read again, when a name may be asked for again, and who waits for it."""

    look_at: float
    asked: dict[str, float] = field(factory=dict)
    waiting: dict[str, list[Ask[Switch, Switched]]] = field(factory=dict)


@frozen
class Universe:
    """Of what the configuration names nothing is ever dropped."""

    rank: ClassVar[int] = 4
    mailbox: Mailbox[object]
    gateway: Mailbox[object]
    seating: Seating
    rolling: Rolling
    switching: Switching

    async def run(self, ready: Ready) -> None:
        work = _Work(trio.current_time() + self._every)
        ready()
        while True:
            letters = await self.mailbox.read(until=self._next_look(work))
            if self.seating.roll.frozen:
                await trio.sleep_forever()
            for letter in letters:
                self._take(letter, work)
            self._tend(work, trio.current_time())

    @property
    def _every(self) -> float:
        wanted = self.seating.tuning.settings.discover
        return wanted.every if wanted.every and wanted.max_markets else inf

    def _next_look(self, work: _Work) -> float:
        roll = self.seating.roll
        busy = roll.seats or roll.series or any(tenure.leaving for tenure in roll.tenures.values())
        return min(work.look_at, trio.current_time() + _TEND_EVERY if busy else inf)

    def _take(self, letter: object, work: _Work) -> None:
        match letter:
            case Ask(question=Switch() as switch) if letter.open:
                self._switch(switch, letter, work)
            case Looked(choice=Choice() as choice, markets=markets):
                logger.debug("{}", choice.text())
                self.seating.choose(choice, markets)
            case Looked(choice=Unread() as unread):
                logger.warning("markets stay as they are: {}", unread.why)
                work.look_at = min(work.look_at, trio.current_time() + _LOOK_AGAIN)
            case Described():
                self._described(letter, work)
            case ErrandFailed():
                raise Unforeseen(f"{letter.name}: {letter.why}")

    def _tend(self, work: _Work, now: float) -> None:
        roll, woods = self.seating.roll, self.seating.woods
        for slug in [slug for slug, tenure in roll.tenures.items() if tenure.leaving]:
            if woods.empty(slug):
                logger.info("{}: nothing of ours is left there, and so it goes", slug)
                woods.uproot(slug)
        for slug in self.rolling.tend():
            self._ask(slug, work, now)
        if now >= work.look_at:
            work.look_at = now + self._every
            self.gateway.tell(self.seating.look())
        self.seating.tend()

    def _ask(self, name: str, work: _Work, now: float) -> None:
        if now >= work.asked.get(name, -inf):
            work.asked = {known: until for known, until in work.asked.items() if until > now}
            work.asked[name] = now + _ASK_AGAIN
            self.gateway.tell(Describe(name))

    def _described(self, letter: Described, work: _Work) -> None:
        asks = [ask for ask in work.waiting.pop(letter.name, ()) if ask.open]
        if asks:
            answer = self.switching.started(letter)
            for ask in asks:
                ask.reply(answer)
        elif self.rolling.is_window(letter.name):
            self.rolling.open(letter)

    def _switch(self, switch: Switch, ask: Ask[Switch, Switched], work: _Work) -> None:
        answer = self.switching.on(switch.name) if switch.on else self.switching.off(switch.name)
        if answer is not None:
            ask.reply(answer)
            return
        work.waiting.setdefault(switch.name, []).append(ask)
        self._ask(switch.name, work, trio.current_time())
