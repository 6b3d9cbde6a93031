"""Circuit breakers over the answers that orders get and over what fills turn out to be worth. No clock, no channel."""

from __future__ import annotations

from collections import deque

from attrs import define, field, frozen


@define(eq=False)
class Rate:
    """The share of bad ones among what happened within `window` seconds; says nothing of fewer than `least`."""

    window: float
    least: int
    limit: int  # %
    _seen: deque[tuple[float, bool]] = field(factory=deque, init=False)
    _bad: int = field(default=0, init=False)

    def note(self, at: float, *, bad: bool) -> None:
        self._seen.append((at, bad))
        self._bad += bad

    def trips(self, now: float) -> tuple[int, int] | None:
        """(bad, all) once the limit is reached, else None."""
        while self._seen and self._seen[0][0] <= now - self.window:
            self._bad -= self._seen.popleft()[1]
        total = len(self._seen)
        return (self._bad, total) if total >= self.least and self._bad * 100 >= total * self.limit else None

    def clear(self) -> None:
        self._seen.clear()
        self._bad = 0


@define(eq=False)
class Streak:
    """Bad ones in a row."""

    limit: int
    count: int = field(default=0, init=False)

    def note(self, *, bad: bool) -> None:
        self.count = self.count + 1 if bad else 0

    @property
    def trips(self) -> bool:
        return self.count >= self.limit

    def clear(self) -> None:
        self.count = 0


@frozen
class Caught:
    """A fill of ours in YES terms: did it buy, at what price (price units), how much, when (trio time)."""

    trade: str
    bid: bool
    price: int
    size: int
    at: float


@define(eq=False)
class Markouts:
    """What the last `fills` fills of a market were worth `after` seconds later, against the mid (strategies.md §6).

    One that never finds a mid is forgotten: without a price nobody was picked off. A trade told twice counts once.
    """

    after: float
    fills: int
    limit: int  # price units lost a share
    _open: dict[str, Caught] = field(factory=dict, init=False)
    _worth: deque[tuple[int, int]] = field(factory=deque, init=False)
    _told: deque[str] = field(factory=lambda: deque(maxlen=1000), init=False)

    def note(self, caught: Caught) -> None:
        if caught.trade not in self._told:
            self._told.append(caught.trade)
            self._open[caught.trade] = caught

    def look(self, now: float, mid: int | None) -> None:
        """Compare what is old enough with the mid of now."""
        for caught in [caught for caught in self._open.values() if now >= caught.at + self.after]:
            if mid is not None:
                del self._open[caught.trade]
                gain = mid - caught.price if caught.bid else caught.price - mid
                self._worth.append((gain * caught.size, caught.size))
            elif now >= caught.at + 2 * self.after:
                del self._open[caught.trade]
        while len(self._worth) > self.fills:
            self._worth.popleft()

    @property
    def mean(self) -> int | None:
        """What a share was worth on average (price units, rounded down); None before `fills` fills."""
        if len(self._worth) < self.fills:
            return None
        return sum(worth for worth, _ in self._worth) // max(1, sum(size for _, size in self._worth))

    @property
    def trips(self) -> bool:
        return (mean := self.mean) is not None and mean <= -self.limit

    def clear(self) -> None:
        self._worth.clear()
