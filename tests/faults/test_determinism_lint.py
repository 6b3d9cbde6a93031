"""No wall clock, no unseeded randomness and no thread outside the seams: one of them anywhere, and a seed replays nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Calls by their dotted name, as the importing module spells it once aliases are resolved.
BANNED = (
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
    "secrets",
    "random.SystemRandom",
    "random.random",
    "random.randint",
    "random.uniform",
    "random.choice",
    "random.shuffle",
    "random.seed",
    "threading",
    "concurrent.futures",
    "multiprocessing",
    "asyncio",
    "trio.to_thread",
    "trio.from_thread",
)

# Where the world's time, chance and threads enter; everything else gets them handed in.
SEAMS = {
    "actors/wiring/opening.py": "the Seams of a run: wall clock and salts",
    "actors/wiring/canary.py": "signs what is never sent",
    "actors/wiring/browse.py": "reads of `markets`, in no run",
    "actors/wiring/reload.py": "reads the file in a thread, which `inline` leaves out",
    "actors/commands/approve.py": "a client's pause between two looks, in no run",
    "actors/commands/audit.py": "a client's pause between two looks, in no run",
    "actors/wiring/audit.py": "doctor's own reads, in no run",
    "actors/commands/run.py": "draws the seed of a run that is given none",
    "actors/commands/progress.py": "how long a command has taken, in no run",
    "actors/wiring/evaluations.py": "processes, each with paths of its own in simulated time",
    "actors/commands/exchange.py": "the exchange's wall clock",
    "adapters/sqlite.py": "the writer thread, which `inline` leaves out",
    "adapters/trail_file.py": "the writer thread, which `inline` leaves out",
    "adapters/logs.py": "the sink's thread, which simulation does not start",
}


def uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every banned name that a module refers to, with its line."""
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash":
            yield node.lineno, "hash()"
        elif isinstance(node, ast.Attribute | ast.Name) and (dotted := _dotted(node, names)):
            found = next((ban for ban in BANNED if dotted == ban or dotted.startswith(f"{ban}.")), None)
            if found is not None:
                yield node.lineno, dotted


def _imported(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                (alias.asname or alias.name.split(".")[0]): (alias.name if alias.asname else alias.name.split(".")[0])
                for alias in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("actors", "adapters"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def test_time_chance_and_threads_enter_only_at_the_seams() -> None:
    found = [
        f"{name}:{line}: {dotted}" for name, tree in _modules() if name not in SEAMS for line, dotted in uses(tree)
    ]
    assert not found, "hand these in instead (reliability.md §4):\n" + "\n".join(found)


def test_every_seam_is_one() -> None:
    """A name on the list that uses nothing banned any more must go."""
    kept = {name for name, tree in _modules() if name in SEAMS and any(uses(tree))}
    assert kept == set(SEAMS)


def test_the_lint_sees_what_it_is_for() -> None:
    planted = """
import time, os, random as dice, threading
from datetime import datetime
from random import Random
from time import monotonic as now
import trio
def step(rng: Random): return rng.random(), time.time(), now(), os.urandom(8), dice.choice([1]), datetime.now()
async def wait(): await trio.to_thread.run_sync(print); threading.Thread(); return hash("order")
"""
    seen = sorted({dotted for _, dotted in uses(ast.parse(planted))})
    assert seen == [
        "datetime.datetime.now",
        "hash()",
        "os.urandom",
        "random.choice",
        "threading",
        "threading.Thread",
        "time.monotonic",
        "time.time",
        "trio.to_thread",
        "trio.to_thread.run_sync",
    ]
