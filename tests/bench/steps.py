"""What a strategy's step costs by itself: books that move a little, our orders in them, one step a tenth of a second.

Run: python -m tests.bench steps
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from statistics import quantiles

from actors.model.book import EMPTY, Book, Depth, Level, OwnLevel
from actors.model.ledger import Position
from actors.model.market import FeeSchedule, Market
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.quote import View
from actors.model.rewards import Rewards
from actors.model.strategy_settings import PARAMETERS, StrategySettings
from actors.model.tape import Tape, with_trade
from actors.strategies.registry import make

STEPS = 5_000
PAID = Rewards(Cash(30 * PUSD), Size(20 * SHARE), Price(300))
MARKET = Market("m", "0xm", "yes", "no", Price(100), Size(5 * SHARE), fees=FeeSchedule(400, rebate=2_500), rewards=PAID)


def views(seed: int = 1) -> Iterator[View]:
    """Ten levels a side around a middle that walks; a public trade now and then."""
    random, middle, tape = Random(seed), 50, Tape()
    for number in range(STEPS):
        now = number / 10
        middle = min(90, max(10, middle + random.choice((-1, 0, 0, 0, 0, 0, 0, 0, 0, 1))))
        bids, asks = (tuple(_level(middle + way * k, random) for k in range(1, 11)) for way in (-1, 1))
        if random.random() < 0.1:
            tape = with_trade(
                tape, random.random() < 0.5, Price(middle * 100), Size(random.randrange(100) * SHARE), now
            )
        own = (OwnLevel(True, bids[0].price, Size(20 * SHARE)), OwnLevel(False, asks[0].price, Size(20 * SHARE)))
        book = Book("m", Depth(bids, asks), EMPTY, Price(100), 1, now, live=True, tape=tape)
        yield View(MARKET, book, Position("m"), now, own, ends_in=10_000.0 - now, free=Cash(1_000 * PUSD))


def _level(cents: int, random: Random) -> Level:
    return Level(Price(cents * 100 if 0 < cents < 100 else 100), Size(random.randrange(20, 1_000) * SHARE))


def took(name: str) -> list[float]:
    """Microseconds of every step, sorted."""
    strategy, times = make(StrategySettings(name)), list[float]()
    state = strategy.start()
    for view in views():
        began = time.perf_counter_ns()
        state, _ = strategy.step(state, view)
        times.append((time.perf_counter_ns() - began) / 1_000)
    return sorted(times)


def main() -> None:
    print(f"a step of each strategy, microseconds ({STEPS} steps, with a reward programme)")
    for name in PARAMETERS:
        cuts = quantiles(took(name), n=100)
        print(f"  {name:10} median {cuts[49]:6.0f}   p90 {cuts[89]:6.0f}   p99 {cuts[98]:6.0f}")
