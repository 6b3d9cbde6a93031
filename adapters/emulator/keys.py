"""API keys: made from a wallet's login signature, proven by HMAC on every private call. Never an order."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from random import Random
from uuid import UUID

from attrs import define, field, frozen

from adapters.emulator import signatures
from adapters.emulator.digits import UINT256, whole
from adapters.emulator.http import Request
from adapters.emulator.refusal import Refused

CLOCK_WINDOW = 30.0  # seconds a signed timestamp may be off; the venue's own window is not documented (§2.1)
_NO_LOGIN = "Invalid L1 Request headers"


@frozen
class Credential:
    key: str
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)
    address: str
    nonce: int


@define(eq=False)
class Keys:
    """The same seed, address and nonce always give the same key, as at the venue (polymarket.md §2.1).

    `readonly` keys are ids without a secret, each with its owner's address.
    """

    seed: int
    wall: Callable[[], float]
    by_key: dict[str, Credential] = field(factory=dict)
    readonly: dict[str, str] = field(factory=dict)

    def create(self, headers: Mapping[str, str]) -> Credential:
        """Raises Refused: 401 for a bad login, 400 if the wallet has a key for that nonce."""
        address, nonce = self._login(headers)
        credential = self._make(address, nonce)
        if credential.key in self.by_key:
            raise Refused(400, "Could not create api key")
        self.by_key[credential.key] = credential
        return credential

    def derive(self, headers: Mapping[str, str]) -> Credential:
        """Raises Refused: 401 for a bad login, 400 if there is no key for that nonce."""
        address, nonce = self._login(headers)
        credential = self.by_key.get(self._make(address, nonce).key)
        if credential is None:
            raise Refused(400, "Could not derive api key!")
        return credential

    def of(self, address: str) -> list[Credential]:
        return [c for c in self.by_key.values() if c.address.lower() == address.lower()]

    def check(self, request: Request) -> Credential:
        """Whose call it is (level 2, §2.2). Raises Refused 401."""
        get = request.headers.get
        if "poly_readonly_api_key" in request.headers:
            return self._reader(request)
        credential = self.by_key.get(get("poly_api_key", ""))
        stamp = get("poly_timestamp", "")
        if (
            credential is None
            or not fresh(stamp, self.wall())
            or get("poly_address", "").lower() != credential.address.lower()
            or not hmac.compare_digest(get("poly_passphrase", "").encode(), credential.passphrase.encode())
            or not hmac.compare_digest(get("poly_signature", "").encode(), mac(credential.secret, stamp, request))
        ):
            raise Refused(401, "Unauthorized/Invalid api key")
        return credential

    def _reader(self, request: Request) -> Credential:
        """A read-only key signs nothing: it comes bare with its owner's address, and reads (as py-clob-client shows)."""
        key = request.headers["poly_readonly_api_key"]
        owner = self.readonly.get(key)
        if not owner or request.method != "GET" or request.headers.get("poly_address", "").lower() != owner.lower():
            raise Refused(401, "Unauthorized/Invalid api key")
        return Credential(key, "", "", owner, 0)

    def proven(self, key: str, secret: str, passphrase: str) -> Credential | None:
        """The credential, if all three parts are right (the user socket sends them bare, §7.1)."""
        known = self.by_key.get(key)
        return known if known and (known.secret, known.passphrase) == (secret, passphrase) else None

    def create_readonly(self, address: str) -> str:
        """The id of a fresh key that may only read."""
        rng = Random(f"{self.seed}/readonly/{address.lower()}/{len(self.readonly)}")
        key = str(UUID(int=rng.getrandbits(128), version=4))
        self.readonly[key] = address
        return key

    def readonly_of(self, address: str) -> list[str]:
        return [key for key, owner in self.readonly.items() if owner == address]

    def drop_readonly(self, address: str, key: str) -> bool:
        """False if it is not that owner's key."""
        if self.readonly.get(key) != address:
            return False
        self.readonly[key] = ""
        return True

    def _login(self, headers: Mapping[str, str]) -> tuple[str, int]:
        address, stamp, nonce = (headers.get(f"poly_{name}", "") for name in ("address", "timestamp", "nonce"))
        number = whole(nonce, UINT256)
        if number is None or len(address) != 42 or not fresh(stamp, self.wall()):
            raise Refused(401, _NO_LOGIN)
        try:
            digest = signatures.login_digest(address, stamp, number)
        except (ValueError, OverflowError) as problem:  # no hex, or 78 digits that are no uint256
            raise Refused(401, _NO_LOGIN) from problem
        if signatures.signer_of(digest, headers.get("poly_signature", "")) != address.lower():
            raise Refused(401, _NO_LOGIN)
        return signatures.checksum(address), number

    def _make(self, address: str, nonce: int) -> Credential:
        rng = Random(f"{self.seed}/key/{address.lower()}/{nonce}")
        secret = base64.urlsafe_b64encode(rng.randbytes(32)).decode()
        return Credential(
            str(UUID(int=rng.getrandbits(128), version=4)), secret, rng.randbytes(32).hex(), address, nonce
        )


def fresh(stamp: str, now: float) -> bool:
    """Is a signed timestamp (epoch seconds as text) near enough to `now`?"""
    at = whole(stamp)
    return at is not None and abs(at - now) <= CLOCK_WINDOW


def mac(secret: str, stamp: str, request: Request) -> bytes:
    """urlsafe base64 of HMAC-SHA256 over timestamp + method + path (no query) + body (§2.2)."""
    message = f"{stamp}{request.method}{request.path}".encode() + request.body
    key = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest())
