"""What an hour of a simulated market costs the processor, for the whole bot with its default strategy.

Run: python -m tests.bench market_hour
"""

from __future__ import annotations

import time

from attrs import evolve

from actors.model.settings import MarketSettings, Settings
from actors.wiring.evaluation import evaluate
from adapters.simulated.family import FAMILIES
from adapters.simulated.listing import listing
from adapters.simulated.path import path

_SECONDS = 900
_FAMILIES = ("calm", "newsy", "event", "crypto")


def main() -> None:
    """Over a quarter of an hour of each family; the events are those of the world, each a frame at most."""
    for name in _FAMILIES:
        whole = path(FAMILIES[name], 1)
        life = evolve(whole.until(_SECONDS), family=evolve(whole.family, horizon=_SECONDS))
        settings = Settings((MarketSettings(listing(life.family).slug),))
        evaluate(life, settings)
        began = time.process_time()
        lived = evaluate(life, settings)
        spent = (time.process_time() - began) * 3600 / _SECONDS
        frames = lived.venue.books_channel.frames * 3600 / _SECONDS
        acts = len(lived.venue.acts) * 3600 / _SECONDS
        print(f"market hour, {name}: {spent:.2f} s of processor for {frames:.0f} frames and {acts:.0f} order actions")
