"""Seeded spot prices, one value a second: what the spot sockets publish and up/down markets resolve on. No I/O.

Prices are integers in 1e-8 USD. A path starts 20 minutes before the exchange does and is a function of the seed, the
symbol and the second alone: reading it, in whatever order, never changes it.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from random import Random

from attrs import define, field, frozen

USD = 10**8
HISTORY = 1200  # seconds of prices that exist before the start
_AHEAD = 3600  # nobody may make the path grow further than this past the present

_TAIL_CHANCE, _TAIL = 0.02, 4.0  # a step in fifty is four times as wide
_EVEN = math.sqrt(1 - _TAIL_CHANCE + _TAIL_CHANCE * _TAIL**2)  # keeps the whole at its sigma
_BASIS = 2e-5  # how far a venue's last trade stands from the index, relative


@frozen
class Asset:
    """`start` in USD, `sigma` the standard deviation of a second's log return, `decimals` of a venue's last price."""

    start: float
    sigma: float = 0.8e-4
    decimals: int = 2


CRYPTO: Mapping[str, Asset] = {
    "btc": Asset(91_000.0, 0.5e-4),
    "eth": Asset(3_000.0, 0.7e-4),
    "sol": Asset(140.0, 0.9e-4),
    "xrp": Asset(2.2, 0.9e-4, 4),
    "doge": Asset(0.16, 1.0e-4, 5),
    "hype": Asset(35.0, 1.0e-4, 3),
    "bnb": Asset(900.0, 0.6e-4),
    "zec": Asset(500.0, 1.0e-4),
}
EQUITY: Mapping[str, Asset] = {
    "aapl": Asset(198.0, 0.5e-4),
    "nvda": Asset(180.0, 0.6e-4),
    "tsla": Asset(400.0, 0.7e-4),
}
_UNLISTED = Asset(100.0)


@define(eq=False)
class _Path:
    """One symbol's seconds so far: the index (Chainlink's part) and a venue's last trade (Binance's part)."""

    asset: Asset
    rng: Random
    index: array[int] = field(factory=lambda: array("q"))
    last: array[int] = field(factory=lambda: array("q"))
    _log: float = 0.0

    def reach(self, second: int) -> None:
        """Grow until `second` exists; three draws a second whoever asks."""
        while len(self.index) <= second:
            value = self.asset.start * math.exp(self._log)
            self.index.append(round(value * USD))
            grain = USD // 10**self.asset.decimals
            self.last.append(round(value * math.exp(self.rng.gauss(0, _BASIS)) * USD / grain) * grain)
            wide = _TAIL if self.rng.random() < _TAIL_CHANCE else 1.0
            sigma = self.asset.sigma
            self._log += self.rng.gauss(0, sigma * wide / _EVEN) - sigma * sigma / 2


@define(eq=False)
class SpotPrices:
    """`wall` in epoch seconds says when the paths begin, and bounds how far ahead of the present anyone may ask.

    A time before the history has the oldest price. A symbol not in `symbols` raises KeyError.
    """

    seed: int
    wall: Callable[[], float]
    symbols: Sequence[str] = (*CRYPTO, *EQUITY)
    began: int = field(init=False)
    _paths: dict[str, _Path] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.began = math.floor(self.wall()) - HISTORY
        assets = {**CRYPTO, **EQUITY}
        self._paths = {
            symbol: _Path(assets.get(symbol, _UNLISTED), Random(f"{self.seed}/spot/{symbol}"))
            for symbol in self.symbols
        }

    def price(self, symbol: str, at: float) -> int:
        """The index price (Chainlink's) of the wall second `at` falls into, in 1e-8 USD."""
        path, second = self._at(symbol, at)
        return path.index[second]

    def last(self, symbol: str, at: float) -> int:
        """A venue's last trade (Binance's) in that second: near the index, on the venue's own price grid."""
        path, second = self._at(symbol, at)
        return path.last[second]

    def twap(self, symbol: str, at: float, seconds: int) -> int:
        """The mean of the `seconds` index prices up to and with that of `at`, rounded to the nearest unit."""
        path, second = self._at(symbol, at)
        window = path.index[max(0, second - seconds + 1) : second + 1]
        return (2 * sum(window) + len(window)) // (2 * len(window))

    def _at(self, symbol: str, at: float) -> tuple[_Path, int]:
        path = self._paths[symbol]
        second = max(0, math.floor(min(at, self.wall() + _AHEAD)) - self.began)
        path.reach(second)
        return path, second
