"""The last words of a run: what was proven at the venue, and what it cost or earned."""

from __future__ import annotations

from collections.abc import Iterator

from actors.ending import Ending, Exit
from actors.market.report import MarketReport
from actors.model.income import Kind
from actors.model.ledger import Holding, Position
from actors.model.numbers import PUSD, format_cash, format_size
from actors.model.trading import Trading
from actors.shared.departed import Departed

_MEANING = {
    Exit.DONE: "done as asked",
    Exit.CRASHED: "a shared actor crashed too often; orders were cancelled",
    Exit.ORDERS_REMAIN: "own orders may remain",
    Exit.POSITIONS_REMAIN: "positions remain",
    Exit.KILLED: "stopped by the kill switch",
}


def proof(ending: Ending) -> str:
    """The report on stdout."""
    return "\n".join(_lines(ending))


def _lines(ending: Ending) -> Iterator[str]:
    yield "── proof ─────────────────────────────────────────────────────────────"
    yield from _orders(ending)
    yield from _positions(ending)
    yield (
        f"{'pUSD':<16}{'trades':>7}{'volume':>9}{'spent':>9} │{'realised':>9}{'unrealised':>11}"
        f"{'fees':>8}{'net PnL':>9}"
    )
    rows = [_sums(report.position, ending.marks.get(report.market)) for report in ending.reports]
    yield from (_row(report.market, row) for report, row in zip(ending.reports, rows, strict=True))
    if gone := ending.departed.markets:
        rows.append(_left(ending.departed))
        yield _row(f"{gone} left before", rows[-1])
    if len(rows) > 1:
        yield _row("total", tuple(map(sum, zip(*rows, strict=True))))
    yield from (line for report in ending.reports for line in _settled(report))
    yield from _income(ending)
    if ending.fatal:
        yield f"crashed: {ending.fatal}"
    yield f"exit {int(ending.code)}: {_MEANING[ending.code]}"


def _orders(ending: Ending) -> Iterator[str]:
    if ending.unproven is not None:
        yield f"orders open at the venue: NOT PROVEN, the venue could not be read: {ending.unproven}"
    if ending.open_orders:
        yield f"orders of ours that may be open at the venue: {len(ending.open_orders)}"
        yield from (f"  {order}" for order in ending.open_orders)
    elif ending.unproven is None:
        yield "orders open at the venue: 0 of ours (read twice)"
    if ending.foreign_orders:
        yield f"open orders of the account that are not ours, left alone: {len(ending.foreign_orders)}"
        yield from (f"  {order}" for order in ending.foreign_orders)


def _positions(ending: Ending) -> Iterator[str]:
    """What is still held; less than the minimum order size cannot be sold and is dust."""
    held = [
        f"  {report.market} {name} {format_size(holding.size)}{_why_held(report, holding)}"
        for report in ending.reports
        for name, holding in (("YES", report.position.yes), ("NO", report.position.no))
        if holding.size
    ]
    held += [
        f"  {report.market}: its last trades or transactions are not settled: what they took may come back"
        for report in ending.reports
        if report.settling
    ]
    if ending.doubtful:
        yield "positions that no tracker could vouch for:"
        yield from (f"  {line}" for line in ending.doubtful)
        yield from held
    elif not held:
        yield "positions: flat"
    else:
        yield _heading(ending)
        yield from held


def _settled(report: MarketReport) -> Iterator[str]:
    """What became cash on the chain, or shares: part of the PnL above."""
    merged, redeemed = report.position.merged, report.position.redeemed
    if merged:
        yield f"{report.market}: {format_cash(abs(merged))} pUSD {'from merged pairs' if merged > 0 else 'split into pairs'}"
    if redeemed:
        yield f"{report.market}: {format_cash(redeemed)} pUSD redeemed"


def _income(ending: Ending) -> Iterator[str]:
    """What makers may still be paid for today, if anything: no part of the PnL above."""
    if ending.takings is None:
        return
    today = ending.takings.today
    rebates, rewards = (today.expected(kind) for kind in Kind)
    if rebates.most or rewards.most:
        span = " to ".join(map(format_cash, sorted({rewards.least, rewards.most})))
        yield f"expected besides for {today.date}: rebates {format_cash(rebates.most)}, rewards {span} pUSD"


def _heading(ending: Ending) -> str:
    if not _only_dust(ending):
        return "positions remain:"
    gone = any(h.gone for report in ending.reports for h in (report.position.yes, report.position.no))
    return "positions: flat but for dust" + (" and shares that are no longer in the account" if gone else "")


def _why_held(report: MarketReport, holding: Holding) -> str:
    if holding.gone:
        return f" by its trades, {format_size(holding.gone)} of them no longer in the account: moved by hand?"
    if not report.holding:
        return " (dust: too small to sell)"
    if report.halted:
        return f" (the market takes no orders: {report.halted})"
    safe = report.trading is Trading.SAFE
    return " (killed: nothing is sold before `resume --ack-kill`)" if safe else ""


def _only_dust(ending: Ending) -> bool:
    return not any(report.holding or report.settling for report in ending.reports)


Sums = tuple[int, ...]  # trades, volume, spent, realised, unrealised, fees, PnL


def _sums(position: Position, mark: int | None) -> Sums:
    """What is still held is marked at the YES mid."""
    p = position
    return (p.trades, p.volume, p.spent, p.realised, p.unrealised(mark), p.fees, p.pnl(mark))


def _left(gone: Departed) -> Sums:
    return (gone.trades, gone.volume, gone.spent, gone.realised, 0, gone.fees, gone.pnl)


def _row(name: str, sums: Sums) -> str:
    """Amounts in pUSD."""
    trades, volume, spent, realised, unrealised, fees, pnl = sums
    return (
        f"{name:<16}{trades:>7}{volume / PUSD:>9.2f}{spent / PUSD:>9.2f} │{realised / PUSD:>+9.2f}"
        f"{unrealised / PUSD:>+11.2f}{fees / PUSD:>8.4f}{pnl / PUSD:>+9.2f}"
    )
