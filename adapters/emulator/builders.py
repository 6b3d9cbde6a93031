"""Builder keys: whoever brings orders to the venue has them (polymarket.md §1.5, §2.2). Never an order or money.

A builder's code is its address as 32 bytes: an emulator choice, the venue hands its codes out itself.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from random import Random
from uuid import UUID

from attrs import define, field

from adapters.emulator.http import Request
from adapters.emulator.keys import fresh, mac
from adapters.emulator.refusal import Refused


@define(eq=False)
class BuilderKey:
    """Times are wall seconds; a revoked key stays listed and proves nothing."""

    key: str
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)
    address: str
    created_at: float
    revoked_at: float | None = None


@define(eq=False)
class Builders:
    """Every builder key by its id, in order of creation; the same seed gives the same keys."""

    seed: int
    wall: Callable[[], float]
    by_key: dict[str, BuilderKey] = field(factory=dict)

    def create(self, address: str) -> BuilderKey:
        rng = Random(f"{self.seed}/builder/{address.lower()}/{len(self.by_key)}")
        secret = base64.urlsafe_b64encode(rng.randbytes(32)).decode()
        key = str(UUID(int=rng.getrandbits(128), version=4))
        self.by_key[key] = BuilderKey(key, secret, rng.randbytes(32).hex(), address, self.wall())
        return self.by_key[key]

    def of(self, address: str) -> list[BuilderKey]:
        return [one for one in self.by_key.values() if one.address.lower() == address.lower()]

    def check(self, request: Request) -> BuilderKey:
        """Whose key signed the request with its `POLY_BUILDER_*` headers. Raises Refused 401."""
        get = request.headers.get
        known, stamp = self.by_key.get(get("poly_builder_api_key", "")), get("poly_builder_timestamp", "")
        if (
            known is None
            or known.revoked_at is not None
            or not fresh(stamp, self.wall())
            or not hmac.compare_digest(get("poly_builder_passphrase", "").encode(), known.passphrase.encode())
            or not hmac.compare_digest(get("poly_builder_signature", "").encode(), mac(known.secret, stamp, request))
        ):
            raise Refused(401, "Unauthorized/Invalid api key")
        return known

    def revoke(self, known: BuilderKey) -> None:
        known.revoked_at = known.revoked_at or self.wall()

    def known(self, code: str) -> bool:
        """Is this the code of somebody who ever had a builder key?"""
        return any(code_of(one.address) == code.lower() for one in self.by_key.values())


def code_of(address: str) -> str:
    """`0x70…c8` → `0x000000000000000000000000` and the address, in lower case."""
    return f"0x{'0' * 24}{address[2:].lower()}"
