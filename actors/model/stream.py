"""The last half hour of the prices that up/down markets resolve on, one asset's: what strikes and averages are read from.

Only the canonical source counts here: a strike from any other exchange is another strike (strategies.md §6). No I/O.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from attrs import evolve, frozen

from actors.model.spot import CANONICAL, SpotPrice

KEPT = 1_800  # s of prices: a 15-minute window, the minute before it, and as much again to learn the volatility from
GAP = 3  # s between two prices that are still one stream; over more nobody knows what the mean was
_MOST = 4 * KEPT  # prices, should a source ever send several a second
_SECOND = 1000


@frozen
class Stream:
    """Prices (1e-8 USD) by their own times (epoch ms), oldest first, each time once.

    `variance` is that of the log price per second as its `returns` show it, 0 before any. `since` is the monotonic time at
    which the newest was true, `ahead` the seconds that it seemed to come before its time: this machine's clock is late then.
    """

    symbol: str
    times: tuple[int, ...] = ()
    prices: tuple[int, ...] = ()
    variance: float = 0.0
    returns: float = 0.0
    since: float = float("-inf")
    ahead: float = 0.0

    @property
    def last(self) -> int:
        """The newest price; there must be one."""
        return self.prices[-1]

    @property
    def at(self) -> float:
        """When the newest was true (epoch s); -inf without one."""
        return self.times[-1] / _SECOND if self.times else float("-inf")

    def age(self, now: float) -> float:
        """Seconds since the newest was true, by trio's clock; one that is missing is infinitely old."""
        return max(0.0, now - self.since)

    def after(self, price: SpotPrice) -> Stream:
        """With one more price, wherever it belongs; the later word on a time holds, another source has none here."""
        if price.source != CANONICAL or price.symbol != self.symbol:
            return self
        place = bisect_left(self.times, price.at_ms)
        known = place < len(self.times) and self.times[place] == price.at_ms
        times = (*self.times[:place], price.at_ms, *self.times[place + known :])
        prices = (*self.prices[:place], price.price, *self.prices[place + known :])
        first = max(bisect_left(times, times[-1] - KEPT * _SECOND), len(times) - _MOST)
        return evolve(self, times=times[first:], prices=prices[first:])

    def price_at(self, second: float) -> int | None:
        """The price of that very second (epoch s); None where the stream has none, for the next one is another."""
        end = round(second * _SECOND)
        place = bisect_right(self.times, end) - 1
        return self.prices[place] if place >= 0 and self.times[place] > end - _SECOND else None

    def mean(self, after: float, until: float) -> int | None:
        """The mean price of the seconds past `after` up to `until` (epoch s), each one's last price; None over a gap."""
        start, end = round(after * _SECOND), round(until * _SECOND)
        place, total, count = bisect_right(self.times, start) - 1, 0, 0
        for second in range(start + _SECOND, end + 1, _SECOND):
            while place + 1 < len(self.times) and self.times[place + 1] <= second:
                place += 1
            if place < 0 or second - self.times[place] >= GAP * _SECOND:
                return None
            total, count = total + self.prices[place], count + 1
        return (2 * total + count) // (2 * count) if count else None
