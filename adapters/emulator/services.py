"""The venue's REST services, each on a base URL of its own because their paths collide (polymarket.md §0.1)."""

from __future__ import annotations

from adapters.emulator.desk import Desk
from adapters.emulator.rest import Rest
from adapters.emulator.routes_account import PRIVATE, create_key, derive_key
from adapters.emulator.routes_gamma import GAMMA
from adapters.emulator.routes_public import PUBLIC

_LOGIN = {("POST", "/auth/api-key"): create_key, ("GET", "/auth/derive-api-key"): derive_key}


def services(desk: Desk) -> dict[str, Rest]:
    """Every service by its name in the banner (`clob` is `clob_url`), in order of their ports."""
    every = (
        Rest(desk, "clob", {**PUBLIC, **_LOGIN}, PRIVATE),
        Rest(desk, "gamma", GAMMA),
    )
    return {rest.service: rest for rest in every}
