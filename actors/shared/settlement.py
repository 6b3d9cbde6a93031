"""The settlement actor: merges idle pairs, redeems what has resolved, splits when told to; one transaction at a time.

It decides, the market's tracker sets the shares aside, the gateway signs and sends, the journal remembers. What was once
signed is followed to its end over every crash; the ledger that owns the shares is told how it ended once that is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import ClassVar

import trio
from attrs import evolve, frozen
from loguru import logger

from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox, tell
from actors.kernel.supervisor import Ready
from actors.model.conversion import Conversion, Declined, Kind, Relayed, Spare, of_pairs, redemption
from actors.model.numbers import format_cash, format_size
from actors.model.order import Settlement as Stage
from actors.model.outcome import Unread
from actors.model.settle_settings import SettleSettings
from actors.ports import WallClock
from actors.shared.asides import Aside, NotAside, Only, SetAside, Wish
from actors.shared.board import Board
from actors.shared.journal import Conversions, RecallBatches
from actors.shared.settling import Chased, SettlementState, Work
from actors.shared.transactions import Bench, Chase, Convert, Count, Counted, Heard, Unsent

_LOOK_EVERY = (1.0, 1.0, 2.0, 2.0, 5.0)  # s between looks at a transaction; the last one repeats
_LATE = 60.0  # s after which a batch that nobody knows is sent again, the same bytes
_WORD_WITHIN = 60.0  # s without a word of what was asked for: longer than all time-outs on its way together
_ASK_AGAIN = 1.0


class Lost(Exception):
    """Nobody has answered for what was asked; a new life reads from the journal what became of it."""


@frozen
class Settlement:
    """`lives` numbers this life, for keys that are never given twice; `trackers` are by market."""

    rank: ClassVar[int] = 3
    mailbox: Mailbox[object]
    settings: SettleSettings
    journal: Conversions
    gateway: Mailbox[object]
    trackers: Mapping[str, Mailbox[object]]
    bench: Bench
    board: Board
    wall: WallClock
    lives: Callable[[], int]

    async def run(self, ready: Ready) -> None:
        """Raises Lost when what was asked for goes unanswered for a minute."""
        work = Work(self.lives())
        self.bench.clear()
        await self._recall(work)
        ready()
        while True:
            for letter in await self.mailbox.read(until=self._next_look(work)):
                self._take(letter, work)
            work.forget_all_but(self.trackers)
            now = trio.current_time()
            if now >= work.asked_until:
                raise Lost(f"no word of {_text(work.asked)} within {_WORD_WITHIN:g} s")
            await self._record(work, now)
            self._chase(work, now)
            if work.idle and (wanted := self._wanted(work, now)) is not None:
                work.asked, work.asked_until = wanted, now + _WORD_WITHIN
                tell(self.trackers, wanted.market, SetAside(wanted))
            self._show(work)

    async def _recall(self, work: Work) -> None:
        """What an earlier life has signed; every tracker hears which conversions may still happen."""
        while True:
            try:
                pending = await self.journal.ask(RecallBatches(pending=True))
                break
            except Unanswered as silence:
                logger.warning("settlement: the journal does not answer: {}", silence)
                await trio.sleep(_ASK_AGAIN)
        keys = frozenset(batch.conversion.key for batch in pending)
        for tracker in self.trackers.values():
            tracker.tell(Only(keys))
        work.waiting.extend(pending)

    def _next_look(self, work: Work) -> float:
        now = trio.current_time()
        chased = work.chased.look_at if work.chased is not None else inf
        recording = now + _ASK_AGAIN if work.ended else inf
        later = min((at for at in work.later() if at > now), default=inf)
        return now if work.waiting and work.chased is None else min(work.asked_until, chased, recording, later)

    # ── what is heard ─────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, letter: object, work: Work) -> None:
        now = trio.current_time()
        match letter:
            case Spare():
                work.spare(letter, self.settings.merge_above, now)
            case Wish():
                work.wishes.append(letter)
            case Aside(conversion, spare, generation) if work.is_asked(conversion.key):
                self.bench.add(conversion.key)
                work.asked_until = now + _WORD_WITHIN
                self.gateway.tell(Convert(conversion, spare.market, generation))
            case Aside(conversion):  # asked for by a former life, which has sent nothing of it
                self._void(conversion)
            case NotAside(conversion, why):
                work.forget(conversion.key)
                self._problem(work, conversion, why, now)
            case Unsent(conversion, why, batch):
                work.forget(conversion.key)
                if batch is not None:
                    work.end(batch, Stage.FAILED, why)
                else:
                    self._problem(work, conversion, why, now)
                    self._void(conversion)
            case Heard():
                self._hear(letter, work, now)
            case Counted():
                self._compare(letter, work)

    def _hear(self, heard: Heard, work: Work, now: float) -> None:
        """An answer, or none: only a refusal of the first sending, a spent nonce or the relayer's word end a batch."""
        batch, result = heard.batch, heard.result
        work.forget(batch.conversion.key)
        if work.chased is None and heard.first:
            work.chased = Chased(batch, now + _LOOK_EVERY[0], now + _LATE)
        if work.chased is None or work.chased.batch.conversion.key != batch.conversion.key:
            return
        match result:
            case Relayed(taken, stage, why):
                work.chased.batch = evolve(batch, taken=taken)
                if stage in (Stage.CONFIRMED, Stage.FAILED):
                    work.end(work.chased.batch, stage, why)
            case Declined(why, spent) if spent or heard.first:
                work.end(batch, Stage.FAILED, why)
            case Unread(why):
                logger.warning("settlement: {}: no answer from the relayer: {}", _text(batch.conversion), why)

    def _void(self, conversion: Conversion) -> None:
        self._tell(evolve(conversion, settlement=Stage.FAILED))

    def _tell(self, conversion: Conversion) -> None:
        """Its market may be one that this run does not trade any more."""
        tell(self.trackers, conversion.market, conversion)

    def _compare(self, counted: Counted, work: Work) -> None:
        """What the ledger says is held against what the venue's balances show, once no trade is under way."""
        spare = work.spares.get(counted.market)
        if spare is None or not spare.settled or isinstance(counted.yes, Unread) or isinstance(counted.no, Unread):
            return
        shown = (counted.yes, counted.no)
        if shown != spare.held:
            text = ", ".join(f"{format_size(size)} {name}" for size, name in zip(shown, ("YES", "NO"), strict=True))
            work.shown = evolve(work.shown, problem=f"{counted.market}: the venue's balances show {text}")
            logger.error("settlement: {}, not what our trades add up to", work.shown.problem)

    # ── what is done ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _record(self, work: Work, now: float) -> None:
        """An end is told once it is durable: a tracker that has forgotten it reads it in the journal."""
        while work.ended:
            batch, why = work.ended[0]
            try:
                await self.journal.ask(batch)
            except Unanswered:
                return
            work.ended.popleft()
            self._tell(batch.conversion)
            if batch.conversion.void:
                self._problem(work, batch.conversion, why, now)
            else:
                self._done(work, batch.conversion)

    def _done(self, work: Work, conversion: Conversion) -> None:
        work.failures.pop(conversion.market, None)
        work.shown = evolve(work.shown, last=f"{_text(conversion)}: {format_cash(conversion.cash)} pUSD", problem="")
        logger.info("settlement: {}", work.shown.last)
        if (spare := work.spares.get(conversion.market)) is not None:
            self.gateway.tell(Count(spare.market))

    def _chase(self, work: Work, now: float) -> None:
        if work.chased is None and work.waiting:
            work.chased = Chased(work.waiting.popleft(), now, now + _LATE)
        if (chased := work.chased) is not None and now >= chased.look_at:
            chased.look_at = now + _LOOK_EVERY[min(chased.looks, len(_LOOK_EVERY) - 1)]
            chased.looks += 1
            again = now >= chased.again_at and not chased.batch.taken
            chased.again_at = now + _LATE if again else chased.again_at
            self.gateway.tell(Chase(chased.batch, again))

    def _wanted(self, work: Work, now: float) -> Conversion | None:
        """The next conversion: what somebody asked for, else what has resolved, else the most pairs."""
        while work.wishes:
            if (wanted := self._wished(work, work.wishes.popleft())) is not None:
                return wanted
        ready = [spare for slug, spare in work.spares.items() if not work.rests(slug, now)]
        if self.settings.redeem:
            for spare in ready:
                if spare.worth > 0:
                    return self._redemption(work, spare)
        most = max((spare for spare in ready if work.idles(spare, now)), key=lambda spare: spare.pairs, default=None)
        return None if most is None else of_pairs(Kind.MERGE, work.key(), most.market, most.pairs, self.wall())

    def _wished(self, work: Work, wish: Wish) -> Conversion | None:
        spare = work.spares.get(wish.market)
        if spare is None or (wish.kind is Kind.REDEEM and spare.pays is None):
            why = "its tracker is not ready" if spare is None else "it has not resolved, or nothing says what it pays"
            work.shown = evolve(work.shown, problem=f"{wish.kind.value} {wish.market}: {why}")
            return None
        if wish.kind is Kind.REDEEM:
            return self._redemption(work, spare)
        return of_pairs(wish.kind, work.key(), spare.market, wish.size, self.wall())

    def _redemption(self, work: Work, spare: Spare) -> Conversion | None:
        if spare.pays is None:
            return None
        return redemption(work.key(), spare.market, spare.yes, spare.no, spare.pays, self.wall())

    def _problem(self, work: Work, conversion: Conversion, why: str, now: float) -> None:
        work.failed(conversion.market, now)
        work.shown = evolve(work.shown, problem=f"{_text(conversion)}: {why}")
        logger.warning("settlement: {}", work.shown.problem)

    def _show(self, work: Work) -> None:
        under_way = work.asked or (work.chased.batch.conversion if work.chased else None)
        shown = evolve(work.shown, under_way=_text(under_way))
        if shown != self.board.last(SettlementState):
            self.board.put(shown)
        work.shown = shown


def _text(conversion: Conversion | None) -> str:
    if conversion is None:
        return ""
    what = conversion.kind.value
    if conversion.kind is Kind.REDEEM:
        return f"{what} {conversion.market}"
    return f"{what} {format_size(abs(conversion.yes))} pairs of {conversion.market}"
