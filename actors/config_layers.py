"""The layers of the configuration laid over each other: file < environment < command line; knows syntax, not meaning.

Short forms are written out here (a market as a bare name, a strategy or the approval as a bare word, `markets` as a comma list), and a market's own
strategy takes what it does not say from the common one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path

from attrs import evolve, frozen

from actors.config_tree import (
    Node,
    Origin,
    Problem,
    Scalar,
    Series,
    Table,
    covered,
    entry,
    join,
    planted,
    shown,
    with_entry,
)
from actors.model.strategy_settings import COMMON
from actors.strict_yaml import DEEPEST, position, read

LARGEST = 256 * 1024
PREFIX = "ACTORS__"


@frozen
class Layer:
    """What one source says; `root` is None when it could not be made out."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


def layered(path: Path, environ: Mapping[str, str], overrides: Sequence[str]) -> Layer:
    """The file with environment and overrides on top, and the problems of all three."""
    layers = [from_file(path), *from_environment(environ), *from_overrides(overrides)]
    problems = tuple(problem for layer in layers for problem in layer.problems)
    if layers[0].root is None:
        return Layer(None, problems)
    root: Node = Table({}, {}, Origin(_file_name(path), 1, 1))
    for layer in layers:
        if layer.root is not None:
            root = covered(root, _written_out(layer.root))
    return Layer(_inherited(root), problems)


def from_file(path: Path) -> Layer:
    name = _file_name(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        return _broken(Origin(name), "does not exist; name another file, or start from the project's config.yaml")
    except (OSError, ValueError) as error:
        return _broken(
            Origin(name), f"cannot be read: {getattr(error, 'strerror', None) or error}; make it a readable file"
        )
    if len(raw) > LARGEST:
        return _broken(Origin(name), f"is larger than {LARGEST // 1024} KB; a configuration is a few KB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8")
        line, column = position(good, len(good))
        return _broken(Origin(name, line, column), "is not UTF-8 text; save it as UTF-8")
    return _mapping(*read(text, name), Origin(name, 1, 1))


def _file_name(path: Path) -> str:
    """As it was given, made safe to print on one line."""
    name = str(path)
    return name if name.isprintable() else ascii(name)


def from_environment(environ: Mapping[str, str]) -> Iterator[Layer]:
    """One layer for each `ACTORS__SECTION__KEY`, in the order of their names."""
    for name in sorted(environ):
        if name.startswith(PREFIX):
            keys = name.removeprefix(PREFIX).lower().split("__")
            yield _single(keys, environ[name], f"environment {name}", "ACTORS__BUDGET__TOTAL=50")


def from_overrides(overrides: Sequence[str]) -> Iterator[Layer]:
    for override in overrides:
        path, equals, text = override.partition("=")
        keys = path.strip().split(".") if equals else []
        yield _single(keys, text, f"--set {path.strip()}", "--set budget.total=50")


def _single(keys: list[str], text: str, source: str, example: str) -> Layer:
    origin = Origin(source if source.isprintable() else shown(source))
    if not all(keys) or not 0 < len(keys) <= DEEPEST:
        return _broken(origin, f"does not name a setting and its value; write it like {example}")
    root, problems = read(text, origin.source, placed=False)
    path = reduce(join, keys, "")
    told = tuple(evolve(p, path=path + p.path if p.path.startswith("[") else path) for p in problems)
    return Layer(None if root is None else planted(tuple(keys), root), told)


def _mapping(root: Node | None, problems: tuple[Problem, ...], origin: Origin) -> Layer:
    if root is None or isinstance(root, Table):
        return Layer(root, problems)
    if isinstance(root, Scalar) and root.kind == "empty":
        return Layer(Table({}, {}, origin), problems)
    return Layer(None, (*problems, Problem(root.origin, "", "must be a mapping of keys, such as `mode: demo`")))


def _broken(origin: Origin, text: str) -> Layer:
    return Layer(None, (Problem(origin, "", text),))


def _written_out(root: Node) -> Node:
    """A layer with its short forms written out, so that layers meet key by key."""
    if not isinstance(root, Table):
        return root
    if isinstance(strategy := entry(root, "strategy"), Scalar):
        root = with_entry(root, "strategy", _named("name", strategy))
    if isinstance(approval := entry(root, "approval"), Scalar):
        root = with_entry(root, "approval", _named("orders", approval))
    markets = entry(root, "markets")
    if isinstance(markets, Scalar) and markets.kind in ("text", "number"):
        parts = tuple(evolve(markets, text=part.strip()) for part in markets.text.split(","))
        markets = Series(parts, markets.origin)
    if isinstance(markets, Series):
        root = with_entry(root, "markets", Series(tuple(map(_market, markets.items)), markets.origin))
    return root


def _market(item: Node) -> Node:
    item = _named("market", item)
    if isinstance(item, Table) and isinstance(strategy := entry(item, "strategy"), Scalar):
        return with_entry(item, "strategy", _named("name", strategy))
    return item


def _named(key: str, node: Node) -> Node:
    """A bare `x` as `{key: x}`; what is empty or no name stays as it is."""
    if not isinstance(node, Scalar) or node.kind in ("empty", "truth"):
        return node
    return Table({key: node}, {key: node.origin}, node.origin)


def _inherited(root: Node) -> Node:
    """Each market's own strategy on top of the common one, where both are of the same name."""
    common, markets = entry(root, "strategy"), entry(root, "markets")
    if not (isinstance(root, Table) and isinstance(common, Table) and isinstance(markets, Series)):
        return root
    items = []
    for item in markets.items:
        own = entry(item, "strategy")
        if isinstance(item, Table) and isinstance(own, Table) and _name(own, _name(common)) == _name(common):
            item = with_entry(item, "strategy", evolve(covered(common, own), origin=own.origin))
        items.append(item)
    return with_entry(root, "markets", evolve(markets, items=tuple(items)))


def _name(strategy: Table, otherwise: str = COMMON) -> str:
    name = entry(strategy, "name")
    return name.text if isinstance(name, Scalar) and name.kind != "empty" else otherwise
