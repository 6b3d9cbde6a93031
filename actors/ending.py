"""How a run has ended: its exit code, and what was proven at the venue."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from attrs import frozen

from actors.market.report import MarketReport
from actors.model.income import Takings
from actors.model.numbers import Price
from actors.shared.departed import Departed


class Exit(IntEnum):
    """Exit codes; this table only (architecture.md §7). Precedence 3 > 4 > 6 > 1 > 0."""

    DONE = 0
    CRASHED = 1
    USAGE = 2
    ORDERS_REMAIN = 3
    POSITIONS_REMAIN = 4
    PREFLIGHT = 5
    KILLED = 6


@frozen
class Ending:
    """What was proven at the end. `unproven` says why the venue could not be read, if so; `marks` are YES mids.

    `doubtful` are positions that no tracker vouches for, or that it misses in the account: what the venue's balances show,
    or that they could not be read. `takings` are what makers may get besides, `departed` the sums of markets left before.
    """

    code: Exit
    open_orders: tuple[str, ...]
    foreign_orders: tuple[str, ...]
    reports: tuple[MarketReport, ...]
    marks: Mapping[str, Price | None]
    doubtful: tuple[str, ...] = ()
    unproven: str | None = None
    fatal: str | None = None
    takings: Takings | None = None
    departed: Departed = Departed()
