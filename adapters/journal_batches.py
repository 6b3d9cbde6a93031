"""Conversions in the journal file: the signed bytes once, how each stands by now. Rows and SQL only."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from actors.model.conversion import Conversion, Kind
from actors.model.numbers import Price
from actors.model.order import Settlement
from actors.records import Batch

_COLUMNS = "key, kind, market, condition_id, yes, no, at, pays, settlement, nonce, body, taken"
_SET = (
    f"INSERT INTO batches ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET settlement = excluded.settlement, taken = excluded.taken"
)
_READ = (
    f"SELECT {_COLUMNS} FROM batches WHERE condition_id = coalesce(?1, condition_id) "
    "AND (NOT ?2 OR settlement NOT IN ('CONFIRMED', 'FAILED')) ORDER BY id"
)


def set_batches(write: sqlite3.Connection, batches: Sequence[Batch]) -> None:
    """Add each, or move the one of its key along."""
    write.executemany(_SET, map(_row, batches))


def batches_of(read: sqlite3.Connection, condition_id: str | None, *, pending: bool) -> tuple[Batch, ...]:
    """Of a market or of all, or only those that are not over, oldest first."""
    return tuple(map(_batch, read.execute(_READ, (condition_id, pending))))


def converted(read: sqlite3.Connection) -> frozenset[str]:
    """Conditions of which there is any."""
    return frozenset(condition for (condition,) in read.execute("SELECT DISTINCT condition_id FROM batches"))


def _row(batch: Batch) -> tuple[object, ...]:
    c = batch.conversion
    what = (c.key, c.kind.value, c.market, c.condition_id, c.yes, c.no, c.at, c.pays, c.settlement.value)
    return (*what, batch.nonce, batch.body, batch.taken)


def _batch(row: tuple[Any, ...]) -> Batch:
    key, kind, market, condition_id, yes, no, at, pays, settlement, nonce, body, taken = row
    what = (Kind(kind), market, condition_id, yes, no, at, Price(pays), Settlement(settlement))
    return Batch(Conversion(key, *what), nonce, body, taken)
