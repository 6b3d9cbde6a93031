"""Runs the benches of this folder: every module with a `main()`, or those named.

Run: python -m tests.bench [name …]
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Sequence

import tests.bench


def benches() -> dict[str, Callable[[], None]]:
    """Every bench by its module's name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name != "__main__")
    modules = {name: importlib.import_module(f"tests.bench.{name}") for name in names}
    return {name: module.main for name, module in modules.items() if hasattr(module, "main")}


def main(names: Sequence[str]) -> int:
    found = benches()
    unknown = sorted(set(names) - set(found))
    if unknown:
        print(f"no bench named {', '.join(unknown)}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    for name in names or found:
        found[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
