"""What a market's flow has shown of late: its mids of a minute, VPIN over public trades, markouts of own fills.

A frozen memory, part of a strategy's state. It begins empty: no sign is none of danger, and none of safety either.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.numbers import PRICE_ONE, SHARE
from actors.model.quote import View
from actors.pricing.markout import MarkoutAverage
from actors.pricing.toxicity import Vpin

_MINUTE = 60.0
_EVERY = 1.0  # s between two mids that are remembered
_HALF_LIFE = 600.0  # s: markouts are forgotten by time (strategies.md §3)


@frozen
class Signs:
    """`mids` are (monotonic s, mid in price units), oldest first; `trade` the number of the last public trade counted."""

    vpin: Vpin
    markouts: MarkoutAverage
    mids: tuple[tuple[float, float], ...] = ()
    trade: int = 0

    @classmethod
    def none(cls, bucket: float, wait: float) -> Signs:
        """`bucket` is VPIN's, in shares; own fills are compared with the mid `wait` seconds later."""
        return cls(Vpin(bucket), MarkoutAverage(wait, _HALF_LIFE))

    def after(self, view: View, mid: float | None) -> Signs:
        """With what `view` adds."""
        markouts = self.markouts.heard(view.fills)
        if mid is not None:
            markouts = markouts.looked(view.now, mid / PRICE_ONE)
        return evolve(self, markouts=markouts)._traded(view)._moved(view.now, mid)

    def lost(self, now: float) -> float:
        """What own fills have lost a share of late, in pUSD; never below 0."""
        return max(0.0, -self.markouts.by(now))

    @property
    def move(self) -> float:
        """How far the mid has moved within the last minute, in price units."""
        return max((abs(self.mids[-1][1] - mid) for _, mid in self.mids), default=0.0)

    def _traded(self, view: View) -> Signs:
        tape = view.book.tape
        first = tape[-1].number if tape else 0
        if not tape or first == self.trade:
            return self
        known = self.trade if first > self.trade else 0  # a feed that begins anew counts from 1
        vpin = self.vpin
        for trade in tape:
            if trade.number > known:
                vpin = vpin.after(trade.size / SHARE, buy=trade.bid)
        return evolve(self, vpin=vpin, trade=first)

    def _moved(self, now: float, mid: float | None) -> Signs:
        if mid is None or (self.mids and now < self.mids[-1][0] + _EVERY and mid == self.mids[-1][1]):
            return self
        kept = [point for point in self.mids if point[0] >= now - _MINUTE]
        if len(kept) > 1 and now < kept[-2][0] + _EVERY:
            kept.pop()
        return evolve(self, mids=(*kept, (now, mid)))
