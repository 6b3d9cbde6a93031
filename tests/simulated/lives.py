"""Short lives of simulated markets for the tests, with the whole bot on them."""

from __future__ import annotations

from random import Random

from attrs import evolve

from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import COMMON, StrategySettings
from actors.wiring.evaluation import Lived, evaluate
from adapters.simulated.family import FAMILIES
from adapters.simulated.listing import listing
from adapters.simulated.path import Path, path


def short(family: str, seed: int, seconds: int = 60) -> Path:
    """A life of a family that ends early; a window would resolve then, so only its beginning is lived."""
    whole = path(FAMILIES[family], seed)
    return evolve(whole.until(seconds), family=evolve(whole.family, horizon=seconds))


def shuffled(life: Path, time: float, rng: Random) -> Path:
    """The same life up to `time`; from then on its events and prices in another order, at the same times."""
    own = life.until(time)
    later, spot = life.events[len(own.events) :], life.spot[len(own.spot) :]
    moved = (event._replace(at=then.at) for event, then in zip(rng.sample(later, len(later)), later, strict=True))
    return evolve(own, events=(*own.events, *moved), spot=(*own.spot, *rng.sample(spot, len(spot))))


def traded(life: Path, strategy: str = COMMON) -> Lived:
    """By the bot with the defaults of a strategy."""
    market = MarketSettings(listing(life.family).slug)
    return evaluate(life, Settings((market,), strategy=StrategySettings(strategy)))
