"""Many paths of a family for several strategies, over processes: who does which path, and what is done so far."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path as File
from typing import Any

from attrs import field, frozen

from actors.config import load
from actors.model.performance import Performance
from actors.model.settings import Settings
from actors.wiring.evaluation import evaluate
from adapters.simulated.family import FAMILIES
from adapters.simulated.listing import listing
from adapters.simulated.path import path

REPORTING = 10_000  # seeds from here on are for reports; strategies and generators are tuned on those below


@frozen
class Entrant:
    """A strategy as it was asked for: `maker`, or `maker:size=40:limit=200` with keys of its section changed."""

    text: str

    @property
    def name(self) -> str:
        return self.text.partition(":")[0]

    def overrides(self) -> list[str]:
        """As `--set` would give them."""
        keys = [part for part in self.text.split(":")[1:] if part]
        return [f"strategy.name={self.name}", *(f"strategy.{key}" for key in keys)]


@frozen
class Contest:
    """`paths` lives of a family from `seed` on, each for every entrant. `file` and `overrides` are the common configuration."""

    family: str
    seed: int
    paths: int
    entrants: tuple[Entrant, ...]
    file: File | None = None
    overrides: tuple[str, ...] = ()

    def settings(self, entrant: Entrant) -> Settings:
        """Raises ConfigError. The environment has no say: the same command means the same everywhere."""
        market = listing(FAMILIES[self.family]).slug
        given = [*self.overrides, *entrant.overrides(), f"markets={market}", "discover.max_markets=0"]
        return load(self.file or File(os.devnull), {}, given).settings

    def check(self) -> None:
        """Raises ConfigError if an entrant cannot be configured so."""
        for entrant in self.entrants:
            self.settings(entrant)

    def terms(self) -> dict[str, Any]:
        """For JSON: what must be the same for two measurements of an entrant to belong together. Raises OSError."""
        text = self.file.read_bytes() if self.file else b""
        return {"family": self.family, "set": list(self.overrides), "config": sha256(text).hexdigest()}

    def tasks(self) -> list[Task]:
        """Path by path, so that what is done when somebody stops it can be compared."""
        wanted = [(entrant.text, self.settings(entrant)) for entrant in self.entrants]
        seeds = range(self.seed, self.seed + self.paths)
        return [Task(self.family, seed, name, settings) for seed in seeds for name, settings in wanted]


@frozen
class Task:
    """One entrant on one path."""

    family: str
    seed: int
    entrant: str
    settings: Settings


@frozen
class Done:
    """What came of a task; `wrong` says what did not add up, "" if everything did."""

    entrant: str
    performance: Performance
    wrong: str = ""


def do(task: Task) -> Done:
    lived = evaluate(path(FAMILIES[task.family], task.seed), task.settings)
    return Done(task.entrant, lived.performance, lived.wrong)


def all_done(tasks: Sequence[Task], jobs: int) -> Iterator[Done]:
    """As they are done, in any order; ends the processes when it is closed."""
    if jobs == 1:
        yield from map(do, tasks)
        return
    with get_context("spawn").Pool(jobs, initializer=_deaf) as pool:
        yield from pool.imap_unordered(do, tasks)


def _deaf() -> None:
    """Ctrl-C goes to the whole terminal, but only the parent decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@frozen
class Results:
    """What is done, by entrant and seed."""

    by_entrant: dict[str, dict[int, Performance]] = field(factory=dict)
    wrong: list[str] = field(factory=list)

    def add(self, done: Done) -> None:
        self.by_entrant.setdefault(done.entrant, {})[done.performance.seed] = done.performance
        if done.wrong:
            self.wrong.append(f"{done.entrant} on path {done.performance.seed}: {done.wrong}")

    def of(self, entrant: str) -> Mapping[int, Performance]:
        return self.by_entrant.get(entrant, {})
