"""The ramp in the hands of one life of risk: begun by a resume, halted by whatever stops a market, raised by time.

Whatever stops a market, a person's pause as well as a breaker, is a reason to look before more is risked: from then on the
part that counts stays, also when a breaker lifts by itself, until the next resume begins the ramp anew. It is in risk's own
mailbox for later lives, and in the journal until it is whole, so that a start after a crash waits for a resume.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.model.ramp import WHOLE, Ramp
from actors.model.trading import Standing, Trading
from actors.ports import WallClock
from actors.records import Memory, Note
from actors.shared.board import Board
from actors.shared.tuning import Tuning

_CUT_SHORT = "the run in which it went up has ended"


@define(eq=False)
class Ramping:
    """`own` is risk's mailbox. What counts is limited in the step in which a ramp begins, before any market runs by it."""

    ramp: Ramp
    tuning: Tuning
    own: Mailbox[object]
    journal: Mailbox[object]
    board: Board
    wall: WallClock

    @classmethod
    def of(
        cls,
        letters: Sequence[object],
        memory: Memory,
        tuning: Tuning,
        own: Mailbox[object],
        journal: Mailbox[object],
        board: Board,
        wall: WallClock,
    ) -> Ramping:
        """As a former life has left it in `letters`, else as an earlier run did, cut short."""
        left = next((letter for letter in letters if isinstance(letter, Ramp)), None)
        earlier = evolve(memory.ramp, halted=_CUT_SHORT) if memory.ramp.parts else Ramp()
        if left is None and earlier.parts:
            logger.warning("the ramp of an earlier run was cut short: all is paused until `resume` begins it anew")
        ramping = cls(earlier if left is None else left, tuning, own, journal, board, wall)
        tuning.limit(ramping.ramp.part)
        board.put(ramping.ramp)
        return ramping

    def resume(self, asked: Ramp | None, now: float) -> None:
        """A resume brings a ramp, or goes on with one that was halted; either begins at its first step."""
        if asked is not None:
            self._keep(asked.begun(now), f"begins: {asked.text()}")
        elif self.ramp.halted:
            self._keep(self.ramp.begun(now), f"begins anew: {self.ramp.text()}")

    def stood(self, standing: Standing) -> None:
        """A market, or all, stands anew: it rises no more once one does not run."""
        if self.ramp.rising and standing.trading is not Trading.RUNNING:
            why = f"{standing.market or 'all markets'}: {standing.why or standing.trading.value}"
            self._keep(evolve(self.ramp, halted=why), f"halted: {why}")

    def look(self, now: float) -> None:
        """Raise it if it is time (trio time)."""
        if (risen := self.ramp.after(now)) is not self.ramp:
            self._keep(risen, "goes on" if risen.parts else "is over")

    def _keep(self, ramp: Ramp, did: str) -> None:
        """A ramp of one step of 100 % is none: it ends what there was."""
        self.ramp = ramp if ramp.part < WHOLE else Ramp()
        self.tuning.limit(self.ramp.part)
        self.own.put(self.ramp)
        self.board.put(self.ramp)
        self.journal.put(self.ramp)
        said = f"the ramp {did}: {self.ramp.part} % of the limits count"
        logger.info("{}", said)
        self.journal.tell(Note("ramp", "", said, self.wall()))
