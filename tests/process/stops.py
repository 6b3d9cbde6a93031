"""SIGTERM at many random moments, start-up and mid-flatten included: `python -m tests.process.stops [--runs 100]`.

Prints one line a run and a verdict judged on the exchange's own ledger. The long form of `test_stops.py`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from attrs import frozen

from tests.process.bot import Bot

_LATEST = 9.0  # s after the start; a market maker has filled, parked and requoted by then
_WITHIN = 30.0


@frozen
class Verdict:
    """How one stop ended; `fault` is empty for a good one."""

    moment: float
    kind: str
    code: int
    seconds: float
    fault: str


def stop_once(seed: int) -> Verdict:
    """One bot, one SIGTERM; every third run is being flattened when it comes."""
    random = Random(f"stops/{seed}")
    moment, flatten = random.uniform(0.15, _LATEST), seed % 3 == 0
    with tempfile.TemporaryDirectory(prefix="pa") as home:
        bot = Bot.start(Path(home), "--seed", str(seed))
        if flatten:
            moment = max(moment, 3.0)
            time.sleep(max(0.0, moment - 0.3 - bot.age))
            bot.command("flatten")
        time.sleep(max(0.0, moment - bot.age))
        signalled = time.monotonic()
        bot.signal()
        try:
            end = bot.end(_WITHIN)
        except AssertionError as late:
            return Verdict(moment, _kind(flatten=flatten), -1, _WITHIN, str(late))
        took = time.monotonic() - signalled
        ledger = bot.state / "exchange.ledger.jsonl"
        left = (bot.left_open(), bot.left_held()) if ledger.exists() else ([], {})
        fault = (
            ""
            if end.code == 0 and not any(left)
            else f"exit {end.code}, open {left[0]}, held {left[1]}\n{end.out}\n{end.err}"
        )
        return Verdict(moment, _kind(flatten=flatten), end.code, took, fault)


def _kind(*, flatten: bool) -> str:
    return "flattening" if flatten else "trading"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first", type=int, default=1)
    options = parser.parse_args()
    bad = 0
    slowest = 0.0
    with ThreadPoolExecutor(options.jobs) as pool:
        seeds = range(options.first, options.first + options.runs)
        for seed, verdict in zip(seeds, pool.map(stop_once, seeds), strict=True):
            bad += bool(verdict.fault)
            slowest = max(slowest, verdict.seconds)
            mark = "ok " if not verdict.fault else "BAD"
            print(
                f"{mark} seed {seed} {verdict.kind} SIGTERM at {verdict.moment:.2f} s: exit {verdict.code} after {verdict.seconds:.2f} s {verdict.fault}",
                flush=True,
            )
    print(
        f"{options.runs - bad} of {options.runs} ended with exit 0 and flat on the exchange's ledger; slowest {slowest:.1f} s"
    )
    raise SystemExit(bad > 0)


if __name__ == "__main__":
    main()
