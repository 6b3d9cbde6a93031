"""One private key for the life of the process: its address and recoverable signatures. Never prints or pickles the secret.

Uses libsecp256k1 through coincurve (26 us a signature) and refuses to start on anything else.
"""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from typing import NoReturn

import coincurve
import sha3
from coincurve import _libsecp256k1

_KECCAK_OF_NOTHING = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


class WrongBackend(RuntimeError):
    """The installed cryptography would be slow or wrong; says what to reinstall."""


def keccak(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it (not NIST SHA3-256)."""
    digest: bytes = sha3.keccak_256(data).digest()
    return digest


def checksum_address(raw: bytes) -> str:
    """The EIP-55 spelling of a 20-byte address."""
    text = raw.hex()
    marks = keccak(text.encode()).hex()
    return "0x" + "".join(c.upper() if int(m, 16) > 7 else c for c, m in zip(text, marks, strict=False))


def parse_address(text: str) -> bytes:
    """The 20 bytes of an address text. Raises ValueError, also for a wrong EIP-55 checksum."""
    digits = text.removeprefix("0x")
    try:
        raw = bytes.fromhex(digits) if len(digits) == 40 else b""
    except ValueError:
        raw = b""
    if len(raw) != 20:
        raise ValueError(f"{text[:60]!r} is not an address: 0x and 40 hex digits are expected")
    if digits not in (digits.lower(), digits.upper()) and checksum_address(raw) != "0x" + digits:
        raise ValueError(f"{text!r} has a wrong checksum: one of its characters is mistyped")
    return raw


def check_backend() -> None:
    """Raise WrongBackend unless signing runs in libsecp256k1 and keccak is keccak."""
    origin = getattr(_libsecp256k1, "__file__", None) or ""
    if not origin.endswith(tuple(EXTENSION_SUFFIXES)) or not hasattr(_libsecp256k1, "lib"):
        raise WrongBackend("coincurve does not use libsecp256k1 here: reinstall it with 'pip install coincurve'")
    if keccak(b"").hex() != _KECCAK_OF_NOTHING:
        raise WrongBackend("the module sha3 is not keccak-256: reinstall it with 'pip install safe-pysha3'")


class Key:
    """A secp256k1 private key. `address` is checksummed; the secret appears in no repr, error or pickle."""

    __slots__ = ("_private", "address", "raw_address")

    def __init__(self, secret: str) -> None:
        """`secret` is 64 hex digits, with or without 0x. Raises ValueError (without the secret) or WrongBackend."""
        check_backend()
        self._private = _private_key(secret)
        self.raw_address = keccak(self._private.public_key.format(compressed=False)[1:])[12:]
        self.address = checksum_address(self.raw_address)

    def sign(self, digest: bytes) -> bytes:
        """r, s and the recovery id (0 or 1) of a 32-byte digest: 65 bytes, deterministic (RFC 6979), low s."""
        return self._private.sign_recoverable(digest, hasher=None)

    def sign_hex(self, digest: bytes) -> str:
        """The 132 characters that Ethereum writes for `sign`: 0x, r, s, and 1b or 1c."""
        signature = self.sign(digest)
        return "0x" + signature[:64].hex() + ("1b", "1c")[signature[64]]

    def __repr__(self) -> str:
        return f"Key({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Key is never pickled or copied")


def _private_key(secret: str) -> coincurve.PrivateKey:
    """The key, with errors that cannot carry the secret (coincurve's and fromhex's would travel as context)."""
    try:
        raw = bytes.fromhex(secret.strip().removeprefix("0x"))
        key = coincurve.PrivateKey(raw) if len(raw) == 32 else None
    except ValueError:
        key = None
    if key is None:
        raise ValueError("the private key must be 64 hex digits, optionally after 0x, and a valid secp256k1 secret")
    return key
