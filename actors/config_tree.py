"""The configuration before it has types: nodes that know their origin, and how one layer covers another; reads nothing.

A value stays the exact text that was written, so that money never passes through a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from attrs import evolve, frozen

Kind = Literal["text", "number", "truth", "empty", "bad"]

_PLAIN_KEY = re.compile(r"[\w-]{1,60}")
_SHOWN = 24


@frozen
class Origin:
    """Where a value came from: a place in a file (lines and columns from 1), or a source without places."""

    source: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}:{self.column}"


DEFAULT = Origin("default")


@frozen
class Problem:
    """One thing that is wrong, where it is, and what would be right."""

    origin: Origin
    path: str
    text: str

    def __str__(self) -> str:
        """An origin that names the path itself, as `--set budget.totl` does, is not followed by it once more."""
        named = not self.path or str(self.origin).endswith(f" {self.path}")
        where = str(self.origin) if named else f"{self.origin} {self.path}"
        return f"{where}: {self.text}" if self.path else f"{where} {self.text}"


@frozen
class Scalar:
    """One value as its source text; `bad` marks one whose problem has been told already."""

    text: str
    kind: Kind
    origin: Origin


@frozen
class Series:
    items: tuple[Node, ...]
    origin: Origin


@frozen
class Table:
    """Keys to values; `keys` says where each key stands."""

    entries: dict[str, Node]
    keys: dict[str, Origin]
    origin: Origin


Node = Scalar | Series | Table


def shown(text: str) -> str:
    """A value for a message: quoted, on one line, and never long enough to give a key away."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN // 2] + "…")


def join(path: str, key: str | int) -> str:
    """`a` and `b` → `a.b`, `a` and 0 → `a[0]`; keys that would spoil a line are quoted."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = key if _PLAIN_KEY.fullmatch(key) else shown(key)
    return f"{path}.{name}" if path else name


def covered(under: Node, over: Node) -> Node:
    """`over` laid on `under`: tables key by key, anything else whole."""
    if not (isinstance(under, Table) and isinstance(over, Table)):
        return over
    both = dict(under.entries)
    for key, node in over.entries.items():
        both[key] = covered(both[key], node) if key in both else node
    return Table(both, under.keys | over.keys, under.origin)


def planted(path: tuple[str, ...], node: Node) -> Node:
    """`node` at the end of a path of keys, as one nested table."""
    for key in reversed(path):
        node = Table({key: node}, {key: node.origin}, node.origin)
    return node


def places(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every node with its path, the outermost first."""
    yield path, node
    if isinstance(node, Series):
        for number, item in enumerate(node.items):
            yield from places(item, join(path, number))
    elif isinstance(node, Table):
        for key, value in node.entries.items():
            yield from places(value, join(path, key))


def entry(node: Node, key: str) -> Node | None:
    return node.entries.get(key) if isinstance(node, Table) else None


def with_entry(table: Table, key: str, node: Node) -> Table:
    return evolve(table, entries=table.entries | {key: node}, keys={key: node.origin} | table.keys)
