"""The checks of `doctor`: each says what it looked at, whether it is fine, and what to do if not. Changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from actors.config import ConfigError, load
from actors.wiring import canary
from actors.wiring.audit import audited
from actors.wiring.places import state_home
from adapters.polymarket.signing import KINDS


@frozen
class Finding:
    """One line of the check-up."""

    what: str
    fine: bool
    said: str


Ask = Callable[[str, str | None], Mapping[str, str]]  # (instance, its socket) to what its bot says of the exchange


def checkup(config: Path, ask: Ask) -> Iterator[Finding]:
    """All checks, in the order in which their failure would matter; `ask` answers nothing where no bot runs."""
    for what, check in _CHECKS.items():
        yield Finding(what, *check(config))
    yield Finding("data", *_data(config, ask))


def _data(config: Path, ask: Ask) -> tuple[bool, str]:
    """What the Data API reports against what the venue says."""
    try:
        settings = load(config, os.environ, ()).settings
    except ConfigError:
        return True, "nothing compared without a configuration"
    return audited(settings, ask(settings.instance, settings.control.socket))


def _python(_: Path) -> tuple[bool, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    return (3, 11) <= sys.version_info[:2] < (3, 14), f"{version}, supported are 3.11 to 3.13"


def _signer(_: Path) -> tuple[bool, str]:
    """Canary orders of every kind: signed by us and by the venue's own client, compared byte for byte."""
    illness = canary.ill(KINDS)
    return (
        illness is None,
        illness or "libsecp256k1; canary orders of every kind equal py-clob-client-v2's byte for byte",
    )


def _config(config: Path) -> tuple[bool, str]:
    try:
        loaded = load(config, os.environ, ())
    except ConfigError as error:
        return False, str(error)
    return True, f"{config}: mode {loaded.settings.mode}, {len(loaded.settings.markets)} markets"


def _state(_: Path) -> tuple[bool, str]:
    home = state_home(os.environ)
    if not home.exists():
        return True, f"{home} (not there yet)"
    mode = home.stat().st_mode & 0o077
    return not mode, f"{home}" if not mode else f"{home} can be read by others: chmod 700 it"


_CHECKS: dict[str, Callable[[Path], tuple[bool, str]]] = {
    "python": _python,
    "signer": _signer,
    "config": _config,
    "state": _state,
}
