"""Why a market has a tree in this run, and whether that is being left: what a restart must know of markets nobody names."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

OFF = "switched off"  # a person's word, which outlasts the tree and the process


class Origin(Enum):
    """Who wanted the market. Only what nobody named is ever dropped by itself."""

    NAMED = "named"
    SERIES = "series"
    DISCOVERED = "discovered"
    ADDED = "switched on"
    LEFT = "of an earlier run"


@frozen
class Tenure:
    """A market's place in the run (state, journalled). `leaving` says why it is being left, "" while it is traded.

    `over` once nothing of ours is left there: the journal then forgets it. A series that is switched off has a row of its
    own, under its name and without a condition.
    """

    market: str
    condition_id: str
    origin: Origin
    leaving: str = ""
    over: bool = False

    @property
    def said(self) -> bool:
        """Whether it is a person's word, which a practice exchange that is gone does not take with it."""
        return self.off or (self.origin is Origin.ADDED and not self.leaving)

    @property
    def off(self) -> bool:
        """Whether a person has said so: it stays away until a person says otherwise."""
        return self.leaving == OFF
