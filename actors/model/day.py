"""What one UTC day has earned or lost, marked to market, over every market of this bot. Pure; knows no clock.

Everything here is an absolute state: the journal keeps the newest, and a restart goes on from it. Nothing is counted up
from events, so what is read again after a restart, or twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import UTC, datetime

from attrs import evolve, field, frozen

from actors.model.numbers import Cash

_SECONDS = 86_400
_WARN_AT = 80  # % of the loss limit


@frozen
class Result:
    """What a market has earned since its first trade: realised and unrealised less fees, at the day's start and now."""

    start: Cash
    last: Cash


@frozen
class Day:
    """Day `number` since 1970. `unread` are markets not read since the day before: their start is only what that ended with.

    `acknowledged` is the loss at which a person last resumed after a kill for it; the limit then counts from there.
    `warned` and `breached` say that the warning and the kill for this limit were given.
    """

    number: int = 0
    results: Mapping[str, Result] = field(factory=dict)
    acknowledged: Cash = Cash(0)
    warned: bool = False
    breached: bool = False
    unread: frozenset[str] = frozenset()

    @property
    def date(self) -> str:
        return datetime.fromtimestamp(self.number * _SECONDS, UTC).date().isoformat()

    @property
    def pnl(self) -> Cash:
        """Earned since the day began; markets that are no longer traded count with what they had earned at last."""
        return Cash(sum(result.last - result.start for result in self.results.values()))

    @property
    def course(self) -> Day:
        """All but what every look moves: which markets have results, not what these are."""
        return evolve(self, results=dict.fromkeys(self.results, Result(Cash(0), Cash(0))))

    def on(self, number: int, markets: Container[str]) -> Day:
        """This day, or the later day `number`; an earlier one changes nothing, for a clock that jumps back forgives no loss.

        A new day begins where each of `markets` stood when last read. Others are forgotten.
        """
        if number <= self.number:
            return self
        kept = {name: Result(r.last, r.last) for name, r in self.results.items() if name in markets}
        return Day(number, kept, unread=frozenset(kept))

    def read(self, earned: Mapping[str, Cash]) -> Day:
        """The day after a look at what markets have earned since their first trade.

        A market seen for the first time starts here. One last seen the day before starts at the better of then and now:
        its value at midnight is not known, and a gain made before it must not pay for a loss after it.
        """
        if not self.unread and all(self._stands(name, cash) for name, cash in earned.items()):
            return self
        results = {**self.results, **{name: self._result(name, cash) for name, cash in earned.items()}}
        return evolve(self, results=results, unread=self.unread - earned.keys())

    def _stands(self, market: str, earned: Cash) -> bool:
        known = self.results.get(market)
        return known is not None and known.last == earned

    def _result(self, market: str, earned: Cash) -> Result:
        known = self.results.get(market)
        if known is None:
            return Result(earned, earned)
        return Result(Cash(max(known.start, earned)) if market in self.unread else known.start, earned)

    def floor(self, limit: Cash) -> Cash:
        """The day's PnL at which everything is killed."""
        return Cash(-self.acknowledged - limit)

    def breaks(self, limit: Cash) -> bool:
        return self.pnl <= self.floor(limit)

    def nears(self, limit: Cash) -> bool:
        return (-self.pnl - self.acknowledged) * 100 >= limit * _WARN_AT

    def forgiven(self) -> Day:
        """After a person has acknowledged the kill: the limit is granted anew from the loss of now."""
        return evolve(self, acknowledged=Cash(max(0, -self.pnl)), warned=False, breached=False)


def day_number(epoch: float) -> int:
    return int(epoch // _SECONDS)


def utc_text(epoch: float) -> str:
    """`2025-11-28 03:31:07 UTC`."""
    return f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%d %H:%M:%S} UTC"
