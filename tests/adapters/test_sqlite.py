from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import trio
import trio.testing
from attrs import evolve

from actors.model.order import Key
from actors.records import Intent, Note
from adapters.journal_schema import SCHEMA
from adapters.sqlite import JournalRefused, SqliteJournal


def intent(counter: int, market: str = "demo", generation: int = 1) -> Intent:
    return Intent(
        key=Key(generation, counter),
        order_id=f"0x{generation:032x}{counter:032x}",
        market=market,
        condition_id=market,
        token="11",
        side="BUY",
        price=5000,
        size=10_000_000,
        body=b'{"order":{}}\x00\xff',
        at=1_700_000_000.25,
    )


NOTE = Note("command", "demo", '{"verb":"pause"}', 1_700_000_001.5)


def put(path: Path, content: bytes = b"", mode: int = 0o666) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch(mode)
    path.write_bytes(content)


def content(path: Path) -> bytes:
    return path.read_bytes()


def modes(folder: Path) -> list[int]:
    return [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()]


@pytest.fixture(params=[False, True], ids=["thread", "inline"])
def inline(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "journal.sqlite"


async def test_what_was_committed_is_read_back_exactly_and_in_order(path: Path, inline: bool) -> None:
    journal = await SqliteJournal.open(path, inline=inline)
    await journal.commit([intent(1), NOTE, intent(2, "other"), intent(3)])
    await journal.commit([])
    assert await journal.intents("demo") == (intent(1), intent(3))
    assert await journal.intents("other") == (intent(2, "other"),)
    assert await journal.intents("none") == ()
    await journal.close()
    again = await SqliteJournal.open(path, inline=inline)
    assert await again.intents("demo") == (intent(1), intent(3))
    assert await again.notes() == await again.notes("command") == (NOTE,)
    assert await again.notes("crash") == ()
    await again.close()


async def test_a_run_number_is_never_given_twice(path: Path, inline: bool) -> None:
    numbers = []
    for _ in range(3):
        journal = await SqliteJournal.open(path, inline=inline)
        numbers += [await journal.next_run(), await journal.next_run()]
        await journal.close()
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 6


@pytest.mark.parametrize("change", [{"order_id": intent(1).order_id}, {"key": Key(1, 1)}], ids=["order id", "key"])
async def test_a_group_is_one_transaction_and_an_id_is_never_stored_twice(
    path: Path, inline: bool, change: dict[str, object]
) -> None:
    journal = await SqliteJournal.open(path, inline=inline)
    await journal.commit([intent(1)])
    with pytest.raises(sqlite3.IntegrityError):
        await journal.commit([intent(7), NOTE, evolve(intent(2), **change)])  # type: ignore[arg-type]
    assert await journal.intents("demo") == (intent(1),)
    assert await journal.notes() == ()
    await journal.commit([intent(8)])  # the failed one left nothing open
    assert await journal.intents("demo") == (intent(1), intent(8))
    await journal.close()


async def test_a_large_group_commits_once(path: Path) -> None:
    journal = await SqliteJournal.open(path, inline=True)
    statements: list[str] = []
    journal._connection.set_trace_callback(statements.append)
    await journal.commit([intent(n) for n in range(500)] + [NOTE] * 20)
    assert [s for s in statements if not s.startswith("INSERT")] == ["BEGIN IMMEDIATE", "COMMIT"]
    assert len(await journal.intents("demo")) == 500
    await journal.close()


async def test_commits_survive_power_loss_by_setting(path: Path) -> None:
    journal = await SqliteJournal.open(path, inline=True)
    assert journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    await journal.close()


async def test_concurrent_commits_all_land(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    async with trio.open_nursery() as nursery:
        for n in range(30):
            nursery.start_soon(journal.commit, [intent(n)])
    assert {i.key.counter for i in await journal.intents("demo")} == set(range(30))
    await journal.close()


async def test_inline_work_uses_no_thread_so_virtual_time_stands_still(
    path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    journal = await SqliteJournal.open(path, inline=True)
    with trio.fail_after(60):
        for n in range(50):
            await journal.commit([intent(n)])
            await journal.next_run()
    assert trio.current_time() < 1
    await journal.close()


async def test_only_the_owner_can_read_any_file_of_it(path: Path) -> None:
    put(path, mode=0o666)
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([intent(1)])
    assert modes(path.parent) == [0o600] * 3
    await journal.close()


async def test_a_newer_schema_is_refused_and_left_alone(path: Path, inline: bool) -> None:
    await (await SqliteJournal.open(path, inline=inline)).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE schema SET version = ?", (SCHEMA + 1,))
    raw.close()
    before = content(path)
    with pytest.raises(JournalRefused, match=rf"newer polyactors \(schema {SCHEMA + 1}"):
        await SqliteJournal.open(path, inline=inline)
    assert content(path) == before


async def test_what_is_no_journal_is_refused_with_its_name(path: Path, inline: bool) -> None:
    put(path, b"this is no database at all" * 100)
    with pytest.raises(JournalRefused, match=str(path)):
        await SqliteJournal.open(path, inline=inline)
    with pytest.raises(JournalRefused, match="cannot be used"):
        await SqliteJournal.open(path.parent, inline=inline)


async def test_a_torn_tail_of_the_log_loses_nothing_that_was_committed(path: Path) -> None:
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([intent(1)])
    copy = path.with_name("copy.sqlite")
    put(copy, content(path))
    put(copy.with_name("copy.sqlite-wal"), content(path.with_name("journal.sqlite-wal")) + b"\x00torn" * 90)
    await journal.close()
    again = await SqliteJournal.open(copy, inline=True)
    assert await again.intents("demo") == (intent(1),)
    await again.close()


KILLED = """
import sys, trio
from pathlib import Path
from adapters.sqlite import SqliteJournal
from tests.adapters.test_sqlite import intent

async def main():
    journal = await SqliteJournal.open(Path(sys.argv[1]))
    for n in range(1_000_000):
        await journal.commit([intent(n)])
        print(n, flush=True)

trio.run(main)
"""


def test_every_row_whose_commit_returned_survives_kill_9(path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(25)]
    child.send_signal(signal.SIGKILL)
    told += child.stdout.read().splitlines()
    child.wait()
    child.stdout.close()
    last = int(told[-1])
    kept = trio.run(counters, path)
    assert kept[: last + 1] == list(range(last + 1))
    assert len(kept) <= last + 2


async def counters(path: Path) -> list[int]:
    journal = await SqliteJournal.open(path)
    kept = [i.key.counter for i in await journal.intents("demo")]
    await journal.close()
    return kept
