"""A thousand crashes of market actors at twenty a second, with requests in flight, then SIGTERM: `python -m tests.process.storm`.

The restart rule is lifted, so nothing is parked: feeds, quoters and trackers of every market crash in turn through the control
socket's drills. The exchange answers placements a tenth of a second late, so that trackers die with orders under way.
Judged on the exchange's ledger and the journal (`judge.py`); the end must be flat, with exit 0. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from attrs import frozen

from actors.model.numbers import PUSD
from tests.process.bot import MARKETS
from tests.process.chain import Chain, quotes, settled
from tests.process.control import Control
from tests.process.judge import ALL, Caps, is_order
from tests.process.venue import MARKED, TAKER, Exchange, Script, exchange

CRASHES, A_SECOND = 1000, 20.0
ACTORS = ("feed", "quoter", "tracker")
_CAPS = Caps(100 * PUSD, 400 * PUSD)
_LATE = 0.1  # s
_SLOW: Script = [{"kind": "late_answer", "seconds": _LATE, "for": 1_000_000, "method": "POST", "path": "/order*"}]
_LIFTED = ("restarts.crashes=100000", "restarts.window=0.5", "restarts.backoff=0.02", "restarts.backoff_cap=0.05")
_QUOTES_WITHIN = 20.0


@frozen
class Drill:
    """One crash asked for, and when (wall seconds)."""

    market: str
    actor: str
    at: float


@frozen
class Storm:
    """What came of it."""

    drills: tuple[Drill, ...]
    crashes: int
    under_way: int
    orders: int
    fills: int
    at_risk: int
    seconds: float
    faults: tuple[str, ...]

    def line(self) -> str:
        return (
            f"{'BAD' if self.faults else 'ok '} {self.crashes} crashes of {len(MARKETS)} markets in {self.seconds:.0f} s, "
            f"{self.under_way} of trackers with an order under way; {self.orders} orders, {self.fills} fills, "
            f"at most {self.at_risk / PUSD:.2f} of {_CAPS.total / PUSD:g} pUSD at risk"
        )


def rage(crashes: int, a_second: float, seed: int) -> Storm:
    """One bot, so many crashes, one SIGTERM."""
    with (
        tempfile.TemporaryDirectory(prefix="pa") as home,
        exchange(Path(home), seed=seed, flow="busy", faults=[*MARKED, *TAKER, *_SLOW]) as venue,
    ):
        lifted = tuple(word for pair in _LIFTED for word in ("--set", pair))
        chain = Chain(venue, Random(f"storm/{seed}"), _CAPS, lifted)
        before = time.time()
        bot = chain.start()
        chain.sees(bot, lambda status: settled(status) and quotes(status), _QUOTES_WITHIN)
        control = Control.of(bot)
        begun = time.monotonic()
        drills = _drill(control, crashes, a_second)
        seconds = time.monotonic() - begun
        crashed = _crashed(control.ask("status"))
        control.close()
        chain.stopped_flat(bot, before)
        if crashed < crashes:
            chain.faults.append(f"{crashed} crashes, not {crashes}")
        case = chain.case()
        under_way = _under_way(drills, venue)
        counts = (len(case.orders), case.fills, case.at_risk()[ALL])
        return Storm(tuple(drills), crashed, under_way, *counts, seconds, (*chain.faults, *case.violations()))


def _drill(control: Control, crashes: int, a_second: float) -> list[Drill]:
    """Evenly, and on until so many have happened: one that is asked for while its actor is down anyway may be lost."""
    places = list(product(ACTORS, MARKETS))
    drills: list[Drill] = []
    begun = time.monotonic()
    while len(drills) < crashes or (len(drills) < 2 * crashes and _crashed(control.ask("status")) < crashes):
        actor, market = places[len(drills) % len(places)]
        drills.append(Drill(market, actor, time.time()))
        control.ask("drill", market=market, actor=actor)
        time.sleep(max(0.0, begun + len(drills) / a_second - time.monotonic()))
    return drills


def _crashed(status: dict[str, Any]) -> int:
    return sum(sum(market["restarts"].values()) for market in status["markets"])


def _under_way(drills: Sequence[Drill], venue: Exchange) -> int:
    """Crashes of a tracker while the exchange held back its answer to an order of that market."""
    events = venue.events()
    slugs = {event.line["market"]: event.line["slug"] for event in events if event.kind == "market"}
    placed: dict[str, list[float]] = {slug: [] for slug in slugs.values()}
    for order in filter(is_order, events):
        placed[slugs[order.line["market"]]].append(order.t)
    return sum(drill.actor == "tracker" and _within(placed[drill.market], drill.at) for drill in drills)


def _within(times: Sequence[float], at: float) -> bool:
    place = bisect_left(times, at)
    return place > 0 and at - times[place - 1] < _LATE


def main() -> None:
    parser = argparse.ArgumentParser(description="A storm of actor crashes on a real bot.")
    parser.add_argument("--crashes", type=int, default=CRASHES)
    parser.add_argument("--rate", type=float, default=A_SECOND, help="a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    storm = rage(options.crashes, options.rate, options.seed)
    print("\n".join([storm.line(), *(f"    {fault}" for fault in storm.faults)]))
    raise SystemExit(bool(storm.faults))


if __name__ == "__main__":
    main()
