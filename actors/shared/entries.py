"""What a row of the audit trail says, from what the journal and the gateway tell. Pure; hides nothing, for nothing secret is told.

Every row has `at` (UTC), `kind`, `event` and `market`; the rest depends on the kind. The signed body of an order stays in
the journal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from attrs import frozen

from actors.kernel.mailbox import Gap
from actors.model.day import Day
from actors.model.numbers import Price, Size, format_cash, format_price, format_size
from actors.model.outcome import Accepted, NeverSent, Placed, Rejected, Unknown
from actors.model.tenure import Tenure
from actors.model.trading import Standing
from actors.ports import WallClock
from actors.records import Intent, Note

_FILL = re.compile(
    r"(?P<event>[A-Z]+) (?P<side>BUY|SELL) (?P<size>[\d.]+) (?P<outcome>\S+) at (?P<price>[\d.]+) "
    r"trade (?P<trade>\S+) order (?P<order>\S+)"
)
_SAID_BETTER = ("outcome",)  # notes of what the gateway tells itself, with more in it


@frozen
class Happened:
    """Something happened at the gateway (fact). `told` are its particulars, ready for JSON."""

    kind: str
    event: str
    market: str
    at: float
    told: Mapping[str, object]


@frozen
class Recalled:
    """An order of an earlier run of which the journal does not know the end (fact)."""

    intent: Intent


def entry(letter: object, outcomes: Mapping[str, str], wall: WallClock) -> str | None:
    """The row of a letter as one line of JSON; None for what needs none. `outcomes` by token."""
    found = _row(letter, wall)
    if found is None:
        return None
    at, kind, event, market, told = found
    token = told.pop("token", None)
    if token is not None:
        told = {"outcome": outcomes.get(token, token), **told}
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row = {"at": moment, "kind": kind, "event": event, "market": market, **told}
    return msgspec.json.encode(row).decode()


def _row(letter: object, wall: WallClock) -> tuple[float, str, str, str, dict[str, Any]] | None:
    match letter:
        case Happened():
            return letter.at, letter.kind, letter.event, letter.market, dict(letter.told)
        case Intent():
            return letter.at, "order", "asked", letter.market, _asked(letter)
        case Recalled(intent=intent):
            told = {**_asked(intent), "asked_at": intent.at}
            return wall(), "order", "recalled", intent.market, told
        case Standing():
            return letter.since, "risk", letter.trading.value, letter.market, {"why": letter.why}
        case Day():
            return wall(), "risk", "day", "", _day(letter)
        case Tenure():
            event = "over" if letter.over else "leaving" if letter.leaving else "traded"
            return wall(), "market", event, letter.market, {"origin": letter.origin.value, "why": letter.leaving}
        case Gap():
            return wall(), "audit", "gap", "", {"why": letter.why}
        case Note() if letter.kind not in _SAID_BETTER:
            event, told = _note(letter)
            return letter.at, _KINDS.get(letter.kind, letter.kind), event, letter.market, told
    return None


def _asked(intent: Intent) -> dict[str, Any]:
    return {
        "order": intent.order_id,
        "key": f"{intent.key.generation}/{intent.key.counter}",
        "token": intent.token,
        "side": intent.side,
        "price": format_price(Price(intent.price)),
        "size": format_size(Size(intent.size)),
    }


def _day(day: Day) -> dict[str, Any]:
    return {"date": day.date, "pnl": format_cash(day.pnl), "warned": day.warned, "breached": day.breached}


_KINDS = {
    "closed": "order",
    "refused": "order",
    "kill": "risk",
    "breaker": "risk",
    "log_only": "risk",
    "ramp": "risk",
    "ended": "run",
    "started": "run",
}


def _note(note: Note) -> tuple[str, dict[str, Any]]:
    """A note's event and particulars; one of a kind that is not known here is shown as its text."""
    read: Callable[[str], tuple[str, dict[str, Any]]] = {
        "fill": _fill,
        "command": _command,
        "closed": lambda order: ("over", {"order": order}),
    }.get(note.kind, lambda text: (note.kind, {"text": text}))
    return read(note.body)


def _fill(text: str) -> tuple[str, dict[str, Any]]:
    found = _FILL.fullmatch(text)
    if found is None:
        return "fill", {"text": text}
    told = found.groupdict()
    return told.pop("event").lower(), told


def _command(text: str) -> tuple[str, dict[str, Any]]:
    said = msgspec.json.decode(text)
    return said["command"], {"args": said["args"]}


def ended(result: Placed) -> tuple[str, dict[str, object]]:
    """How a POST ended, as an event with its particulars."""
    match result:
        case Accepted():
            return "accepted", {"order": result.order_id, "status": result.status}
        case Rejected():
            return "rejected", {"fault": result.fault.name.lower(), "why": result.text[:200]}
        case Unknown():
            return "unknown", {"why": result.why[:200]}
        case NeverSent():
            return "never sent", {"why": result.why[:200]}
