"""What must hold before any test runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import depth

SHARED = Path(__file__).resolve().parents[2] / "shared" / "fixtures"
NEEDED = ("wire/MANIFEST.md", "recordings/l2_deltas_sports_20260607_0145.csv.gz")

depth.register()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks the real venue runs only where exactly that is asked for: `-m public`."""
    if config.option.markexpr != "public":
        left_out = [item for item in items if item.get_closest_marker("public")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_configure() -> None:
    """With POLYACTORS_NEEDS_FIXTURES (as in `.ci/run`) nobody takes a skip for a pass: the captured samples must be there."""
    folder = Path(os.environ.get("POLYACTORS_FIXTURES", SHARED))
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing and os.environ.get("POLYACTORS_NEEDS_FIXTURES"):
        raise pytest.UsageError(
            f"{folder} lacks {', '.join(missing)}: set POLYACTORS_FIXTURES to the folder of the fixtures"
        )
