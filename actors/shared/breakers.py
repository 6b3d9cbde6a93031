"""The breakers in the hands of one life of risk: fed with answers, fills and the balance, asked once a second.

They start closed after a restart: what made them trip goes on or has ended. A standing they have ordered outlives them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import define, field, frozen

from actors.model.breaker import Caught, Markouts, Rate, Streak
from actors.model.numbers import Cash, format_cash, format_price
from actors.model.outcome import NeverSent, Placed, Rejected, Unknown
from actors.model.reason import Reason
from actors.model.risk_settings import BreakerSettings, RiskSettings
from actors.model.trading import Order, Trip


@frozen
class Posted:
    """How the POST of an order ended, and after how many seconds (fact)."""

    result: Placed
    took: float


@frozen
class Struck:
    """A fill of ours in a market (fact)."""

    market: str
    caught: Caught


@frozen
class _Share:
    """One rate: the key that limits it, which answers are bad, what that is called, and what it means."""

    key: str
    bad: Callable[[Posted], bool]
    said: str
    cause: Reason
    rate: Rate


@define(eq=False)
class Breakers:
    """`mid` gives a market's YES mid; `min_balance` is the floor under the free balance."""

    own: BreakerSettings
    min_balance: Cash | None
    mid: Callable[[str], int | None]
    _shares: tuple[_Share, ...] = field(init=False)
    _streak: Streak | None = field(init=False)
    _markouts: dict[str, Markouts] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        own = self.own
        self._shares = (
            *self._share("error_rate", own.error_rate, _unanswered, "went unanswered", Reason.ERROR_RATE),
            *self._share("reject_rate", own.reject_rate, _refused, "were refused", Reason.REJECT_RATE),
            *self._share("slow_rate", own.slow_rate, self._late, "were answered late", Reason.SLOW_RATE),
        )
        self._streak = Streak(own.error_streak) if own.error_streak is not None else None

    def retuned(self, limits: RiskSettings) -> Breakers:
        """By the limits as they are now: these, or with other rules some that begin to count anew."""
        if self.own is not limits.breakers and self.own != limits.breakers:
            return Breakers(limits.breakers, limits.min_balance, self.mid)
        self.min_balance = limits.min_balance
        return self

    def posted(self, posted: Posted, now: float) -> None:
        for share in self._shares:
            share.rate.note(now, bad=share.bad(posted))
        if self._streak is not None:
            self._streak.note(bad=_unanswered(posted))

    def struck(self, struck: Struck) -> None:
        if self.own.markout is not None:
            fresh = Markouts(self.own.markout_after, self.own.markout_fills, self.own.markout)
            self._markouts.setdefault(struck.market, fresh).note(struck.caught)

    def look(self, now: float, balance: Cash | None) -> list[Trip]:
        """What trips at `now` (trio time); what has tripped begins anew."""
        return [*self._tripped(now), *self._picked_off(now), *self._floor(balance)]

    def clear(self) -> None:
        """A person has resumed: what was counted before is over."""
        for share in self._shares:
            share.rate.clear()
        for markouts in self._markouts.values():
            markouts.clear()
        if self._streak is not None:
            self._streak.clear()

    def _share(
        self, key: str, limit: int | None, bad: Callable[[Posted], bool], said: str, cause: Reason
    ) -> Iterator[_Share]:
        if limit is not None:
            yield _Share(f"risk.breakers.{key}", bad, said, cause, Rate(self.own.window, self.own.least, limit))

    def _late(self, posted: Posted) -> bool:
        """An answer that never came is an error, not late: it took as long as we were willing to wait."""
        return not _unanswered(posted) and posted.took > self.own.slow_after

    def _tripped(self, now: float) -> Iterator[Trip]:
        for share in self._shares:
            if (found := share.rate.trips(now)) is not None:
                share.rate.clear()
                why = f"{found[0]} of {found[1]} orders {share.said} within {self.own.window:g} s ({share.key})"
                yield Trip(Order.HOLD, share.cause, why, cool=self.own.cool_down)
        if self._streak is not None and self._streak.trips:
            why = f"{self._streak.count} orders in a row went unanswered (risk.breakers.error_streak)"
            self._streak.clear()
            yield Trip(Order.HOLD, Reason.ERROR_STREAK, why, cool=self.own.cool_down)

    def _picked_off(self, now: float) -> Iterator[Trip]:
        for market, markouts in self._markouts.items():
            markouts.look(now, self.mid(market))
            if markouts.trips:
                lost = format_price(-(markouts.mean or 0))
                markouts.clear()
                why = f"the last {self.own.markout_fills} fills lost {lost} a share (risk.breakers.markout)"
                yield Trip(Order.REDUCE, Reason.PICKED_OFF, why, market, self.own.cool_down)

    def _floor(self, balance: Cash | None) -> Iterator[Trip]:
        if self.min_balance is None or balance is None:
            return
        why = f"{format_cash(balance)} pUSD are free, risk.min_balance is {format_cash(self.min_balance)}"
        yield Trip(Order.REDUCE if balance < self.min_balance else Order.LIFT, Reason.LOW_BALANCE, why)


def _unanswered(posted: Posted) -> bool:
    return isinstance(posted.result, Unknown | NeverSent)


def _refused(posted: Posted) -> bool:
    return isinstance(posted.result, Rejected)
