"""What `status` shows of the day's result and of the limits on losses."""

from __future__ import annotations

from typing import Any

from actors.model.day import Day
from actors.model.loss_limit import loss_limits
from actors.model.numbers import PUSD
from actors.model.risk_settings import RiskSettings
from actors.model.tally import Tally
from actors.model.trading import Order
from actors.shared.board import Board


def day_shown(board: Board, risk: RiskSettings) -> dict[str, Any]:
    """What the UTC day has earned over all markets, and what may still be lost; `limit` is `risk.max_daily_loss`."""
    known, limit = board.last(Day), risk.max_daily_loss
    day = known or Day()
    return {
        "date": day.date if known else None,
        "pnl": day.pnl / PUSD,
        "limit": None if limit is None else limit / PUSD,
        "kills_at": None if limit is None else day.floor(limit) / PUSD,
        "loss_limits": _limits_shown(risk, day, board.last(Tally) or Tally()),
    }


def _limits_shown(risk: RiskSettings, day: Day, tally: Tally) -> list[dict[str, Any]]:
    """The next to be reached first. A pause that would only be logged is none."""
    shown = [
        {
            "key": limit.key,
            "does": "kill" if limit.order is Order.KILL else "pause",
            "limit": limit.amount / PUSD,
            "left": limit.left(day, tally) / PUSD,
        }
        for limit in loss_limits(risk, tally.base)
        if risk.enforced or limit.order is Order.KILL
    ]
    return sorted(shown, key=lambda row: row["left"])
