"""What crash drills in one market cost the others: runs of the demo with and without drills, paired by seed, in turns.

Judged on the exchange's ledger: how long a market had no bid or no ask of ours. A fill or a requote makes such a gap in
any run, so only the difference between the two columns says something. The undrilled runs are asked for their status just
as often as the drilled ones.

`restarts.window` is 1 s, so that each drill is judged like the first crash in a while, with the shipped pauses: sixty in a
minute would otherwise park the market, as they should. Run: python -m tests.bench.drills [--runs N] [--seconds S]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from actors.model.numbers import PUSD
from tests.bench.quoted import Gap, markets, watch
from tests.emulator.ledger_reader import exposure_over_time
from tests.process.bot import ADDRESS, Bot, quoting
from tests.process.control import Control

RUNS, SECONDS = 2, 16.0
ACTORS = ("feed", "quoter", "tracker")
EACH = 20  # drills of each actor, over all runs
DRILLED = "demo-cup"
CAP = 100 * PUSD  # budget.per_market of config.yaml
_BACK_WITHIN, _START_WITHIN = 5.0, 20.0
_FALLOUT = 0.1  # s after an actor's return in which its fresh view may still pull the quotes that its old life left


@define(eq=False)
class Column:
    """One side of the comparison; times in seconds, money in cash units."""

    others: list[float] = field(factory=list)
    drilled: list[float] = field(factory=list)
    others_time: float = 0.0
    drilled_time: float = 0.0
    back: dict[str, list[float]] = field(factory=lambda: {actor: [] for actor in ACTORS})
    exposure: int = 0
    faults: list[str] = field(factory=list)


@frozen
class Moment:
    """A drill, or its undrilled counterpart: when (wall seconds), and after how long `status` showed the market back."""

    actor: str
    at: float
    back: float

    def quoted_again(self, gaps: Sequence[Gap]) -> float:
        """Seconds until the market was back and, on the exchange's word, quoted; what was lost on the way counts."""
        horizon = self.at + self.back + _FALLOUT
        ends = (gap.end for gap in gaps if gap.begin <= horizon and gap.end > self.at)
        return max(self.at + self.back, *ends, self.at) - self.at


def run_once(seed: int, seconds: float, drills: int, column: Column, *, crash: bool) -> None:
    """One bot for `seconds` or a little more, with `drills` moments at which an actor is crashed or not."""
    with tempfile.TemporaryDirectory(prefix="pa") as home:
        bot = Bot.start(Path(home), "--seed", str(seed), "--set", "restarts.window=1", "--set", "on_shutdown=cancel")
        try:
            control = Control.of(bot)
            control.until(quoting, _START_WITHIN)
            moments = _drill(control, seconds, drills, crash=crash)
            _judge_status(control.ask("status"), column)
            until = time.time()
            control.close()
            bot.signal()
            end = bot.end()
        finally:
            bot.process.kill()
        column.faults += [f"seed {seed}: exit {end.code}"] if end.code else []
        _judge_ledger(bot, until, moments, column)


def _drill(control: Control, seconds: float, drills: int, *, crash: bool) -> list[Moment]:
    """The actors in turn; each moment is followed until the market is back, whether or not anything was crashed."""
    moments = []
    for number in range(drills):
        begun = time.monotonic()
        actor = ACTORS[number % len(ACTORS)]
        restarts = _market(control.ask("status"))["restarts"][actor]
        at = time.time()
        if crash:
            control.ask("drill", market=DRILLED, actor=actor)
        moments.append(Moment(actor, at, control.until(_back(actor, restarts + crash), _BACK_WITHIN)))
        time.sleep(max(0.0, begun + seconds / drills - time.monotonic()))
    return moments


def _back(actor: str, restarts: int) -> Callable[[dict[str, Any]], bool]:
    """Whether the actor's next life is up and the market is quoted on both sides."""

    def back(status: dict[str, Any]) -> bool:
        market = _market(status)
        up = market["restarts"][actor] >= restarts and market["state"] == "quoting"
        return up and market["our_bid"] is not None and market["our_ask"] is not None

    return back


def _market(status: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(m for m in status["markets"] if m["market"] == DRILLED)
    return found


def _judge_status(status: dict[str, Any], column: Column) -> None:
    crashed = [m["market"] for m in status["markets"] if m["market"] != DRILLED and any(m["restarts"].values())]
    column.faults += [f"a crash reached {market}" for market in crashed]


def _judge_ledger(bot: Bot, until: float, moments: Sequence[Moment], column: Column) -> None:
    events = bot.ledger()
    for market in markets(events):
        watched = watch(events, ADDRESS, market, until)
        lengths = [gap.length for gap in watched.gaps]
        if market.slug == DRILLED:
            column.drilled += lengths
            column.drilled_time += watched.seconds
            for moment in moments:
                column.back[moment.actor].append(moment.quoted_again(watched.gaps))
            exposures = (exposure for _, exposure in exposure_over_time(events, ADDRESS, market.condition_id))
            column.exposure = max(column.exposure, *exposures)
        else:
            column.others += lengths
            column.others_time += watched.seconds


# ── printing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _spread(seconds: Sequence[float]) -> str:
    """Milliseconds: p50, p99, max."""
    if len(seconds) < 2:
        return f"{'/'.join(f'{s * 1000:.0f}' for s in seconds) or 'none'}"
    p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
    return f"{statistics.median(seconds) * 1000:.0f} / {p99 * 1000:.0f} / {max(seconds) * 1000:.0f}"


def _absent(lengths: Sequence[float], watched: float) -> tuple[str, str, str]:
    """Gap lengths, gaps a minute of one market, and the share of time they take."""
    return _spread(lengths), f"{len(lengths) / watched * 60:.1f}", f"{sum(lengths) / watched * 100:.2f} %"


def _print(title: str, with_drills: object, without: object) -> None:
    print(f"  {title:<52} {with_drills!s:>22} {without!s:>22}")


def report(on: Column, off: Column) -> None:
    """Both columns, side by side."""
    _print("", "with drills", "without")
    names = ("gaps p50 / p99 / max, ms", "gaps a minute and market", "share of the time")
    for title, cells in (
        ("other markets", (_absent(on.others, on.others_time), _absent(off.others, off.others_time))),
        (DRILLED, (_absent(on.drilled, on.drilled_time), _absent(off.drilled, off.drilled_time))),
    ):
        for name, mine, theirs in zip(names, *cells, strict=True):
            _print(f"{title}: {name}", mine, theirs)
    everything = ([t for times in column.back.values() for t in times] for column in (on, off))
    _print(f"{DRILLED}: any actor quoted again p50 / p99 / max, ms", *map(_spread, everything))
    for actor in ACTORS:
        _print(
            f"{DRILLED}: {actor} quoted again p50 / p99 / max, ms", _spread(on.back[actor]), _spread(off.back[actor])
        )
    caps = [f"{column.exposure / PUSD:.2f} of {CAP / PUSD:g}" for column in (on, off)]
    _print(f"{DRILLED}: largest exposure, pUSD", *caps)
    slowest = max(max(times) for times in on.back.values())
    print(f"  slowest return {slowest:.2f} s (wanted: at most 1 s); faults: {on.faults + off.faults or 'none'}")


def bench(runs: int, seconds: float) -> None:
    """Alternate drilled and undrilled runs of equal seeds: two bots at once would take each other's processor."""
    on, off = Column(), Column()
    drills = -(-EACH // runs) * len(ACTORS)
    print(f"crash drills: {runs} pairs of runs of {seconds:g} s, {drills} drills of {DRILLED} each, actors in turn")
    for seed in range(1, runs + 1):
        first = seed % 2 == 1
        for crash in (first, not first):
            run_once(seed, seconds, drills, on if crash else off, crash=crash)
    report(on, off)


def main() -> None:
    bench(RUNS, SECONDS)


def _from_command_line() -> None:
    parser = argparse.ArgumentParser(description="Paired runs with and without crash drills.")
    parser.add_argument("--runs", type=int, default=RUNS, help="pairs of runs")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of a run")
    options = parser.parse_args()
    bench(options.runs, options.seconds)


if __name__ == "__main__":
    _from_command_line()
