"""The checks of `doctor`: each says what it looked at, whether it is fine, and what to do if not. Changes nothing."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from actors.config import ConfigError, load
from actors.messages import Draft
from actors.model.market import Side
from actors.model.numbers import parse_price, parse_size
from actors.wiring.audit import audited
from actors.wiring.demo import DEMO_KEY
from actors.wiring.places import state_home
from adapters.polymarket.keys import Key, WrongBackend, check_backend
from adapters.polymarket.oracle import same_order
from adapters.polymarket.signing import Account, OrderSigner, Salts

_TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
_POSITION = "663574927012476832975694178961957910328055987427402067619466963999000625152"
_WALLET = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"  # stands for the contract wallet of types 1 to 3
_OWNER = "00000000-0000-0000-0000-000000000001"
# one order for each exchange contract: (token, neg-risk, side)
_CANARIES = ((_TOKEN, False, Side.BUY), (_TOKEN, True, Side.SELL), (_POSITION, False, Side.BUY))


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
    try:
        check_backend()
    except WrongBackend as problem:
        return False, str(problem)
    key = Key(DEMO_KEY)
    for kind in range(4):
        account = Account.of(key, None if kind == 0 else _WALLET, kind)
        signer = OrderSigner(account, _OWNER, time.time, Salts(random.SystemRandom()))
        for token, neg_risk, side in _CANARIES:
            draft = Draft(token, neg_risk, side, parse_price("0.57"), parse_size("21.04"))
            difference = same_order(DEMO_KEY, account.funder, _OWNER, draft, signer.sign(draft))
            if difference is not None:
                where = f"signature type {kind}: {difference.what}"
                return False, f"{where} differs from py-clob-client-v2: do not trade, report this"
    return True, "libsecp256k1; canary orders of every kind equal py-clob-client-v2's byte for byte"


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
