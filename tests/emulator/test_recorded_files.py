"""Recordings as files: what is read and what is refused, prints with their causes, pace, rounds and names."""

from __future__ import annotations

import gzip
import json
import os
import signal
from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from actors.model.numbers import SHARE
from actors.wiring.exchange_child import ExchangeChild
from adapters.emulator.flow_choice import UnknownFlow, choose
from adapters.emulator.ledger import Ledger
from adapters.emulator.recorded_flow import RecordedFlow
from adapters.emulator.recorded_prints import in_order_of_cause
from adapters.emulator.recorded_rows import BadRecording, read_recording
from tests.emulator.harness import open_venue, virtual_wall
from tests.emulator.ledger_reader import read_ledger
from tests.emulator.recorded_client import BEST, OPENING, Client
from tests.emulator.recordings import TOKENS, Cells, change, opened, session, trade, write

# ── prints and their causes ───────────────────────────────────────────────────────────────────────────────────────


def steps(folder: Path, rows: list[Cells]) -> list[tuple[bool, int]]:
    ordered = in_order_of_cause(read_recording(write(folder, [*OPENING, *rows])).rows)
    return [(row.trade, row.size // SHARE) for row in ordered[2:]]


def test_a_print_moves_in_front_of_the_shrink_it_caused(tmp_path: Path) -> None:
    rows = [
        change(1100, "ASK", "0.5", "70", BEST),
        change(1110, "ASK", "0.5", "60", BEST),
        trade(1120, "BID", "0.5", "30"),
    ]
    assert steps(tmp_path, rows) == [(True, 30), (False, 70), (False, 60)]


def test_a_print_without_a_shrink_or_long_after_it_stays_where_it_is(tmp_path: Path) -> None:
    rows = [change(1100, "ASK", "0.5", "70", BEST), trade(1351, "BID", "0.5", "30"), trade(1360, "ASK", "0.48", "5")]
    assert steps(tmp_path, rows) == [(False, 70), (True, 30), (True, 5)]


def test_two_prints_share_one_shrink(tmp_path: Path) -> None:
    rows = [
        change(1100, "ASK", "0.5", "60", BEST),
        trade(1120, "BID", "0.5", "30"),
        trade(1121, "BID", "0.5", "10"),
        trade(1122, "BID", "0.5", "10"),
    ]
    assert steps(tmp_path, rows) == [(True, 30), (True, 10), (False, 60), (True, 10)]


async def test_every_print_is_traded_once_and_what_the_book_cannot_meet_is_counted(tmp_path: Path) -> None:
    rows = [change(1100, "ASK", "0.5", "70", BEST), trade(1120, "BID", "0.5", "30"), trade(1500, "BID", "0.5", "90")]
    ledger = tmp_path / "ledger"
    emulator, flow = opened(
        write(tmp_path, [*OPENING, *rows]), virtual_wall(), ledger=Ledger.to(ledger, virtual_wall())
    )
    for row in flow.steps:
        flow.apply(row)
    emulator.exchange.ledger.close()
    traded = [event.line["taker"]["size"] for event in read_ledger(ledger) if event.kind == "trade"]
    assert traded == ["30", "70"]
    assert flow.summary() == {"rows": 5, "prints": 2, "rounds": 0, "pruned": 0, "seeded": 2, "unmet_shares": "20"}


# ── time, rounds, names ───────────────────────────────────────────────────────────────────────────────────────────


async def test_rows_come_at_their_own_pace_or_faster_and_the_last_orders_stay(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = write(
        tmp_path, [*OPENING, change(11_000, "BID", "0.47", "9", BEST), change(10_000, "BID", "0.46", "9", BEST)]
    )
    for speed, seconds in ((1.0, 10.0), (4.0, 2.5)):
        async with open_venue(flow=str(path), speed=speed) as venue:
            flow = venue.emulator.flow
            assert isinstance(flow, RecordedFlow)
            await trio.sleep(seconds - 0.1)
            assert flow.rows == 2
            await trio.sleep(0.2)
            assert (flow.rows, flow.rounds) == (4, 1)
            await trio.sleep(3600)
            assert flow.rows == 4
            assert venue.listings[0].book.bids.size_at(4800) == 100 * SHARE
            assert venue.listings[0].accepting


async def test_a_looped_recording_begins_again_with_an_empty_book_but_for_its_clients(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = write(tmp_path, [*OPENING, change(11_000, "BID", "0.47", "9", BEST)])
    async with open_venue(flow=str(path), loop=True) as venue:
        flow = venue.emulator.flow
        assert isinstance(flow, RecordedFlow)
        await trio.sleep(5)
        Client.join(venue.emulator, flow, 0, True, 4500, 20 * SHARE)
        await trio.sleep(10)
        assert (flow.rounds, flow.rows) == (1, 5)
        assert venue.listings[0].book.bids.prices == [4500, 4800]


def test_markets_are_named_by_the_file_or_made_up_the_same_way_each_time(tmp_path: Path) -> None:
    named = {"tokens": TOKENS[1], "slug": "cup-final", "condition_id": f"0x{7:064x}"}
    rows = [*OPENING, change(1002, "BID", "0.485", "5", ("0.485", "0.5"), TOKENS[1][0])]
    path = write(tmp_path, rows, [TOKENS[0], named])
    first, second = (choose(str(path)).listings(seed).all for seed in (1, 2))
    assert [one.market.slug for one in first] == ["recorded-1", "cup-final"]
    assert first[1].market.condition_id == f"0x{7:064x}"
    assert [one.market.tick for one in first] == [100, 50]
    assert [one.market for one in first] == [one.market for one in second]
    assert {one.version for one in first} == {"v1"}


@pytest.mark.process
async def test_the_process_counts_at_its_end_and_a_bot_can_have_it_started(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = write(tmp_path, session(Random(3), 200), TOKENS)
    child = ExchangeChild.start(
        seed=1, ledger=tmp_path / "ledger", log=tmp_path / "log", faults=None, flow=str(path), environ=os.environ
    )
    banner = await child.banner()
    assert [market["slug"] for market in banner["markets"]] == ["recorded-1", "recorded-2", "recorded-3"]
    child.process.send_signal(signal.SIGTERM)
    assert child.process.stdout is not None
    counted = json.loads(await trio.to_thread.run_sync(child.process.stdout.readline))["summary"]
    assert counted.keys() == {"rows", "prints", "rounds", "pruned", "seeded", "unmet_shares"}
    assert not any(isinstance(value, str) for value in counted.values())
    assert (banner["in_force"]["flow"], banner["in_force"]["speed"]) == (str(path), 1.0)
    child.stop()
    child.process.stdout.close()
    assert child.process.returncode == 0


# ── bad files ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (change(1, "BID", "1.2", "5", BEST), "row 4, column price: '1.2' is not a price between 0 and 1"),
        (change(1, "BID", "0", "5", BEST), "row 4, column price: '0' is not between 0 and 1"),
        (change(1, "BID", "0.5", "-5", BEST), "row 4, column size: '-5' is not a plain decimal number"),
        (change(1, "BUY", "0.5", "5", BEST), "row 4, column side: 'BUY' is neither BID nor ASK"),
        (change(1, "BID", "0.5", "5", BEST, "99"), "row 4, column asset_id: '99' is in no pair"),
        (change(1, "BID", "0.5", "5", ("x", "0.5")), "row 4, column best_bid: 'x' is not a plain decimal number"),
        (trade(1, "BID", "0.5", "0"), "row 4, column size: a print needs more than 0"),
        (("soon", *OPENING[0][1:]), "row 4, column ts_ms: 'soon' is no time in milliseconds"),
        ((1, "TRADE", *OPENING[0][2:]), "row 4, column event: 'TRADE' is neither PRICE_CHANGE nor LAST_TRADE"),
        ((1, "PRICE_CHANGE"), "row 4: has fewer columns than the header"),
    ],
)
def test_a_bad_row_is_refused_by_its_number_and_column(tmp_path: Path, row: Cells, told: str) -> None:
    path = write(tmp_path, [*OPENING, row])
    with pytest.raises(BadRecording) as refusal:
        read_recording(path)
    assert str(refusal.value) == f"{path}: {told}"


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, OPENING)
    whole = path.read_bytes()
    for broken, told in (
        (whole[:-9], "cannot be read"),
        (b"no gzip", "cannot be read"),
        (gzip.compress(b"ts_ms,event\n1,2\n"), "row 1: lacks the column asset_id"),
        (gzip.compress(whole), "cannot be read"),
        (gzip.compress(gzip.decompress(whole).splitlines()[0]), "holds no rows"),
    ):
        path.write_bytes(broken)
        with pytest.raises(BadRecording, match=told):
            read_recording(path)


@pytest.mark.parametrize("pairs", [[], [["1", "1"]], [["1"]], ["12"], [["x", "y"]], None, [{"slug": "x"}], "ab"])
def test_bad_pairs_are_refused(tmp_path: Path, pairs: object) -> None:
    with pytest.raises(BadRecording, match=r"made_up_pairs\.json: must"):
        read_recording(write(tmp_path, OPENING, pairs))


def test_a_recording_without_its_pairs_or_an_unknown_name_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, OPENING)
    path.with_name("made_up_pairs.json").unlink()
    with pytest.raises(BadRecording, match="must name the token pairs"):
        choose(str(path))
    with pytest.raises(UnknownFlow, match="neither one of demo, quiet"):
        choose("bussy")


@pytest.mark.parametrize("name", ["README.md", "session.csv.zip", "csv"])
def test_another_kind_of_file_is_told_what_a_recording_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("# A project")
    with pytest.raises(BadRecording) as refusal:
        choose(str(path))
    assert str(refusal.value).startswith(
        f"{path}: is no recording: that is a .csv.gz or .csv file with the columns ts_ms,"
    )
    assert "NAME_pairs.json" in str(refusal.value)


def test_a_plain_csv_is_read_as_well(tmp_path: Path) -> None:
    path = write(tmp_path, OPENING)
    plain = tmp_path / "made_up.csv"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert read_recording(plain).rows == read_recording(path).rows
