"""Claims about the account's secrets: where they may come from, and that none of them stays where it was found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.config_secrets import SECRETS
from actors.wiring.secrets import Secrets, take
from actors.wiring.venue import PreflightFailed
from tests.adapters.polymarket.samples import ADDRESS, SECRET
from tests.adapters.test_keystore import PASSWORD, PBKDF2

API = {"CLOB_API_KEY": "an-api-key", "CLOB_API_SECRET": "c2VjcmV0", "CLOB_API_PASSPHRASE": "a-passphrase"}


def taken(environ: dict[str, str], folder: Path) -> tuple[Secrets, list[str]]:
    heard: list[str] = []
    return take(environ, folder, heard.append), heard


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_secrets_of_the_environment_are_taken_out_of_it_and_told_to_the_redaction(tmp_path: Path) -> None:
    environ = {"PRIVATE_KEY": SECRET, "SIGNATURE_TYPE": "2", "FUNDER_ADDRESS": "0xabc", "HOME": "/h", **API}
    secrets, heard = taken(environ, tmp_path)
    assert environ == {"HOME": "/h"}
    assert (secrets.key.address, secrets.signature_type, secrets.funder) == (ADDRESS, 2, "0xabc")
    assert secrets.credentials is not None
    assert {SECRET, SECRET[2:], *API.values()} <= set(heard)
    assert "0xabc" not in heard


def test_the_environment_covers_the_dotenv_file_name_by_name(tmp_path: Path) -> None:
    private(tmp_path / ".env", f"PRIVATE_KEY={SECRET}\nSIGNATURE_TYPE=1\nFUNDER_ADDRESS=\nCLOB_API_KEY=\n")
    secrets, _ = taken({"SIGNATURE_TYPE": "0"}, tmp_path)
    assert (secrets.key.address, secrets.signature_type, secrets.funder) == (ADDRESS, 0, None)
    assert secrets.credentials is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_dotenv_file_that_others_can_read_is_refused_with_the_fix(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / ".env", f"PRIVATE_KEY={SECRET}\n", mode)
    with pytest.raises(PreflightFailed, match=f"chmod 600 {path}"):
        taken({}, tmp_path)


def test_a_keystore_is_opened_with_the_password_of_a_file(tmp_path: Path) -> None:
    keystore = private(tmp_path / "key.json", json.dumps(PBKDF2))
    password = private(tmp_path / "password", PASSWORD + "\n")
    environ = {"KEYSTORE_FILE": str(keystore), "KEYSTORE_PASSWORD_FILE": str(password)}
    secrets, heard = taken(dict(environ), tmp_path)
    assert secrets.key.address == "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"
    assert PASSWORD in heard
    assert str(keystore) not in heard
    password.chmod(0o644)
    with pytest.raises(PreflightFailed, match=f"chmod 600 {password}"):
        taken(dict(environ), tmp_path)
    keystore.chmod(0o644)
    with pytest.raises(PreflightFailed, match=f"chmod 600 {keystore}"):
        taken({"KEYSTORE_FILE": str(keystore), "KEYSTORE_PASSWORD": PASSWORD}, tmp_path)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "no private key: put PRIVATE_KEY into .env"),
        ({"PRIVATE_KEY": " "}, "no private key"),
        ({"PRIVATE_KEY": SECRET[:-1]}, "must be 64 hex digits"),
        ({"PRIVATE_KEY": SECRET, "KEYSTORE_FILE": "k"}, "both given: keep one of them"),
        ({"KEYSTORE_FILE": "k"}, "needs KEYSTORE_PASSWORD_FILE"),
        ({"KEYSTORE_FILE": "/nowhere/k", "KEYSTORE_PASSWORD": "x"}, "/nowhere/k cannot be read"),
        ({"PRIVATE_KEY": SECRET, "SIGNATURE_TYPE": "4"}, "SIGNATURE_TYPE must be 0"),
        ({"PRIVATE_KEY": SECRET, "CLOB_API_KEY": "x"}, "CLOB_API_SECRET, CLOB_API_PASSPHRASE is missing"),
        ({"PRIVATE_KEY": SECRET, **API, "CLOB_API_SECRET": "!"}, "the API secret is not URL-safe base64"),
        ({"PRIVATE_KEY": SECRET, **API, "CLOB_API_KEY": "schlüssel"}, "the API key is empty or has characters"),
        ({"PRIVATE_KEY": SECRET, **API, "CLOB_API_PASSPHRASE": "a\x07b"}, "the API passphrase is empty or has"),
        ({"PRIVATE_KEY": SECRET, "RELAYER_API_KEY": "é"}, "RELAYER_API_KEY: the relayer's API key is empty or has"),
    ],
)
def test_every_mistake_says_what_to_change(tmp_path: Path, environ: dict[str, str], says: str) -> None:
    with pytest.raises(PreflightFailed, match=says):
        taken(environ, tmp_path)


def test_a_password_given_as_the_file_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(PreflightFailed, match=r"^\*\*\* cannot be read"):
        taken({"KEYSTORE_FILE": PASSWORD, "KEYSTORE_PASSWORD": PASSWORD}, tmp_path)


@given(st.dictionaries(st.sampled_from(SECRETS), st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_no_refusal_repeats_a_secret(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> None:
    heard: list[str] = []
    try:
        take(dict(environ), tmp_path_factory.getbasetemp(), heard.append)
    except PreflightFailed as refusal:
        shown = "".join(traceback.format_exception(refusal))
        assert not [secret for secret in heard if len(secret) > 20 and secret in shown]


def test_no_text_of_the_secrets_holds_one(tmp_path: Path) -> None:
    secrets, heard = taken({"PRIVATE_KEY": SECRET, **API}, tmp_path)
    assert not [secret for secret in heard if secret in f"{secrets!r} {secrets} {[secrets]!r}"]


_LOOK = """
import os, subprocess, sys
from pathlib import Path
from actors.wiring.secrets import take
take(os.environ, Path(sys.argv[1]), lambda _: None)
print(Path("/proc/self/limits").read_text())
print(Path("/proc/self/environ").read_bytes().decode(), subprocess.run(["env"], capture_output=True, text=True).stdout)
"""


def test_neither_the_kernel_nor_a_child_shows_what_the_process_was_started_with(tmp_path: Path) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("no /proc here")
    environ = {**os.environ, "PRIVATE_KEY": SECRET, "CLOB_API_KEY": "k", "CLOB_API_SECRET": "c2VjcmV0LWNhbmFyeQ=="}
    command = [sys.executable, "-c", _LOOK, str(tmp_path)]
    done = subprocess.run(
        command, env={**environ, "CLOB_API_PASSPHRASE": "p"}, capture_output=True, text=True, check=True
    )
    assert "PATH=" in done.stdout
    assert re.search(r"Max core file size +0 +0 ", done.stdout)
    assert SECRET[2:] not in done.stdout
    assert "c2VjcmV0LWNhbmFyeQ" not in done.stdout
