"""The planted bugs of reliability.md §6 as switchable patches: each must be caught by a simulated run, or by a named test.

`python -m tests.faults.mutants` hunts them one by one and prints what caught each. A mutant that a run can show is hunted
by seeds of plans that bring out what it breaks, until the first breach; one that no run can show names its test.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve, frozen
from loguru import logger

from tests.faults.bugs import BUGS
from tests.faults.draws import Dice, draw_from
from tests.faults.plan import Plan
from tests.faults.planting import Patch
from tests.faults.world import simulate

ROOT = Path(__file__).parents[2]
MOST_SEEDS = 40
_RUN_WITHIN = 120  # s of real time: a run that takes longer hangs, as it does in a loop that never waits
_TEST_WITHIN = 180  # s
VARIABLE = "POLYACTORS_MUTANT"


@frozen
class Catch:
    """What caught a mutant; `by` is empty if nothing did."""

    name: str
    by: str
    runs: int
    seconds: float


@frozen
class Mutant:
    """`faults` and `acts` are what brings it out, drawn anew for each run beside what is `given`.

    `test` is the test that shows it where no run can.
    """

    name: str
    plant: Callable[[Patch], None]
    faults: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    given: tuple[Mapping[str, Any], ...] = ()
    flow: str = "demo"
    tight: bool = False
    quiet: int = 95
    test: str = ""

    def plan(self, seed: int) -> Plan:
        """The `seed`-th plan of its hunt."""
        dice = Dice(Random(f"{self.name}/{seed}"))
        plan = draw_from(
            dice,
            self.faults,
            self.acts,
            seed=seed,
            weather=120,
            quiet=self.quiet,
            flow=self.flow,
            per_market=30 if self.tight else 100,
            total=45 if self.tight else 400,
        )
        return evolve(plan, faults=(*plan.faults, *self.given))


def mutants() -> dict[str, Mutant]:
    """All of them, by name."""
    return {name: Mutant(name, **bug) for name, bug in BUGS.items()}


def hunt(name: str, most: int = MOST_SEEDS) -> Catch:
    """Run the mutant until something is broken."""
    logger.remove()
    mutant, began = mutants()[name], time.monotonic()
    if mutant.test:
        return Catch(name, _fails(mutant), 1, time.monotonic() - began)
    for seed in range(1, most + 1):
        if caught := _breach(mutant, seed):
            return Catch(name, caught, seed, time.monotonic() - began)
    return Catch(name, "", most, time.monotonic() - began)


def _breach(mutant: Mutant, seed: int) -> str:
    """The first invariant that a run with the bug breaks; "" if none."""
    with pytest.MonkeyPatch.context() as patch, _time_limit():
        mutant.plant(patch)
        try:
            breaches = simulate(mutant.plan(seed), hunt=True).breaches
        except BaseException as problem:  # noqa: BLE001 - a run that dies of the bug has caught it
            return f"the run itself: {type(problem).__name__} {str(problem)[:100]}"
    return breaches[0] if breaches else ""


def _fails(mutant: Mutant) -> str:
    """The named test, if it fails with the bug in place and passes without."""
    plain = _pytest(mutant.test, {})
    planted = _pytest(mutant.test, {VARIABLE: mutant.name})
    return mutant.test if plain == 0 and planted == 1 else ""


def _pytest(test: str, extra: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.faults.planted", "-p", "no:cacheprovider", test]
    try:
        run = subprocess.run(
            command, cwd=ROOT, env=os.environ | extra, capture_output=True, check=False, timeout=_TEST_WITHIN
        )
    except subprocess.TimeoutExpired:
        return pytest.ExitCode.TESTS_FAILED  # a test that never ends does not pass
    return run.returncode


class _time_limit:
    """Ends a run that never waits for anything."""

    def __enter__(self) -> None:
        def late(*_: Any) -> None:  # noqa: ANN401 - a signal handler's arguments
            raise TimeoutError(f"it did not end within {_RUN_WITHIN} s")

        self._before = signal.signal(signal.SIGALRM, late)
        signal.alarm(_RUN_WITHIN)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, self._before)


def hunt_all(names: list[str], jobs: int, most: int) -> Iterator[Catch]:
    """All of them over so many processes."""
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(hunt, names, [most] * len(names))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=MOST_SEEDS, help="plans to try on each")
    options = parser.parse_args()
    names, escaped = options.names or list(mutants()), 0
    for catch in hunt_all(names, options.jobs, options.seeds):
        escaped += not catch.by
        how = f"caught by {catch.by}" if catch.by else "NOT CAUGHT"
        print(f"{catch.name}: {how} (run {catch.runs}, {catch.seconds:.1f} s)", flush=True)
    print(f"{len(names) - escaped} of {len(names)} planted bugs caught")
    sys.exit(escaped > 0)


if __name__ == "__main__":
    main()
