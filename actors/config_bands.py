"""A strategy's `bands` given as the path of a poly-market-maker bands.json: read as strictly as the configuration itself.

Its bands take the place of the path, each value with its place in that file, so that mistakes are told where they stand.
Keys are known by name (the original goes by their order), in its spelling or ours.
"""

from __future__ import annotations

import re
from pathlib import Path

from attrs import evolve

from actors.config_tree import Node, Origin, Problem, Scalar, Series, Table, entry, join, with_entry
from actors.strict_yaml import read

LARGEST = 64 * 1024
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
_SHAPE = 'must hold {"bands": [{"minMargin": 0.01, …}, …]}'

Read = tuple[Node, tuple[Problem, ...]]


def with_bands(root: Node) -> Read:
    """The tree with every path of bands replaced by what the file says, and the problems in those files."""
    root, problems = _strategy_of(root, "")
    markets = entry(root, "markets")
    if not (isinstance(root, Table) and isinstance(markets, Series)):
        return root, problems
    read_ = [_strategy_of(item, join("markets", number)) for number, item in enumerate(markets.items)]
    items = tuple(item for item, _ in read_)
    told = tuple(problem for _, found in read_ for problem in found)
    return with_entry(root, "markets", evolve(markets, items=items)), (*problems, *told)


def _strategy_of(node: Node, path: str) -> Read:
    """One place where a strategy may stand: the whole configuration, or a market."""
    strategy = entry(node, "strategy")
    bands = entry(strategy, "bands") if isinstance(strategy, Table) else None
    if (
        not (isinstance(node, Table) and isinstance(strategy, Table) and isinstance(bands, Scalar))
        or bands.kind != "text"
    ):
        return node, ()
    found, problems = _from_file(bands, f"{join(path, 'strategy')}.bands")
    kept = found if found is not None else evolve(bands, kind="bad")
    return with_entry(node, "strategy", with_entry(strategy, "bands", kept)), problems


def _from_file(named: Scalar, path: str) -> tuple[Series | None, tuple[Problem, ...]]:
    """The bands in the file; one that is not absolute stands beside the file that names it."""
    file = Path(named.origin.source).parent / named.text
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
        text = raw.decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        wanted = "must be a list of bands, or the path of a readable bands.json"
        return None, (Problem(named.origin, path, f"{wanted}; {_printable(file)}: {reason}"),)
    if len(raw) > LARGEST:
        return None, (Problem(named.origin, path, f"must be a file of at most {LARGEST // 1024} KB"),)
    root, problems = read(text, _printable(file))
    bands = entry(root, "bands") if root is not None else None
    if isinstance(root, Table) and isinstance(bands, Series) and not problems:
        extra = sorted(root.entries.keys() - {"bands"})
        told = tuple(Problem(root.keys[key], key, "is not a key of a bands.json; take it out") for key in extra)
        return evolve(bands, items=tuple(map(_renamed, bands.items))), told
    return None, problems or (Problem(Origin(_printable(file)), "", _SHAPE),)


def _renamed(band: Node) -> Node:
    """A band with keys as they are spelt here."""
    if not isinstance(band, Table):
        return band
    entries = {_ours(key): node for key, node in band.entries.items()}
    return evolve(band, entries=entries, keys={_ours(key): origin for key, origin in band.keys.items()})


def _ours(key: str) -> str:
    """`minMargin` → `min_margin`."""
    return _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", key)


def _printable(path: Path) -> str:
    return str(path) if str(path).isprintable() else ascii(str(path))
