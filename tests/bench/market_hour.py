"""What a simulated market costs the processor, for the whole bot with its default strategy: the bounds of issue 6, line 7.

Run: python -m tests.bench market_hour
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from unittest.mock import patch

from attrs import evolve, frozen

from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from actors.strategies.maker import Maker
from actors.wiring.evaluation import Lived, evaluate
from adapters.simulated import crowd
from adapters.simulated.family import FAMILIES
from adapters.simulated.listing import listing
from adapters.simulated.market import SimulatedMarket
from adapters.simulated.path import Path, path
from adapters.simulated.quotes import Quoted

_SECONDS = 900
_LIVES = 5  # of which the median is told: a machine that others use as well has slow seconds
_FAMILIES = ("calm", "newsy", "event", "crypto")
_MOVES_EVERY = 60  # s
_OTHERS = (1.0,) * 9  # levels of a side that do not change


def steady(seconds: int) -> Path:
    """A calm market in which nobody trades: each second one size changes, and each minute all quotes move by a tick."""
    family = evolve(FAMILIES["calm"], horizon=seconds)
    first = next(event for event in path(family, 1).events if isinstance(event, Quoted))
    depths = tuple(((1.0 + second % 2 / 10, *_OTHERS), (1.0, *_OTHERS)) for second in range(seconds + 1))
    return evolve(path(family, 1), events=tuple(_moved(first, second) for second in range(seconds)), depths=depths)


def _moved(first: Quoted, second: int) -> Quoted:
    way = first.tick * (second // _MOVES_EVERY % 2)
    return first._replace(at=float(second), bid=first.bid + way, ask=first.ask + way)


@contextmanager
def _timed(owner: type, method: str) -> Iterator[list[float]]:
    """The seconds of processor that every call takes."""
    times: list[float] = []
    whole = getattr(owner, method)

    def timed(*of: object) -> object:
        began = time.thread_time()
        try:
            return whole(*of)
        finally:
            times.append(time.thread_time() - began)

    with patch.object(owner, method, timed):
        yield times


def _life(life: Path, *timed: list[float]) -> tuple[float, Lived]:
    """Seconds of processor, and what came of it; a minute before it does not count."""
    settings = Settings((MarketSettings(listing(life.family).slug, StrategySettings("maker")),))
    evaluate(evolve(life.until(60.0), family=evolve(life.family, horizon=60)), settings)
    for times in timed:
        times.clear()
    began = time.process_time()
    lived = evaluate(life, settings)
    return time.process_time() - began, lived


@frozen
class _Cost:
    """Of a steady market: µs an event outside the strategy's step, how many of them are the exchange's, µs a step, and seconds
    of processor a market-hour."""

    outside: float
    exchange: float
    step: float
    hour: float


def _cost() -> _Cost:
    with (
        _timed(Maker, "step") as steps,
        _timed(SimulatedMarket, "play") as played,
        patch.object(crowd, "REDRAWN", 1.0),
    ):
        spent, lived = _life(steady(_SECONDS), steps, played)
    frames = lived.venue.books_channel.frames
    outside, exchange = (seconds / frames * 1e6 for seconds in (spent - sum(steps), sum(played)))
    return _Cost(outside, exchange, median(steps) * 1e6, spent * 3600 / _SECONDS)


def _bounds() -> None:
    lives = [_cost() for _ in range(_LIVES)]
    print(f"a steady market, {_SECONDS} s of about an event a second: median of {_LIVES} lives (least to most)")
    print(f"  CPU per book event outside the strategy step: {_told(lives, 'outside', 0)} µs (bound 300)")
    print(f"    of it the simulated exchange's: {_told(lives, 'exchange', 0)} µs")
    print(f"  a step, median: {_told(lives, 'step', 0)} µs (bound 200)")
    print(f"  a market-hour at one event per second: {_told(lives, 'hour', 2)} s (bound 1.5)")


def _told(lives: list[_Cost], figure: str, digits: int) -> str:
    found = sorted(getattr(life, figure) for life in lives)
    return f"{median(found):.{digits}f} ({found[0]:.{digits}f} to {found[-1]:.{digits}f})"


def main() -> None:
    """The bounds, then a quarter of an hour of each family; the events are those of the world, each a frame at most."""
    _bounds()
    for name in _FAMILIES:
        whole = path(FAMILIES[name], 1)
        spent, lived = _life(evolve(whole.until(_SECONDS), family=evolve(whole.family, horizon=_SECONDS)))
        frames, acts = lived.venue.books_channel.frames * 3600 / _SECONDS, len(lived.venue.acts) * 3600 / _SECONDS
        hour = spent * 3600 / _SECONDS
        print(f"market hour, {name}: {hour:.2f} s of processor for {frames:.0f} frames and {acts:.0f} order actions")
