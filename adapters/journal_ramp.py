"""The ramp in the journal file: how it goes up, not how far it came, for whoever starts anew begins it anew. Commits nothing."""

from __future__ import annotations

import sqlite3

from actors.model.ramp import Ramp


def set_ramp(write: sqlite3.Connection, ramp: Ramp) -> None:
    """Replace what is there; one without parts is none."""
    write.execute("DELETE FROM ramp")
    if ramp.parts:
        parts = ",".join(map(str, ramp.parts))
        write.execute("INSERT INTO ramp (one, parts, every) VALUES (1, ?, ?)", (parts, ramp.every))


def ramp_of(read: sqlite3.Connection) -> Ramp:
    """The one that was not whole yet; an empty one if there is none."""
    row = read.execute("SELECT parts, every FROM ramp").fetchone()
    return Ramp() if row is None else Ramp(tuple(map(int, row[0].split(","))), row[1])
