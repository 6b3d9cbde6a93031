"""The streams of settlement prices in the hands of the oracle: each asset's last half hour with its volatility, on the board.

A life begins with what the last one has left there: a strike that was heard once is not to be had again.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve, field

from actors.model.spot import CANONICAL, SpotPrice
from actors.model.stream import Stream
from actors.pricing.volatility import Volatility
from actors.shared.board import Board

_SECOND = 1000
_LONGEST_BATCH = 4_000  # prices: a snapshot of two minutes has a few hundred


@define(eq=False)
class Ticker:
    """`half_life` (s) is that of the volatility."""

    board: Board
    half_life: float
    _heard: dict[str, Volatility] = field(factory=dict)

    def hear(self, prices: Sequence[SpotPrice], now: float, wall: float) -> None:
        """Take what came at `now` (trio time) and `wall` (epoch s); post the stream of every asset that has news."""
        symbols = {price.symbol for price in prices if price.source == CANONICAL}
        for symbol in sorted(symbols):
            self._post(symbol, [one for one in prices[-_LONGEST_BATCH:] if one.symbol == symbol], now, wall)

    def _post(self, symbol: str, prices: list[SpotPrice], now: float, wall: float) -> None:
        before = self.board.last(Stream, symbol) or Stream(symbol)
        stream, volatility = before, self._volatility(before)
        for price in prices:
            stream = stream.after(price)
            if price.source == CANONICAL:
                volatility = volatility.hear_price(price.price, price.at_ms / _SECOND)
        if stream.times == before.times and stream.prices == before.prices:
            return
        self._heard[symbol] = volatility
        late = wall - stream.at
        squares = volatility.squares
        self.board.put(
            evolve(
                stream,
                variance=squares.value or 0.0,
                returns=squares.weight,
                since=now - late if stream.at > before.at else before.since,
                ahead=max(0.0, -late) if stream.at > before.at else before.ahead,
            ),
            about=symbol,
        )

    def _volatility(self, stream: Stream) -> Volatility:
        """As it stood; a life that has none yet hears the stream again."""
        known = self._heard.get(stream.symbol)
        if known is not None:
            return known
        heard = Volatility.forgetting(self.half_life)
        for at, price in zip(stream.times, stream.prices, strict=True):
            heard = heard.hear_price(price, at / _SECOND)
        return heard
