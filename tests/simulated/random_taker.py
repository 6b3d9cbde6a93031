"""Somebody who buys or sells at random at the touch: the negative control of the simulated families."""

from __future__ import annotations

from random import Random

from attrs import define, field

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE
from adapters.matching import Fill, Order
from adapters.simulated.market import OWN, SimulatedMarket
from adapters.simulated.path import Path
from adapters.simulated.quotes import Quoted
from tests.simulated.direct import listing

_EVERY, _SIZE = 30, 10 * SHARE


@define(eq=False)
class RandomTaker:
    """`lost` is what its trades were worse than the truth, fees included; `charged` is half the spread and the fee of each.

    Sums in price units × size units.
    """

    path: Path
    lost: float = 0.0
    charged: float = 0.0
    trades: int = 0
    market: SimulatedMarket = field(init=False)
    _rng: Random = field(init=False)
    _half: float = 0.0

    def __attrs_post_init__(self) -> None:
        family = self.path.family
        self._rng = Random(f"{self.path.seed}/random taker")
        self.market = SimulatedMarket(self.path, listing(family), filled=self._filled, quoted=self._look)

    def play(self) -> RandomTaker:
        for event in self.path.events:
            self.market.play(event)
        return self

    def _look(self, now: Quoted) -> None:
        buys, due = self._rng.random() < 0.5, self._rng.random() < 1 / _EVERY
        bid, ask = self.market.book.best(Outcome.YES)
        if due and bid is not None and ask is not None:
            self._half = (ask - bid) / 2
            side, price = (Side.BUY, ask) if buys else (Side.SELL, bid)
            self.trades += 1
            self.market.submit(Order(f"r{self.trades}", OWN, Outcome.YES, side, price, _SIZE, "FAK"))

    def _filled(self, fill: Fill) -> None:
        now = self.market.now
        assert now is not None
        fee = self.path.family.fees.taker_fee(fill.taker_price, fill.size) * PRICE_ONE
        sign = 1 if fill.taker.bids else -1
        self.lost += sign * fill.size * (fill.price - now.fair) + fee
        self.charged += fill.size * self._half + fee
