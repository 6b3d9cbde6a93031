"""`status`: every market at a glance."""

from __future__ import annotations

import json
from typing import Any

import click

from actors.commands.link import send
from actors.commands.options import to_bot

_NEAR = 0.8  # of a window: worth a line


@click.command()
@to_bot
def status(instance: str, socket: str | None, as_json: bool) -> None:
    """Show quotes, books, positions, PnL, feed ages, restarts, and why a market does not quote."""
    answer = send(instance, "status", socket)
    click.echo(json.dumps(answer) if as_json else "\n".join(_lines(answer)))


def _lines(answer: dict[str, Any]) -> list[str]:
    """The human view, 80 columns: one head, one line a market, one more where there is a reason."""
    lines = [
        f"{answer['mode']} {answer['instance']}: {answer['state']}, up {answer['uptime_s']:.0f} s, "
        f"{answer['open_orders']} orders, {answer['exposure']:.2f} of {answer['budget']:g} pUSD at risk, "
        f"PnL {answer['pnl']:+.2f}"
    ]
    if kill := answer["kill"]:
        because = f" ({kill['why']})" if kill["why"] else ""
        where = "" if len(kill["markets"]) == len(answer["markets"]) else f" in {', '.join(kill['markets'])}"
        lines.append(f"KILLED since {kill['since']}{because}: nothing is placed{where} until `resume --ack-kill`")
    if ramp := answer["ramp"]:
        lines.append(_ramp(ramp))
    if (day := answer["day"])["date"]:
        lines.append(f"PnL of {day['date']} (UTC): {day['pnl']:+.2f}; {_limits_ahead(day['loss_limits'])}")
    if answer["proposals"]:
        lines.append(f"{answer['proposals']} orders wait for `python -m actors approve`")
    if answer["admission"]:
        lines.append("no new orders: " + "; ".join(f"{name}: {why}" for name, why in answer["admission"].items()))
    if near := _near_limits(answer["limits"]):
        lines.append(f"limits: {', '.join(near)}")
    crashed = [f"{name} {s['restarts']}" for name, s in answer["services"].items() if s["restarts"]]
    if crashed:
        lines.append(f"restarts of shared actors: {', '.join(crashed)}")
    if answer["foreign_orders"]:
        lines.append(f"{len(answer['foreign_orders'])} open orders of the account are not ours (counted, left alone)")
    lines += _unnamed(answer)
    if (settlement := answer["settlement"]) and (told := settlement["under_way"] or settlement["problem"]):
        lines.append(f"settlement: {told}")
    lines += _income(answer["income"])
    if answer["spot"]:
        lines.append("spot: " + "  ".join(_spot(symbol, mark) for symbol, mark in answer["spot"].items()))
    lines.append(f"{'market':<16}{'state':<9}{'our bid/ask':>13}{'book':>13}{'net':>8}{'PnL':>7}{'feed':>6}  restarts")
    for market in answer["markets"]:
        lines += _market(market)
    return lines


def _ramp(ramp: dict[str, Any]) -> str:
    if ramp["halted"]:
        return f"ramp: halted at {ramp['part']} % of the limits ({ramp['halted']}): the next `resume` begins it anew"
    return (
        f"ramp: {ramp['part']} % of the limits count, {ramp['parts'][ramp['step'] + 1]} % in {ramp['next_in_s']:.0f} s"
    )


def _limits_ahead(limits: list[dict[str, Any]]) -> str:
    """How much more may be lost before the next pause and the next kill; they come sorted."""
    ahead = {limit["does"]: f"{limit['left']:.2f} before a {limit['does']} ({limit['key']})" for limit in limits[::-1]}
    return f"may lose {', '.join(ahead[does] for does in sorted(ahead, reverse=True))}" if ahead else "no limit is set"


def _income(income: dict[str, Any] | None) -> list[str]:
    """Nothing while there is nothing to tell."""
    if income is None:
        return []
    lines = []
    if income["rebates"][1] or income["rewards"][1]:
        shown = f"rebates {_span(income['rebates'])}, rewards {_span(income['rewards'])} pUSD"
        lines.append(f"expected income of {income['date']}: {shown}")
    for kind in income["paid"]["differs"] if income["paid"] else ():
        row = income["paid"][kind]
        lines.append(f"{kind} of {income['paid']['date']}: {row['paid']:g} paid, {_span(row['expected'])} expected")
    return lines


def _span(ends: list[float]) -> str:
    least, most = (f"{end:.2f}" for end in ends)
    return least if least == most else f"{least} to {most}"


def _unnamed(answer: dict[str, Any]) -> list[str]:
    """Markets that the configuration does not name, by how they came, and those that have left."""
    lines: list[str] = []
    for origin in ("discovered", "series", "switched on"):
        if found := [m["market"] for m in answer["markets"] if m["origin"] == origin and not m["leaving"]]:
            lines.append(f"{origin}: {', '.join(found)}")
    if (gone := answer["departed"])["markets"]:
        lines.append(f"{gone['markets']} markets left, with {gone['trades']} trades in them")
    return lines


def _near_limits(limits: dict[str, Any]) -> list[str]:
    """What a person should know of: lanes that the venue has slowed or that make requests wait, and windows nearly full."""
    windows = limits.get("windows", {})
    lanes = {name: use for name, use in limits.items() if isinstance(use, dict) and name != "windows"}
    slow = [f"{name} at {use['part']:.0%} of their rate" for name, use in lanes.items() if use["part"] < 1]
    wait = [f"{use['waiting']} {name} wait" for name, use in lanes.items() if use["waiting"]]
    full = [f"{name} {w['used']} of {w['most']}" for name, w in windows.items() if w["used"] >= _NEAR * w["most"]]
    return [*slow, *wait, *full]


def _spot(symbol: str, mark: dict[str, Any]) -> str:
    """`btc 91035.9 0.4s`: six figures, whole dollars above that, whole seconds from ten on."""
    if mark["price"] is None:
        return f"{symbol} -"
    price = f"{mark['price']:.6g}" if mark["price"] < 100_000 else f"{mark['price']:.0f}"
    age = f"{mark['age_s']:.1f}" if mark["age_s"] < 10 else f"{mark['age_s']:.0f}"
    return f"{symbol} {price} {age}s"


def _market(market: dict[str, Any]) -> list[str]:
    decimals = len(f"{market['tick']:g}".partition(".")[2])
    ours, book = (
        "/".join("-" if market[side] is None else f"{market[side]:.{decimals}f}" for side in sides)
        for sides in (("our_bid", "our_ask"), ("best_bid", "best_ask"))
    )
    age = "-" if market["feed_age_s"] is None else f"{market['feed_age_s']:.1f}s"
    restarts = ", ".join(f"{actor} {count}" for actor, count in market["restarts"].items() if count) or "-"
    line = (
        f"{market['market']:<16}{market['state']:<9}{ours:>13}{book:>13}"
        f"{market['position']:>+8.1f}{market['pnl']:>+7.2f}{age:>6}  {restarts}"
    )
    lines = [line]
    if market["reason"] is not None:
        lines.append(f"  {market['reason']}: {market['reason_text']} (feed: {market['feed_state']})")
    elif market["held"]:
        lines.append(f"  {market['held']}: {market['held_text']}")
    missing = [f"{shares:g} {name.upper()}" for name, shares in market["missing"].items() if shares]
    if missing:
        lines.append(
            f"  not for sale: {' and '.join(missing)}, by the venue's balance (moved by hand, or in your own sale?)"
        )
    return lines
