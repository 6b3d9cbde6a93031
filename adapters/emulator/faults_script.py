"""The fault script: JSON entries to faults and back. Refuses what it does not understand, all of it at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from attrs import NOTHING, Attribute, fields

from adapters.emulator.faults_answers import ANSWERS
from adapters.emulator.faults_armed import Effect, Fault
from adapters.emulator.faults_call import RequestEffect
from adapters.emulator.faults_cancels import CANCELS
from adapters.emulator.faults_engine import MODES, Restart
from adapters.emulator.faults_frames import FRAMES, FrameEffect, Gap
from adapters.emulator.faults_keys import BadFaults, mistake
from adapters.emulator.faults_listed import Listed
from adapters.emulator.faults_markets import MARKETS
from adapters.emulator.faults_orders import ORDERS
from adapters.emulator.faults_requests import WAYS
from adapters.emulator.faults_sockets import SOCKETS
from adapters.emulator.faults_stage import ActEffect
from adapters.emulator.faults_trades import TRADES
from adapters.emulator.faults_when import When
from adapters.emulator.faults_where import EVENTS, FRAME, MARKET, ORDER, REQUEST, SOCKET, Where

_EVERY: tuple[type[Any], ...] = (
    *WAYS,
    *ANSWERS,
    *MODES,
    *FRAMES,
    *SOCKETS,
    *CANCELS,
    *TRADES,
    *ORDERS,
    *MARKETS,
)
KINDS: dict[str, type[Any]] = {effect.KIND: effect for effect in _EVERY}
"""Every effect by its name in a fault file."""

_EVENT_KEYS = {
    "order": ORDER,
    "trade": ORDER,
    "cancel": ORDER,
    "request": REQUEST,
    "socket": SOCKET,
    "phase": MARKET,
}
_WORDS = {"for_": "for"}  # Python's name of a key → JSON's


def load(path: Path, listed: Listed | None = None) -> list[Fault]:
    """The faults of a JSON file. Raises BadFaults with everything not understood, OSError if it cannot be read."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_Entry.of)
    except (ValueError, RecursionError) as problem:
        raise BadFaults(f"{path}: not JSON: {problem}") from problem
    if not isinstance(entries, list):
        found = "an object: put [ ] around it" if isinstance(entries, dict) else repr(entries)
        raise BadFaults(f"{path}: a list of faults is expected, not {found}")
    try:
        return parse(entries, listed)
    except BadFaults as bad:
        raise BadFaults(*(f"{path}: {problem}" for problem in bad.problems)) from bad


def parse(entries: Sequence[object], listed: Listed | None = None) -> list[Fault]:
    """Raises BadFaults with all problems. `listed` is what the exchange has, if that is known."""
    made: list[Fault] = []
    problems: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            made.append(_parse(entry, listed))
        except BadFaults as bad:
            title = titled(number, str(entry["kind"]) if isinstance(entry, Mapping) and "kind" in entry else "")
            problems += [f"{title}: {problem}" for problem in bad.problems]
    if problems:
        raise BadFaults(*problems)
    return made


def titled(number: int, kind: str) -> str:
    """What a fault is called in messages; `number` counts from 1."""
    return f"fault {number} ({kind})" if kind else f"fault {number}"


def show(faults: Sequence[Fault]) -> list[dict[str, object]]:
    """The entries that `parse` makes these faults of; keys with their default value are left out."""
    return [_show(fault) for fault in faults]


def check(fault: Fault) -> None:
    """Do effect, trigger and filter go together? Raises BadFaults."""
    kind, when, given = type(fault.effect), fault.when, fault.where.given
    if problems := [*_untimely(kind, when), *_unfit(kind, when.on, given)]:
        raise BadFaults(*problems)


def check_all(faults: Sequence[Fault], listed: Listed) -> None:
    """The same for all faults, and do their markets and tokens exist? Raises BadFaults with all problems."""
    problems: list[str] = []
    for number, fault in enumerate(faults, 1):
        try:
            check(fault)
            found = list(listed.problems(fault.where.given))
        except BadFaults as bad:
            found = list(bad.problems)
        problems += [f"{titled(number, fault.kind)}: {problem}" for problem in found]
    if problems:
        raise BadFaults(*problems)


def filters(effect: type[Any], event: str | None) -> tuple[str, ...]:
    """The filter keys that mean something for this effect and trigger."""
    if issubclass(effect, RequestEffect):
        own: tuple[str, ...] = REQUEST
    else:
        own = getattr(effect, "KEYS", FRAME if issubclass(effect, FrameEffect) else ORDER)
    return tuple(dict.fromkeys((*own, *_EVENT_KEYS.get(event or "", ()))))


def own_keys(part: type[Any]) -> dict[str, Attribute[Any]]:
    """The attributes of a class by their JSON names."""
    return {_WORDS.get(known.name, known.name): known for known in fields(part)}


def _untimely(kind: type[Any], when: When) -> Iterator[str]:
    acts = issubclass(kind, ActEffect)
    if acts and when.on is None and (when.nth != 1 or when.count is not None):
        yield "nth and count choose the events of an on, which is left out; every repeats the act"
    if (acts or kind is Restart) and when.for_ is not None:
        yield "for does not apply: it happens at one moment or says itself how long it takes"
    if kind is Gap and when.for_ is None:
        yield "for is missing; it says after how many seconds the connection is cut"


def _unfit(kind: type[Any], event: str | None, given: Mapping[str, object]) -> Iterator[str]:
    """The filters that nothing here knows, and the frames that do not exist."""
    allowed = filters(kind, event)
    for key in given:
        if key not in allowed:
            yield f"{key} does not apply; these filters do: {', '.join(allowed) or 'none'}"
    channel, frame = given.get("channel"), given.get("event")
    if channel in EVENTS and frame is not None and frame not in EVENTS[str(channel)]:
        sent = ", ".join(EVENTS[str(channel)]) or "none with a type"
        yield f"event {frame!r} is never sent on the {channel} channel; its events: {sent}"


def _parse(entry: object, listed: Listed | None) -> Fault:
    kind, given = _kind(entry), dict(entry) if isinstance(entry, Mapping) else {}
    problems = [f"{key} is given twice" for key in getattr(entry, "twice", ())] + _strange(kind, given)
    parts = {}
    for part in (kind, When, Where):
        try:
            parts[part] = _made(part, given)
        except BadFaults as bad:
            problems += bad.problems
    where = {key: given[key] for key in own_keys(Where) if given.get(key) is not None}
    problems += _untimely(kind, parts[When]) if When in parts else ()
    problems += _unfit(kind, str(given.get("on")), where)
    problems += listed.problems(where) if listed is not None else ()
    if problems:
        raise BadFaults(*problems)
    return Fault(parts[kind], parts[When], parts[Where], given.get("name", ""))


def _kind(entry: object) -> type[Any]:
    if not isinstance(entry, Mapping):
        raise BadFaults(f"an object with a kind is expected, not {entry!r}")
    if "kind" not in entry:
        raise BadFaults(f"kind is missing; it must be one of {', '.join(KINDS)}")
    kind = KINDS.get(entry["kind"]) if isinstance(entry["kind"], str) else None
    if kind is None:
        raise BadFaults(f"kind must be one of {', '.join(KINDS)}, not {entry['kind']!r}{_meant(entry['kind'], KINDS)}")
    return kind


def _strange(kind: type[Any], given: Mapping[str, object]) -> list[str]:
    takes = [*own_keys(kind), "name", *own_keys(When), *own_keys(Where)]
    unknown = [key for key in given if key != "kind" and key not in takes]
    problems = [f"{key} is no key of it{_meant(key, takes) or '; it takes: ' + ', '.join(takes)}" for key in unknown]
    if not isinstance(name := given.get("name", ""), str):
        problems.append(f"name must be a text, not {name!r}")
    return problems


def _meant(word: object, known: Iterable[str]) -> str:
    close = get_close_matches(str(word), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _made(part: type[Any], given: Mapping[str, object]) -> Any:  # noqa: ANN401 - an instance of `part`
    keys = own_keys(part)
    problems = [text for key, known in keys.items() if key in given and (text := mistake(known, given[key]))]
    missing = [(key, known) for key, known in keys.items() if known.default is NOTHING and key not in given]
    problems += [f"{key} is missing; it must be {known.metadata['wanted']}" for key, known in missing]
    if problems:
        raise BadFaults(*problems)
    return part(**{known.name: given[key] for key, known in keys.items() if key in given})


def _show(fault: Fault) -> dict[str, object]:
    parts: tuple[Effect | When | Where, ...] = (fault.effect, fault.when, fault.where)
    shown: dict[str, object] = {"kind": fault.kind, **({"name": fault.name} if fault.name else {})}
    for part in parts:
        for key, known in own_keys(type(part)).items():
            value = getattr(part, known.name)
            if value != known.default:
                shown[key] = value
    return shown


class _Entry(dict[str, object]):
    """A JSON object; `twice` are its keys that were given more than once, of which the last would win silently."""

    twice: tuple[str, ...] = ()

    @classmethod
    def of(cls, pairs: list[tuple[str, object]]) -> _Entry:
        entry, keys = cls(pairs), [key for key, _ in pairs]
        entry.twice = tuple(key for key in entry if keys.count(key) > 1)
        return entry
