"""The two ways to authenticate: a wallet signature (L1) for the API key, an HMAC (L2) for everything private.

Sources: polymarket.md §2.1, §2.2. Secrets appear in no repr and no error; this module sends nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, urlsafe_b64encode

from attrs import field, frozen

from adapters.polymarket.eip712 import POLYGON, login_digest
from adapters.polymarket.keys import Key


@frozen(repr=False)
class Credentials:
    """An API key with its secret and passphrase. `api_key` doubles as the `owner` of orders; nothing is printed.

    Raises ValueError, without any of them in it, for some that no request could be signed with.
    """

    api_key: str
    secret: str
    passphrase: str

    def __attrs_post_init__(self) -> None:
        check_header("API key", self.api_key, but='"\\')  # it stands in every order's JSON as it is
        check_header("API passphrase", self.passphrase)
        _decoded(self.secret)

    def __repr__(self) -> str:
        return "Credentials(…)"


def login_headers(key: Key, timestamp: int, nonce: int = 0, chain: int = POLYGON) -> dict[str, str]:
    """L1 headers for creating or deriving the API key at `timestamp` (epoch seconds)."""
    return {
        "POLY_ADDRESS": key.address,
        "POLY_SIGNATURE": key.sign_hex(login_digest(key.raw_address, timestamp, nonce, chain)),
        "POLY_TIMESTAMP": str(timestamp),
        "POLY_NONCE": str(nonce),
    }


@frozen(repr=False, eq=False)
class Requests:
    """Signs private requests of one API key; the keyed HMAC state is computed once and copied for each."""

    address: str
    credentials: Credentials
    _keyed: hmac.HMAC = field(init=False)

    @_keyed.default
    def _key_it(self) -> hmac.HMAC:
        return hmac.new(_decoded(self.credentials.secret), digestmod=hashlib.sha256)

    def headers(self, timestamp: int, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """L2 headers; `path` excludes host and query, `body` is exactly what is sent."""
        return {
            "POLY_ADDRESS": self.address,
            "POLY_SIGNATURE": self.signature(timestamp, method, path, body),
            "POLY_TIMESTAMP": str(timestamp),
            "POLY_API_KEY": self.credentials.api_key,
            "POLY_PASSPHRASE": self.credentials.passphrase,
        }

    def signature(self, timestamp: int, method: str, path: str, body: bytes = b"") -> str:
        """HMAC-SHA256 over timestamp, method, path and body, in URL-safe base64 with padding."""
        mac = self._keyed.copy()
        mac.update(f"{timestamp}{method}{path}".encode() + body)
        return urlsafe_b64encode(mac.digest()).decode()

    def __repr__(self) -> str:
        return f"Requests({self.address})"


def check_header(what: str, text: str, but: str = "") -> None:
    """Raise ValueError, without the text in it, for one that a header cannot carry, or that has one of the letters `but`."""
    fits = text.isascii() and text.isprintable() and text == text.strip()
    if not text or not fits or set(text) & set(but):
        raise ValueError(f"the {what} is empty or has characters that none has: copy it again")


def _decoded(secret: str) -> bytes:
    """The bytes of a URL-safe base64 secret, padded or not. Raises ValueError without the secret in it.

    The official clients skip foreign characters, so that a secret copied badly signs wrongly instead of failing here.
    """
    plain = secret.replace("-", "+").replace("_", "/")
    try:
        raw = b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raw = b""
    if not raw:
        raise ValueError("the API secret is not URL-safe base64: copy it again, or let the key be derived")
    return raw
