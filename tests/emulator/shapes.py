"""Shapes of JSON messages: which keys there are, at any depth, and of what kind. For comparing ours with captured ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

Json = Any
Shape = dict[str, set[str]]

_ID = re.compile(r"0x[0-9a-fA-F]+|[0-9]{3,}")
_KINDS = {str: "text", bool: "flag", int: "number", float: "number", type(None): "nothing"}


@frozen
class Kind:
    """A kind of message and where the emulator may differ: path to the reason. `files` are the captured ones.

    `lacks` are captured keys that it never sends, `invents` keys of its own, `words` keys whose kind of value differs.
    """

    files: tuple[str, ...]
    lacks: Mapping[str, str] = field(factory=dict)
    invents: Mapping[str, str] = field(factory=dict)
    words: Mapping[str, str] = field(factory=dict)


def shape(messages: Iterable[Json]) -> Shape:
    """Every path of any of the messages with the kinds of values seen there; keys that are ids count as one."""
    found: Shape = {}
    for message in messages:
        _walk(message, "", found)
    return found


def differences(kind: Kind, ours: Iterable[Json], theirs: Iterable[Json]) -> dict[str, str]:
    """What differs and is not excused, and excuses that excuse nothing: all of it must be empty."""
    mine, captured = shape(ours), shape(theirs)
    found = {
        **{path: "lacks" for path in captured if path not in mine and _parent(path) in mine},
        **{path: "invents" for path in mine if path not in captured and _parent(path) in captured and not _held(path)},
    }
    for path in mine.keys() & captured.keys():
        odd = mine[path] - captured[path]
        if odd and captured[path] != {"nothing"}:
            found[path] = f"is {'/'.join(sorted(odd))}, captured {'/'.join(sorted(captured[path]))}"
    excused = {
        **dict.fromkeys(kind.lacks, "lacks"),
        **dict.fromkeys(kind.invents, "invents"),
        **dict.fromkeys(kind.words, "is "),
    }
    open_ = {path: what for path, what in found.items() if not what.startswith(excused.get(path, "\0"))}
    idle = {path: "excused for nothing" for path, what in excused.items() if not found.get(path, "").startswith(what)}
    return {**open_, **idle}


def _walk(value: Json, path: str, found: Shape) -> None:
    if isinstance(value, dict):
        found.setdefault(path, set()).add("object")
        for key, inner in value.items():
            _walk(inner, f"{path}.{'<id>' if _ID.fullmatch(key) else key}", found)
    elif isinstance(value, list):
        found.setdefault(path, set()).add("list")
        for inner in value:
            _walk(inner, f"{path}[]", found)
    else:
        found.setdefault(path, set()).add(_KINDS[type(value)])


def _held(path: str) -> bool:
    """Whether it is inside a list or a map by ids: one that was captured empty tells nothing of what it may hold."""
    return path.endswith(("[]", "<id>"))


def _parent(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
