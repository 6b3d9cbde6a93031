"""What the maker has learnt of a market: its fair price, how fast that moves, what own fills were worth, when it jumped.

Cold start: the first book is believed as it is, the belief is taken to move as a typical one does, and there have been neither
fills nor jumps. A gap in the books makes no return and no jump. Logits inside; pure, and frozen.
"""

from __future__ import annotations

from math import sqrt

from attrs import frozen

from actors.model.book import Book
from actors.model.maker_settings import Column, MakerParameters
from actors.model.numbers import PRICE_ONE
from actors.model.quote import View
from actors.model.tape import Tape
from actors.pricing.avellaneda import skew_in_logits
from actors.pricing.logit import HIGHEST, LOWEST, expit, logit
from actors.pricing.markout import MarkoutAverage
from actors.pricing.volatility import Volatility

TYPICAL = 0.0012  # sigma per root second before anything has been seen
FLOOR = 0.0005  # a quiet hour does not mean that nothing can happen
_MOST = 0.5
_HALF_LIFE = 600.0  # s, of both averages
_LEAST = 20.0  # returns before the measured volatility counts
_SAMPLED = 0.5  # s between two samples of the belief
_LOOK_BACK = 8.0  # s over which a move may be a jump
_TOO_FAR = 12.0  # s over which it is none: there was a gap in the books
_LEAST_JUMP = 0.12  # logits; 3 c in the middle
_USUAL = 100_000_000  # size units: a trade of a hundred shares counts half of what one of any size can


@frozen
class Belief:
    """`x` is the smoothed fair logit as of `at`; `cool_until` is when quotes may come back after a jump."""

    volatility: Volatility
    markout: MarkoutAverage
    x: float = 0.0
    at: float | None = None
    counted: int = 0
    cool_until: float = 0.0

    @classmethod
    def cold(cls, own: MakerParameters) -> Belief:
        return cls(Volatility.forgetting(_HALF_LIFE), MarkoutAverage(own.markout_after, _HALF_LIFE))

    def after(self, view: View, mid: float, worth: float, column: Column, print_weight: float) -> Belief:
        """With what this view shows: `mid` of the book and what it is `worth` in our eyes, both in (0, 1)."""
        now, seen = view.now, logit(mid)
        sampled = not self.volatility.recent or now - self.volatility.recent[-1][0] >= _SAMPLED
        jumped = self._jumped(seen, now, self.sigma(column, view.ends_in), column.jump_z)
        tape = view.book.tape
        return Belief(
            volatility=self.volatility.hear(seen, now) if sampled else self.volatility,
            markout=self.markout.heard(view.fills).looked(now, mid),
            x=self._traded(self._smoothed(logit(worth), now, column.fair_half_life), view.book, column, print_weight),
            at=now,
            counted=tape[-1].number if tape else self.counted,
            cool_until=now + column.cool if jumped else self.cool_until,
        )

    def sigma(self, column: Column, ends_in: float | None) -> float:
        """Per root second: as measured, but a belief that resolves at a time moves the more the less is left of it."""
        measured = self.volatility.sigma(FLOOR, _MOST, _LEAST)
        sigma = TYPICAL if measured is None else measured
        if ends_in is None or column.end_variance <= 0:
            return sigma
        return min(_MOST, max(sigma, sqrt(column.end_variance / max(1.0, ends_in))))

    def _smoothed(self, x: float, now: float, half_life: float) -> float:
        """Towards what the book says, with time."""
        if self.at is None:
            return x
        return x + (self.x - x) * float(0.5 ** (max(0.0, now - self.at) / half_life))

    def _traded(self, x: float, book: Book, column: Column, weight: float) -> float:
        """Towards what is traded, and past it, with its size: who takes much may know more than what is shown."""
        for trade in self._news(book.tape) if self.at is not None else ():
            size = trade.size / (trade.size + _USUAL)
            x += weight * size * (logit(trade.price / PRICE_ONE) - x)
            shift = skew_in_logits(
                column.print_ticks * size, book.tick / PRICE_ONE, min(HIGHEST, max(LOWEST, expit(x)))
            )
            x += shift if trade.bid else -shift
        return x

    def _news(self, tape: Tape) -> Tape:
        """The trades not counted yet; of a feed that counts anew, all."""
        if not tape or tape[-1].number == self.counted:
            return ()
        since = self.counted if tape[-1].number > self.counted else 0
        return tuple(trade for trade in tape if trade.number > since)

    def _jumped(self, x: float, now: float, sigma: float, z: float) -> bool:
        before = [old for at, old in self.volatility.recent if now - _TOO_FAR <= at <= now - _LOOK_BACK]
        if not before:
            return False
        return abs(x - before[-1]) > max(_LEAST_JUMP, z * sigma * sqrt(_LOOK_BACK))
