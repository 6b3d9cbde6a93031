"""Which other people trade: a seeded family, a recording, or nobody. Names in, listings and orders out."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from adapters.emulator.crypto_series import slug_beginning
from adapters.emulator.exchange import Exchange
from adapters.emulator.families import DEMO, FAMILIES, Family
from adapters.emulator.flow import Flow, OtherOrders
from adapters.emulator.listings import Listings, generate
from adapters.emulator.recorded_flow import RecordedFlow, listings_of
from adapters.emulator.recorded_rows import Recording, read_recording
from adapters.emulator.spot_prices import SpotPrices

NOBODY = "none"
NAMES = (*FAMILIES, NOBODY)


class UnknownFlow(ValueError):
    """No family of that name, and no file; says which there are."""


@frozen
class Choice:
    """`speed` and `loop` are for recordings only. With neither a family nor a recording nobody else trades."""

    family: Family | None = None
    recording: Recording | None = None
    speed: float = 1.0
    loop: bool = False

    def listings(self, seed: int) -> Listings:
        if self.recording is not None:
            return listings_of(self.recording)
        return generate(seed) if self.family is None else self.family.listings(seed)

    @property
    def series(self) -> dict[str, int]:
        """How the slugs of the windows begin that are listed while it runs, and the seconds of each."""
        windows = () if self.family is None else self.family.windows
        return {slug_beginning(symbol, seconds): seconds for symbol, seconds in windows}

    def orders(self, exchange: Exchange, seed: int, prices: SpotPrices) -> OtherOrders | None:
        if self.recording is not None:
            return RecordedFlow(exchange, self.recording, seed, self.speed, self.loop)
        return None if self.family is None else Flow(exchange, seed, self.family, prices)


def choose(flow: str | bool, speed: float = 1.0, *, loop: bool = False) -> Choice:
    """A family's name, `none` (or False), or the path of a recording; True is the demo family.

    Raises UnknownFlow, or BadRecording for a file that cannot be played.
    """
    if isinstance(flow, bool):
        return Choice(DEMO if flow else None)
    if flow == NOBODY:
        return Choice()
    if flow in FAMILIES:
        return Choice(FAMILIES[flow])
    path = Path(flow)
    if not path.is_file():
        raise UnknownFlow(f"flow {flow!r} is neither one of {', '.join(NAMES)} nor a file")
    return Choice(recording=read_recording(path), speed=speed, loop=loop)
