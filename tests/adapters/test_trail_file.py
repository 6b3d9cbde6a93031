"""The trail's file: whole lines for its owner only, over crashes, rotations and full disks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.trail_file import KEPT, TrailFile
from tests.wiring.world import virtually


async def test_lines_are_appended_for_the_owners_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "audit.jsonl"
    for line in ('{"a": 1}', '{"a": 2}'):
        trail = TrailFile(path)
        await trail.append([line])
        trail.close()
    assert path.read_text() == '{"a": 1}\n{"a": 2}\n'
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_line_that_a_crash_cut_short_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"a": 1}\n{"a"')
    trail = TrailFile(path)
    await trail.append(['{"a": 2}'])
    trail.close()
    assert path.read_text() == '{"a": 1}\n{"a"\n{"a": 2}\n'


def test_full_files_are_kept_beside_it_and_no_line_is_split(tmp_path: Path) -> None:
    async def main() -> None:
        trail = TrailFile(tmp_path / "audit.jsonl", largest=200, inline=True)
        for number in range(300):
            await trail.append([json.dumps({"row": number})])
        trail.close()

    virtually(main)
    files = sorted(tmp_path.iterdir())
    assert len(files) == KEPT + 1
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    rows = [json.loads(line)["row"] for file in files for line in file.read_text().splitlines()]
    assert sorted(rows) == list(range(300 - len(rows), 300)), "the newest, each once"


async def test_a_failure_is_raised_and_the_next_line_tries_again(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.mkdir()
    trail = TrailFile(path)
    for _ in range(2):
        with pytest.raises(IsADirectoryError):
            await trail.append(["{}"])
    path.rmdir()
    await trail.append(['{"a": 1}'])
    trail.close()
    assert path.read_text() == '{"a": 1}\n'
