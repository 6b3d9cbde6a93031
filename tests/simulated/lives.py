"""Short lives of simulated markets for the tests, with the whole bot on them."""

from __future__ import annotations

from attrs import evolve

from actors.model.settings import MarketSettings, Settings
from actors.wiring.evaluation import Lived, evaluate
from adapters.simulated.family import FAMILIES
from adapters.simulated.listing import listing
from adapters.simulated.path import Path, path


def short(family: str, seed: int, seconds: int = 60) -> Path:
    """A life of a family that ends early; a window would resolve then, so only its beginning is lived."""
    whole = path(FAMILIES[family], seed)
    return evolve(whole.until(seconds), family=evolve(whole.family, horizon=seconds))


def traded(life: Path, settings: Settings | None = None) -> Lived:
    """By the bot with its defaults."""
    return evaluate(life, settings or Settings((MarketSettings(listing(life.family).slug),)))
