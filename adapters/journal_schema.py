"""The tables of the journal file and how they came to be: ordered steps, each one transaction that also moves the version.

A crash between any two statements leaves the version before or the one after, never a file in between. Steps are history:
a released one is never edited, the next change is a new step.
"""

from __future__ import annotations

import sqlite3

from attrs import define

_TABLES = """
CREATE TABLE schema (version INTEGER NOT NULL);
CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE intents (
  id INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL, counter INTEGER NOT NULL,
  order_id TEXT NOT NULL UNIQUE, market TEXT NOT NULL, condition_id TEXT NOT NULL, token TEXT NOT NULL,
  side TEXT NOT NULL, price INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, at REAL NOT NULL,
  closed INTEGER NOT NULL DEFAULT 0, UNIQUE (generation, counter));
CREATE INDEX open_intents_of_market ON intents (condition_id, id) WHERE NOT closed;
CREATE TABLE notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, market TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL);
INSERT INTO schema (version) VALUES (0);
"""

_MEMORY = """
ALTER TABLE intents ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
CREATE TABLE standings (
  market TEXT PRIMARY KEY, trading TEXT NOT NULL, why TEXT NOT NULL, since REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE day (
  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
  warned INTEGER NOT NULL, breached INTEGER NOT NULL);
CREATE TABLE results (market TEXT PRIMARY KEY, start INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
"""

_UNREAD = """
ALTER TABLE results ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
"""

_TALLY = """
ALTER TABLE standings ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE standings ADD COLUMN until REAL NOT NULL DEFAULT 0;
CREATE TABLE tally (
  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, carried INTEGER NOT NULL, peak INTEGER NOT NULL,
  base INTEGER NOT NULL);
CREATE TABLE hour (minute INTEGER PRIMARY KEY, earned INTEGER NOT NULL);
CREATE TABLE gauges (
  name TEXT PRIMARY KEY, granted INTEGER NOT NULL, warned INTEGER NOT NULL, hit INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE streaks (market TEXT PRIMARY KEY, losses INTEGER NOT NULL) WITHOUT ROWID;
"""

_BATCHES = """
CREATE TABLE batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, market TEXT NOT NULL,
  condition_id TEXT NOT NULL, yes INTEGER NOT NULL, no INTEGER NOT NULL, at REAL NOT NULL, pays INTEGER NOT NULL,
  settlement TEXT NOT NULL, nonce INTEGER NOT NULL, body BLOB NOT NULL, taken TEXT NOT NULL);
CREATE INDEX batches_of_market ON batches (condition_id, id);
"""

_RAMP = """
CREATE TABLE ramp (one INTEGER PRIMARY KEY CHECK (one = 1), parts TEXT NOT NULL, every REAL NOT NULL);
"""

_INCOME = """
CREATE TABLE income_days (one INTEGER PRIMARY KEY CHECK (one = 1), today INTEGER NOT NULL, before INTEGER);
CREATE TABLE income (
  day INTEGER NOT NULL, market TEXT NOT NULL, rebates INTEGER NOT NULL, looks INTEGER NOT NULL,
  promised INTEGER NOT NULL, PRIMARY KEY (day, market)) WITHOUT ROWID;
CREATE TABLE income_paid (
  day INTEGER NOT NULL, kind TEXT NOT NULL, least INTEGER NOT NULL, most INTEGER NOT NULL, paid INTEGER NOT NULL,
  differs INTEGER NOT NULL);
"""

_TENURES = """
CREATE TABLE tenures (
  market TEXT PRIMARY KEY, condition_id TEXT NOT NULL, origin TEXT NOT NULL, leaving TEXT NOT NULL) WITHOUT ROWID;
"""

_STEPS = (
    _TABLES,
    _MEMORY,
    _UNREAD,
    _TALLY,
    _BATCHES,
    _RAMP,
    _INCOME,
    _TENURES,
)  # step n leads from version n to version n + 1
SCHEMA = len(_STEPS)


class NewerSchema(Exception):
    """The file was written by a later version of this program."""


@define
class Transaction:
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


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to `SCHEMA`, step by step. Raises NewerSchema, leaving it as it is."""
    while (found := version(connection)) != SCHEMA:
        if found > SCHEMA:
            raise NewerSchema(f"schema {found}, this one knows {SCHEMA}")
        with Transaction(connection):
            if version(connection) == found:  # looked at again under the lock
                _step(connection, found)


def version(connection: sqlite3.Connection) -> int:
    """The schema version of the file, 0 for a fresh one."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema'").fetchone()
    row = connection.execute("SELECT version FROM schema").fetchone() if known else None
    return int(row[0]) if row else 0


def _step(connection: sqlite3.Connection, found: int) -> None:
    for statement in filter(str.strip, _STEPS[found].split(";")):
        connection.execute(statement)
    connection.execute("UPDATE schema SET version = ?", (found + 1,))
