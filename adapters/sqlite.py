"""The journal on disk: SQLite in WAL mode, synchronous=FULL, one writer. Implements `ports.JournalStore`.

A commit is one transaction and returns once it survives a power loss. Real time uses one thread, because an inline
fsync stalled every market up to 28 ms under disk load; virtual time uses none, because a thread lets virtual timeouts
fire (`inline=True`, reliability.md §4). A wait for the thread can be given up: a disk that hangs then costs the journal
actor its life, as one that fails does, and work that is done late all the same is a record too many, never one too few.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import trio
from attrs import define, field
from loguru import logger

from actors.model.day import Day, Result
from actors.model.income import Takings
from actors.model.numbers import Cash
from actors.model.order import Key
from actors.model.ramp import Ramp
from actors.model.reason import Reason
from actors.model.tally import Tally
from actors.model.tenure import Tenure
from actors.model.trading import Standing, Trading
from actors.ports import JournalBroken
from actors.records import Batch, Intent, Memory, Note, Row
from adapters.journal_batches import batches_of, converted, set_batches
from adapters.journal_income import INCOME_TABLES, set_takings, takings_of
from adapters.journal_ramp import ramp_of, set_ramp
from adapters.journal_schema import NewerSchema, Transaction, migrate
from adapters.journal_tally import TALLY_TABLES, set_tally, tally_of
from adapters.journal_tenures import forget_tenures, set_tenures, tenures_of

_BUSY_SECONDS = 2.0
_CLOSE_WITHIN = 5.0
_COLUMNS = "generation, counter, order_id, market, condition_id, token, side, price, size, body, at, expires"
_ADD_INTENT = f"INSERT INTO intents ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_NOTE = "INSERT INTO notes (kind, market, body, at) VALUES (?, ?, ?, ?)"
_INTENTS = f"SELECT {_COLUMNS} FROM intents WHERE NOT closed AND condition_id = coalesce(?, condition_id) ORDER BY id"
_CLOSE = "UPDATE intents SET closed = 1 WHERE order_id = ?"
_SET_STANDING = "REPLACE INTO standings (market, trading, why, since, cause, until) VALUES (?, ?, ?, ?, ?, ?)"
_SET_DAY = "REPLACE INTO day (one, number, acknowledged, warned, breached) VALUES (1, ?, ?, ?, ?)"
_ADD_RESULT = "INSERT INTO results (market, start, last, unread) VALUES (?, ?, ?, ?)"
_RESULTS = "SELECT market, start, last, unread FROM results"

# What a person can do about a failure, by SQLite's primary error code.
_REMEDIES = {
    sqlite3.SQLITE_FULL: "free some space on its disk",
    sqlite3.SQLITE_BUSY: "another program holds the file: close it",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "make the file and its folder writable",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: move it away (with its -wal and -shm) and keep it; a run without it knows "
    "of no kill, no day's loss, and takes orders of earlier runs for someone else's: cancel those first (`cancel-all`)",
    sqlite3.SQLITE_NOTADB: "the file is no journal, or damaged at its head: move it away or name another",
}
_LOOK_AT_DISK = "look at the disk (dmesg), then start again"

T = TypeVar("T")


class JournalRefused(Exception):
    """The journal file cannot be used; says which and what to do."""


@define(eq=False)
class SqliteJournal:
    """One instance's journal. Ids of orders and keys are unique in it: repeating one is refused (I3)."""

    path: Path
    _connection: sqlite3.Connection
    _inline: bool
    _one_thread: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False)

    @classmethod
    async def open(cls, path: Path, *, inline: bool = False) -> SqliteJournal:
        """Open or create the file, readable by its owner only. Raises JournalRefused."""
        connection = await _elsewhere(inline, None, lambda: _opened(path))
        return cls(path, connection, inline)

    async def commit(self, rows: Sequence[Row]) -> None:
        """Store all rows, or none: returns once they survive a power loss."""
        if rows:
            await self._run(lambda: self._write(rows))

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        """Every journalled order, of a market or of all, that no `closed` note has ended, oldest first."""
        return await self._run(lambda: tuple(map(_intent, self._connection.execute(_INTENTS, (condition_id,)))))

    async def batches(self, condition_id: str | None = None, *, pending: bool = False) -> tuple[Batch, ...]:
        """Every conversion as it stands, of a market or of all, or only those that are not over, oldest first."""
        return await self._run(lambda: batches_of(self._connection, condition_id, pending=pending))

    async def notes(self, kind: str | None = None) -> tuple[Note, ...]:
        """Every note, or those of one kind, oldest first."""
        query = "SELECT kind, market, body, at FROM notes WHERE ?1 IS NULL OR kind = ?1 ORDER BY id"
        return await self._run(lambda: tuple(Note(*row) for row in self._connection.execute(query, (kind,))))

    async def memory(self) -> Memory:
        """The newest states."""
        return await self._run(lambda: _memory(self._connection))

    async def next_run(self) -> int:
        """A number never given before by this file."""
        return await self._run(self._start_run)

    async def forget_venue(self) -> None:
        """Forget orders, conversions, notes and results in one transaction; numbers of runs and what people ordered stay."""
        await self._run(self._forget)

    async def close(self) -> None:
        """Fold the log into the file and close it; a disk that hangs is left hanging."""
        with trio.move_on_after(_CLOSE_WITHIN) as waiting:
            await _elsewhere(self._inline, self._one_thread, self._finish)
        if waiting.cancelled_caught:
            logger.error("the journal {} could not be closed: its disk does not answer", self.path)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await _elsewhere(self._inline, self._one_thread, work)
        except sqlite3.IntegrityError:  # a bug of ours, with which no disk can help
            raise
        except sqlite3.Error as problem:
            raise JournalBroken(f"journal {self.path}: {problem}: {_remedy(problem)}") from problem

    def _write(self, rows: Sequence[Row]) -> None:
        with Transaction(self._connection) as write:
            write.executemany(_ADD_INTENT, [_row(row) for row in rows if isinstance(row, Intent)])
            notes = [row for row in rows if isinstance(row, Note)]
            write.executemany(_CLOSE, [(note.body,) for note in notes if note.kind == "closed"])
            write.executemany(_ADD_NOTE, [(note.kind, note.market, note.body, note.at) for note in notes])
            set_batches(write, [row for row in rows if isinstance(row, Batch)])
            standings = [row for row in rows if isinstance(row, Standing)]
            write.executemany(_SET_STANDING, map(_standing_row, standings))
            for day in [row for row in rows if isinstance(row, Day)][-1:]:
                _set_day(write, day)
            for tally in [row for row in rows if isinstance(row, Tally)][-1:]:
                set_tally(write, tally)
            for ramp in [row for row in rows if isinstance(row, Ramp)][-1:]:
                set_ramp(write, ramp)
            for takings in [row for row in rows if isinstance(row, Takings)][-1:]:
                set_takings(write, takings)
            set_tenures(write, [row for row in rows if isinstance(row, Tenure)])

    def _start_run(self) -> int:
        with Transaction(self._connection) as write:
            number = write.execute("INSERT INTO runs DEFAULT VALUES").lastrowid
        assert number is not None
        return number

    def _forget(self) -> None:
        with Transaction(self._connection) as write:
            for table in ("intents", "batches", "notes", "day", "results", *TALLY_TABLES, *INCOME_TABLES):
                write.execute(f"DELETE FROM {table}")
            forget_tenures(write)

    def _finish(self) -> None:
        """Every commit is durable already: a disk that refuses the checkpoint must not cost the program its last words."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as problem:
            logger.error("the journal could not be folded into one file: {}", problem)
        self._connection.close()


async def _elsewhere(inline: bool, limiter: trio.CapacityLimiter | None, work: Callable[[], T]) -> T:
    """The work's result, from the writer thread or from here. Cancelled, the work still ends, and others wait for it."""
    if not inline:
        return await trio.to_thread.run_sync(work, limiter=limiter, abandon_on_cancel=True)
    await trio.lowlevel.checkpoint()
    return work()


def _opened(path: Path) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        _private_file(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
        _prepare(path, connection)
    except (OSError, sqlite3.Error, JournalRefused) as problem:
        if connection is not None:
            connection.close()
        if isinstance(problem, JournalRefused):
            raise
        raise JournalRefused(f"{path} cannot be used as journal ({problem}): {_remedy(problem)}") from None
    return connection


def _remedy(problem: OSError | sqlite3.Error) -> str:
    code = getattr(problem, "sqlite_errorcode", None)
    if code is None:
        return "move it away or name another" if isinstance(problem, OSError) else _LOOK_AT_DISK
    return _REMEDIES.get(code & 0xFF, _LOOK_AT_DISK)


def _private_file(path: Path) -> None:
    """Create the file for its owner only; SQLite gives its -wal and -shm files the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Every page is looked at before anything is built on it: half a journal would make orders of ours look foreign."""
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise JournalRefused(f"{path} is on a file system without shared memory: put the journal on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise JournalRefused(f"{path} cannot be used as journal ({health}): {_REMEDIES[sqlite3.SQLITE_CORRUPT]}")
    try:
        migrate(connection)
    except NewerSchema as newer:
        raise JournalRefused(
            f"{path} was written by a newer polyactors ({newer}): upgrade polyactors, or start with another --instance"
        ) from None


def _row(intent: Intent) -> tuple[object, ...]:
    i = intent
    place = (i.market, i.condition_id, i.token, i.side, i.price, i.size)
    return (i.key.generation, i.key.counter, i.order_id, *place, i.body, i.at, i.expires)


def _intent(row: tuple[object, ...]) -> Intent:
    generation, counter, *rest = row
    return Intent(Key(generation, counter), *rest)  # type: ignore[arg-type]  # SQLite keeps what `_row` gave it


def _standing_row(standing: Standing) -> tuple[object, ...]:
    s = standing
    return (s.market, s.trading.value, s.why, s.since, s.cause.code if s.cause else "", s.until)


def _standing(row: tuple[str, str, str, float, str, float]) -> Standing:
    market, trading, why, since, cause, until = row
    return Standing(market, Trading(trading), why, since, Reason[cause.upper()] if cause else None, until)


def _set_day(write: sqlite3.Connection, day: Day) -> None:
    write.execute(_SET_DAY, (day.number, day.acknowledged, day.warned, day.breached))
    write.execute("DELETE FROM results")
    write.executemany(_ADD_RESULT, [(name, r.start, r.last, name in day.unread) for name, r in day.results.items()])


def _memory(read: sqlite3.Connection) -> Memory:
    rows = read.execute("SELECT market, trading, why, since, cause, until FROM standings")
    standings = {row[0]: _standing(row) for row in rows}
    found = read.execute(_RESULTS).fetchall()
    results = {name: Result(Cash(start), Cash(last)) for name, start, last, _ in found}
    unread = frozenset(name for name, _, _, unread in found if unread)
    row = read.execute("SELECT number, acknowledged, warned, breached FROM day").fetchone() or (0, 0, 0, 0)
    number, acknowledged, warned, breached = row
    day = Day(number, results, Cash(acknowledged), bool(warned), bool(breached), unread)
    later = (ramp_of(read), takings_of(read), tenures_of(read))
    return Memory(standings, day, tally_of(read), converted(read), *later)
