"""The JavaScript session's packages: installed once per lock file, from whatever registry npm is set up with."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from tests.clients.venue import ROOT

HERE = Path(__file__).parent / "js"
_FILES = ("package.json", "package-lock.json", ".npmrc")
_OLDEST, _WEBCRYPTO = 18, 20  # Debian 12 has 18; the client wants the global that only 20 has without being asked
_INSTALL_WITHIN = 300.0


class NotInstalled(Exception):
    """Says why the session cannot run here."""


def installed() -> Path:
    """A folder with the session and its packages, made if need be. Raises NotInstalled."""
    lacking = _lacking()
    if lacking:
        raise NotInstalled(lacking)
    lock = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    folder = ROOT / "build" / f"js-{lock}"
    if not (folder / ".complete").exists():
        _install(folder)
    shutil.copy(HERE / "session.mjs", folder / "session.mjs")
    return folder


def command() -> list[str]:
    """How node runs the session."""
    return ["node", *([] if _version() >= _WEBCRYPTO else ["--experimental-global-webcrypto"]), "session.mjs"]


def without(why: str) -> NoReturn:
    """Skip, or fail with POLYACTORS_NEEDS_NODE set (as in `.ci/run`), so that nobody takes a skip for a pass."""
    if os.environ.get("POLYACTORS_NEEDS_NODE"):
        pytest.fail(why)
    pytest.skip(f"the JavaScript client cannot be tried: {why}")


def _install(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        shutil.copy(HERE / name, folder / name)
    done = subprocess.run(
        ["npm", "ci"], cwd=folder, capture_output=True, text=True, timeout=_INSTALL_WITHIN, check=False
    )
    if done.returncode:
        raise NotInstalled(f"npm ci failed: {done.stderr[-2000:]}")
    (folder / ".complete").touch()


def _lacking() -> str:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"no {program} on this machine"
    return "" if _version() >= _OLDEST else f"node {_version()}, {_OLDEST} or later is needed"


def _version() -> int:
    text = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(text.strip().lstrip("v").split(".")[0])
