"""Strict YAML: text to a tree of nodes that know their place; never guesses a type, never builds a Python object.

What YAML reads as something else than the eye does is a problem, with the text that would be right: duplicate keys, `010`,
`0x1f`, `12:30`, `no`, `.nan`, aliases, tags, further documents, nesting over 20 deep (reliability.md §7). It works on parser
events, not on PyYAML's recursive composer, so that deep nesting cannot exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn, Protocol

import yaml
from attrs import define, field
from yaml.reader import ReaderError

from actors.config_tree import Kind, Node, Origin, Problem, Scalar, Series, Table, join, shown

DEEPEST = 20

_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_DISGUISED = (
    (
        re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?|[-+]?0o[0-7_]*"),
        "an octal number to YAML",
        "leave out the leading zero, or quote it",
    ),
    (re.compile(r"[-+]?0[xX][0-9a-fA-F_]*"), "a hexadecimal number to YAML", "quote it"),
    (re.compile(r"[-+]?0[bB][01_]+"), "a binary number to YAML", "quote it"),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"),
        "a number in base 60 to YAML",
        "quote it, or write plain seconds",
    ),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_.]*"), "a number with underscores", "leave out the underscores, or quote it"),
    (re.compile(r"(?i:[-+]?\.inf|\.nan)"), "not a finite number", "write a plain decimal number"),
    (re.compile(r"(?i:yes|no|on|off|y|n)"), "a truth value to YAML", "write true or false, or quote it"),
)
_TRUTH = ("true", "True", "TRUE", "false", "False", "FALSE")
_EMPTY = ("", "~", "null", "Null", "NULL")


def read(text: str, source: str, *, placed: bool = True) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree of the one document in `text` (None when it cannot be made out) and every problem in it.

    Origins carry line and column when `placed`, else only `source`.
    """
    reader = _Reader(source, placed)
    try:
        root = reader.document(yaml.parse(text, Loader=yaml.SafeLoader))
        return root, tuple(reader.problems)
    except _Stop:
        pass
    except ReaderError as error:
        line, column = position(text, error.position)
        reader.blame(reader.place(line, column), "", "holds a character that cannot be seen; delete it")
    except yaml.MarkedYAMLError as error:
        reason = " ".join(part for part in (error.context, error.problem) if part)
        reader.blame(reader.at(error.problem_mark or error.context_mark), "", f"is not YAML: {reason}")
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML lets the chr() of a wild \U escape raise
        reader.blame(reader.place(1, 1), "", "is not YAML: an escape names no character")
    return None, tuple(reader.problems)


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character index."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


class _Mark(Protocol):
    """What PyYAML's two mark classes share; both count from 0."""

    line: int
    column: int


class _Stop(Exception):
    """What follows makes no sense, or would cost too much to look at."""


@define
class _Reader:
    source: str
    placed: bool
    problems: list[Problem] = field(factory=list)
    events: Iterator[yaml.Event] = field(init=False)

    def place(self, line: int, column: int) -> Origin:
        return Origin(self.source, line, column) if self.placed else Origin(self.source)

    def at(self, mark: _Mark | None) -> Origin:
        return self.place(mark.line + 1, mark.column + 1) if mark else self.place(1, 1)

    def blame(self, origin: Origin, path: str, text: str) -> None:
        self.problems.append(Problem(origin, path, text))

    def stop(self, event: yaml.Event, path: str, text: str) -> NoReturn:
        self.blame(self.at(event.start_mark), path, text)
        raise _Stop

    def document(self, events: Iterator[yaml.Event]) -> Node:
        self.events = events
        root: Node = Scalar("", "empty", self.place(1, 1))
        for number, event in enumerate(e for e in events if isinstance(e, yaml.DocumentStartEvent)):
            if number or event.version or event.tags:
                self.stop(event, "", "has a second document or a % directive; keep one plain document")
            root = self.node(next(events), "", 1)
        return root

    def node(self, event: yaml.Event, path: str, depth: int) -> Node:
        if depth > DEEPEST:
            self.stop(event, path, f"is nested more than {DEEPEST} deep; no setting is")
        origin = self.at(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.blame(origin, path, f"is the alias *{event.anchor}; write the value out")
            return Scalar("", "bad", origin)
        decorated = self._decorated(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(path, depth, origin)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._series(path, depth, origin)
        assert isinstance(event, yaml.ScalarEvent)
        kind = "bad" if decorated else self._kind(event, path)
        return Scalar(event.value, kind, origin)

    def _decorated(self, event: yaml.Event, path: str) -> bool:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            self.blame(self.at(event.start_mark), path, f"has the anchor &{anchor}; leave it out")
        if tag:
            self.blame(self.at(event.start_mark), path, f"has the tag {shown(tag)}; leave it out")
        return bool(anchor or tag)

    def _series(self, path: str, depth: int, origin: Origin) -> Series:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, join(path, len(items)), depth + 1))
        return Series(tuple(items), origin)

    def _table(self, path: str, depth: int, origin: Origin) -> Table:
        entries: dict[str, Node] = {}
        keys: dict[str, Origin] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, where = self._key(event, path, depth), self.at(event.start_mark)
            value = self.node(next(self.events), join(path, key), depth + 1)
            if key in entries:
                self.blame(where, join(path, key), f"is there twice, first at {keys[key]}; keep one")
            else:
                entries[key], keys[key] = value, where
        return Table(entries, keys, origin)

    def _key(self, event: yaml.Event, path: str, depth: int) -> str:
        key = self.node(event, path, depth + 1)
        if not isinstance(key, Scalar):
            self.blame(key.origin, path, "has a list or mapping as a key; keys are plain words")
            return ""
        if key.text == "<<":
            self.blame(key.origin, path, "merges with <<; write the keys out")
        return key.text

    def _kind(self, event: yaml.ScalarEvent, path: str) -> Kind:
        text = event.value
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.blame(self.at(event.start_mark), path, "holds half a character (a lone surrogate); delete it")
            return "bad"
        if event.style is not None:
            return "text"
        for shape, what, right in _DISGUISED:
            if shape.fullmatch(text):
                self.blame(self.at(event.start_mark), path, f"{shown(text)} is {what}; {right}")
                return "bad"
        if text in _EMPTY:
            return "empty"
        return "truth" if text in _TRUTH else "number" if _NUMBER.fullmatch(text) else "text"
