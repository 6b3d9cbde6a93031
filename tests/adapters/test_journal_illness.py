"""A disk that is full, locked, gone or hung: the journal says so with what to do, loses nothing, and works on afterwards."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from actors.ports import JournalBroken
from adapters.sqlite import SqliteJournal
from tests.adapters.test_sqlite import NOTE, intent


@contextmanager
def full(journal: SqliteJournal) -> Iterator[None]:
    """No page more than now."""
    (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    journal._connection.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def locked(journal: SqliteJournal) -> Iterator[None]:
    """Another program is in the middle of writing."""
    journal._connection.execute("PRAGMA busy_timeout = 10")
    with sqlite3.connect(journal.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize(("illness", "remedy"), [(full, "free some space"), (locked, "another program holds the file")])
async def test_an_illness_is_named_loses_nothing_and_passes(illness: object, remedy: str, tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db", inline=True)
    await journal.commit([intent(1)])
    many = [intent(n) for n in range(2, 500)]
    with illness(journal), pytest.raises(JournalBroken, match=remedy):  # type: ignore[operator]
        await journal.commit([*many, NOTE])
    assert await journal.intents() == (intent(1),)
    await journal.commit([*many, NOTE])
    assert len(await journal.intents()) == 499
    await journal.close()


async def test_damage_that_is_met_later_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([intent(n) for n in range(500)])
    await journal.close()
    journal = await SqliteJournal.open(path, inline=True)
    journal._connection.execute("PRAGMA shrink_memory")  # or it would read what it remembers
    _spoil(path)
    with pytest.raises(JournalBroken, match="damaged: move it away"):
        await journal.intents()
    await journal.close()


def _spoil(path: Path) -> None:
    """Everything behind the first page."""
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


async def test_a_disk_that_hangs_can_be_given_up_and_its_work_still_ends_before_the_next(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    hung, answers = threading.Event(), threading.Event()

    def slow(sql: str) -> None:
        if sql == "COMMIT" and not hung.is_set():
            hung.set()
            answers.wait(5)

    journal._connection.set_trace_callback(slow)
    with trio.move_on_after(0.05) as waiting:
        await journal.commit([intent(1)])
    assert waiting.cancelled_caught
    assert hung.is_set()
    answers.set()
    await journal.commit([intent(2)])
    assert await journal.intents() == (intent(1), intent(2))
    await journal.close()


async def test_a_disk_that_hangs_for_ever_does_not_keep_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.sqlite._CLOSE_WITHIN", 0.05)
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    answers = threading.Event()
    journal._connection.set_trace_callback(lambda _: answers.wait(5) and None)
    with trio.move_on_after(0.05):
        await journal.commit([intent(1)])
    with trio.fail_after(2):
        await journal.close()
    answers.set()
    monkeypatch.setattr("adapters.sqlite._CLOSE_WITHIN", 5)
    await journal.close()
