"""Hours of everything at once: `python -m tests.process.soak [--hours 8] [--jobs N] [--first SEED] [--alone]`.

One real bot quotes on one real exchange all the while and is looked at from outside, once a minute: its memory, file
descriptors, threads and tasks must not grow, and SIGTERM must end it with 0 and flat on the exchange's ledger. Beside it,
on the other processors, the simulator's sweep and real `kill -9` go on in rounds with new seeds (`rounds.py`).

Prints a line now and then, and at last what it all came to; exits with 1 on any finding. Samples, the bot's log and the
output of rounds that fell short are kept in a folder of their own under build/soak. Needs Linux's /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import asdict, define, field

from tests.process.bot import ROOT, STEADY, Bot, quoting
from tests.process.judge import left
from tests.process.rounds import Lane, Tally, lanes
from tests.process.slopes import HOUR, MIB, Growth, Held, Sample, growths
from tests.process.venue import Exchange, exchange

LEAST = 20  # samples
_EVERY, _LINES = 60.0, 48
_QUOTES_WITHIN, _ENDS_WITHIN = 30.0, 60.0
_QUOTED = 0.9  # of all markets and samples: a bot that does not quote cannot leak
_NO_KILL = ("--set", "risk.max_daily_loss=")  # hours of bad luck must not end the watch
_DAY_OF_SEEDS = 100_000


@define(eq=False)
class Watch:
    """One bot, watched. `home` is its state and the exchange's ledger, `folder` keeps what is worth reading later."""

    home: Path
    folder: Path
    samples: list[Sample] = field(factory=list)
    faults: list[str] = field(factory=list)

    def run(self, seconds: float, seed: int) -> None:
        """Start it, look at it for so long, stop it."""
        with exchange(self.home, seed=seed) as venue, (self.folder / "bot.log").open("w") as log:
            bot = Bot.start(self.home, *venue.options, *STEADY, *_NO_KILL, to=log)
            try:
                bot.until(quoting, _QUOTES_WITHIN, "every market quotes")
                self._look_on(bot, venue, seconds)
                self._stop(bot, venue)
            except (AssertionError, OSError) as problem:
                self.find(f"after {bot.age:.0f} s: {problem}; it said: {self._last_words()}")
            finally:
                bot.process.kill()
                bot.process.wait()
        self._judge()

    def find(self, fault: str) -> None:
        self.faults.append(fault)
        print(f"FOUND {fault}", flush=True)

    def growths(self) -> Sequence[Growth]:
        return list(growths(self.samples)) if len(self.samples) >= LEAST else []

    def _look_on(self, bot: Bot, venue: Exchange, seconds: float) -> None:
        begun, every = time.monotonic(), min(_EVERY, seconds / LEAST)
        said, looks = begun, 0
        with (self.folder / "samples.jsonl").open("w") as file:
            while time.monotonic() - begun < seconds or looks < LEAST:
                looks += 1
                sample = self._look(bot, venue, begun)
                if sample is not None:
                    self.samples.append(sample)
                    print(json.dumps(asdict(sample)), file=file, flush=True)
                    if time.monotonic() >= said:
                        print(_line(sample), flush=True)
                        said += max(_EVERY, seconds / _LINES)
                time.sleep(max(0.0, min(every, begun + seconds - time.monotonic())))

    def _look(self, bot: Bot, venue: Exchange, begun: float) -> Sample | None:
        """The process first: the question is a descriptor and a task of its own. Raises OSError once it is gone."""
        at, held = time.monotonic() - begun, Held.by(bot.process.pid)
        try:
            status = bot.status()
        except subprocess.TimeoutExpired:
            status = None
        if status is None:
            self.find(f"`status` had no answer {at:.0f} s after the first sample")
            return None
        markets, memory = status["markets"], Held.by(venue.process.pid).rss
        quoted = sum(market["state"] == "quoting" for market in markets)
        return Sample(at, held, status["tasks"], quoted, len(markets), status["exposure"], memory)

    def _stop(self, bot: Bot, venue: Exchange) -> None:
        bot.signal()
        code, remains = bot.end(_ENDS_WITHIN).code, left(venue.stream())
        if code or remains:
            self.find(f"SIGTERM: exit {code}, {remains or 'flat'}; it said: {self._last_words()}")

    def _judge(self) -> None:
        for growth in self.growths():
            if growth.is_leak:
                self.find(growth.line())
        quoted, all_of_them = sum(s.quoted for s in self.samples), sum(s.markets for s in self.samples)
        if quoted < _QUOTED * all_of_them:
            self.find(f"only {quoted} of {all_of_them} looks at a market saw it quote")

    def _last_words(self) -> str:
        return (self.folder / "bot.log").read_text(errors="replace")[-2000:]


def watch(seconds: float, folder: Path, seed: int) -> Watch:
    """A bot's whole watch; its home is kept if there is something to look for in it."""
    watched = Watch(Path(tempfile.mkdtemp(prefix="pa")), folder)
    try:
        watched.run(seconds, seed)
    finally:
        if watched.faults:
            watched.find(f"the journal and the ledger are kept in {watched.home}")
        else:
            shutil.rmtree(watched.home)
    return watched


def soak(hours: float, folder: Path, first: int, beside: Sequence[Lane]) -> bool:
    """The watch and the rounds beside it; True if there is no finding."""
    deadline = time.monotonic() + hours * HOUR
    with ThreadPoolExecutor(len(beside) + 1) as pool:
        try:
            running = [pool.submit(lane.run, deadline) for lane in beside]
            watched = watch(hours * HOUR, folder, first)
            tallies = [lane.result() for lane in running]
        finally:
            for lane in beside:
                lane.stop()
    return _report(watched, tallies)


def _line(sample: Sample) -> str:
    held = sample.held
    return (
        f"{sample.at / HOUR:6.2f} h: {held.rss / MIB:.1f} MiB, {held.fds} fds, {held.threads} threads, {sample.tasks} tasks; "
        f"{sample.quoted} of {sample.markets} markets quoted, {sample.exposure:.2f} pUSD at risk; exchange {sample.exchange / MIB:.1f} MiB"
    )


def _report(watched: Watch, tallies: Sequence[Tally]) -> bool:
    for tally in tallies:
        print(tally.line())
    print(f"{len(watched.samples)} samples of the bot; over their second half:")
    print(*(growth.line() for growth in watched.growths()), sep="\n")
    findings = [*watched.faults, *(found for tally in tallies for found in (*tally.findings, *tally.seldom()))]
    print(f"findings: {len(findings)} (kept in {watched.folder})", *findings, sep="\n    ", flush=True)
    return not findings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.process.soak", description=__doc__)
    parser.add_argument(
        "--hours", type=float, default=8.0, help="of real time; the last rounds may take a little longer"
    )
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="processors for the rounds")
    parser.add_argument("--first", type=int, help="first seed; every day (UTC) has its own")
    parser.add_argument("--alone", action="store_true", help="the bot only, nothing beside it")
    options = parser.parse_args()
    first = int(time.time() / 86400) * _DAY_OF_SEEDS if options.first is None else options.first
    folder = ROOT / "build" / "soak" / time.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end what was started here
    print(f"{options.hours:g} h, seeds from {first} on; what is worth keeping goes to {folder}", flush=True)
    beside = () if options.alone else lanes(folder, first, options.jobs)
    raise SystemExit(not soak(options.hours, folder, first, beside))


if __name__ == "__main__":
    main()
