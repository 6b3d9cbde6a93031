"""The journal on disk: SQLite in WAL mode, synchronous=FULL, one writer. Implements `ports.JournalStore`.

A commit is one transaction and returns once it survives a power loss. Real time uses one thread, because an inline
fsync stalled every market up to 28 ms under disk load; virtual time uses none, because a thread lets virtual timeouts
fire (`inline=True`, reliability.md §4).
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

from actors.model.order import Key
from actors.ports import Intent, Note

SCHEMA = 1
_BUSY_SECONDS = 2.0
_TABLES = """
CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS intents (
  id INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL, counter INTEGER NOT NULL,
  order_id TEXT NOT NULL UNIQUE, market TEXT NOT NULL, condition_id TEXT NOT NULL, token TEXT NOT NULL,
  side TEXT NOT NULL, price INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, at REAL NOT NULL,
  closed INTEGER NOT NULL DEFAULT 0, UNIQUE (generation, counter));
CREATE INDEX IF NOT EXISTS open_intents_of_market ON intents (condition_id, id) WHERE NOT closed;
CREATE TABLE IF NOT EXISTS notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, market TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL);
"""
_COLUMNS = "generation, counter, order_id, market, condition_id, token, side, price, size, body, at"
_ADD_INTENT = f"INSERT INTO intents ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_NOTE = "INSERT INTO notes (kind, market, body, at) VALUES (?, ?, ?, ?)"
_INTENTS = f"SELECT {_COLUMNS} FROM intents WHERE NOT closed AND condition_id = coalesce(?, condition_id) ORDER BY id"
_CLOSE = "UPDATE intents SET closed = 1 WHERE order_id = ?"

T = TypeVar("T")


class JournalRefused(Exception):
    """The journal file cannot be used; says which and what to do."""


@define(eq=False)
class SqliteJournal:
    """One instance's journal. Ids of orders and keys are unique in it: repeating one is an IntegrityError (I3)."""

    path: Path
    _connection: sqlite3.Connection
    _inline: bool
    _one_thread: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False)

    @classmethod
    async def open(cls, path: Path, *, inline: bool = False) -> SqliteJournal:
        """Open or create the file, readable by its owner only. Raises JournalRefused."""
        connection = await _elsewhere(inline, None, lambda: _opened(path))
        return cls(path, connection, inline)

    async def commit(self, rows: Sequence[Intent | Note]) -> None:
        """Store all rows, or none: returns once they survive a power loss. Raises sqlite3.Error."""
        if rows:
            await self._run(lambda: self._write(rows))

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        """Every journalled order, of a market or of all, that no `closed` note has ended, oldest first."""
        return await self._run(lambda: tuple(map(_intent, self._connection.execute(_INTENTS, (condition_id,)))))

    async def notes(self, kind: str | None = None) -> tuple[Note, ...]:
        """Every note, or those of one kind, oldest first."""
        query = "SELECT kind, market, body, at FROM notes WHERE ?1 IS NULL OR kind = ?1 ORDER BY id"
        return await self._run(lambda: tuple(Note(*row) for row in self._connection.execute(query, (kind,))))

    async def next_run(self) -> int:
        """A number never given before by this file."""
        return await self._run(self._start_run)

    async def close(self) -> None:
        """Fold the log into the file and close it."""
        await self._run(self._finish)

    async def _run(self, work: Callable[[], T]) -> T:
        return await _elsewhere(self._inline, self._one_thread, work)

    def _write(self, rows: Sequence[Intent | Note]) -> None:
        with _Transaction(self._connection) as write:
            write.executemany(_ADD_INTENT, [_row(row) for row in rows if isinstance(row, Intent)])
            notes = [row for row in rows if isinstance(row, Note)]
            write.executemany(_CLOSE, [(note.body,) for note in notes if note.kind == "closed"])
            write.executemany(_ADD_NOTE, [(note.kind, note.market, note.body, note.at) for note in notes])

    def _start_run(self) -> int:
        with _Transaction(self._connection) as write:
            number = write.execute("INSERT INTO runs DEFAULT VALUES").lastrowid
        assert number is not None
        return number

    def _finish(self) -> None:
        """Every commit is durable already: a disk that refuses the checkpoint must not cost the program its last words."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as problem:
            logger.error("the journal could not be folded into one file: {}", problem)
        self._connection.close()


@define
class _Transaction:
    """BEGIN, then COMMIT, or ROLLBACK if anything was raised."""

    connection: sqlite3.Connection

    def __enter__(self) -> sqlite3.Connection:
        self.connection.execute("BEGIN IMMEDIATE")
        return self.connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.connection.execute("COMMIT")
        finally:  # a COMMIT that fails (disk full) may leave the transaction open
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")


async def _elsewhere(inline: bool, limiter: trio.CapacityLimiter | None, work: Callable[[], T]) -> T:
    """The work's result, from the writer thread or from here."""
    if not inline:
        return await trio.to_thread.run_sync(work, limiter=limiter)
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
        raise JournalRefused(f"{path} cannot be used as journal ({problem}): move it away or name another") from None
    return connection


def _private_file(path: Path) -> None:
    """Create the file for its owner only; SQLite gives its -wal and -shm files the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise JournalRefused(f"{path} is on a file system without shared memory: put the journal on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    with _Transaction(connection):
        found = _version(connection)
        if found is not None and found > SCHEMA:
            raise JournalRefused(
                f"{path} was written by a newer polyactors (schema {found}, this one knows {SCHEMA}): "
                "upgrade polyactors, or start with another --instance"
            )
        if found is None:
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute("INSERT INTO schema (version) VALUES (?)", (SCHEMA,))


def _version(connection: sqlite3.Connection) -> int | None:
    """The schema version of the file, None for a fresh one."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema'").fetchone()
    row = connection.execute("SELECT version FROM schema").fetchone() if known else None
    return int(row[0]) if row else None


def _row(intent: Intent) -> tuple[object, ...]:
    i = intent
    place = (i.market, i.condition_id, i.token, i.side, i.price, i.size)
    return (i.key.generation, i.key.counter, i.order_id, *place, i.body, i.at)


def _intent(row: tuple[object, ...]) -> Intent:
    generation, counter, *rest = row
    return Intent(Key(generation, counter), *rest)  # type: ignore[arg-type]  # SQLite keeps what `_row` gave it
