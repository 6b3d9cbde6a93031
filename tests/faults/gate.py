"""The same-seed gate: every seed in two processes with different hash seeds must give one and the same trace.

`python -m tests.faults.gate --seeds 200` prints how many did, and which not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from loguru import logger

from tests.faults.draws import Dice, draw_plan
from tests.faults.world import simulate

ROOT = Path(__file__).parents[2]
_HASH_SEEDS = ("1", "2")


def traces(first: int, seeds: int, weather: int) -> Iterator[str]:
    """A line for each seed: its number, the hash of its trace, and how many events that holds."""
    logger.remove()
    for seed in range(first, first + seeds):
        plan = draw_plan(Dice(Random(f"gate/{seed}")), seed=seed, weather=weather, quiet=0)
        trace = simulate(plan).trace
        yield f"{seed} {trace.digest} {trace.count}"


def compare(first: int, seeds: int, weather: int) -> tuple[Sequence[str], Sequence[str]]:
    """The two processes' lines."""
    command = [sys.executable, "-m", "tests.faults.gate", "--trace", "--first", str(first), "--seeds", str(seeds)]
    running = [
        subprocess.Popen(
            [*command, "--weather", str(weather)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in _HASH_SEEDS
    ]
    ours, theirs = (process.communicate()[0].splitlines() for process in running)
    return ours, theirs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.gate", description=__doc__)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--weather", type=int, default=60, help="simulated seconds of a seed")
    parser.add_argument("--trace", action="store_true", help="only print this process' traces")
    options = parser.parse_args()
    if options.trace:
        for line in traces(options.first, options.seeds, options.weather):
            print(line, flush=True)
        return
    ours, theirs = compare(options.first, options.seeds, options.weather)
    differing = [f"{a} | {b}" for a, b in zip(ours, theirs, strict=False) if a != b]
    same = sum(a == b for a, b in zip(ours, theirs, strict=False))
    print(f"same seed, same trace: {same} of {options.seeds}")
    print(*differing, sep="\n")
    sys.exit(same != options.seeds)


if __name__ == "__main__":
    main()
