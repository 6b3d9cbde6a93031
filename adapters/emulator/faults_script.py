"""The fault script: JSON entries to faults and back. Refuses what it does not understand, with the entry and the key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import NOTHING, Attribute, fields

from adapters.emulator.faults_answers import ANSWERS
from adapters.emulator.faults_armed import Effect, Fault
from adapters.emulator.faults_call import RequestEffect
from adapters.emulator.faults_cancels import CANCELS
from adapters.emulator.faults_engine import MODES, Restart
from adapters.emulator.faults_frames import FRAMES, FrameEffect, Gap
from adapters.emulator.faults_keys import BadFaults
from adapters.emulator.faults_markets import MARKETS
from adapters.emulator.faults_orders import ORDERS
from adapters.emulator.faults_requests import WAYS
from adapters.emulator.faults_sockets import SOCKETS
from adapters.emulator.faults_stage import ActEffect
from adapters.emulator.faults_trades import TRADES
from adapters.emulator.faults_when import When
from adapters.emulator.faults_where import FRAME, MARKET, ORDER, REQUEST, SOCKET, Where

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


def load(path: Path) -> list[Fault]:
    """The faults of a JSON file. Raises BadFaults for anything not understood, OSError if it cannot be read."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_object)
    except BadFaults as problem:
        raise BadFaults(f"{path}: {problem}") from problem
    except (ValueError, RecursionError) as problem:
        raise BadFaults(f"{path}: not JSON: {problem}") from problem
    if not isinstance(entries, list):
        raise BadFaults(f"{path}: a list of faults is expected, not {type(entries).__name__}")
    return parse(entries)


def parse(entries: Sequence[object]) -> list[Fault]:
    """Raises BadFaults."""
    return [_parse(number, entry) for number, entry in enumerate(entries)]


def show(faults: Sequence[Fault]) -> list[dict[str, object]]:
    """The entries that `parse` makes these faults of; keys with their default value are left out."""
    return [_show(fault) for fault in faults]


def check(fault: Fault) -> None:
    """Do effect, trigger and filter go together? Raises BadFaults."""
    effect, when, allowed = fault.effect, fault.when, filters(type(fault.effect), fault.when.on)
    strange = sorted(set(fault.where.given) - set(allowed))
    if strange:
        raise BadFaults(f"filters {strange} do not apply; these do: {', '.join(allowed) or 'none'}")
    if isinstance(effect, ActEffect) and when.on is None and (when.nth != 1 or when.count is not None):
        raise BadFaults("nth and count choose the events of an on, which is left out; every repeats the act")
    if isinstance(effect, ActEffect | Restart) and when.for_ is not None:
        raise BadFaults("for does not apply: it happens at one moment or says itself how long it takes")
    if isinstance(effect, Gap) and when.for_ is None:
        raise BadFaults("for must say after how many seconds the connection is cut")


def filters(effect: type[Any], event: str | None) -> tuple[str, ...]:
    """The filter keys that mean something for this effect and trigger."""
    if issubclass(effect, RequestEffect):
        own: tuple[str, ...] = REQUEST
    else:
        own = getattr(effect, "KEYS", FRAME if issubclass(effect, FrameEffect) else ORDER)
    return tuple(dict.fromkeys((*own, *_EVENT_KEYS.get(event or "", ()))))


def _parse(number: int, entry: object) -> Fault:
    kind = KINDS.get(str(entry.get("kind"))) if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or kind is None:
        raise BadFaults(f"fault {number}: unknown kind in {entry!r}; known kinds: {', '.join(KINDS)}")
    given = {key: value for key, value in entry.items() if key != "kind"}
    try:
        _known(kind, given)
        name = given.pop("name", "")
        if not isinstance(name, str):
            raise BadFaults(f"name must be a text, not {name!r}")
        fault = Fault(_made(kind, given), _made(When, given), _made(Where, given), name)
        check(fault)
    except BadFaults as problem:
        raise BadFaults(f"fault {number} ({kind.KIND}): {problem}") from problem
    return fault


def _known(kind: type[Any], given: Mapping[str, object]) -> None:
    takes = [*_keys(kind), "name", *_keys(When), *_keys(Where)]
    unknown = sorted(set(given) - set(takes))
    missing = sorted(key for key, known in _keys(kind).items() if known.default is NOTHING and key not in given)
    if unknown:
        raise BadFaults(f"unknown keys {unknown}; it takes: {', '.join(takes)}")
    if missing:
        raise BadFaults(f"missing keys {missing}")


def _keys(part: type[Any]) -> dict[str, Attribute[Any]]:
    """The attributes of a class by their JSON names."""
    return {_WORDS.get(known.name, known.name): known for known in fields(part)}


def _made(part: type[Any], given: Mapping[str, object]) -> Any:  # noqa: ANN401 - an instance of `part`
    return part(**{known.name: given[key] for key, known in _keys(part).items() if key in given})


def _show(fault: Fault) -> dict[str, object]:
    parts: tuple[Effect | When | Where, ...] = (fault.effect, fault.when, fault.where)
    shown: dict[str, object] = {"kind": fault.kind, **({"name": fault.name} if fault.name else {})}
    for part in parts:
        for key, known in _keys(type(part)).items():
            value = getattr(part, known.name)
            if value != known.default:
                shown[key] = value
    return shown


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object whose keys all differ; the last of two would win silently."""
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise BadFaults(f"keys {twice} are given twice in one entry")
    return dict(pairs)
