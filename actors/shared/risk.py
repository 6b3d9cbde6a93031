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

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import trio
from attrs import field, frozen
from loguru import logger

from actors.kernel.alarm import shared
from actors.kernel.ask import Ask
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.messages import Inventory
from actors.model.book import Book
from actors.model.day import Day
from actors.model.limits import Caps, Exposure, judge, judge_whole
from actors.model.market import Side
from actors.model.numbers import Cash
from actors.model.quote import Quote
from actors.model.ramp import Ramp
from actors.model.reason import Reason, Refusal
from actors.model.risk_settings import RiskSettings
from actors.model.tally import Tally
from actors.model.trading import ALL, Order, Standing, Trading, Trip, after, restored
from actors.ports import WallClock
from actors.records import Memory, Note
from actors.shared.admission import Standings
from actors.shared.board import Board
from actors.shared.breakers import Breakers, Posted, Struck
from actors.shared.counts import Counts
from actors.shared.held import Held
from actors.shared.losses import Losses
from actors.shared.ramping import Ramping
from actors.shared.stakes import Group, Staked, Stakes
from actors.shared.tidings import Unenforced, tell_changes, tell_restored, tell_trip
from actors.shared.tuning import Tuning

_LOOK_EVERY = 1.0  # s between looks at losses and breakers
_RESUMES = (Order.RESUME, Order.ACK_KILL)


@frozen
class Verdict:
    """May this order be placed, as far as caps go? Answered with None or the refusal. `seq` as in `Staked`."""

    market: str
    quote: Quote
    exposure: Exposure
    seq: int = 0


@frozen
class Command:
    """A person, the shutdown or risk orders a change of standing (fact); `market` None means all of them.

    `cause` and `until` as in `Standing`, if it is risk. A resume may bring a ramp.
    """

    order: Order
    market: str | None = None
    why: str = ""
    cause: Reason | None = None
    until: float = 0.0
    ramp: Ramp | None = None


@frozen
class Heeded:
    """Asked after a command: answered with None once it has been obeyed and its record is on the way to the journal.

    `again` is that command once more, if to obey it twice only stops what it has stopped. Without it (a resume) the answer
    does not prove that the command was heard: lost, it leaves the market stopped.
    """

    again: Command | None = None


@frozen
class Risk:
    """Judges orders against the caps, moves markets between trading states, and stops them when limits are reached.

    `audience` are the mailboxes to which every standing goes, per market; markets come and go in it. `initial` is the standing of a market of which
    `memory` says nothing. `balance` is the free collateral as last read; `groups` are what caps add up over. `killed` is called when a limit kills, not a person.
    """

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    tuning: Tuning
    groups: Mapping[str, Group]
    initial: Trading
    audience: Mapping[str, tuple[Mailbox[object], ...]]
    standings: Standings
    memory: Memory
    journal: Mailbox[object]
    board: Board
    wall: WallClock
    balance: Callable[[], Cash | None]
    killed: Callable[[], None] = field(default=lambda: None)

    @property
    def limits(self) -> RiskSettings:
        """As they are now: a change counts from the next verdict and the next look on."""
        return self.tuning.settings.risk

    async def run(self, ready: Ready) -> None:
        """A life begins where the last one stood; the first where the last run did. Only then may an order leave."""
        letters = self.mailbox.read_nowait()
        held = self._begin(letters)
        held.meet(self.audience)
        for letter in letters:  # commands told while this actor was down come on top of where it stood
            self._take(letter, held)
        for standing in held.standings.values():
            self._announce(standing)
        self._look(held)
        ready()

        def turn(letters: list[object]) -> None:
            for standing in held.called(letters, self.audience):
                self._announce(standing)
            for letter in letters:
                self._take(letter, held)

        try:
            while True:
                turn(await self.mailbox.read(until=held.look_at, turn=turn))
                if trio.current_time() >= held.look_at:
                    self._look(held)
        finally:
            held.keep()

    def _begin(self, letters: Sequence[object]) -> Held:
        """Restore. A former life left every standing that it changed in the mailbox, for this one alone to read."""
        memory, names = self.memory, {ALL, *self.memory.standings, *self.audience}
        own = [letter for letter in letters if isinstance(letter, Standing)]
        initial = Trading.PAUSED if memory.ramp.parts else self.initial  # cut short: a person is to begin it anew
        standings = {name: restored(name, initial, memory.standings) for name in sorted(names)}
        if not own:
            tell_restored([standings[name] for name in self.audience if standings[name].since])
        losses = Losses(
            limit=self.limits.max_daily_loss,
            markets=self.audience,
            board=self.board,
            journal=self.journal,
            wall=self.wall,
            day=self.board.last(Day) or memory.day,
        )
        tally = self.board.last(Tally) or memory.tally
        return Held(
            standings=standings | {standing.market: standing for standing in own},
            losses=losses,
            counts=Counts(self.limits, self.journal, self.wall, tally),
            breakers=Breakers(self.limits.breakers, self.limits.min_balance, self._mid),
            stakes=Stakes(self.groups, self._mid, self.balance),
            look_at=trio.current_time(),
            unenforced=Unenforced(self.journal, self.wall),
            ramping=Ramping.of(letters, memory, self.tuning, self.mailbox, self.journal, self.board, self.wall),
        )

    def _take(self, letter: object, held: Held) -> None:
        match letter:
            case Ask(question=Verdict() as asked) if letter.open:
                letter.reply(self._verdict(asked, held))
            case Ask(question=Heeded() as heeded) if letter.open:
                if heeded.again is not None:
                    self._obey(heeded.again, held)
                letter.reply(None)
            case Command():
                self._obey(letter, held)
            case Staked():
                held.stakes.hear(letter)
            case Posted():
                held.breakers.posted(letter, trio.current_time())
            case Struck():
                held.breakers.struck(letter)
            case Inventory():
                held.counts.hear(letter)
                if held.losses.hear(letter):
                    held.look_at = trio.current_time()

    def _verdict(self, asked: Verdict, held: Held) -> Refusal | None:
        caps = Caps.of(self.limits)
        refusal = judge(asked.quote, asked.exposure, caps)
        if refusal is None and asked.quote.side is Side.BUY:
            refusal = judge_whole(asked.quote, held.stakes.whole(asked.market, asked.quote), caps)
        if refusal is not None and self.limits.enforced:
            return refusal
        if refusal is not None:
            held.unenforced.say(asked.market, refusal.code, refusal.text())
        held.stakes.grant(asked.market, asked.quote, asked.seq)
        return None

    def _mid(self, market: str) -> int | None:
        book = self.board.last(Book, market)
        return book.mid if book is not None else None

    def _obey(self, command: Command, held: Held) -> bool:
        """Move what the order moves; whether anything did. What risk ordered is lifted for its own cause alone."""
        at, moved = self.wall(), list[tuple[Standing, Standing]]()  # one time for all: they stand together
        if command.order in _RESUMES:
            held.ramping.resume(command.ramp, trio.current_time())  # less counts before anything runs
        for market in list(held.standings) if command.market is None else [command.market]:
            if (before := held.standings.get(market)) is None:
                continue  # it has left
            trading = after(before.trading, command.order)
            if trading is None or (command.order is Order.LIFT and before.cause is not command.cause):
                continue
            now = Standing(market, trading, command.why, at, command.cause, command.until)
            if before.yields(now):
                moved.append((before, now))
                self._stand(now, held)
        tell_changes(moved, command.order, self.audience)
        if command.order in _RESUMES:
            self._begin_anew(command, held)
        return bool(moved)

    def _begin_anew(self, command: Command, held: Held) -> None:
        """A person has resumed knowing what had happened: limits count from here."""
        kills = command.order is Order.ACK_KILL
        held.breakers.clear()
        held.counts.ease(held.losses.day, kills=kills, market=command.market)
        if kills:
            held.losses.forgive()
        held.keep()

    def _stand(self, standing: Standing, held: Held) -> None:
        """Let it count at once, and have it recorded; the end of a run is not remembered."""
        held.standings[standing.market] = standing
        self.mailbox.put(standing, about=standing.market)
        self._announce(standing)
        if standing.trading is not Trading.DRAINING:
            self.journal.put(standing, about=standing.market)
            held.ramping.stood(standing)

    def _announce(self, standing: Standing) -> None:
        """Tell everybody; nobody waits for a market that is not traded."""
        self.standings.set(standing.market, standing.trading)
        self.board.put(standing, about=standing.market)
        for mailbox in self.audience.get(standing.market, ()):
            mailbox.put(standing)

    # ── limits and breakers ───────────────────────────────────────────────────────────────────────────────────────

    def _look(self, held: Held) -> None:
        now, before = trio.current_time(), held.losses.day
        held.look_at = shared(_LOOK_EVERY, now)
        held.retune(self.limits)
        trips = held.losses.look(now)
        trips += held.counts.look(now, before, held.losses.day, held.stakes.worth)
        trips += held.breakers.look(now, self.balance())
        self.board.put(held.counts.tally)
        for trip in trips:
            self._heed(trip, held)
        self._lift(held)
        held.ramping.look(now)

    def _heed(self, trip: Trip, held: Held) -> None:
        """What limits and breakers order; where they are only logged, kills count all the same."""
        until = self.wall() + trip.cool if trip.cool else 0.0
        command = Command(trip.order, trip.market, trip.why, trip.cause, until)
        if trip.order is Order.KILL:
            self._kill(command, held)
        elif trip.order is Order.LIFT:
            self._obey(command, held)
        elif not self.limits.enforced:
            held.unenforced.say(trip.market or "", trip.cause.code, f"{trip.order.value}: {trip.why}")
            held.counts.ease(held.losses.day, kills=False, market=trip.market or ALL)
        elif self._obey(command, held):
            tell_trip(trip, self.journal, self.wall)

    def _lift(self, held: Held) -> None:
        """End what was to last for a while only."""
        for standing in list(held.standings.values()):
            if standing.until and self.wall() >= standing.until:
                self._obey(Command(Order.LIFT, standing.market, "its time is over", standing.cause), held)

    def _kill(self, command: Command, held: Held) -> None:
        """Orders of others stay: only a person takes those.

        A run that is ending goes on selling, which only makes it safer; of the kill it leaves a record, so that the next
        start is SAFE. Markets end together, but for those that are SAFE already.
        """
        logger.critical("{}: nothing is placed until `resume --ack-kill`", command.why)
        self.journal.tell(Note("kill", "", command.why, self.wall()))
        leaving = [name for name, standing in held.standings.items() if standing.trading is Trading.DRAINING]
        if not leaving:
            self._obey(command, held)
            self.killed()
        for name in leaving:
            safe = Standing(name, Trading.SAFE, command.why, self.wall(), command.cause)
            self.journal.put(safe, about=name)
