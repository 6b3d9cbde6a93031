"""The venue's REST services, each on a base URL of its own because their paths collide (polymarket.md §0.1)."""

from __future__ import annotations

from random import Random

from adapters.emulator.desk import Desk
from adapters.emulator.node import Node
from adapters.emulator.relayer import Relayer
from adapters.emulator.rest import Rest
from adapters.emulator.routes_account import PRIVATE, create_key, derive_key
from adapters.emulator.routes_data import DATA
from adapters.emulator.routes_gamma import GAMMA
from adapters.emulator.routes_public import PUBLIC
from adapters.emulator.routes_relayer import RelayerRoutes
from adapters.emulator.rpc import Rpc
from adapters.emulator.views import Views

_LOGIN = {("POST", "/auth/api-key"): create_key, ("GET", "/auth/derive-api-key"): derive_key}


def services(desk: Desk) -> dict[str, Rest]:
    """Every service by its name in the banner (`clob` is `clob_url`), in order of their ports."""
    node = Node(desk)
    relayer = Relayer(node, Random(f"{desk.keys.seed}/relayer"))
    rpc = Rpc(node, Views(desk.exchange.accounts, desk.exchange.listings))
    every = (
        Rest(desk, "clob", {**PUBLIC, **_LOGIN}, PRIVATE),
        Rest(desk, "gamma", GAMMA),
        Rest(desk, "data", DATA),
        Rest(desk, "relayer", RelayerRoutes(relayer).table),
        Rest(desk, "rpc", {("POST", "/"): rpc.answer}),
    )
    return {rest.service: rest for rest in every}
