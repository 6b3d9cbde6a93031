"""A journal of any earlier version opens with everything in it, and a crash on the way leaves one version or the other."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from actors.model.conversion import Conversion, Kind
from actors.model.day import Day, Result
from actors.model.income import Compared, Expected, Income, Stood, Takings
from actors.model.income import Kind as Earned
from actors.model.numbers import Cash
from actors.model.order import Key, Settlement
from actors.model.ramp import Ramp
from actors.model.reason import Reason
from actors.model.tally import Gauge, Tally
from actors.model.trading import ALL, Standing, Trading
from actors.records import Batch, Intent, Memory, Note, Row
from adapters.journal_schema import SCHEMA, migrate, version
from adapters.sqlite import JournalRefused, SqliteJournal

# What version 1 of this program ran, word for word. Never edit it: such files exist.
VERSION_1 = """
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
INSERT INTO schema (version) VALUES (1);
"""
_COLUMNS = "generation, counter, order_id, market, condition_id, token, side, price, size, body, at"
_INTENT = f"INSERT INTO intents ({_COLUMNS}) VALUES (1, ?, ?, 'demo', '0xdemo', '11', 'BUY', 5000, 10000000, x'7b7d00ff', 7.25)"
STEPS = (
    7,
    4,
    9,
    5,
    4,
    6,
    4,
)  # statements that lead to versions 2 to 8: BEGIN, the move of the version and COMMIT included

OPEN = Intent(Key(1, 1), "0x1", "demo", "0xdemo", "11", "BUY", 5000, 10_000_000, b"{}\x00\xff", 7.25)
MEMORY = Memory(
    {
        ALL: Standing(ALL, Trading.SAFE, "looks wrong", 1_764_300_667.5),
        "demo": Standing("demo", Trading.PAUSED, "", 1_764_300_660.0),
        "late": Standing("late", Trading.REDUCING, "3 of 10", 1_764_300_661.0, Reason.PICKED_OFF, 1_764_300_721.5),
    },
    Day(
        20_420,
        {"demo": Result(Cash(-5), Cash(-70_000_001)), "late": Result(Cash(8), Cash(8))},
        Cash(3),
        warned=True,
        breached=True,
        unread=frozenset({"late"}),
    ),
    Tally(
        20_420,
        Cash(-7),
        Cash(9),
        Cash(1_000_000),
        ((29_405_011, Cash(9)), (29_405_012, Cash(-4))),
        {"pause hourly": Gauge(Cash(2), warned=True), "kill drawdown": Gauge(hit=True)},
        {"demo": 2},
    ),
    ramp=Ramp((10, 50, 100), 1800.0),
    takings=Takings(
        Income(20_420, {"0xdemo": Stood(Cash(12), 3, 5_000_000), "0xlate": Stood(looks=1)}),
        Income(20_419, {"0xdemo": Stood(Cash(40))}),
        Compared(
            20_418,
            {
                Earned.REBATES: (Expected(Cash(7), Cash(7)), Cash(8)),
                Earned.REWARDS: (Expected(Cash(1), Cash(9)), Cash(5_000_000)),
            },
            (Earned.REWARDS,),
        ),
    ),
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file as version 1 left it, its log not folded in: one order open, one closed, two runs."""
    path = tmp_path / "journal.db"
    with sqlite3.connect(path, isolation_level=None) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        for statement in filter(str.strip, VERSION_1.split(";")):
            raw.execute(statement)
        raw.execute("INSERT INTO runs DEFAULT VALUES")
        raw.execute("INSERT INTO runs DEFAULT VALUES")
        raw.execute(_INTENT, (1, "0x1"))
        raw.execute(_INTENT, (2, "0x2"))
        raw.execute("UPDATE intents SET closed = 1 WHERE order_id = '0x2'")
        raw.execute("INSERT INTO notes (kind, market, body, at) VALUES ('closed', 'demo', '0x2', 8.5)")
    raw.close()
    return path


async def test_a_file_of_version_1_opens_with_everything_in_it(old: Path) -> None:
    journal = await SqliteJournal.open(old, inline=True)
    assert await journal.intents() == (OPEN,)
    assert await journal.notes() == (Note("closed", "demo", "0x2", 8.5),)
    assert await journal.memory() == Memory()
    assert await journal.next_run() == 3
    assert version(journal._connection) == SCHEMA
    await journal.close()


async def test_the_states_of_a_run_are_those_of_the_next(old: Path) -> None:
    journal = await SqliteJournal.open(old, inline=True)
    states: list[Row] = [
        *MEMORY.standings.values(),
        Day(20_419),
        MEMORY.day,
        Tally(20_419, streaks={"demo": 1}),
        MEMORY.tally,
        Ramp((5, 100), 60.0),
        evolve(MEMORY.ramp, step=1, next_at=7.0),
        Takings(Income(20_420, {"0xgone": Stood(Cash(1))})),
        MEMORY.takings,
    ]
    await journal.commit([Standing("demo", Trading.RUNNING), *states])
    await journal.close()
    again = await SqliteJournal.open(old, inline=True)
    assert await again.memory() == MEMORY
    await again.close()


async def test_a_gain_over_midnight_pays_for_no_loss_though_a_restart_comes_before_the_days_first_mark(
    tmp_path: Path,
) -> None:
    day = Day(20_419).read({"demo": Cash(0)}).on(20_420, {"demo"})
    journal = await SqliteJournal.open(tmp_path / "journal.db", inline=True)
    await journal.commit([day])
    assert (await journal.memory()).day.read({"demo": Cash(50)}).read({"demo": Cash(-10)}).pnl == -60
    await journal.close()


async def test_the_expiry_of_an_order_is_kept(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db", inline=True)
    order = Intent(Key(9, 1), "0x9", "demo", "0xdemo", "11", "BUY", 5000, 10, b"{}", 7.0, expires=1_764_300_667)
    await journal.commit([order])
    assert await journal.intents() == (order,)
    await journal.close()


async def test_a_conversion_is_kept_as_it_stands_and_its_bytes_as_they_were_signed(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db", inline=True)
    merge = Conversion("7.1", Kind.MERGE, "demo", "0xdemo", -20, -20, 8.25)
    batch, other = Batch(merge, 3, b"{}\x00\xff"), Batch(evolve(merge, key="7.2", condition_id="0xother"), 4, b"{}")
    await journal.commit([batch, other])
    assert await journal.batches(pending=True) == (batch, other)
    done = evolve(batch, conversion=evolve(merge, settlement=Settlement.CONFIRMED), taken="an-id")
    await journal.commit([done])
    assert await journal.batches("0xdemo") == (done,)
    assert await journal.batches(pending=True) == (other,)
    assert (await journal.memory()).converted == {"0xdemo", "0xother"}
    await journal.forget_venue()
    assert await journal.batches() == ()
    await journal.close()


async def test_a_new_venue_is_met_without_its_predecessors_orders_but_with_the_kill(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.db", inline=True)
    await journal.commit(
        [
            OPEN,
            Note("fill", "demo", "", 1.0),
            *MEMORY.standings.values(),
            MEMORY.day,
            MEMORY.tally,
            MEMORY.takings,
        ]
    )
    before = await journal.next_run()
    await journal.forget_venue()
    assert (await journal.intents(), await journal.notes()) == ((), ())
    assert await journal.memory() == Memory(MEMORY.standings)
    assert await journal.next_run() > before
    await journal.close()


class Cut(Exception):
    """The process ends here."""


class Mortal(sqlite3.Connection):
    """A connection that calls `before` ahead of every statement of a step."""

    before: Callable[[], None] = lambda: None

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        if not sql.lstrip().startswith(("SELECT", "PRAGMA", "ROLLBACK")):
            self.before()
        return super().execute(sql, *args)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", range(sum(STEPS) + 1))
async def test_a_crash_before_any_statement_leaves_the_old_version_or_the_new(old: Path, step: int) -> None:
    """As a kill -9 would: the files as they are at that instant, opened anew by somebody else."""
    image, left = old.parent / "image", [step]
    image.mkdir()
    raw = sqlite3.connect(old, factory=Mortal, isolation_level=None)

    def before() -> None:
        if left[0] == 0:
            for file in old.parent.glob("journal.db*"):
                shutil.copy(file, image)
            raise Cut
        left[0] -= 1

    raw.before = before
    reached = False
    try:
        migrate(raw)
    except Cut:
        reached = True
    finally:
        raw.close()
    if not reached:
        assert step == sum(STEPS)
        return
    with sqlite3.connect(image / "journal.db") as found:
        assert version(found) == 1 + sum(step >= sum(STEPS[: n + 1]) for n in range(len(STEPS)))
        tables = [name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE name = 'standings'")]
        assert tables == ([] if step < STEPS[0] else ["standings"])
        unread = found.execute("SELECT 1 FROM pragma_table_info('results') WHERE name = 'unread'").fetchone()
        assert (unread is not None) == (step >= sum(STEPS[:2]))
        tally = found.execute("SELECT name FROM sqlite_master WHERE name = 'tally'").fetchone()
        assert (tally is not None) == (step >= sum(STEPS[:3]))
    found.close()
    journal = await SqliteJournal.open(image / "journal.db", inline=True)
    assert await journal.intents() == (OPEN,)
    await journal.commit([MEMORY.day])
    await journal.close()


# ── damage ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def full(path: Path) -> None:
    journal = await SqliteJournal.open(path, inline=True)
    body = b"x" * 3000
    await journal.commit(
        [Intent(Key(1, n), f"0x{n}", "demo", "0xdemo", "11", "BUY", 1, 1, body, 0.0) for n in range(200)]
    )
    await journal.close()


def overwrite(path: Path, at: int, size: int = 4096) -> None:
    """Spoil some bytes; `at` below 0 counts from the end."""
    with path.open("r+b") as file:
        file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        file.write(b"\xa5" * size)


@pytest.mark.parametrize("page", [1, 2, 5, 40, 100])
async def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, page: int) -> None:
    path = tmp_path / "journal.db"
    await full(path)
    overwrite(path, page * 4096)
    before = path.read_bytes()
    with pytest.raises(JournalRefused, match="damaged: move it away"):
        await SqliteJournal.open(path, inline=True)
    assert path.read_bytes() == before


async def test_a_damaged_head_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    await full(path)
    overwrite(path, 0, 100)
    with pytest.raises(JournalRefused, match="move it away or name another"):
        await SqliteJournal.open(path, inline=True)


async def test_a_damaged_tail_of_the_log_costs_only_what_stood_there(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.db"
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([Standing("demo", Trading.SAFE, "looks wrong", 7.0)])
    await journal.commit([OPEN])
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    await journal.close()
    overwrite(Path(f"{copy}-wal"), -100, 100)
    again = await SqliteJournal.open(copy, inline=True)
    assert (await again.memory()).standings["demo"].trading is Trading.SAFE
    assert await again.intents() == ()
    await again.commit([OPEN])
    assert await again.intents() == (OPEN,)
    await again.close()


async def test_a_file_that_another_program_locks_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.sqlite._BUSY_SECONDS", 0.01)
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE other (x)")
        raw.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalRefused, match="another program holds the file: close it"):
            await SqliteJournal.open(path, inline=True)
    raw.close()
