"""Settings of makers' income: rebates and rewards."""

from __future__ import annotations

from attrs import field, frozen

from actors.model.validity import about, within


@frozen
class IncomeSettings:
    """What is expected is an estimate: others' orders are seen a level at a time, and only while the bot runs."""

    tolerance: int = field(
        default=25,
        validator=within(0, 100, "a whole number from 0 to 100"),
        metadata=about("% by which rebates and rewards paid for a day may miss what was expected before that is told"),
    )
