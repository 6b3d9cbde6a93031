"""`audit` finds its rows over rotated files, and leaves out what a crash cut short."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from actors.commands.audit import audit


def written(folder: Path) -> Path:
    """Twelve rows over three files, the newest last, with a torn line in between."""
    rows = [
        {"at": "2026-01-02T03:04:05.678Z", "kind": "fill", "event": "matched", "market": "ab"[n % 2], "n": n}
        for n in range(12)
    ]
    for name, part in (("audit.jsonl.10", rows[:4]), ("audit.jsonl.2", rows[4:8]), ("audit.jsonl", rows[8:])):
        lines = [json.dumps(row) for row in part]
        (folder / name).write_text("\n".join([*lines[:2], '{"at": "20', *lines[2:]]) + "\n")
    return folder / "audit.jsonl"


def shown(path: Path, *args: str) -> list[int]:
    result = CliRunner().invoke(audit, ["--file", str(path), "--json", *args], catch_exceptions=False)
    return [json.loads(line)["n"] for line in result.stdout.splitlines()]


def test_the_last_rows_come_from_as_many_files_as_it_takes(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert shown(path, "--last", "3") == [9, 10, 11]
    assert shown(path, "--last", "6") == [6, 7, 8, 9, 10, 11]
    assert shown(path, "--last", "0") == list(range(12))


def test_filters_come_before_the_count(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert shown(path, "--last", "3", "--market", "a") == [6, 8, 10]
    assert shown(path, "--kind", "order") == []
    (tmp_path / "audit.jsonl.2").unlink()
    assert shown(path, "--last", "0", "--market", "b") == [1, 3, 9, 11]


def test_a_line_for_people_has_no_surprises(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    row = {"at": "2026-01-02T03:04:05.678Z", "kind": "x", "event": "y", "market": "", "t": "\x1b[2J"}
    path.write_text(json.dumps(row) + "\n")
    result = CliRunner().invoke(audit, ["--file", str(path)], catch_exceptions=False)
    assert result.stdout == "2026-01-02 03:04:05.678 -               x y          t ?[2J\n"


def test_a_line_for_people_names_the_day_shows_no_json_and_leaves_out_what_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    head = {"at": "2026-01-02T03:04:05.678Z", "kind": "cancel", "event": "answered", "market": "alpha"}
    answers: list[dict[str, object]] = [
        {"done": ["0xa", "0xb"], "refused": {}},
        {"done": [], "refused": {"0xa": "already matched", "0xb": "not found"}},
        {"args": {"market": "alpha", "on": False}, "why": "", "until": None},
    ]
    path.write_text("".join(json.dumps({**head, **told}) + "\n" for told in answers))
    result = CliRunner().invoke(audit, ["--file", str(path)], catch_exceptions=False)
    assert [line.partition("answered")[2].strip() for line in result.stdout.splitlines()] == [
        "done 0xa, 0xb",
        "refused 0xa: already matched, 0xb: not found",
        "args market: alpha, on: false",
    ]
    assert result.stdout.startswith("2026-01-02 03:04:05.678 alpha ")
