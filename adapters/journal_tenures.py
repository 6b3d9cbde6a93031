"""The rows of tenures in the journal file: a newer one replaces the old, one that is over is gone. Begins no transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from actors.model.tenure import Origin, Tenure

_SET = "REPLACE INTO tenures (market, condition_id, origin, leaving) VALUES (?, ?, ?, ?)"


def set_tenures(write: sqlite3.Connection, tenures: Sequence[Tenure]) -> None:
    """In their order."""
    for tenure in tenures:
        if tenure.over:
            write.execute("DELETE FROM tenures WHERE market = ?", (tenure.market,))
        else:
            write.execute(_SET, (tenure.market, tenure.condition_id, tenure.origin.value, tenure.leaving))


def forget_tenures(write: sqlite3.Connection) -> None:
    """All but a person's word."""
    gone = [(tenure.market,) for tenure in tenures_of(write) if not tenure.said]
    write.executemany("DELETE FROM tenures WHERE market = ?", gone)


def tenures_of(read: sqlite3.Connection) -> tuple[Tenure, ...]:
    """By name."""
    rows = read.execute("SELECT market, condition_id, origin, leaving FROM tenures ORDER BY market")
    return tuple(Tenure(market, condition, Origin(origin), leaving) for market, condition, origin, leaving in rows)
