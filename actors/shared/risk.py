"""The risk actor: verdicts on orders, the standing of every market (running, paused, …, safe), the day's loss. Does no I/O.

What must outlive the process goes to the journal as states, which its every life writes again until they are durable.
A standing counts in memory first and is recorded after, in both directions:
- A kill stops orders in the step in which it is heard. The command may die unheard, with a life that another letter of
  its batch ended or with a full queue; so whoever waits for it brings it along with the question, which cannot be
  answered without it. What a crash before the record (some ms) can lose is a kill that nobody was told of: the command
  is answered after the commit, and the loss that kills is read again from the venue's trades by the next life, against
  a day's start that is on the disk already.
- A resume after a kill that is lost in the same way leaves the next start SAFE and is to be given again. The other order
  would let a start trade by a resume that nobody has seen at work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

import trio
from attrs import define, evolve, field, frozen
from loguru import logger

from actors.kernel.ask import Ask
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.messages import Inventory
from actors.model.day import Day, utc_text
from actors.model.limits import Caps, Exposure, judge
from actors.model.numbers import Cash
from actors.model.quote import Quote
from actors.model.trading import ALL, Order, Standing, Trading, after, restored
from actors.ports import Memory, Note, WallClock
from actors.shared.admission import Standings
from actors.shared.board import Board
from actors.shared.losses import Losses

_LOOK_EVERY = 1.0  # s between looks at the day's loss


@frozen
class Verdict:
    """May this order be placed, as far as caps go? Answered with None or the refusal."""

    market: str
    quote: Quote
    exposure: Exposure


@frozen
class Command:
    """A person or the shutdown orders a change of standing (fact); `market` None means all of them."""

    order: Order
    market: str | None = None
    why: str = ""


@frozen
class Heeded:
    """Asked after a command: answered with None once it has been obeyed and its record is on the way to the journal.

    `again` is that command once more, if to obey it twice only stops what it has stopped. Without it (a resume) the answer
    does not prove that the command was heard: lost, it leaves the market stopped.
    """

    again: Command | None = None


@define(eq=False)
class _Held:
    """What one life knows; `standings` also of markets that are not traded now, and of all as a whole."""

    standings: dict[str, Standing]
    losses: Losses
    look_at: float


@frozen
class Risk:
    """Judges orders against the caps, moves markets between trading states, and kills when a day has lost too much.

    `audience` are the mailboxes to which every standing goes, per market; `initial` is the standing of a market of which
    `memory` says nothing. `killed` is called when the loss limit kills, not when a person does.
    """

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    caps: Caps
    initial: Trading
    audience: Mapping[str, tuple[Mailbox[object], ...]]
    standings: Standings
    memory: Memory
    journal: Mailbox[object]
    board: Board
    wall: WallClock
    max_daily_loss: Cash | None = None
    killed: Callable[[], None] = field(default=lambda: None)

    async def run(self, ready: Ready) -> None:
        """A life begins where the last one stood; the first where the last run did. Only then may an order leave."""
        letters = self.mailbox.read_nowait()
        held = self._begin([letter for letter in letters if isinstance(letter, Standing)])
        for letter in letters:  # commands told while this actor was down come on top of where it stood
            self._take(letter, held)
        for standing in held.standings.values():
            self._announce(standing)
        self._look(held)
        ready()
        try:
            while True:
                for letter in await self.mailbox.read(until=held.look_at):
                    self._take(letter, held)
                if trio.current_time() >= held.look_at:
                    self._look(held)
        finally:
            held.losses.keep()

    def _begin(self, own: list[Standing]) -> _Held:
        """Restore. A former life left every standing that it changed in the mailbox, for this one alone to read."""
        memory = self.memory
        names = {ALL, *memory.standings, *self.audience}
        standings = {name: restored(name, self.initial, memory.standings) for name in sorted(names)}
        if not own:
            _tell_restored([standings[name] for name in self.audience if standings[name].since])
        losses = Losses(
            limit=self.max_daily_loss,
            markets=frozenset(self.audience),
            board=self.board,
            journal=self.journal,
            wall=self.wall,
            day=self.board.last(Day) or memory.day,
        )
        return _Held(standings | {standing.market: standing for standing in own}, losses, trio.current_time())

    def _take(self, letter: object, held: _Held) -> None:
        match letter:
            case Ask(question=Verdict() as asked) if letter.open:
                letter.reply(judge(asked.quote, asked.exposure, self.caps))
            case Ask(question=Heeded() as heeded) if letter.open:
                if heeded.again is not None:
                    self._obey(heeded.again, held)
                letter.reply(None)
            case Command():
                self._obey(letter, held)
            case Inventory():
                if held.losses.hear(letter):
                    held.look_at = trio.current_time()

    def _obey(self, command: Command, held: _Held) -> None:
        at = self.wall()  # one for all: they stand together
        for market in list(held.standings) if command.market is None else [command.market]:
            before = held.standings[market]
            now = after(before.trading, command.order)
            if now is not None and now is not before.trading:
                self._tell_change(before, now, command)
                self._stand(Standing(market, now, command.why, at), held)
        if command.order is Order.ACK_KILL:
            held.losses.forgive()
            held.losses.keep()

    def _stand(self, standing: Standing, held: _Held) -> None:
        """Let it count at once, and have it recorded; the end of a run is not remembered."""
        held.standings[standing.market] = standing
        self.mailbox.put(standing, about=standing.market)
        self._announce(standing)
        if standing.trading is not Trading.DRAINING:
            self.journal.put(standing, about=standing.market)

    def _announce(self, standing: Standing) -> None:
        """Tell everybody; nobody waits for a market that is not traded."""
        self.standings.set(standing.market, standing.trading)
        self.board.put(standing, about=standing.market)
        for mailbox in self.audience.get(standing.market, ()):
            mailbox.put(standing)

    # ── the day's loss ────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self, held: _Held) -> None:
        held.look_at = trio.current_time() + _LOOK_EVERY
        reason = held.losses.look(trio.current_time())
        if reason is not None:
            logger.critical("{}: nothing is placed until `resume --ack-kill`", reason)
            self.journal.tell(Note("kill", "", reason, self.wall()))
            self._kill(reason, held)

    def _kill(self, reason: str, held: _Held) -> None:
        """Orders of others stay: only a person takes those.

        A run that is ending goes on selling, which only makes it safer; of the kill it leaves a record, so that the next
        start is SAFE. Markets end together, but for those that are SAFE already.
        """
        leaving = [name for name, standing in held.standings.items() if standing.trading is Trading.DRAINING]
        if not leaving:
            self._obey(Command(Order.KILL, None, reason), held)
            self.killed()
        for name in leaving:
            self.journal.put(Standing(name, Trading.SAFE, reason, self.wall()), about=name)

    def _tell_change(self, before: Standing, now: Trading, command: Command) -> None:
        """The end is told once, not for each market, and nobody asks for what is not traded."""
        quiet = command.order is Order.DRAIN or before.market not in self.audience
        because = f" ({command.why})" if command.why else ""
        logger.log(
            "DEBUG" if quiet else "INFO",
            "{}: {} (was {}), ordered: {}{}",
            before.market or "all markets",
            now.value,
            before.trading.value,
            command.order.value,
            because,
        )


def _tell_restored(standings: list[Standing]) -> None:
    """One line for markets that were stopped together."""
    for cause in dict.fromkeys(evolve(standing, market="") for standing in standings):
        names = ", ".join(s.market for s in standings if evolve(s, market="") == cause)
        because, safe = f" ({cause.why})" if cause.why else "", cause.trading is Trading.SAFE
        logger.warning(
            "{} since {}{}, remembered from an earlier run: nothing is placed in {} until `{}`",
            "the kill switch is set" if safe else cause.trading.value,
            utc_text(cause.since),
            because,
            names,
            "resume --ack-kill" if safe else "resume",
        )
