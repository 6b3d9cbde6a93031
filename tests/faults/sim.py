"""`make sim` and `make sim-full`: every stage of the simulator's proof, one after the other, and what each came to.

Stages: the sweep over seeds, Hypothesis plans, bad input, the planted bugs, the same-seed gate. The exit code is 1 if any fell short.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
_PYTHON = (sys.executable, "-m")
_SPREAD = ("-n", "auto", "--maxprocesses=8", "--dist=worksteal")


@frozen
class Stage:
    """One command of the proof; `env` is added to the environment."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]

    def run(self) -> bool:
        """Whether it held; its output goes where ours goes."""
        print(f"── {self.name} ──", flush=True)
        began = time.monotonic()
        code = subprocess.run(self.command, cwd=ROOT, env={**os.environ, **self.env}, check=False).returncode
        print(
            f"── {self.name}: {'held' if code == 0 else 'FELL SHORT'} after {time.monotonic() - began:.0f} s",
            flush=True,
        )
        return code == 0


def stages(options: argparse.Namespace) -> Iterator[Stage]:
    """Those that the options ask for."""
    least = ("--faults", str(options.faults), "--points", str(options.points), "--first", str(options.first))
    sweep = (*_PYTHON, "tests.faults.sweep", "--hours", str(options.hours), "--jobs", str(options.jobs), *least)
    kept = ("--book", str(options.book)) if options.book else ()
    yield Stage(f"{options.hours:g} market-hours", (*sweep, *kept), {})
    plans = (*_PYTHON, "pytest", "-q", *_SPREAD, "tests/faults/test_plans.py", "-k", "no_plan")
    yield Stage(f"{options.plans} plans", plans, {"POLYACTORS_PLANS": str(options.plans)})
    adapters, wiring = "tests/adapters/polymarket", "tests/wiring"
    bad = (
        *("tests/config", "tests/emulator/test_hostile_fuzz.py", f"{wiring}/test_lying_venue.py"),
        *(f"{adapters}/test_{name}.py" for name in ("frames", "user_channel", "wire_spot", "wild_answers")),
        *(f"{wiring}/test_wild_{name}.py" for name in ("commands", "control", "live", "settings")),
    )
    yield Stage("bad input", (*_PYTHON, "pytest", "-q", *_SPREAD, *bad), {})
    yield Stage("planted bugs", (*_PYTHON, "tests.faults.mutants", "--jobs", str(options.jobs)), {})
    if options.gate:
        yield Stage("same seed, same trace", (*_PYTHON, "tests.faults.gate", "--seeds", str(options.gate)), {})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sim", description=__doc__)
    parser.add_argument("--hours", type=float, default=100.0, help="market-hours to simulate")
    parser.add_argument("--plans", type=int, default=500, help="plans that Hypothesis draws")
    parser.add_argument("--gate", type=int, default=0, help="seeds of the same-seed gate")
    parser.add_argument("--faults", type=int, default=0, help="least number of hits of every kind of fault")
    parser.add_argument("--points", type=int, default=0, help="least number of kills at every failpoint")
    parser.add_argument("--first", type=int, default=1, help="first seed of the sweep")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--book", type=Path, help="keep the sweep's sums here: a longer sweep goes on from there")
    options = parser.parse_args()
    began = time.monotonic()
    held = [stage.run() for stage in stages(options)]
    print(f"{sum(held)} of {len(held)} stages held, after {(time.monotonic() - began) / 60:.1f} min")
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
