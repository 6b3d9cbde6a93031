"""A journal that fails or hangs: no order leaves, cancels go on, and the run ends with the truth or works on (F29, I2, I8)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.ending import Exit
from actors.model.numbers import SHARE
from actors.wiring.proof import proof
from adapters.sqlite import SqliteJournal
from tests.wiring.rooted import quoting_root
from tests.wiring.world import ALPHA, BETA, World, move, until, world

ILLNESSES = ("fail", "hang")


@pytest.mark.parametrize("ill", ILLNESSES)
async def test_without_a_journal_nothing_is_placed_and_the_run_ends_with_1(
    ill: str, autojump_clock: object, tmp_path: Path
) -> None:
    of = world(ALPHA, BETA)
    async with quoting_root(of, tmp_path) as run:
        of.journal.ill = ill
        began = trio.current_time()
        move(of, 4500)
        ending = await run.until_over(60.0)
        assert of.venue.since(began, "place") == []
        assert (ending.code, ending.open_orders) == (Exit.CRASHED, ())
        assert "journal crashed" in (ending.fatal or "")
        assert of.venue.live() == []
        assert of.venue.breaches == []


@pytest.mark.parametrize("ill", ILLNESSES)
async def test_without_a_journal_what_is_held_cannot_be_sold_and_is_named_with_4(
    ill: str, autojump_clock: object, tmp_path: Path
) -> None:
    of = world(ALPHA)
    async with quoting_root(of, tmp_path) as run:
        of.venue.fill(of.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        of.journal.ill = ill
        move(of, 4500)
        ending = await run.until_over(90.0)
        assert (ending.code, ending.open_orders) == (Exit.POSITIONS_REMAIN, ())
        assert "alpha YES 20" in proof(ending)


@pytest.mark.parametrize("ill", ILLNESSES)
async def test_a_journal_that_is_back_in_time_lets_the_run_go_on(
    ill: str, autojump_clock: object, tmp_path: Path
) -> None:
    of = world(ALPHA)
    async with quoting_root(of, tmp_path) as run:
        of.journal.ill = ill
        began = trio.current_time()
        move(of, 4500)
        await trio.sleep(4.0)
        assert of.venue.since(began, "place") == []
        of.journal.ill = None
        await until(lambda: len(of.live()) == 2, within=10.0)
        assert not run.stop.wanted.is_set()
        assert of.venue.breaches == []


async def test_the_admission_stays_closed_until_the_journal_has_written_something(
    autojump_clock: object, tmp_path: Path
) -> None:
    of = world(ALPHA)
    async with quoting_root(of, tmp_path) as run:
        of.journal.ill = "fail"
        of.shared("journal").crash("drill")
        for _ in range(20):
            await trio.sleep(0.1)
            assert "journal" in of.spine.admission.down
        of.journal.ill = None
        await until(lambda: of.spine.admission.is_open, within=5.0)
        assert not run.stop.wanted.is_set()


# ── the real file ───────────────────────────────────────────────────────────────────────────────────────────────────


def small_disk(raw: sqlite3.Connection) -> Callable[[], object]:
    """No page more, and the last one filled."""
    (pages,) = raw.execute("PRAGMA page_count").fetchone()
    raw.execute(f"PRAGMA max_page_count = {pages}")
    with suppress(sqlite3.OperationalError):
        while True:
            raw.execute("INSERT INTO notes (kind, market, body, at) VALUES ('', '', '', 0)")
    return lambda: raw.execute("PRAGMA max_page_count = 1000000")


def other_writer(raw: sqlite3.Connection) -> Callable[[], object]:
    raw.execute("PRAGMA busy_timeout = 1")
    (_, _, path) = raw.execute("PRAGMA database_list").fetchone()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def leave() -> None:
        other.execute("ROLLBACK")
        other.close()

    return leave


def gone(raw: sqlite3.Connection) -> Callable[[], object]:
    """Every write is an I/O error, as far as SQLite lets one pretend it."""
    raw.execute("PRAGMA query_only = ON")
    return partial(raw.execute, "PRAGMA query_only = OFF")


def spoiled(raw: sqlite3.Connection) -> Callable[[], object]:
    """Everything behind the first page of the file is noise."""
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (_, _, path) = raw.execute("PRAGMA database_list").fetchone()
    with Path(path).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    raw.execute("PRAGMA shrink_memory")
    return lambda: None


async def on_disk(folder: Path) -> World:
    """A world over a real journal file; the venue checks every order against it (I2)."""
    of = world(ALPHA)
    journal: Any = await SqliteJournal.open(folder / "journal.db", inline=True)
    of.journal = journal
    found = "SELECT 1 FROM intents WHERE order_id = ?"
    of.venue.durable = lambda order_id: journal._connection.execute(found, (order_id,)).fetchone() is not None
    return of


def connection(of: World) -> sqlite3.Connection:
    journal: Any = of.journal
    found: sqlite3.Connection = journal._connection
    return found


@pytest.mark.parametrize("illness", [small_disk, other_writer, gone])
async def test_a_file_that_cannot_be_written_stops_orders_and_only_for_as_long(
    illness: Callable[[sqlite3.Connection], Callable[[], object]], autojump_clock: object, tmp_path: Path
) -> None:
    of = await on_disk(tmp_path)
    async with quoting_root(of, tmp_path) as run:
        heal = illness(connection(of))
        began = trio.current_time()
        move(of, 4500)
        await until(lambda: "journal" in of.spine.admission.down, within=10.0)
        move(of, 4300)
        await trio.sleep(1.0)
        heal()
        placed = len(of.venue.placed)
        await until(lambda: len(of.venue.placed) > placed and len(of.live()) == 2, within=15.0)
        assert not run.stop.wanted.is_set()
        assert trio.current_time() - began < 30.0
    assert of.venue.breaches == []
    await of.journal.close()


@pytest.mark.parametrize("illness", [small_disk, other_writer, gone, spoiled])
async def test_a_file_that_cannot_be_written_any_more_ends_the_run_with_1(
    illness: Callable[[sqlite3.Connection], Callable[[], object]], autojump_clock: object, tmp_path: Path
) -> None:
    of = await on_disk(tmp_path)
    async with quoting_root(of, tmp_path) as run:
        heal = illness(connection(of))
        move(of, 4500)
        ending = await run.until_over(60.0)
        assert (ending.code, ending.open_orders, of.venue.live()) == (Exit.CRASHED, (), [])
        heal()
    assert of.venue.breaches == []
    await of.journal.close()
