"""Claims about encrypted key files, on the test vectors that Ethereum's Web3 Secret Storage definition publishes."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from adapters.keystore import KeystoreRefused, open_keystore

PASSWORD, SECRET = "testpassword", "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"
_SALT = "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
PBKDF2: dict[str, Any] = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256", "salt": _SALT},
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}
SCRYPT: dict[str, Any] = {
    "Crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf": "scrypt",
        "kdfparams": {
            "dklen": 32,
            "n": 262144,
            "r": 1,
            "p": 8,
            "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
        },
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}


def changed(**params: object) -> str:
    crypto = PBKDF2["crypto"]
    return json.dumps({**PBKDF2, "crypto": {**crypto, "kdfparams": {**crypto["kdfparams"], **params}}})


@pytest.mark.parametrize("keystore", [PBKDF2, SCRYPT])
def test_both_published_keystores_open_with_their_password(keystore: dict[str, Any]) -> None:
    assert open_keystore(json.dumps(keystore), PASSWORD) == SECRET


def test_a_wrong_password_is_named_as_such_and_not_repeated() -> None:
    wrong = PASSWORD[::-1]
    with pytest.raises(KeystoreRefused, match="the password is wrong") as refusal:
        open_keystore(json.dumps(PBKDF2), wrong)
    assert wrong not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "\x00", "{" * 5_000, json.dumps({**PBKDF2, "version": 4}), '{"crypto": {"kdfparams": 7}}',
     changed(salt="zz"), changed(c=None), changed(prf="md5")],
)  # fmt: skip
def test_what_is_no_keystore_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(KeystoreRefused, match="no keystore of version 3: export the key again"):
        open_keystore(text, PASSWORD)


def test_a_keystore_cannot_ask_for_all_memory_or_all_day() -> None:
    greedy = {**SCRYPT["Crypto"], "kdfparams": {**SCRYPT["Crypto"]["kdfparams"], "n": 2**30}}
    for text in (json.dumps({"crypto": greedy, "version": 3}), changed(c=10**12)):
        with pytest.raises(KeystoreRefused, match="more work than any wallet does"):
            open_keystore(text, PASSWORD)
