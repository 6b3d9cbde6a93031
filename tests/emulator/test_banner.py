"""What a person reads when the exchange starts and when it ends, and that it is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from trio.testing import MockClock

from actors.model.numbers import PUSD
from adapters.emulator import banner
from adapters.emulator.doors import SERVICES
from adapters.emulator.emulator import Emulator
from adapters.emulator.faults import Faults, parse
from tests.emulator.harness import open_venue, virtual_wall
from tests.emulator.recorded_client import OPENING
from tests.emulator.recordings import opened, trade, write

PORTS = {name: 7000 + number for number, name in enumerate(SERVICES)}
IN_FORCE = {
    "seed": 1,
    "flow": "busy",
    "speed": None,
    "loop": None,
    "faults": 1,
    "limits": "standard",
    "ledger": "x.jsonl",
}


def greeting(emulator: Emulator, capsys: pytest.CaptureFixture[str], **more: Any) -> list[str]:  # noqa: ANN401 - JSON
    told = banner.banner_of(emulator, "127.0.0.1", PORTS) | {"in_force": IN_FORCE | more}
    banner.print_summary(told)
    return capsys.readouterr().out.splitlines()


async def test_addresses_are_in_order_of_their_ports(
    autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_venue() as venue:
        lines = greeting(venue.emulator, capsys)
    urls = [line.split()[1] for line in lines if "://" in line]
    assert [int(url.split(":")[2].split("/")[0]) for url in urls] == [7000, *[7001] * 4, *range(7002, 7006)]
    assert any("token ids, wallets and keys: --json" in line for line in lines)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({}, "seed 1, flow busy, 1 fault, limits standard, ledger x.jsonl"),
        (
            {"flow": "x.csv.gz", "speed": 20.0, "loop": True, "faults": 2, "ledger": None},
            "seed 1, flow x.csv.gz at speed 20 in a loop, 2 faults, limits standard, no ledger",
        ),
        (
            {"flow": "x.csv", "speed": 0.5, "loop": False, "faults": 0, "limits": "off"},
            "seed 1, flow x.csv at speed 0.5, no faults, limits off, ledger x.jsonl",
        ),
    ],
)
async def test_one_line_says_what_is_in_force(
    asked: dict[str, Any], line: str, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_venue() as venue:
        assert f"  in force  {line}" in greeting(venue.emulator, capsys, **asked)


async def test_every_wallet_that_the_banner_names_holds_what_it_says(
    autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_venue() as venue:
        said = "every wallet of a key (its own address, proxy, Safe, deposit wallet) holds 10,000 pUSD"
        assert f"  {said}" in greeting(venue.emulator, capsys)
        for account in banner.banner_of(venue.emulator, "127.0.0.1", PORTS)["accounts"]:
            for wallet in ("address", "proxy", "safe", "deposit_wallet"):
                held = venue.emulator.exchange.accounts.get(account[wallet])
                assert held is not None
                assert held.cash == 10_000 * PUSD


async def test_a_recording_is_summed_up_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*OPENING, *(trade(1500 + n, "BID", "0.5", "90.25") for n in range(3))]
    emulator, flow = opened(write(tmp_path, rows), virtual_wall())
    emulator.flow = flow
    for row in flow.steps:
        flow.apply(row)
    summary = banner.summary_of(emulator)
    assert all(type(value) in (int, float) for value in summary.values())
    banner.print_summary({"summary": summary})
    told = "recording: 5 rows, 3 prints played, 2 levels seeded, 0 pruned, 170.75 printed shares met nobody, "
    assert capsys.readouterr().out == told + "not played to its end\n"


@pytest.mark.parametrize(("rounds", "end"), [(0, "not played to its end"), (1, "1 time"), (1200, "1,200 times")])
def test_numbers_of_a_summary_are_grouped(rounds: int, end: str, capsys: pytest.CaptureFixture[str]) -> None:
    counted = {"rows": 64150, "prints": 121, "seeded": 1, "pruned": 2200, "unmet_shares": 5071.7, "rounds": rounds}
    banner.print_summary({"summary": counted})
    out = capsys.readouterr().out
    head = (
        "recording: 64,150 rows, 121 prints played, 1 level seeded, 2,200 pruned, 5,071.7 printed shares met nobody, "
    )
    assert out.startswith(head)
    assert out.endswith(f"{end}\n")


async def test_seeded_flow_has_nothing_to_sum_up(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True) as venue:
        assert banner.summary_of(venue.emulator) == {}


async def test_faults_that_never_bit_are_named_at_the_end(
    autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = [{"kind": "delay", "path": "/ok", "seconds": 0.5}, {"kind": "status", "path": "/time", "code": 500}]
    async with open_venue(faults=Faults(parse(plan))) as venue:
        await venue.rest().call("GET", "/ok")
        summary = banner.summary_of(venue.emulator)
        assert len(summary["unhit"]) == 1
        banner.print_summary({"summary": summary})
        assert capsys.readouterr().out == "fault 2 (status) never hit\n"
        await venue.rest().call("GET", "/time")
        assert banner.summary_of(venue.emulator) == {"unhit": []}
        banner.print_summary({"summary": {"unhit": []}})
        assert capsys.readouterr().out == ""
