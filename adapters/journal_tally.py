"""The rows of a tally in the journal file: written as a whole, read as a whole. Begins and commits nothing itself."""

from __future__ import annotations

import sqlite3

from actors.model.numbers import Cash
from actors.model.tally import Gauge, Tally

TALLY_TABLES = ("tally", "hour", "gauges", "streaks")


def set_tally(write: sqlite3.Connection, tally: Tally) -> None:
    """Replace the tally that is there."""
    for table in TALLY_TABLES:
        write.execute(f"DELETE FROM {table}")
    sums = (tally.number, tally.carried, tally.peak, tally.base)
    write.execute("INSERT INTO tally (one, number, carried, peak, base) VALUES (1, ?, ?, ?, ?)", sums)
    write.executemany("INSERT INTO hour (minute, earned) VALUES (?, ?)", tally.hour)
    gauges = [(name, gauge.granted, gauge.warned, gauge.hit) for name, gauge in tally.gauges.items()]
    write.executemany("INSERT INTO gauges (name, granted, warned, hit) VALUES (?, ?, ?, ?)", gauges)
    write.executemany("INSERT INTO streaks (market, losses) VALUES (?, ?)", tally.streaks.items())


def tally_of(read: sqlite3.Connection) -> Tally:
    """The newest tally; an empty one where none was written yet."""
    row = read.execute("SELECT number, carried, peak, base FROM tally").fetchone() or (0, 0, 0, 0)
    number, carried, peak, base = row
    hour = read.execute("SELECT minute, earned FROM hour ORDER BY minute")
    gauges = read.execute("SELECT name, granted, warned, hit FROM gauges")
    return Tally(
        number=number,
        carried=Cash(carried),
        peak=Cash(peak),
        base=Cash(base),
        hour=tuple((minute, Cash(earned)) for minute, earned in hour),
        gauges={name: Gauge(Cash(granted), bool(warned), bool(hit)) for name, granted, warned, hit in gauges},
        streaks=dict(read.execute("SELECT market, losses FROM streaks").fetchall()),
    )
