"""The import rule of architecture §2, read from the ASTs, and that a command can reach every module.

Each check also runs on a small planted tree that breaks it, so that none of them can pass by looking at nothing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENTRY = "actors.__main__"

PURE = ("actors.model", "actors.pricing", "actors.strategies")
IMPURE = {
    "time",
    "random",
    "logging",
    "socket",
    "select",
    "threading",
    "asyncio",
    "subprocess",
    "multiprocessing",
    "sqlite3",
    "secrets",
}
WORLDLY = {"httpx", "httpcore", "trio_websocket", "sqlite3", "py_clob_client_v2", "websockets", "wsproto", "h11"}
GENERATOR = "random.Random"  # the type of an injected generator

_UPPER = ("actors.market", "actors.shared", "actors.wiring", "actors.commands")
_RECORDS = ("actors.records", "actors.ports")
MAY_NOT_IMPORT = {
    "actors.model": (
        "actors.pricing",
        "actors.strategies",
        "actors.kernel",
        "actors.messages",
        "actors.records",
        "actors.ports",
        "adapters",
        *_UPPER,
    ),
    "actors.pricing": ("actors.strategies", "actors.kernel", "actors.messages", *_RECORDS, "adapters", *_UPPER),
    "actors.strategies": ("actors.kernel", "actors.messages", *_RECORDS, "adapters", *_UPPER),
    "actors.messages": (*_RECORDS, "adapters", *_UPPER),
    "actors.records": ("actors.ports", "adapters", *_UPPER),
    "actors.ports": ("adapters", *_UPPER),
    "actors.config": ("adapters", *_UPPER),
    "actors.market": ("adapters", "actors.wiring", "actors.commands"),
    "actors.shared": ("adapters", "actors.market", "actors.wiring", "actors.commands"),
    "actors.wiring": ("actors.commands",),
    "adapters": ("actors.kernel", *_UPPER),
}

Uses = Mapping[str, frozenset[str]]  # module → every dotted name it imports


def under(name: str, *prefixes: str) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def sources(root: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(p for top in ("actors", "adapters") for p in (root / top).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def uses(root: Path) -> Uses:
    """What each module imports, at its top or inside a function; empty package files are left out."""
    return {
        name: frozenset(imported(name, ast.parse(text)))
        for name, path in sources(root).items()
        if (text := path.read_text(encoding="utf-8")) or path.name != "__init__.py"
    }


def imported(name: str, tree: ast.AST) -> Iterator[str]:
    """The modules a tree imports, and each imported name as if it were one; also `import_module("literal")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".")[: -node.level] if node.level else []
            stem = ".".join([*package, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def ours(uses: Uses) -> Uses:
    return {name: frozenset(used & uses.keys()) for name, used in uses.items()}


def tops(used: frozenset[str]) -> set[str]:
    return {name.split(".")[0] for name in used - {GENERATOR} - ({"random"} if GENERATOR in used else set())}


def broken(uses: Uses) -> set[str]:
    """Every import that breaks the rule, as `module imports what`."""
    checks = (layers, purity, world, neighbours, reserved)
    return {f"{name} imports {what}" for name in uses for check in checks for what in check(name, uses)}


def layers(name: str, uses: Uses) -> Iterator[str]:
    """The arrows of architecture §2."""
    for prefix, banned in MAY_NOT_IMPORT.items():
        if under(name, prefix):
            yield from (used for used in ours(uses)[name] if under(used, *banned))
    if under(name, "actors.kernel"):
        yield from (used for used in ours(uses)[name] if not under(used, "actors.kernel"))


def purity(name: str, uses: Uses) -> Iterator[str]:
    """Pure code: the harmless part of the standard library, and attrs."""
    if under(name, *PURE):
        allowed = (sys.stdlib_module_names - IMPURE) | {"attrs", "attr", "actors"}
        yield from tops(uses[name]) - allowed


def world(name: str, uses: Uses) -> Iterator[str]:
    """Sockets, HTTP and databases stop at the adapters."""
    if not under(name, "adapters"):
        yield from tops(uses[name]) & WORLDLY


def neighbours(name: str, uses: Uses) -> Iterator[str]:
    """An adapter folder never looks into another; single modules beside the folders are shared."""
    folder = name.split(".")[1:-1]
    if under(name, "adapters") and folder:
        yield from (u for u in ours(uses)[name] if under(u, "adapters") and u.split(".")[1:-1] not in ([], folder))


def reserved(name: str, uses: Uses) -> Iterator[str]:
    """cattrs for configuration and wire modules, trio's private parts for nobody but the deterministic kernel."""
    wire = under(name, "adapters") and "wire" in name.split(".")[-1]
    if name != "actors.config" and not wire:
        yield from tops(uses[name]) & {"cattrs", "cattr"}
    if name != "actors.kernel.deterministic":
        yield from (used for used in uses[name] if used.startswith("trio._"))


def unreachable(uses: Uses) -> set[str]:
    """Modules that no chain of imports from the entry point ends in."""
    graph, seen, todo = ours(uses), set[str](), [ENTRY]
    while todo:
        if (name := todo.pop()) in graph and name not in seen:
            seen.add(name)
            todo.extend(graph[name])
    return set(graph) - seen


def test_the_import_rule_holds() -> None:
    found = uses(ROOT)
    assert len(found) > 20
    assert sorted(broken(found)) == []


def test_a_command_can_reach_every_module() -> None:
    assert sorted(unreachable(uses(ROOT))) == []


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        ("actors.model.book", "import trio", "trio"),
        ("actors.model.book", "import loguru", "loguru"),
        ("actors.model.book", "from time import time", "time"),
        ("actors.model.book", "from random import Random, random", "random"),
        ("actors.model.book", "from actors.messages import x", "actors.messages"),
        ("actors.strategies.simple", "from actors.market.feed import Feed", "actors.market.feed"),
        ("actors.kernel.mailbox", "from actors.model import book", "actors.model.book"),
        ("actors.market.feed", "def f():\n    import adapters.matching", "adapters.matching"),
        (
            "actors.market.feed",
            "from importlib import import_module\nimport_module('adapters.matching')",
            "adapters.matching",
        ),
        ("actors.market.feed", "import httpx", "httpx"),
        ("actors.market.feed", "import cattrs", "cattrs"),
        ("actors.wiring.demo", "import sqlite3", "sqlite3"),
        ("actors.kernel.mailbox", "from trio._core import x", "trio._core"),
        ("adapters.emulator.http", "from ..polymarket import rest", "adapters.polymarket.rest"),
        ("adapters.emulator.http", "from actors.kernel import mailbox", "actors.kernel.mailbox"),
        ("adapters.emulator.http", "import cattrs", "cattrs"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, module: str, line: str, told: str) -> None:
    plant(tmp_path, module, line)
    assert f"{module} imports {told}" in broken(uses(tmp_path))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("actors.model.book", "from random import Random\nimport attrs, math"),
        ("adapters.emulator.http", "import httpx\nimport adapters.matching"),
        ("adapters.polymarket.wire_rest", "import cattrs"),
        ("actors.config", "import cattrs"),
        ("actors.wiring.demo", "from adapters.polymarket import rest"),
    ],
)
def test_what_the_rule_allows_is_not_reported(tmp_path: Path, module: str, line: str) -> None:
    plant(tmp_path, module, line)
    assert broken(uses(tmp_path)) == set()


def test_a_planted_unreachable_module_is_found_and_a_lazily_imported_one_is_not(tmp_path: Path) -> None:
    plant(tmp_path, ENTRY, "def main():\n    from actors.wiring import demo\n")
    plant(tmp_path, "actors.wiring.demo", "import importlib\nimportlib.import_module('adapters.matching')")
    assert unreachable(uses(tmp_path)) == set(PLANTED) - {"adapters.matching", "actors.wiring.demo"}


PLANTED = (
    "actors.model.book",
    "actors.messages",
    "actors.config",
    "actors.kernel.mailbox",
    "actors.market.feed",
    "actors.strategies.simple",
    "actors.wiring.demo",
    "adapters.matching",
    "adapters.polymarket.rest",
    "adapters.polymarket.wire_rest",
    "adapters.emulator.http",
)


def plant(root: Path, module: str, text: str) -> None:
    """A small tree of clean modules, with `text` in one of them."""
    for name in (*PLANTED, module):
        path = root.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == module or not path.exists():
            path.write_text(text if name == module else "import math\n")
