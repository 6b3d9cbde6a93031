"""What waits for a person's approval, as `approve` shows it. Decides nothing."""

from __future__ import annotations

from typing import Any

import trio

from actors.market.report import MarketReport
from actors.model.docket import Proposal
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, cost
from actors.shared.approvals import Proposals
from actors.shared.board import Board
from actors.shared.tuning import Tuning


def approvals(board: Board, tuning: Tuning) -> dict[str, Any]:
    """Every proposal, the oldest first, with its cost and what is spent already; amounts in pUSD and shares."""
    proposals = board.last(Proposals) or Proposals()
    return {
        "orders": tuning.settings.approval.orders,
        "spent": sum(report.exposure for report in board.all(MarketReport)) / PUSD,
        "budget": tuning.settings.budget.total / PUSD,
        "proposals": [_row(proposal, board, tuning) for proposal in proposals.waiting],
    }


def proposed(board: Board, number: object) -> Proposal | None:
    """The proposal of this number, while it waits."""
    proposals = board.last(Proposals) or Proposals()
    return next((proposal for proposal in proposals.waiting if proposal.number == number), None)


def _row(proposal: Proposal, board: Board, tuning: Tuning) -> dict[str, Any]:
    quote, report = proposal.quote, board.last(MarketReport, proposal.market)
    return {
        "number": proposal.number,
        "market": proposal.market,
        "outcome": quote.outcome.value,
        "side": quote.side.value,
        "price": quote.price / PRICE_ONE,
        "size": quote.size / SHARE,
        "cost": cost(quote.price, quote.size) / PUSD,
        "spent": (report.exposure if report else 0) / PUSD,
        "budget": tuning.settings.budget.per_market / PUSD,
        "left_s": round(max(0.0, proposal.until - trio.current_time()), 1),
    }
