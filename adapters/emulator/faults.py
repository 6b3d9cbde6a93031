"""What goes wrong on purpose: faults read from a file, asked at the few places where they can bite.

A new kind is one class and one entry in `KINDS`; what it does not override does not happen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import trio
from attrs import NOTHING, Attribute, define, field, fields, validators

from adapters.emulator.http import Request, Response, answer
from adapters.emulator.tickets import Ticket


def _between(low: float, high: float, *kinds: type) -> Callable[[object, Attribute[Any], Any], None]:
    """A validator: a number of one of `kinds` (a bool is none) from `low` to `high`."""

    def check(_: object, attribute: Attribute[Any], value: Any) -> None:  # noqa: ANN401 - straight from JSON
        if type(value) not in kinds or not low <= value <= high:
            raise ValueError(f"{attribute.name} must be a number from {low} to {high}, not {value!r}")

    return check


_COUNT = _between(1, 10**9, int)


class BadFaults(ValueError):
    """A fault file that is not understood; says which entry and what would be right."""


@define(eq=False)
class RefuseCancel:
    """The `nth` distinct live client order for which a cancel arrives can never be cancelled, by nobody."""

    nth: int = field(validator=_COUNT)
    seen: list[str] = field(factory=list, init=False)
    stuck: str = field(default="", init=False)

    def refuses_cancel(self, ticket: Ticket) -> bool:
        if ticket.status == "LIVE" and ticket.order.id not in self.seen:
            self.seen.append(ticket.order.id)
            if len(self.seen) == self.nth:
                self.stuck = ticket.order.id
                ticket.listing.book.pinned.add(ticket.order.id)
        return ticket.status == "LIVE" and ticket.order.id == self.stuck


@define(eq=False)
class OnRequest:
    """A fault of the next `count` requests of one method and path (`*` at its end stands for anything)."""

    path: str = field(validator=validators.instance_of(str))
    method: str = field(default="GET", validator=validators.instance_of(str))
    count: int = field(default=1, kw_only=True, validator=_COUNT)
    hits: int = field(default=0, init=False)

    def due(self, request: Request) -> bool:
        """Does it hit this request? Counts it if so."""
        prefix = self.path.removesuffix("*")
        here = request.path == self.path or (prefix != self.path and request.path.startswith(prefix))
        if not here or request.method != self.method.upper() or self.hits == self.count:
            return False
        self.hits += 1
        return True


@define(eq=False)
class Delay(OnRequest):
    """The request reaches the exchange `seconds` late."""

    seconds: float = field(kw_only=True, validator=_between(0, 3600, int, float))


@define(eq=False)
class Status(OnRequest):
    """The answer is `code`; with `after_accept` the exchange has done what was asked (F1 of reliability.md §3)."""

    code: int = field(kw_only=True, validator=_between(400, 599, int))
    after_accept: bool = field(default=False, kw_only=True, validator=validators.instance_of(bool))
    body: str = field(default="Internal server error", kw_only=True, validator=validators.instance_of(str))


Fault = RefuseCancel | Delay | Status
KINDS: dict[str, type[Any]] = {"refuse_cancel": RefuseCancel, "delay": Delay, "status": Status}


@define(eq=False)
class Faults:
    """All faults of a run."""

    all: list[Fault] = field(factory=list)

    def refuses_cancel(self, ticket: Ticket) -> str:
        """The reason for `not_canceled`, or nothing."""
        hits = [fault.refuses_cancel(ticket) for fault in self.all if isinstance(fault, RefuseCancel)]
        return "order can't be canceled" if any(hits) else ""

    def stuck(self, order_id: str) -> bool:
        """May no cancel, heartbeat or expiry end this order?"""
        return any(isinstance(fault, RefuseCancel) and fault.stuck == order_id for fault in self.all)

    async def before(self, request: Request) -> Status | None:
        """Wait out the delays; the status fault that hits this request, if one does."""
        for delay in [fault for fault in self.all if isinstance(fault, Delay) and fault.due(request)]:
            await trio.sleep(delay.seconds)
        return next((fault for fault in self.all if isinstance(fault, Status) and fault.due(request)), None)


def failure(status: Status) -> Response:
    return answer({"error": status.body}, status.code)


def load(path: Path) -> Faults:
    """The faults of a JSON file. Raises BadFaults for anything not understood, OSError if it cannot be read."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise BadFaults(f"{path}: not JSON: {problem}") from problem
    if not isinstance(entries, list):
        raise BadFaults(f"{path}: a list of faults is expected, not {type(entries).__name__}")
    return Faults(parse(entries))


def parse(entries: Sequence[object]) -> list[Fault]:
    return [_parse(number, entry) for number, entry in enumerate(entries)]


def _parse(number: int, entry: object) -> Any:  # noqa: ANN401 - one of KINDS
    kind = KINDS.get(str(entry.get("kind"))) if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or kind is None:
        raise BadFaults(f"fault {number}: unknown kind in {entry!r}; known kinds: {', '.join(KINDS)}")
    given = {key: value for key, value in entry.items() if key != "kind"}
    known = {f.name: f for f in fields(kind) if f.init}
    unknown = sorted(set(given) - set(known))
    missing = sorted(name for name, f in known.items() if f.default is NOTHING and name not in given)
    if unknown or missing:
        raise BadFaults(f"fault {number} ({entry['kind']}): unknown keys {unknown}, missing keys {missing}")
    try:
        return kind(**given)
    except (TypeError, ValueError) as problem:
        raise BadFaults(f"fault {number} ({entry['kind']}): {problem.args[0]}") from problem
