"""The checks of `doctor`: each says what it looked at, whether it is fine, and what to do if not. Changes nothing by itself.

In live mode the account is looked at as well; the one thing that is kept is the API key, as a run would keep it. What it
is asked to do, mending, comes first, so that the checks tell what came of it; a probe comes last, if all of them are fine.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import trio
from attrs import frozen

from actors.config import ConfigError, load
from actors.model.settings import Settings
from actors.shared.board import Board
from actors.stop import Stop
from actors.wiring import canary
from actors.wiring.audit import audited
from actors.wiring.examination import Examination, Row
from actors.wiring.live import Live
from actors.wiring.mending import Agree, Mending
from actors.wiring.opening import Seams
from actors.wiring.places import PlaceError, places, state_home
from actors.wiring.probe import Probe
from actors.wiring.root import signals_to
from actors.wiring.secrets import take
from actors.wiring.venue import PreflightFailed
from adapters.logs import Redactor
from adapters.polymarket.signing import KINDS

_MEGABYTE, _LEAST_FREE = 2**20, 200


@frozen
class Finding:
    """One line of the check-up; `fine` is None for what was not looked at, which is no failure."""

    what: str
    fine: bool | None
    said: str


Ask = Callable[[str, str | None], Mapping[str, str]]  # (instance, its socket) to what its bot says of the exchange


@frozen
class Wishes:
    """What else is to be done with a live account: with `agree` missing approvals are sent, `probe` places an order."""

    agree: Agree | None = None
    probe: bool = False


def checkup(config: Path, ask: Ask, wishes: Wishes = Wishes()) -> Iterator[Finding]:
    """All checks, in the order in which their failure would matter; `ask` answers nothing where no bot runs."""
    for what, check in _CHECKS.items():
        yield Finding(what, *check(config))
    try:
        settings = load(config, os.environ, ()).settings
    except ConfigError:
        return  # told above
    if settings.mode == "live":
        yield from _live(settings, wishes)
    else:
        if wishes.agree is not None:
            yield Finding(
                "fix", False, f"{config} says mode {settings.mode}: only a live account has approvals to send"
            )
        yield Finding("data", *audited(settings, ask(settings.instance, settings.control.socket)))


def _live(settings: Settings, wishes: Wishes) -> Iterator[Finding]:
    """The account, and everything that can be asked about it without an order; no secret is in what is told."""
    redactor = Redactor()
    try:
        secrets = take(os.environ, Path.cwd(), redactor.add)
        where = places(settings, os.environ)
        live = Live.of(settings, secrets, where.root)
    except (PreflightFailed, PlaceError) as problem:
        yield Finding("account", False, redactor.clean(str(problem)))
        return
    yield Finding("account", True, live.described)
    for what, fine, said in trio.run(_examined, Examination(live, where, redactor.add, Seams()), wishes):
        yield Finding(what, fine, redactor.clean(said))


async def _examined(examination: Examination, wishes: Wishes) -> list[Row]:
    rows = [row async for row in Mending(examination, wishes.agree).rows()] if wishes.agree else []
    rows += [row async for row in examination.rows()]
    return rows + (await _probed(examination, rows) if wishes.probe else [])


async def _probed(examination: Examination, rows: Sequence[Row]) -> list[Row]:
    """Only where everything else is fine; a signal makes it shorter, and takes no order out of our hands."""
    if ill := [what for what, fine, _ in rows if not fine]:
        return [("probe", False, f"no order was placed: mend {', '.join(ill)} first")]
    stop = Stop(Board())
    async with signals_to(stop):
        return await Probe(examination, stop.wanted).rows()


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


def _disk(_: Path) -> tuple[bool, str]:
    """A journal that cannot be written stops all orders."""
    home = state_home(os.environ)
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free // _MEGABYTE
    enough = free >= _LEAST_FREE
    return enough, f"{free} MB free" if enough else f"{free} MB free for {home}: make room, {_LEAST_FREE} MB at least"


_CHECKS: dict[str, Callable[[Path], tuple[bool, str]]] = {
    "python": _python,
    "signer": _signer,
    "config": _config,
    "state": _state,
    "disk": _disk,
}
