"""The account's secrets: taken out of the environment, a `.env` and a keystore, once, at the start of a live run.

Each is told to the log's redaction before anything else is done with it, and no text here contains one. Nothing is
written; what stays in memory is the signing key and the API credentials.
"""

from __future__ import annotations

import ctypes
import os
import resource
import stat
from collections.abc import Mapping, MutableMapping
from io import StringIO
from pathlib import Path

from attrs import frozen
from dotenv import dotenv_values

from actors.config_secrets import PUBLIC, SECRETS, hidden, secret_values
from actors.wiring.opening import Hide
from actors.wiring.venue import PreflightFailed
from adapters.keystore import KeystoreRefused, open_keystore
from adapters.polymarket.auth import Credentials, check_header
from adapters.polymarket.keys import Key

Given = Mapping[str, str]

_API = ("CLOB_API_KEY", "CLOB_API_SECRET", "CLOB_API_PASSPHRASE")
_LARGEST = 64 * 1024
_HOW = "put PRIVATE_KEY into .env (chmod 600 .env), or KEYSTORE_FILE with KEYSTORE_PASSWORD_FILE; see .env.example"


@frozen(repr=False)
class Secrets:
    """Who trades, as far as a person said it: the key, and perhaps the wallet that pays and its API credentials."""

    key: Key
    funder: str | None = None
    signature_type: int | None = None
    credentials: Credentials | None = None
    relayer_key: str = ""

    def __repr__(self) -> str:
        return f"Secrets({self.key})"


def take(environ: MutableMapping[str, str], folder: Path, hide: Hide) -> Secrets:
    """Read the secrets and remove them from `environ`. A name in the environment covers the one in `folder`/.env.

    `hide` hears every secret. Raises PreflightFailed with what to change.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of this process would hold the key
    given = {**_from_file(folder / ".env"), **_out_of(environ)}
    for name, value in given.items():
        if name not in PUBLIC:
            hide(value)
    try:
        return _read(given, hide)
    except PreflightFailed as refusal:  # it may name a file, and what was meant as its password may stand there
        raise PreflightFailed(hidden(str(refusal), secret_values(given))) from None


def _read(given: Given, hide: Hide) -> Secrets:
    return Secrets(
        key=_key(given, hide),
        funder=given.get("FUNDER_ADDRESS"),
        signature_type=_signature_type(given),
        credentials=_credentials(given),
        relayer_key=_relayer_key(given),
    )


def _out_of(environ: MutableMapping[str, str]) -> dict[str, str]:
    """The secrets of the environment, which no child and no /proc/PID/environ shows from here on."""
    found = {}
    for name in SECRETS:
        if (value := environ.get(name)) is not None:
            if environ is os.environ:
                _overwrite(name)
            del environ[name]
            found[name] = value
    return _given(found)


def _overwrite(name: str) -> None:
    """Blank the value where the kernel put it: what a process was started with stays readable there for all its life."""
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    if at := libc.getenv(os.fsencode(name)):
        ctypes.memset(at, 0, len(ctypes.string_at(at)))


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    values = dotenv_values(stream=StringIO(_private_text(path)), interpolate=False)
    return _given({name: values.get(name) or "" for name in SECRETS})


def _given(values: Given) -> dict[str, str]:
    """Those that are not blank; a password may begin or end with a space."""
    kept = {name: value if name == "KEYSTORE_PASSWORD" else value.strip() for name, value in values.items()}
    return {name: value for name, value in kept.items() if value.strip()}


def _private_text(path: Path) -> str:
    """The content of a file that nobody else may read. Raises PreflightFailed."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_LARGEST + 1)
    except OSError as problem:
        raise PreflightFailed(f"{path} cannot be read: {problem.strerror}; make it a readable file") from None
    if stat.S_IMODE(mode) & 0o077:
        raise PreflightFailed(f"{path} holds secrets and can be read by others: chmod 600 {path}")
    try:
        if len(raw) > _LARGEST:
            raise ValueError
        return raw.decode()
    except ValueError:
        raise PreflightFailed(f"{path} is no text file of secrets: make it anew from .env.example") from None


def _key(given: Given, hide: Hide) -> Key:
    if ("PRIVATE_KEY" in given) == ("KEYSTORE_FILE" in given):
        both = "PRIVATE_KEY" in given
        raise PreflightFailed(
            "PRIVATE_KEY and KEYSTORE_FILE are both given: keep one of them" if both else f"no private key: {_HOW}"
        )
    secret = given["PRIVATE_KEY"] if "PRIVATE_KEY" in given else _from_keystore(given, hide)
    hide(secret)
    hide(secret.removeprefix("0x"))
    try:
        return Key(secret)
    except ValueError as problem:
        raise PreflightFailed(str(problem)) from None


def _from_keystore(given: Given, hide: Hide) -> str:
    path = Path(given["KEYSTORE_FILE"])
    password = given.get("KEYSTORE_PASSWORD")
    if password is None:
        if "KEYSTORE_PASSWORD_FILE" not in given:
            raise PreflightFailed("KEYSTORE_FILE needs KEYSTORE_PASSWORD_FILE (or KEYSTORE_PASSWORD)")
        password = _private_text(Path(given["KEYSTORE_PASSWORD_FILE"])).rstrip("\r\n")
        hide(password)
    try:
        return open_keystore(_private_text(path), password)
    except KeystoreRefused as refusal:
        raise PreflightFailed(f"the keystore {path}: {refusal}") from None


def _signature_type(given: Given) -> int | None:
    text = given.get("SIGNATURE_TYPE")
    if text is None:
        return None
    if text not in ("0", "1", "2", "3"):
        raise PreflightFailed(
            "SIGNATURE_TYPE must be 0 (the key's own address), 1 (proxy wallet), 2 (Safe) or 3 (deposit wallet)"
        )
    return int(text)


def _credentials(given: Given) -> Credentials | None:
    missing = [name for name in _API if name not in given]
    if len(missing) == len(_API):
        return None
    if missing:
        raise PreflightFailed(f"of the API credentials {', '.join(missing)} is missing: give all three, or none")
    try:
        return Credentials(*(given[name] for name in _API))
    except ValueError as problem:
        raise PreflightFailed(f"CLOB_API_KEY, CLOB_API_SECRET, CLOB_API_PASSPHRASE: {problem}") from None


def _relayer_key(given: Given) -> str:
    key = given.get("RELAYER_API_KEY", "")
    try:
        if key:
            check_header("relayer's API key", key)
    except ValueError as problem:
        raise PreflightFailed(f"RELAYER_API_KEY: {problem}") from None
    return key
