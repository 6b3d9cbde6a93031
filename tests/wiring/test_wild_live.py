"""A live start at a venue that answers wildly: whatever comes of it, no secret in what it prints, logs or leaves behind."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from random import Random
from typing import NoReturn

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from actors.commands.cli import cli
from adapters.keystore import open_keystore
from tests.adapters.polymarket.samples import API_SECRET
from tests.adapters.test_keystore import PASSWORD, PBKDF2
from tests.depth import seeded
from tests.wiring.test_wild_commands import IN_ENVIRON, IN_FILE, KEY, tell

CONFIG = """mode: live
markets: [demo]
venue: {clob_url: 'https://clob.invalid', market_ws_url: 'wss://ws.invalid/m', user_ws_url: 'wss://ws.invalid/u'}
"""
KEPT = open_keystore(json.dumps(PBKDF2), PASSWORD)
SECRETS = (KEY[2:], KEPT.removeprefix("0x"), IN_FILE, PASSWORD, API_SECRET, *IN_ENVIRON.values())
_PART = 12  # characters in a row of a secret that are too many


async def _unreachable(*_: object, **__: object) -> NoReturn:
    raise OSError("no network here")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("live.yaml", CONFIG), ("key.json", json.dumps(PBKDF2)), ("password", PASSWORD)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trio, "open_tcp_stream", _unreachable)
    logger.enable("actors")
    return tmp_path


@seeded(20)
@given(st.integers(0, 2**32 - 1))
def test_no_live_start_shows_a_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    rng = Random(seed)
    tell(monkeypatch, rng)
    key = f"PRIVATE_KEY={KEY}\n" if rng.random() < 0.5 else "KEYSTORE_FILE=key.json\nKEYSTORE_PASSWORD_FILE=password\n"
    given_keys = rng.random() < 0.5  # else the API key is what the venue says, wild or not
    (home / ".env").write_text(key + (f"CLOB_API_PASSPHRASE={IN_FILE}\n" if given_keys else ""))
    (home / ".env").chmod(0o600)
    with tempfile.TemporaryDirectory(prefix="pa") as state:  # short, for a socket's path
        keys = IN_ENVIRON if given_keys else {}
        monkeypatch.setattr(os, "environ", {"HOME": str(home), "XDG_STATE_HOME": state, **keys})
        with pytest.raises(SystemExit) as end:
            cli.main(["run", "live.yaml", "--live", "--for", "0.3s"])
        out, err = capfd.readouterr()
        assert end.value.code in (0, 2, 3, 5), err
        assert "Traceback" not in out + err, err
        assert left(out + err) == [], err
        for file in Path(state).rglob("*"):
            if file.is_file() and not file.name.startswith("api-key-"):  # which is for that
                assert left(file.read_bytes().decode(errors="replace")) == [], file


def left(text: str) -> list[str]:
    low = text.lower()
    parts = {secret[at : at + _PART].lower() for secret in SECRETS for at in range(len(secret) - _PART + 1)}
    return [part for part in parts if part in low]
