"""What a run has shown: broken invariants, the rare moments that must have happened, the faults that bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from attrs import define, field

from tests.faults.breach import Breach

BUDGET_NEARLY_USED = "budget over 95 % used"
UNKNOWN_AT_KILL = "an order unknown at a kill"
FILL_WITH_CANCEL = "a fill in the same instant as its cancel"
FILL_BEFORE_ANSWER = "a fill before the answer to its post"
RESTART_WHILE_LEAVING = "a restart during a flatten"
TWO_CRASHES = "two markets crash in one tick"
TICK_OVER_RESTING = "a tick change with a resting order"
ENGINE_DOWN_WHILE_LEAVING = "a 425 during a flatten"
GHOST_AFTER_SALE = "a ghost fill reversed after its shares were sold"

SOMETIMES = (
    BUDGET_NEARLY_USED,
    UNKNOWN_AT_KILL,
    FILL_WITH_CANCEL,
    FILL_BEFORE_ANSWER,
    RESTART_WHILE_LEAVING,
    TWO_CRASHES,
    TICK_OVER_RESTING,
    ENGINE_DOWN_WHILE_LEAVING,
    GHOST_AFTER_SALE,
)
"""Reliability.md §6: over a sweep each must have happened. All are counted here but TWO_CRASHES, which only the
world can see."""


@define(eq=False)
class Evidence:
    """`clock` gives seconds since the run began."""

    clock: Callable[[], float]
    breaches: list[Breach] = field(factory=list)
    sometimes: Counter[str] = field(factory=Counter)
    faults: Counter[str] = field(factory=Counter)

    def tell(self, invariant: str, text: str, order_id: str = "") -> None:
        """An invariant is broken, now."""
        self.breaches.append(Breach(invariant, self.clock(), text, order_id))

    def met(self, moment: str, times: int = 1) -> None:
        """A rare moment has come, so many times."""
        if times:
            self.sometimes[moment] += times
