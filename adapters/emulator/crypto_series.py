"""The 5- and 15-minute up/down series: windows that are listed, traded, closed and resolved by themselves (§9.4).

The venue lists windows 24 h ahead; the emulator lists the running one and `AHEAD` more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from attrs import evolve, frozen

from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import NORMAL, Value, sane
from adapters.emulator.flow_crowd import Temper
from adapters.emulator.flow_makers import Style
from adapters.emulator.lifecycle import NO_WINS, YES_WINS, Lifecycle
from adapters.emulator.listings import Draft, Listing, generate
from adapters.emulator.spot_prices import CRYPTO, SpotPrices
from adapters.emulator.terms import CryptoTerms, EventTerms, Terms

AHEAD = 1  # windows listed besides the running one
RESOLVED_AFTER = 60.0  # seconds after the end; 53 to 90 were observed at the venue (§9.4)
DELAY = 0.25  # seconds a marketable order is held (§15)
REBATE = 2_000  # of taker fees to makers, in 1/10,000 (§11.1)

_MAKERS = (
    Style(half_spread=90, lag=1.0, median_size=100, buys_only=False),
    Style(half_spread=130, lag=1.0, median_size=200, buys_only=True),
    Style(half_spread=200, lag=1.3, median_size=300, buys_only=False),
)
_TEMPER = Temper(makers=_MAKERS, refresh=(1.0, 2.0), noise_every=2.0, informed_every=1.0)


def slug_beginning(symbol: str, duration: int) -> str:
    """What stands before the start, in wall seconds, in the slug of every window."""
    return f"{symbol}-updown-{duration // 60}m-"


class Joined(Protocol):
    """Somebody who brings traders to a new market."""

    def __call__(self, listing: Listing, value: Value, temper: Temper) -> None: ...


@frozen
class UpDown:
    """The chance that the TWAP at the window's end is not below that at its start (strategies.md §6, normal model)."""

    prices: SpotPrices
    wall: Callable[[], float]
    terms: CryptoTerms

    def at(self, elapsed: float, lag: float = 0.0) -> float:
        """As seen `lag` seconds ago; `elapsed` says nothing, a window lives on wall time. Even before the start."""
        now, terms = self.wall() - lag, self.terms
        left = terms.starts_at + terms.duration - now
        if now < terms.starts_at:
            return 0.0
        if left <= 0:
            return sane(float(self.is_up))
        strike, spot = self._twap(terms.starts_at), self.prices.price(terms.symbol, now)
        sigma, window = CRYPTO[terms.symbol].sigma, float(terms.twap)
        if left >= window:
            move, variance = math.log(spot / strike), sigma**2 * (left - window + window / 3)
        else:
            known = self.prices.twap(terms.symbol, now, max(round(window - left), 1))
            move = math.log(((window - left) * known + left * spot) / (window * strike))
            variance = sigma**2 * left**3 / (3 * window**2)
        return sane(NORMAL.cdf(move / math.sqrt(variance)))

    @property
    def is_up(self) -> bool:
        """The verdict once the window is over; a tie is Up."""
        return self._twap(self.terms.starts_at + self.terms.duration) >= self._twap(self.terms.starts_at)

    def _twap(self, at: float) -> int:
        return self.prices.twap(self.terms.symbol, at, self.terms.twap)


@frozen
class CryptoSeries:
    """One asset and one duration. Everything later stands in the exchange's schedule; nothing waits here."""

    exchange: Exchange
    prices: SpotPrices
    seed: int
    symbol: str
    duration: int
    join: Joined

    @property
    def life(self) -> Lifecycle:
        return Lifecycle(self.exchange)

    def start(self) -> None:
        """List the window that runs now and those ahead."""
        running = int(self.exchange.wall() // self.duration) * self.duration
        for number in range(AHEAD + 1):
            self._open(running + number * self.duration)

    def _open(self, starts_at: int) -> None:
        listing = self._listing(starts_at)
        terms = listing.terms.crypto
        assert terms is not None
        value = UpDown(self.prices, self.exchange.wall, terms)
        self.life.open(listing)
        self.join(listing, value, _TEMPER)
        self._at(starts_at + self.duration, lambda: self._close(listing, value))

    def _close(self, listing: Listing, value: UpDown) -> None:
        """The end of one window is when the next but `AHEAD` is listed."""
        self.life.close(listing)
        end = int(value.terms.starts_at) + self.duration
        self._open(end + AHEAD * self.duration)
        self._at(end + RESOLVED_AFTER, lambda: self.life.resolve(listing, YES_WINS if value.is_up else NO_WINS))

    def _at(self, wall: float, act: Callable[[], None]) -> None:
        self.exchange.schedule.after(max(wall - self.exchange.wall(), 0.0), act)

    def _listing(self, starts_at: int) -> Listing:
        minutes = f"{self.duration // 60}m"
        slug = f"{slug_beginning(self.symbol, self.duration)}{starts_at}"
        title = f"{self.symbol.upper()} Up or Down, {minutes} from {starts_at}"
        (listing,) = generate(self.seed, [Draft(slug, title, 0.5, rate=700, category="crypto")]).all
        listing.market = evolve(listing.market, ends_at=float(starts_at + self.duration))
        listing.terms = Terms(
            labels=("Up", "Down"),
            category="crypto",
            event=EventTerms(slug, title, series=f"{self.symbol}-up-or-down-{minutes}"),
            rebate=REBATE,
            delay=DELAY,
            listed_at=self.exchange.wall(),
            crypto=CryptoTerms(self.symbol, self.duration, float(starts_at)),
        )
        return listing
