"""docs/faults.md against the code: every table, the worked session and the example from Python."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import NOTHING
from trio.testing import MockClock

from adapters.emulator.banner import summary_of
from adapters.emulator.faults import KINDS, Faults, parse
from adapters.emulator.faults_script import own_keys
from adapters.emulator.faults_when import EVENTS, When
from adapters.emulator.faults_where import EVENTS as FRAMES
from adapters.emulator.faults_where import METHODS, SERVICES, Where
from adapters.emulator.ledger import Ledger
from tests.emulator.harness import open_venue

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/faults.md").read_text()


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def own_rows() -> list[str]:
    """The table of own keys as the code has it."""
    return [
        f"| `{kind}` | `{key}` | {known.metadata['wanted']} | {default(known.default)} |"
        for kind, effect in KINDS.items()
        for key, known in own_keys(effect).items()
    ]


def default(value: object) -> str:
    return "**required**" if value is NOTHING else f"`{json.dumps(value)}`"


def test_every_kind_is_in_the_table_and_its_example_is_read() -> None:
    rows = re.findall(r"^\| ([F0-9 –]+) \| `(\w+)`[ †*]* \| .* \| `(\{.*\})` \|$", section("Kinds"), re.M)
    assert sorted(kind for _, kind, _ in rows) == sorted(KINDS)
    for _, kind, example in rows:
        assert [fault.kind for fault in parse([json.loads(example)])] == [kind]


def test_the_table_marks_what_lasts_and_what_acts() -> None:
    marks = dict(re.findall(r"^\| [F0-9 –]+ \| `(\w+)` ?([†*]?) \|", section("Kinds"), re.M))
    assert marks == {
        kind: "*" if hasattr(effect, "act") else "†" if getattr(effect, "LASTING", False) else ""
        for kind, effect in KINDS.items()
    }


def test_every_own_key_is_listed_with_what_it_takes_and_its_default() -> None:
    rows = [row for row in section("Own keys").splitlines() if row.startswith("| `")]
    assert rows == own_rows()


@pytest.mark.parametrize(("title", "part"), [("When", When), ("Whom", Where)])
def test_every_trigger_and_filter_has_a_row(title: str, part: type[Any]) -> None:
    listed = [key for row in re.findall(r"^\| (`.*?) \|", section(title), re.M) for key in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == sorted(own_keys(part))


def test_every_word_that_a_filter_or_an_event_takes_is_named() -> None:
    frames = [event for every in FRAMES.values() for event in every]
    for word in (*SERVICES, *METHODS, *FRAMES, *frames):
        assert f"`{word}`" in section("Whom")
    for word in EVENTS:
        assert f"`{word}`" in section("When")


def test_every_exchange_fault_of_the_reliability_notes_has_a_kind() -> None:
    numbers = {number for row in re.findall(r"^\| ([F0-9 ]+) \| `", section("Kinds"), re.M) for number in row.split()}
    bots_own = {*range(24, 32), 33, 35}
    assert numbers == {f"F{n}" for n in range(1, 36) if n not in bots_own}


async def test_the_worked_session_happens_as_printed(autojump_clock: MockClock) -> None:
    session = section("A session")
    entries = json.loads(re.findall(r"^\[\n.*?^\]$", session, re.M | re.S)[0])
    answers = [(int(code), json.loads(body)) for body, code in re.findall(r"^(\{.*\}|\d+)\n(\d{3})$", session, re.M)]
    bite = json.loads(re.findall(r'^(\{"id".*\})$', session, re.M)[0])
    diary = io.StringIO()
    async with open_venue(faults=Faults(parse(entries)), ledger=Ledger(lambda: 0.0, diary)) as venue:
        seen = [await venue.rest().call("GET", "/time") for _ in answers]
        summary = summary_of(venue.emulator)
        lines = [json.loads(line) for line in diary.getvalue().splitlines()]
    assert [code for code, _ in answers] == [500, 500, 200]
    assert seen[:2] == answers[:2]
    assert (seen[2][0], type(seen[2][1])) == (200, type(answers[2][1]))
    assert summary["unhit"] == re.findall(r"^fault .* never hit$", session, re.M)
    assert [{"summary": summary}] == [json.loads(text) for text in re.findall(r"`(\{\"summary.*\})`", session)]
    first = next(line for line in lines if line["kind"] == "fault")
    assert {**first, "id": bite["id"], "t": bite["t"]} == bite


@pytest.mark.process
def test_the_example_from_python_runs_and_prints_what_it_says() -> None:
    (script,) = re.findall(r"^```python\n(.*?)^```$", section("From Python"), re.M | re.S)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    promised = re.findall(r"print\(.*\)  # (.*)$", script, re.M)
    assert done.stdout.splitlines() == promised
    assert len(promised) == 2


def test_nothing_is_linked_that_is_not_here() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert [path for path in re.findall(r"`(\w+/[\w/]+\.\w+)`", TEXT) if not (ROOT / path).exists()] == []
