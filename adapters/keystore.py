"""An encrypted key file (keystore v3, as wallets export it) opened with its password. Keeps nothing and prints neither.

eth_keyfile does the cryptography; the file's own figures bound its work, so those are looked at first: a file that asks for
more memory than a wallet ever does is refused instead of taking the machine down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_MOST_MEMORY = 512 * 2**20  # bytes scrypt may take: wallets ask for 256 MiB (n = 2**18, r = 8)
_MOST_ROUNDS = 10_000_000  # of pbkdf2: wallets ask for 1,000,000 at most
_WRONG_PASSWORD = "MAC mismatch"


class KeystoreRefused(Exception):
    """The file cannot be opened; says what to change, without the password or anything of the key."""


def open_keystore(text: str, password: str) -> str:
    """The private key as 64 hex digits; takes about a second, as the file's author wanted. Raises KeystoreRefused."""
    from eth_keyfile.keyfile import decode_keyfile_json  # half a second to import, and only who has a keystore needs it

    keystore = _parsed(text)
    raw: Any = password.encode()  # the library says it takes text, and its pbkdf2 does not
    try:
        return decode_keyfile_json(keystore, raw).hex()
    except ValueError as problem:
        if str(problem) == _WRONG_PASSWORD:
            raise KeystoreRefused("the password is wrong") from None
        raise KeystoreRefused(_DAMAGED) from None
    except Exception:  # noqa: BLE001 - whatever a damaged file makes of the library; its text could hold the password
        raise KeystoreRefused(_DAMAGED) from None


_DAMAGED = "is no keystore of version 3: export the key again from the wallet, or make a new file"


def _parsed(text: str) -> dict[str, Any]:
    try:
        keystore = json.loads(text)
        folded = {key.lower(): value for key, value in keystore.items()}
        rounds, memory = _work(folded["crypto"]["kdfparams"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise KeystoreRefused(_DAMAGED) from None
    if folded.get("version") != 3:
        raise KeystoreRefused(_DAMAGED)
    if rounds > _MOST_ROUNDS or memory > _MOST_MEMORY:
        raise KeystoreRefused("asks for more work than any wallet does: make it again with n = 262144, r = 8, p = 1")
    return folded


def _work(params: Mapping[str, Any]) -> tuple[int, int]:
    """(rounds, bytes of memory) that opening takes."""
    if "c" in params:
        return int(params["c"]), 0
    return int(params["p"]), 128 * int(params["n"]) * int(params["r"])
