"""Commands that are run over and over beside something else, with new seeds each time, and what they came to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from tests.faults.sweep import Sum
from tests.process.bot import ROOT
from tests.process.kills import LENGTH

MARKET_HOURS = 100  # a sweep's, as in `make sim`
ENOUGH = 300  # market-hours in which whatever must sometimes happen does
KILLS = 2 * LENGTH
KILL_ROUNDS = 10  # between two rounds of faults: together they are `make kills`
SEEDS = 1000  # kept for a sweep; it takes a few hundred


@frozen
class Round:
    """One command; `about` is how many seconds it should take, `kills` how many it makes."""

    name: str
    command: tuple[str, ...]
    about: float
    kills: int = 0


@define
class Tally:
    """What the rounds came to. `rounds` counts whole ones, `findings` are those that fell short."""

    rounds: int = 0
    simulated: Sum = field(factory=Sum)
    kills: int = 0
    orders: int = 0
    findings: list[str] = field(factory=list)

    def add_sweep(self, total: dict[str, Any]) -> None:
        """A sweep's sums."""
        self.simulated.seeds += total["seeds"]
        self.simulated.hours += total["hours"]
        self.simulated.met.update(total["met"])

    def seldom(self) -> list[str]:
        """What a simulation must sometimes meet and never did; a single round may miss some of it."""
        return list(self.simulated.missing(0, 0)) if self.simulated.hours >= ENOUGH else []

    def line(self) -> str:
        simulated = (
            f"{self.simulated.hours:,.0f} market-hours simulated, {self.simulated.met['kills']:,} kills and "
            f"{self.simulated.faults:,} faults in them"
        )
        real = f"{self.kills:,} real kills, {self.orders:,} orders"
        return f"{self.rounds} whole rounds: {simulated if self.simulated.runs else real}"


@define(eq=False)
class Lane:
    """One round after the other; the next begins if it should end in time, the first in any case."""

    folder: Path
    draw: Callable[[int], Round]
    tally: Tally = field(factory=Tally)
    _process: subprocess.Popen[bytes] | None = None
    _stopped: bool = False

    def run(self, deadline: float) -> Tally:
        """Until `deadline` (monotonic seconds)."""
        took: dict[str, float] = {}
        number = 0
        while not self._stopped:
            one, begun = self.draw(number), time.monotonic()
            if number and begun + took.get(one.name, one.about) > deadline:
                break
            self._play(one, number)
            took[one.name] = time.monotonic() - begun
            number += 1
        return self.tally

    def stop(self) -> None:
        """End what runs, with all that it has started."""
        self._stopped = True
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)

    def _play(self, one: Round, number: int) -> None:
        """What it prints is kept if it did not end with 0."""
        told, printed = (self.folder / f"{one.name}-{number}.{kind}" for kind in ("json", "txt"))
        sums = ("--book", str(told)) if one.name == "sweep" else ()
        with printed.open("wb") as out:
            self._process = subprocess.Popen(
                (*one.command, *sums), cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )
            if self._stopped:  # just now, so `stop` has not seen it
                self.stop()
            code = self._process.wait()
        if self._stopped:
            return
        self.tally.rounds += 1
        self.tally.kills += one.kills
        self.tally.orders += _orders(printed)
        total = json.loads(told.read_text()) if told.exists() else None
        if total is not None:
            self.tally.add_sweep(total)
        # A whole sweep that broke nothing has met something too seldom: `seldom` judges that.
        if code and (total is None or total["broken"] or total["hours"] < MARKET_HOURS):
            self.tally.findings.append(f"{one.name} {number} ended with {code}: {printed.relative_to(ROOT)}")
            print(f"FOUND {self.tally.findings[-1]}", flush=True)
        else:
            printed.unlink()
        told.unlink(missing_ok=True)


def _orders(printed: Path) -> int:
    """Of the verdict of a round of kills: what there was to lose."""
    found = re.search(r"kills in \d+ chains in \d+ s, (\d+) orders", printed.read_text(errors="replace"))
    return int(found[1]) if found else 0


def lanes(folder: Path, first: int, jobs: int) -> Sequence[Lane]:
    """Simulation and real kills side by side. Two thirds of `jobs` go to the simulation, which never waits; bots mostly do."""
    killing = max(1, jobs // 3)
    sweeping = max(1, jobs - killing)

    def sweep(number: int) -> Round:
        words = ("tests.faults.sweep", "--hours", MARKET_HOURS, "--first", first + number * SEEDS, "--jobs", sweeping)
        return Round("sweep", _python(words), 600 / sweeping)

    def kills(number: int) -> Round:
        seeds = ("--first", first + number * KILLS // LENGTH, "--jobs", killing)
        if number % (KILL_ROUNDS + 1) == KILL_ROUNDS:
            return Round("faults", _python(("tests.process.kills", "--runs", 0, *seeds)), 2400 / killing)
        words = ("tests.process.kills", "--runs", KILLS, "--no-faults", *seeds)
        return Round("kills", _python(words), 600 / killing, KILLS)

    return Lane(folder, sweep), Lane(folder, kills)


def _python(words: Sequence[object]) -> tuple[str, ...]:
    return (sys.executable, "-m", *map(str, words))
