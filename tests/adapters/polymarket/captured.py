"""Captured wire samples and a tiny reader of their JSON that shares nothing with the adapters: exact, slow, obvious.

The samples live outside the project; every test that needs them is skipped, with the reason, where they are absent.
"""

from __future__ import annotations

import gzip
import json
import os
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

Json = Any


def root() -> Path:
    """The folder of the wire samples; skips the test when it is absent."""
    shared = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
    folder = Path(os.environ.get("POLYACTORS_FIXTURES", shared)) / "wire"
    if not folder.is_dir():
        pytest.skip(f"wire samples not found at {folder}: set POLYACTORS_FIXTURES to their folder")
    return folder


def every_file() -> list[str]:
    """All sample files, relative to the folder; the manifest is no sample."""
    paths = (path.relative_to(root()) for path in root().rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.as_posix() != "MANIFEST.md")


def text(name: str) -> str:
    path = root() / name
    return (gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()).decode()


def messages(name: str) -> list[str]:
    """The messages of a file as texts: one a line in .jsonl, else the whole."""
    whole = text(name)
    return [line for line in whole.splitlines() if line.strip()] if ".jsonl" in name else [whole.strip()]


def parsed(message: str) -> Json:
    """JSON with exact numbers."""
    return json.loads(message, parse_float=Fraction)


def units(value: str | int | Fraction, digits: int) -> int:
    """A number in units of 10**-digits, which it must be a whole number of."""
    exact: Fraction = Fraction(value) * 10**digits
    assert exact.denominator == 1, value
    return int(exact)


def nearest(value: str | int | Fraction, digits: int) -> int:
    """The nearest unit; ties to even, as `round` does."""
    scaled: Fraction = Fraction(value) * 10**digits
    return round(scaled)


def price(value: str | int | Fraction) -> int:
    return units(value, 4)


def size(value: str | int | Fraction) -> int:
    return units(value, 6)


def moment(value: str | None) -> float | None:
    """Epoch seconds of an ISO text with a space or a T, and Z, +00 or +00:00."""
    if not value:
        return None
    whole, _, fraction = value.replace(" ", "T").removesuffix("Z").removesuffix("+00").partition(".")
    whole = whole if "T" in whole else f"{whole}T00:00:00"
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
