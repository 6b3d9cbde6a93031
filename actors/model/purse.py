"""What all bets of the bot have at stake, beside the one in question, and how the bot has done: what a bet is sized by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from actors.model.day import Result
from actors.model.numbers import Cash
from actors.model.series import window_of
from actors.model.stream import Stream


@frozen
class Bet:
    """An open bet in another window: what it cost, on which way (+1 Up, -1 Down), by which stream it settles."""

    market: str
    asset: str
    cost: Cash
    way: int
    stream: Stream | None = None


@frozen
class Purse:
    """`drawdown` is the fall from the highest PnL; `losses` are the windows in a row, up to the last, that lost."""

    bets: tuple[Bet, ...] = ()
    drawdown: Cash = Cash(0)
    losses: int = 0

    @property
    def staked(self) -> Cash:
        return Cash(sum(bet.cost for bet in self.bets))

    def on(self, asset: str) -> Cash:
        return Cash(sum(bet.cost for bet in self.bets if bet.asset == asset))


def losing_streak(results: Mapping[str, Result], ended_before: float) -> int:
    """How many of the windows that have ended (epoch s) lost in a row, counted back from the last; others say nothing."""
    windows = [(window.ends_at, results[name]) for name in results if (window := window_of(name)) is not None]
    over = sorted((ends_at, result.last - result.start) for ends_at, result in windows if ends_at <= ended_before)
    return _leading(earned < 0 for _, earned in reversed(over) if earned)


def _leading(flags: Iterable[bool]) -> int:
    count = 0
    for flag in flags:
        if not flag:
            break
        count += 1
    return count
