"""Many market trees at once: a real bot on a real exchange whose people make so many market frames a second.

The exchange is a process of its own and not counted. The bot is looked at from outside: /proc for processor time and memory
(least squares over all looks), its own `status` for what it read, how old its books were and how long things took. Wanted:
every frame read, most markets quoted, and a question to the budget answered within 1 ms at the p99.

Run: python -m tests.bench.load [--trees N] [--frames F] [--minutes M]; needs Linux's /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from tests.process.bot import ROOT, Bot, environment
from tests.process.control import Control
from tests.process.slopes import HOUR, MIB, Held, slope

TREES, FRAMES, MINUTES = 200, 500.0, 1.0
WANTED_ASK_MS = 1.0
READ = 0.98  # of the frames that were to be sent
QUOTED = 0.8  # of all looks at a market: the venue's lowest tier lets 36 orders a second pass, 400 at once need a while
_LOOKS = 30  # at least; every ten seconds at most
_WARM_UP = 20.0  # s after every tree is at work
_START_WITHIN, _ENDS_WITHIN = 60.0, 60.0
_ADDRESSES = ("clob_url", "gamma_url", "market_ws_url", "user_ws_url")
_TICKS = os.sysconf("SC_CLK_TCK")

Status = Mapping[str, Any]


@frozen
class Look:
    """`at` in seconds, `cpu` seconds of the bot and of the exchange so far, `rss` in bytes, the rest of `status`."""

    at: float
    cpu: float
    exchange_cpu: float
    rss: int
    status: Status

    @property
    def quoted(self) -> float:
        """The part of its markets."""
        markets = self.status["markets"]
        quoting = [market for market in markets if market["state"] == "quoting"]
        return len(quoting) / len(markets)

    @property
    def ages(self) -> list[float]:
        """Seconds since each market's book was last confirmed; a market without a book has none."""
        return [m["feed_age_s"] for m in self.status["markets"] if m["feed_age_s"] is not None]


@define(eq=False)
class Result:
    """What a run came to. `started` are the seconds from the command line until every tree was at work."""

    trees: int
    frames: float
    started: float = 0.0
    looks: list[Look] = field(factory=list)
    code: int = -1

    @property
    def seconds(self) -> float:
        return self.looks[-1].at - self.looks[0].at

    @property
    def read(self) -> float:
        """Frames a second."""
        first, last = (int(look.status["speed"]["frames"]) for look in (self.looks[0], self.looks[-1]))
        return (last - first) / self.seconds

    @property
    def quoted(self) -> float:
        return statistics.fmean(look.quoted for look in self.looks)

    def cpu(self, of: Callable[[Look], float]) -> float:
        """Processor seconds a second."""
        return (of(self.looks[-1]) - of(self.looks[0])) / self.seconds

    def worst(self, *path: str, share: str = "p99") -> float:
        """Milliseconds: the worst of the second half's looks, each of which covers the newest few thousand."""
        found = [_at(look.status["speed"], path)[f"{share}_ms"] for look in self.looks[len(self.looks) // 2 :]]
        return max((ms for ms in found if ms is not None), default=float("inf"))

    @property
    def shortfalls(self) -> list[str]:
        """What is not as wanted."""
        ask = self.worst("asks", "budget")
        return [
            *([] if self.read >= READ * self.frames else [f"only {self.read:.0f} of {self.frames:g} frames a second read"]),
            *([] if self.quoted >= QUOTED else [f"only {self.quoted:.0%} of the markets quoted"]),
            *([] if ask < WANTED_ASK_MS else [f"an ask of the budget took {ask:.2f} ms at the p99"]),
            *([] if self.code == 0 else [f"it ended with {self.code}"]),
        ]  # fmt: skip


def run(trees: int, frames: float, minutes: float) -> Result:
    """One bot from its start to its end; raises AssertionError where it does not get that far."""
    result = Result(trees, frames)
    with tempfile.TemporaryDirectory(prefix="pa") as folder, _venue(Path(folder), trees, frames) as (venue, banner):
        home = Path(folder)
        config = home / "load.yaml"
        config.write_text(_configuration(banner))
        with (home / "bot.log").open("w") as log:
            bot = Bot.start(home, config=str(config), to=log)
            try:
                control = Control.of(bot)
                result.started = _until_at_work(bot, control)
                time.sleep(_WARM_UP if minutes >= 1 else 2.0)
                _look_on(result, bot, venue, control, minutes * 60)
                control.close()
                bot.signal()
                result.code = bot.end(_ENDS_WITHIN).code
            finally:
                bot.process.kill()
                bot.process.wait()
    return result


def _configuration(banner: Mapping[str, Any]) -> str:
    """As shipped, but for the money and the orders that so many markets need; without sales at the end, which are no load."""
    slugs = [market["slug"] for market in banner["markets"]]
    whole = {
        "markets": slugs,
        "budget": {"per_market": 30, "total": 30 * len(slugs)},
        "limits": {"max_open_orders": 8 * len(slugs)},
        "risk": {"max_daily_loss": None, "max_balance_loss": 100},
        "on_shutdown": "cancel",
        "venue": {name: banner[name] for name in _ADDRESSES},
    }
    return json.dumps(whole)  # which is YAML, too


@contextmanager
def _venue(home: Path, trees: int, frames: float) -> Iterator[tuple[subprocess.Popen[str], Mapping[str, Any]]]:
    """The exchange and its banner; it ends with the block."""
    command = [sys.executable, "-m", "tests.bench.load_venue", "--markets", str(trees), "--frames", str(frames)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _until_at_work(bot: Bot, control: Control) -> float:
    """Until every tracker has read the venue."""
    while bot.age < _START_WITHIN:
        reasons = {market["reason"] for market in control.ask("status")["markets"]}
        if not reasons & {"starting", "reconciling", "admission_closed"}:
            return bot.age
        time.sleep(0.25)
    raise AssertionError(f"not every tree is at work within {_START_WITHIN:g} s: {reasons}")


def _look_on(result: Result, bot: Bot, venue: subprocess.Popen[str], control: Control, seconds: float) -> None:
    every, begun = min(10.0, seconds / _LOOKS), time.monotonic()
    while (now := time.monotonic()) - begun < seconds or len(result.looks) < 2:
        used = _cpu(bot.process.pid), _cpu(venue.pid)
        result.looks.append(Look(now, *used, Held.by(bot.process.pid).rss, control.ask("status")))
        time.sleep(every)


def _cpu(pid: int) -> float:
    """Seconds of processor time, user's and system's; fields 14 and 15 of proc(5)'s stat."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / _TICKS


def _at(status: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    for name in path:
        status = status[name]
    return status


# ── printing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def report(result: Result) -> None:
    looks = result.looks
    each, first = slope([look.at for look in looks], [float(look.rss) for look in looks])
    ages = statistics.quantiles([age for look in looks for age in look.ages], n=100, method="inclusive")
    spare = looks[-1].status["speed"]
    print(f"  every tree at work {result.started:.1f} s after the command; {result.quoted:.0%} of the markets quoted")
    print(f"  frames a second    {result.read:.1f} read of {result.frames:g} sent; ended with {result.code}")
    print(
        f"  processor          bot {result.cpu(lambda look: look.cpu):.0%} of a core, "
        f"exchange {result.cpu(lambda look: look.exchange_cpu):.0%}"
    )
    print(
        f"  memory of the bot  {first / MIB:.1f} MiB, {each * HOUR / MIB:+.1f} MiB an hour over {result.seconds:.0f} s"
    )
    print(f"  age of a book      p50 {ages[49]:.2f} s, p99 {ages[98]:.2f} s")
    print(f"  {'ms: p50 / p99 / max of the newest':<40}{'worst look':>24}   how many in all")
    for title, path in (
        ("frame read to targets", ("decisions",)),
        *((f"question to {name}", ("asks", name)) for name in ("budget", "risk", "limiter", "journal")),
        ("timer late by", ("lag",)),
    ):
        worst = " / ".join(f"{result.worst(*path, share=share):.2f}" for share in ("p50", "p99", "max"))
        print(f"  {title:<40}{worst:>24}   {_at(spare, path)['count']:,}")
    print(
        f"  {'; '.join(result.shortfalls) or f'as wanted: the budget answers within {WANTED_ASK_MS:g} ms at the p99'}"
    )


def bench(trees: int, frames: float, minutes: float) -> Result:
    """Measure and print."""
    print(f"{trees} trees at {frames:g} market frames a second, for {minutes:g} min")
    result = run(trees, frames, minutes)
    report(result)
    return result


def main() -> None:
    bench(TREES, FRAMES, MINUTES)


def _from_command_line() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--trees", type=int, default=TREES)
    parser.add_argument("--frames", type=float, default=FRAMES, help="market frames a second, all trees together")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of looking on, after the start and a warm-up")
    options = parser.parse_args()
    sys.exit(bool(bench(options.trees, options.frames, options.minutes).shortfalls))


if __name__ == "__main__":
    _from_command_line()
