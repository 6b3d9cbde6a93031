"""A run for human eyes: what befell the bot, and under each order everything that happened to it, in order of time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.faults.trace import Event

_HEADLINES = ("life", "kill", "act", "exit", "breach", "log")


def timeline(events: Sequence[Event], *, breaches: Iterable[str] = ()) -> Iterator[str]:
    """Lines: first the headlines (lives, kills, acts, faults that bit), then the orders, then what was broken."""
    yield "── what befell the bot ───────────────────────────────────────────────"
    for event in events:
        if event.kind in _HEADLINES:
            yield f"{event.at:10.3f}  {event.kind:<8} {event.text}"
        elif event.kind == "ledger" and '"kind":"fault"' in event.text:
            line = json.loads(event.text)
            yield f"{event.at:10.3f}  fault    {line['effect']}: {line['what']} (bite {line['hit']})"
    yield "── orders ────────────────────────────────────────────────────────────"
    for order, told in _by_order(events).items():
        yield from _order(order, told)
    yield "── verdict ───────────────────────────────────────────────────────────"
    yield from breaches or ["no invariant was broken"]


def _by_order(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    orders: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        for order in event.orders:
            orders[order].append(event)
    return orders


def _order(order: str, told: Sequence[Event]) -> Iterator[str]:
    yield f"{order[:18]}…"
    yield from (f"{event.at:10.3f}    {_said(event, order)}" for event in told)


def _said(event: Event, order: str) -> str:
    if event.kind != "ledger":
        return f"{event.kind}: {event.text}"
    line = json.loads(event.text)
    return f"exchange: {_words(line, order)}"


def _words(line: Mapping[str, Any], order: str) -> str:
    """A ledger line about one order, in words."""
    match line["kind"]:
        case "order":
            what = "post-only " if line["post_only"] else ""
            token = f"token …{line['token'][-4:]}"
            return f"takes {what}{line['life']} {line['side']} {line['size']} at {line['price']} of {token}"
        case "cancel" | "expire":
            return f"ends it: {line['reason']} (left {line['remaining']})"
        case "kill":
            return f"kills it on arrival: {line['reason']}"
        case "trade":
            leg = next(leg for leg in (line["taker"], *line["makers"]) if leg["order"] == order)
            role = "taker" if line["taker"]["order"] == order else "maker"
            return f"trade {line['trade'][:8]} as {role}: {leg['side']} {leg['size']} at {leg['price']}"
        case "settle":
            return f"trade {line['trade'][:8]} is {line['status']}"
    return str(line["kind"])
