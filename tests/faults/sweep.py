"""Many simulated runs over the cores, and what they came to: `python -m tests.faults.sweep --hours 100`.

Ends with 1 if an invariant was broken, if something that must sometimes happen never did, or if a fault, an act or a
failpoint of the table was met less often than asked. With `--book FILE` the sums are kept there after every run, and a
sweep that was stopped goes on where it was, on the same commit only: seeds mean nothing on another one.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from random import Random

from attrs import asdict, define, field, frozen
from loguru import logger

from tests.faults.draws import ACTS, FAULTS, Dice, draw_plan
from tests.faults.evidence import SOMETIMES
from tests.faults.flows import CALM_MARKETS
from tests.faults.plan import MARKETS, Plan
from tests.faults.taps import POINTS
from tests.faults.world import simulate


@frozen
class Outcome:
    """What one run came to, small enough to travel between processes. `cpu` in seconds."""

    seed: int
    hours: float
    breaches: tuple[str, ...]
    met: Counter[str]
    cpu: float
    digest: str


@define
class Sum:
    """What all runs so far came to. `met` counts faults (`fault X`), acts (`act X`), failpoints (`point X`) and the rest."""

    commit: str = ""
    hours: float = 0.0
    cpu: float = 0.0
    seeds: list[int] = field(factory=list)
    met: Counter[str] = field(factory=Counter)
    broken: dict[str, tuple[str, ...]] = field(factory=dict)

    @property
    def runs(self) -> int:
        return len(self.seeds)

    def add(self, one: Outcome) -> None:
        self.seeds.append(one.seed)
        self.hours, self.cpu = self.hours + one.hours, self.cpu + one.cpu
        self.met.update(one.met)
        if one.breaches:
            self.broken[str(one.seed)] = one.breaches

    def save(self, book: Path) -> None:
        """Whole or not at all: a sweep may be killed at any moment."""
        new = book.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")
        new.replace(book)

    @classmethod
    def load(cls, book: Path | None) -> Sum:
        """What the book holds, or nothing yet. Ends the program if that was swept on another commit."""
        here = _commit()
        if book is None or not book.exists():
            return cls(here)
        kept = json.loads(book.read_text())
        if kept["commit"] != here:
            raise SystemExit(
                f"{book} was begun on {kept['commit']}, this is {here}: finish it there, or name another file"
            )
        return cls(**{**kept, "met": Counter(kept["met"])})

    @property
    def faults(self) -> int:
        return sum(times for what, times in self.met.items() if what.startswith("fault "))

    def missing(self, faults: int, points: int) -> Iterator[str]:
        """What was met too seldom."""
        wanted = {f"fault {kind}": faults for kind in FAULTS} | {f"act {kind}": faults for kind in ACTS}
        wanted |= {f"point {point}": points for point in POINTS} | {f"sometimes {what}": 1 for what in SOMETIMES}
        yield from (
            f"{what}: {self.met[what]}, wanted {least}" for what, least in wanted.items() if self.met[what] < least
        )


def plan_of(seed: int, *, weather: int = 300, quiet: int = 100) -> Plan:
    """The sweep's plan of a seed: by turns twenty calm markets and five lively ones; a quarter ends in bad weather."""
    calm, quiet = seed % 2 == 0, quiet if seed % 8 not in (3, 6) else 0
    return draw_plan(
        Dice(Random(seed), CALM_MARKETS if calm else MARKETS),
        seed=seed,
        weather=weather,
        quiet=quiet,
        faults=(12, 24),
        acts=(6, 14),
        kills=weather // (50 if calm else 15),  # a start of twenty markets costs four times one of five
        often=0.4 if calm else 1.6,
        flows=("calm",) if calm else ("quiet", "quiet", "demo"),
    )


def run_one(plan: Plan) -> Outcome:
    """One run; an error that escapes it is a breach, too."""
    logger.remove()
    began = time.process_time()
    try:
        world = simulate(plan)
    except BaseException as problem:  # noqa: BLE001 - whatever it is, the sweep must name it and go on
        text = "".join(traceback.format_exception(problem))
        return Outcome(plan.seed, 0.0, (f"the run itself failed: {text[-1500:]}",), Counter(), _since(began), "")
    return Outcome(plan.seed, plan.market_hours, tuple(world.breaches), world.met, _since(began), world.trace.digest)


def _since(began: float) -> float:
    return time.process_time() - began


def sweep(plans: list[Plan], total: Sum, jobs: int, *, book: Path | None = None) -> None:
    """Run those plans that are not in `total` yet."""
    begun, before = time.monotonic(), total.hours
    left = [plan for plan in plans if plan.seed not in set(total.seeds)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _collect_less) as pool:
        for future in as_completed([pool.submit(run_one, plan) for plan in left]):
            _take(future.result(), total)
            if book is not None:
                total.save(book)
            if total.runs % 20 == 0:
                _progress(total, (total.hours - before) / (time.monotonic() - begun) * 3600)


def _commit() -> str:
    """What is swept: the commit, marked where files differ from it."""
    told = subprocess.run(("git", "describe", "--always", "--dirty", "--abbrev=12"), capture_output=True, text=True)
    return told.stdout.strip()


def _plans(first: int, hours: float, weather: int, quiet: int) -> list[Plan]:
    plans: list[Plan] = []
    while sum(plan.market_hours for plan in plans) < hours:
        plans.append(plan_of(first + len(plans), weather=weather, quiet=quiet))
    return plans


def _take(one: Outcome, total: Sum) -> None:
    total.add(one)
    for breach in one.breaches:
        print(f"seed {one.seed}: {breach}", flush=True)


def _progress(total: Sum, pace: float) -> None:
    print(
        f"{total.runs} runs, {total.hours:.1f} market-hours, {total.met['kills']} kills, {total.faults} faults, "
        f"{len(total.broken)} broken runs; {pace:.0f} market-hours an hour",
        flush=True,
    )


def _collect_less() -> None:
    """A run leaves few cycles, and looking for them takes a twentieth of its time."""
    gc.set_threshold(100_000, 20, 20)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sweep", description=__doc__)
    parser.add_argument("--hours", type=float, default=100.0, help="market-hours to simulate")
    parser.add_argument("--first", type=int, default=1, help="first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--weather", type=int, default=300, help="seconds of faults in a run")
    parser.add_argument("--quiet", type=int, default=100, help="seconds without, before SIGTERM")
    parser.add_argument("--faults", type=int, default=0, help="least number of hits of every kind of fault")
    parser.add_argument("--points", type=int, default=0, help="least number of kills at every failpoint")
    parser.add_argument("--book", type=Path, help="keep the sums here, and go on from what is there")
    options = parser.parse_args()
    total = Sum.load(options.book)
    plans = _plans(options.first, options.hours, options.weather, options.quiet)
    sweep(plans, total, options.jobs, book=options.book)
    missing = list(total.missing(options.faults, options.points))
    _report(total, missing)
    sys.exit(bool(total.broken or missing))


def _report(total: Sum, missing: list[str]) -> None:
    for what, times in sorted(total.met.items()):
        print(f"{times:>9}  {what}")
    print(f"commit {total.commit}, seeds {min(total.seeds)} to {max(total.seeds)}")
    print(
        f"{total.runs} runs, {total.hours:.1f} market-hours in {total.cpu:.0f} s of a core; a market-hour held "
        f"{total.faults / total.hours:.0f} faults and {total.met['kills'] / total.hours:.1f} kills"
    )
    print(f"broken runs: {len(total.broken)} {sorted(total.broken)[:20]}")
    for line in missing:
        print(f"too seldom: {line}")


if __name__ == "__main__":
    main()
