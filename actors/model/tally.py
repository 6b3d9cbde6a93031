"""What loss limits and streaks have counted: the PnL since the first run, its peak, its last hour. Pure; knows no clock.

An absolute state like the day's, and kept in the journal beside it: what is read again after a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from actors.model.day import Day
from actors.model.numbers import Cash

_WARN_AT, _CALM_AT = 80, 40  # % of a limit at which it is warned of, and at which that is forgotten
_MINUTES = 60


@frozen
class Gauge:
    """Where one loss limit stands. `granted` is a loss that a person has acknowledged: the limit counts from there."""

    granted: Cash = Cash(0)
    warned: bool = False
    hit: bool = False

    def read(self, loss: Cash, limit: Cash) -> Gauge:
        """After a look at the loss of now. A grant goes as the loss does; a limit that was hit waits to be eased."""
        granted = Cash(min(self.granted, max(0, loss)))
        over = (loss - granted) * 100
        hit = self.hit or over >= limit * 100
        warned = hit or over >= limit * (_CALM_AT if self.warned else _WARN_AT)
        return Gauge(granted, warned, hit)

    def eased(self, loss: Cash) -> Gauge:
        """After a resume: the limit is granted anew from the loss of now, if it was hit."""
        return Gauge(Cash(max(0, loss))) if self.hit else self


@frozen
class Tally:
    """`carried` is the PnL of the days before day `number`, `peak` the most it and the day ever came to together.

    `hour` is the PnL at the first look in each of the last minutes since 1970, oldest first. `base` is the balance with
    which the day began, 0 while it is not known. `streaks` are closing trades at a loss in a row, by market.
    """

    number: int = 0
    carried: Cash = Cash(0)
    peak: Cash = Cash(0)
    base: Cash = Cash(0)
    hour: tuple[tuple[int, Cash], ...] = ()
    gauges: Mapping[str, Gauge] = field(factory=dict)
    streaks: Mapping[str, int] = field(factory=dict)

    def on(self, before: Day, now: Day) -> Tally:
        """Carry the day that has ended, and forget what counts within a day."""
        if now.number == self.number:
            return self
        ended = before.pnl if before.number == self.number else Cash(0)
        gauges = {name: gauge for name, gauge in self.gauges.items() if name not in _OF_A_DAY}
        return evolve(self, number=now.number, carried=Cash(self.carried + ended), base=Cash(0), gauges=gauges)

    def read(self, day: Day, minute: int) -> Tally:
        """After a look at the day's PnL in `minute`; a clock that jumps back adds no minute."""
        earned, known = Cash(self.carried + day.pnl), self.hour
        if known and known[-1][0] >= minute and known[0][0] > minute - _MINUTES and earned <= self.peak:
            return self
        hour = tuple(point for point in self.hour if point[0] > minute - _MINUTES)
        if not hour or hour[-1][0] < minute:
            hour = (*hour, (minute, earned))
        return evolve(self, peak=Cash(max(self.peak, earned)), hour=hour)

    def losses(self, day: Day) -> dict[str, Cash]:
        """Each loss that is limited, below 0 for a gain."""
        earned = self.carried + day.pnl
        return {
            HOURLY: Cash(self.hour[0][1] - earned if self.hour else 0),
            DAILY: Cash(-day.pnl),
            DRAWDOWN: Cash(self.peak - earned),
            BALANCE: Cash(-day.pnl),
        }

    @property
    def course(self) -> Tally:
        """All but what every look moves: news of it are kept at once."""
        return evolve(self, peak=Cash(0), hour=())


HOURLY, DAILY, DRAWDOWN, BALANCE = "hourly", "daily", "drawdown", "balance"
_OF_A_DAY = frozenset({f"pause {DAILY}", f"kill {BALANCE}"})
