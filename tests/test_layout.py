"""The root folder holds what architecture §2 lists and nothing else, and packages carry no code of their own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

REQUIRED = frozenset(
    [
        "actors",
        "adapters",
        "tests",
        "pyproject.toml",
        "config.yaml",
        ".env.example",
        "README.md",
        "Makefile",
        ".ci",
        "LICENSE",
        "CHANGELOG.md",
        "requirements.lock",
        ".gitignore",
    ]
)
ALLOWED = REQUIRED | {"docs", "deploy"}


def tracked() -> list[str]:
    """Every file git knows, from the root. Skips where the project was not cloned."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: there is no list of tracked files")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split("\0") if name]


def strangers(files: Iterable[str]) -> set[str]:
    return {name.split("/")[0] for name in files} - ALLOWED


def test_the_root_holds_what_the_architecture_lists_and_nothing_else() -> None:
    files = tracked()
    assert strangers(files) == set()
    assert {name.split("/")[0] for name in files} >= REQUIRED


def test_a_stranger_in_the_root_is_found() -> None:
    assert strangers(["actors/model/book.py", "notes.txt", "tools/x.py"]) == {"notes.txt", "tools"}


def test_every_package_file_is_empty() -> None:
    packages = [path for top in ("actors", "adapters", "tests") for path in (ROOT / top).rglob("__init__.py")]
    assert packages
    assert [str(path.relative_to(ROOT)) for path in packages if path.stat().st_size] == []


def test_the_lock_names_every_package_with_hashes_and_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    pins = [entry for entry in text.replace("\\\n", " ").splitlines() if "==" in entry]
    assert pins
    assert [entry for entry in pins if "--hash=sha256:" not in entry] == []


def _target(name: str) -> str:
    return (ROOT / "Makefile").read_text().partition(f"\n{name}:")[2].partition("\n\n")[0]


def test_ci_leaves_out_no_test_and_none_of_its_depth() -> None:
    """What is quick and no property has but one depth; all else runs as in `test-all`, which leaves out nothing."""
    marks = {
        name: re.findall(r' -m (process$|"[^"]+")', _target(name), re.M) for name in ("test", "test-rest", "test-all")
    }
    assert marks["test"] == ['"not slow and not process"']
    assert marks["test-rest"] == ['"(slow or hypothesis) and not process"', "process"]
    assert marks["test-all"] == ['"not process"', "process"]
    assert "profile" not in _target("test-rest") + _target("test-all")
    assert (ROOT / ".ci/run").read_text().splitlines()[-2:] == ["make test", "make test-rest"]


def test_bots_that_live_in_real_time_are_left_to_the_whole_suite_but_for_one() -> None:
    mark = "pytestmark = pytest.mark.process"
    sources = {path.name: path.read_text() for path in (ROOT / "tests/process").glob("test_*.py")}
    assert [name for name, text in sources.items() if "Bot" in text and mark not in text] == ["test_lost_terminal.py"]
