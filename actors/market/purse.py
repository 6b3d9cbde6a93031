"""The purse that a betting strategy is shown: read from the board's last states, for markets tell each other nothing."""

from __future__ import annotations

from actors.market.report import MarketReport
from actors.model.day import Day
from actors.model.numbers import Cash
from actors.model.purse import Bet, Purse, losing_streak
from actors.model.spot import asset_of
from actors.model.stream import Stream
from actors.model.tally import DRAWDOWN, Tally
from actors.shared.board import Board


def purse(board: Board, market: str, wall: float) -> Purse:
    """As `market` is to see it at `wall` (epoch s)."""
    day, tally = board.last(Day) or Day(), board.last(Tally)
    fall = tally.losses(day)[DRAWDOWN] if tally is not None else Cash(0)
    others = (report for report in board.all(MarketReport) if report.market != market)
    bets = (bet for report in others if (bet := _bet(report, board)) is not None)
    return Purse(tuple(bets), Cash(max(0, fall)), losing_streak(day.results, wall))


def _bet(report: MarketReport, board: Board) -> Bet | None:
    """What an up/down window holds, and what its orders would add; pairs are no bet, but they cost."""
    asset, position = asset_of(report.market), report.position
    if asset is None or not (position.net or report.exposure):
        return None
    way = (position.net > 0) - (position.net < 0)
    return Bet(report.market, asset, report.exposure, way, board.last(Stream, asset))
