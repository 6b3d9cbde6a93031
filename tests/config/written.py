"""Helpers for the configuration tests: a file with some text, what loading it says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from actors.config import ConfigError, Loaded, load

NAME = "config.yaml"


def loaded(
    folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None, overrides: Sequence[str] = ()
) -> Loaded:
    path = folder / NAME
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, environ or {}, overrides)


def problems(
    folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None, overrides: Sequence[str] = ()
) -> list[str]:
    """The lines of the ConfigError, with the folder left out; [] when nothing is wrong."""
    try:
        loaded(folder, text, environ, overrides)
    except ConfigError as error:
        return str(error).replace(f"{folder}/", "").splitlines()
    return []


def places(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Line and column of each problem that has them."""
    found = (re.match(rf"{NAME}:(\d+):(\d+) ", line) for line in lines)
    return [(int(match[1]), int(match[2])) for match in found if match]
