from __future__ import annotations

import copy
import pickle
import traceback

import coincurve
import pytest
from coincurve import _libsecp256k1
from hypothesis import given
from hypothesis import strategies as st

from adapters.polymarket.keys import Key, WrongBackend, check_backend, checksum_address, keccak, parse_address
from tests.adapters.polymarket.samples import ADDRESS, SECRET


def test_the_address_of_a_key_is_checksummed() -> None:
    assert Key(SECRET).address == ADDRESS
    assert Key(SECRET.removeprefix("0x")).address == ADDRESS


def test_a_signature_recovers_to_the_public_key() -> None:
    digest = keccak(b"order")
    recovered = coincurve.PublicKey.from_signature_and_message(Key(SECRET).sign(digest), digest, hasher=None)
    assert checksum_address(keccak(recovered.format(compressed=False)[1:])[12:]) == ADDRESS


def test_no_text_of_a_key_holds_the_secret() -> None:
    key = Key(SECRET)
    assert SECRET[2:] not in f"{key!r} {key} {[key]!r}"
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize("copier", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_cannot_be_copied_out(copier: object) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        copier(Key(SECRET))  # type: ignore[operator]


@pytest.mark.parametrize("bad", [SECRET[:-1], SECRET + "00", "zz" * 32, "", "00" * 32, "ff" * 32])
def test_a_bad_key_is_refused_without_being_shown(bad: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits") as refusal:
        Key(bad)
    shown = "".join(traceback.format_exception(refusal.value, limit=0))
    assert not bad or bad not in shown


def test_a_backend_that_is_not_libsecp256k1_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    check_backend()
    monkeypatch.setattr(_libsecp256k1, "__file__", "pure.py")
    with pytest.raises(WrongBackend, match="libsecp256k1"):
        Key(SECRET)


@given(st.binary(min_size=20, max_size=20))
def test_every_address_parses_from_its_own_checksum_and_from_one_case(raw: bytes) -> None:
    text = checksum_address(raw)
    assert parse_address(text) == parse_address(text.lower()) == raw


@pytest.mark.parametrize("bad", ["", "0x12", "0x" + "g" * 40, ADDRESS.replace("f39F", "F39F"), ADDRESS + "0"])
def test_a_mistyped_address_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"address|checksum"):
        parse_address(bad)
