"""What may keep a market from quoting once nothing is wrong any more; anything else breaks I22."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from actors.market.report import MarketReport
from actors.market.tree import TreeState
from actors.model.quote import Targets
from actors.model.reason import Reason
from actors.model.trading import Trading
from actors.shared.board import Board

_STRATEGY = frozenset(
    {
        Reason.ONE_SIDED,
        Reason.CROSSED,
        Reason.SPREAD_TOO_WIDE,
        Reason.PRICE_OUT_OF_RANGE,
        Reason.SIZE_BELOW_MINIMUM,
        Reason.INVENTORY_LIMIT,
        Reason.NO_ROOM,
        Reason.JUMPED,
        Reason.RESTING,
        Reason.NEXT_TAKE,
        Reason.TAKE_OPEN,
        Reason.NOT_HELD,
        Reason.SPENT,
    }
)
_ORDERED = frozenset({Reason.PAUSED, Reason.FLATTENING, Reason.SAFE})


def expected(board: Board, markets: tuple[str, ...], *, accepting: frozenset[str]) -> list[str]:
    """The markets that must be quoted: running, taking orders, with targets that name at least one quote."""
    return [market for market in markets if market in accepting and _targets(board, market) and _runs(board, market)]


def excuses(
    board: Board, markets: tuple[str, ...], *, ordered: frozenset[str], accepting: frozenset[str]
) -> Iterator[str]:
    """A sentence for each market without targets, for no reason that a healthy market may have.

    `ordered` are markets that a person was told to pause or flatten; `accepting` those the exchange takes orders for.
    """
    for market in markets:
        if market not in accepting or not _runs(board, market) or _targets(board, market):
            continue
        targets = board.last(Targets, market)
        reason = targets.refusal.reason if targets is not None and targets.refusal is not None else None
        if reason not in _STRATEGY and not (reason in _ORDERED and market in ordered):
            yield f"{market} is not quoted, with nothing wrong any more: {reason.code if reason else 'no targets'}"


def tried(board: Board, market: str) -> tuple[int, int]:
    """How far a market's takes have got: (the next one's number, how many are over)."""
    report = board.last(MarketReport, market)
    return (report.takes.next, report.takes.tried) if report is not None else (0, 0)


def idle(board: Board, before: Mapping[str, tuple[int, int]], *, accepting: frozenset[str]) -> Iterator[str]:
    """A sentence for each market of a taker that is running and has tried nothing since."""
    for market, then in before.items():
        report = board.last(MarketReport, market)
        running = report is not None and report.trading is Trading.RUNNING and _runs(board, market)
        if market in accepting and running and tried(board, market) == then:
            yield f"{market} is not traded by its taker, with nothing wrong any more"


def killed(board: Board, markets: tuple[str, ...]) -> bool:
    """Whether a person has killed trading and not yet said that it may go on: then what is held is kept."""
    said = (board.last(Targets, market) for market in markets)
    return any(t is not None and t.refusal is not None and t.refusal.reason is Reason.SAFE for t in said)


def _runs(board: Board, market: str) -> bool:
    state = board.last(TreeState, market)
    return state is not None and state.state == "running"


def _targets(board: Board, market: str) -> bool:
    targets = board.last(Targets, market)
    return targets is not None and bool(targets.quotes)
