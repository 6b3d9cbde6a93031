"""`status`: every market at a glance."""

from __future__ import annotations

import json
from typing import Any

import click

from actors.commands.link import send
from actors.commands.options import to_bot


@click.command()
@to_bot
def status(instance: str, socket: str | None, as_json: bool) -> None:
    """Show quotes, books, positions, PnL, feed ages, restarts, and why a market does not quote."""
    answer = send(instance, "status", socket)
    click.echo(json.dumps(answer) if as_json else "\n".join(_lines(answer)))


def _lines(answer: dict[str, Any]) -> list[str]:
    """The human view: one head, one line a market, one more where there is a reason."""
    head = (
        f"{answer['mode']} {answer['instance']}: {answer['state']}, up {answer['uptime_s']:.0f} s, "
        f"{answer['open_orders']} orders, at risk {answer['exposure']:.2f} of {answer['budget']:g} pUSD, "
        f"PnL {answer['pnl']:+.2f}"
    )
    lines = [head]
    if answer["admission"]:
        lines.append("no new orders: " + "; ".join(f"{name}: {why}" for name, why in answer["admission"].items()))
    if answer["foreign_orders"]:
        lines.append(f"{len(answer['foreign_orders'])} open orders of the account are not ours (counted, left alone)")
    lines.append(
        f"{'market':<18}{'state':<11}{'our bid/ask':>13}{'book':>13}{'position':>10}{'PnL':>8}{'feed':>7}  restarts f/q/t"
    )
    for market in answer["markets"]:
        lines += _market(market)
    return lines


def _market(market: dict[str, Any]) -> list[str]:
    ours = f"{_p(market['our_bid'])}/{_p(market['our_ask'])}"
    book = f"{_p(market['best_bid'])}/{_p(market['best_ask'])}"
    age = "-" if market["feed_age_s"] is None else f"{market['feed_age_s']:.1f}s"
    restarts = "/".join(str(market["restarts"].get(actor, 0)) for actor in ("feed", "quoter", "tracker"))
    line = (
        f"{market['market']:<18}{market['state']:<11}{ours:>13}{book:>13}"
        f"{market['position']:>+10.1f}{market['pnl']:>+8.2f}{age:>7}  {restarts}"
    )
    if market["reason"] is None:
        return [line]
    return [line, f"    {market['reason']}: {market['reason_text']} (feed: {market['feed_state']})"]


def _p(price: float | None) -> str:
    return "-" if price is None else f"{price:g}"
