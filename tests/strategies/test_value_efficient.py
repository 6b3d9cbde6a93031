"""Against a market that knows the truth at once, `value` must find next to nothing to bet on: at most one window in 100."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, exp, floor

import pytest
from attrs import define, evolve, field

from actors.model.book import EMPTY, Book, Depth
from actors.model.ledger import Position
from actors.model.numbers import PRICE_ONE, PUSD, Cash, Price
from actors.model.quote import View
from actors.model.stream import KEPT, Stream
from actors.model.value_settings import ValueParameters
from actors.pricing.volatility import Volatility
from actors.strategies.value import Value
from adapters.emulator.crypto_series import UpDown
from adapters.emulator.spot_prices import HISTORY, SpotPrices
from adapters.emulator.terms import CryptoTerms
from tests.strategies.windows import IDLE, MARKET, side, wanted

BEGIN = 1_763_620_200  # epoch s, on a 900 s boundary
WINDOWS, DURATION, STEP = 100, 300, 2
HALF_SPREAD = 50  # price units; both sides are rounded outwards to the tick
RELAY = 1.3  # s by which the stream is late; the market is never
LAST = BEGIN + WINDOWS * DURATION


@define(eq=False)
class Exchange:
    """Prices with fat tails, and a market that prices every window by the model and volatility that made them."""

    seed: int
    now: float = BEGIN
    prices: SpotPrices = field(init=False)
    stream: Stream = field(init=False)
    variances: list[Volatility] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.prices = SpotPrices(self.seed, lambda: self.now, ("btc",))
        self.now = LAST
        heard, seconds = Volatility.forgetting(900), range(BEGIN - HISTORY, LAST + 1)
        values = tuple(self.prices.price("btc", second) for second in seconds)
        for second, value in zip(seconds, values, strict=True):
            heard = heard.hear_price(value, second)
            self.variances.append(heard)
        self.stream = Stream("btc", tuple(second * 1000 for second in seconds), values)

    def views(self, start: int) -> Iterator[View]:
        """One window as the bot sees it, from its first second to its last."""
        market = evolve(MARKET, slug=f"btc-updown-5m-{start}", ends_at=float(start + DURATION))
        value = UpDown(self.prices, lambda: self.now, CryptoTerms("btc", DURATION, float(start)))
        for second in range(start + 1, start + DURATION, STEP):
            self.now = second + 0.3
            yield View(
                market=market,
                book=self._book(1 / (1 + exp(-value.at(0.0)))),
                position=Position(market.slug),
                now=self.now,
                ends_in=start + DURATION - self.now,
                free=Cash(1_000 * PUSD),
                takes=IDLE,
                stream=self._heard(),
            )

    def _book(self, up: float) -> Book:
        bid = max(200, floor((up * PRICE_ONE - HALF_SPREAD) / 100) * 100)
        ask = min(9_800, ceil((up * PRICE_ONE + HALF_SPREAD) / 100) * 100)
        depth = Depth(side((bid, 2_000), (bid - 100, 2_000)), side((ask, 2_000), (ask + 100, 2_000)))
        return Book("w", depth, EMPTY, Price(100), 1, self.now, live=True)

    def _heard(self) -> Stream:
        last = int(self.now - RELAY) - (BEGIN - HISTORY)
        first, squares = max(0, last - KEPT), self.variances[last].squares
        return Stream(
            "btc",
            self.stream.times[first : last + 1],
            self.stream.prices[first : last + 1],
            variance=squares.value or 0.0,
            returns=squares.weight,
            since=self.stream.times[last] / 1000,
        )


def bets(exchange: Exchange, own: ValueParameters) -> int:
    """In how many windows anything was bet."""
    strategy, found = Value(own), 0
    for start in range(BEGIN, LAST, DURATION):
        state = strategy.start()
        for view in exchange.views(start):
            state, decision = strategy.step(state, view)
            if wanted(decision):
                found += 1
                break
    return found


def test_against_a_market_that_knows_the_truth_it_bets_on_one_window_in_a_hundred_at_most() -> None:
    assert bets(Exchange(seed=1), ValueParameters()) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["take", "make"])
@pytest.mark.parametrize("seed", [2, 3])
def test_nor_does_it_where_the_rules_on_moves_and_depth_let_everything_pass(seed: int, entry: str) -> None:
    """It is the price's age that makes false edges: these two rules would hide most of them, too."""
    own = ValueParameters(entry=entry, max_move=Price(9_999), min_depth=Cash(1))
    assert bets(Exchange(seed), own) <= 1


@pytest.mark.slow
def test_without_the_rules_on_the_prices_age_it_would_be_fooled_in_many_windows() -> None:
    """Both are needed: the error that an old price brings, and an edge that must stand. Else these rules test nothing."""
    own = ValueParameters(edge_for=0.0, max_move=Price(9_999), min_depth=Cash(1))
    assert bets(Exchange(seed=1), own) > 5
