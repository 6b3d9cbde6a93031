"""What own fills turned out to be worth a little later, as an average that forgets with time (strategies.md §3).

With time and not only with news: one bad fill would otherwise widen the quotes for good, because no fill ever came to correct
it. Where nothing is filled the average goes to 0. Floats, in pUSD a share; knows no clock.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.breaker import Caught
from actors.model.numbers import PRICE_ONE

_SHARE_OF_NEWS = 0.2  # of the average that one more fill makes up


@frozen
class MarkoutAverage:
    """`after` seconds a fill is held against the mid; the average halves in `half_life` seconds.

    `waiting` are fills that are too young yet, `known` the names of those that were told last, so that each counts once.
    """

    after: float
    half_life: float
    value: float = 0.0
    at: float = 0.0
    waiting: tuple[Caught, ...] = ()
    known: tuple[str, ...] = ()

    def heard(self, fills: tuple[Caught, ...]) -> MarkoutAverage:
        """With the fills among these that are new."""
        names = tuple(fill.trade for fill in fills)
        if names == self.known:
            return self
        new = tuple(fill for fill in fills if fill.trade not in self.known)
        return evolve(self, waiting=self.waiting + new, known=names)

    def looked(self, now: float, mid: float) -> MarkoutAverage:
        """With all that are old enough by now, against the mid of now."""
        due = [fill for fill in self.waiting if now >= fill.at + self.after]
        if not due:
            return self
        value = self.by(now)
        for fill in due:
            value += _SHARE_OF_NEWS * (_gain(fill, mid) - value)
        return evolve(self, value=value, at=now, waiting=tuple(fill for fill in self.waiting if fill not in due))

    def by(self, now: float) -> float:
        """The average as it is by now: below 0 where others knew better."""
        return float(self.value * 0.5 ** (max(0.0, now - self.at) / self.half_life))


def _gain(fill: Caught, mid: float) -> float:
    paid = fill.price / PRICE_ONE
    return mid - paid if fill.bid else paid - mid
