"""The rows of makers' income in the journal file: written as a whole, read as a whole. Begins and commits nothing itself."""

from __future__ import annotations

import sqlite3

from actors.model.income import Compared, Expected, Income, Kind, Stood, Takings
from actors.model.numbers import Cash

INCOME_TABLES = ("income_days", "income", "income_paid")
_ADD = "INSERT INTO income (day, market, rebates, looks, promised) VALUES (?, ?, ?, ?, ?)"
_READ = "SELECT market, rebates, looks, promised FROM income WHERE day = ?"
_PAY = "INSERT INTO income_paid (day, kind, least, most, paid, differs) VALUES (?, ?, ?, ?, ?, ?)"


def set_takings(write: sqlite3.Connection, takings: Takings) -> None:
    """Replace those that are there."""
    for table in INCOME_TABLES:
        write.execute(f"DELETE FROM {table}")
    before = takings.before
    write.execute(
        "INSERT INTO income_days (one, today, before) VALUES (1, ?, ?)",
        (takings.today.number, before and before.number),
    )
    for day in (takings.today, *((before,) if before else ())):
        rows = [(day.number, name, s.rebates, s.looks, s.promised) for name, s in day.markets.items()]
        write.executemany(_ADD, rows)
    if (compared := takings.compared) is not None:
        write.executemany(
            _PAY,
            [
                (compared.number, kind.value, e.least, e.most, paid, kind in compared.differs)
                for kind, (e, paid) in compared.rows.items()
            ],
        )


def takings_of(read: sqlite3.Connection) -> Takings:
    """The newest; empty ones where none were written yet."""
    today, before = read.execute("SELECT today, before FROM income_days").fetchone() or (0, None)
    return Takings(_income(read, today), None if before is None else _income(read, before), _compared(read))


def _income(read: sqlite3.Connection, day: int) -> Income:
    rows = read.execute(_READ, (day,))
    return Income(day, {name: Stood(Cash(rebates), looks, promised) for name, rebates, looks, promised in rows})


def _compared(read: sqlite3.Connection) -> Compared | None:
    rows = read.execute("SELECT day, kind, least, most, paid, differs FROM income_paid ORDER BY rowid").fetchall()
    told = {Kind(kind): (Expected(Cash(least), Cash(most)), Cash(paid)) for _, kind, least, most, paid, _ in rows}
    differs = tuple(Kind(kind) for _, kind, *_, differs in rows if differs)
    return Compared(rows[0][0], told, differs) if rows else None
