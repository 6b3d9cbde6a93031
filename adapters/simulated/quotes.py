"""Where the background makers of a simulated market quote: a late and noisy view of the truth, wider when it moves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from actors.model.numbers import PRICE_ONE
from adapters.simulated.family import Family
from adapters.simulated.truth import Truth

_NOISE_SD, _NOISE_MEMORY = 0.02, 60.0  # of the view's error: logit, s
_WIDEST, _RECENT = 2.0, 10.0  # ticks at most; s within which a move widens
_FINE_BELOW, _COARSE, _FINE = 400, 100, 10  # price units: the tick is fine once the price has come so near to 0 or 1
_SURE = 1e-4


class Quoted(NamedTuple):
    """The best prices of all background makers together, in price units; out of (0, 1) for none. `fair` is the truth."""

    at: float
    bid: int
    ask: int
    tick: int
    fair: float


def quotes(family: Family, known: Truth, rng: Random) -> Iterator[Quoted]:
    """Every second. A tick that has become fine stays so (polymarket.md §6)."""
    half, error, tick = rng.uniform(*family.half_spread), rng.gauss(0.0, _NOISE_SD), _COARSE
    memory = math.exp(-1.0 / _NOISE_MEMORY)
    for second in range(family.horizon):
        error = error * memory + rng.gauss(0.0, _NOISE_SD) * math.sqrt(1 - memory**2)
        seen, before = known.at(second - family.lag), known.at(second - family.lag - _RECENT)
        centre = _shifted(seen, error) * PRICE_ONE
        tick = tick if _FINE_BELOW <= centre <= PRICE_ONE - _FINE_BELOW else _FINE
        moved = abs(seen - before) * PRICE_ONE / _COARSE
        away = half * tick + min(_WIDEST, family.widening * moved) * _COARSE
        bid, ask = math.floor((centre - away) / tick) * tick, math.ceil((centre + away) / tick) * tick
        yield Quoted(float(second), bid, ask, tick, known.fair[second] * PRICE_ONE)


def _shifted(probability: float, error: float) -> float:
    """The probability after a step of `error` in its logit."""
    p = min(max(probability, _SURE), 1 - _SURE)
    return 1 / (1 + math.exp(-math.log(p / (1 - p)) - error))
