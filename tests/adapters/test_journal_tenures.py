"""The journal on disk remembers markets that nobody names until they are over, and a person's word until it is taken back."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from actors.model.tenure import OFF, Origin, Tenure
from adapters.sqlite import SqliteJournal

FOUND = Tenure("found", "0xfound", Origin.DISCOVERED)
AWAY = Tenure("away", "0xaway", Origin.NAMED, OFF)
SERIES = Tenure("btc-updown-5m", "", Origin.ADDED)


async def remembered(path: Path) -> tuple[Tenure, ...]:
    journal = await SqliteJournal.open(path, inline=True)
    tenures = (await journal.memory()).tenures
    await journal.close()
    return tenures


async def test_the_newest_word_counts_and_what_is_over_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([FOUND, AWAY, SERIES])
    await journal.commit([evolve(FOUND, leaving="no longer worth trading")])
    await journal.close()
    assert await remembered(path) == (AWAY, SERIES, evolve(FOUND, leaving="no longer worth trading"))
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([evolve(FOUND, over=True), evolve(AWAY, over=True)])
    await journal.close()
    assert await remembered(path) == (SERIES,)


async def test_a_new_practice_exchange_knows_none_of_the_markets_but_a_persons_word_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path, inline=True)
    await journal.commit([FOUND, AWAY, SERIES])
    await journal.forget_venue()
    await journal.close()
    assert await remembered(path) == (AWAY, SERIES)
