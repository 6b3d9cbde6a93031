"""The venue's REST services, each on a base URL of its own because their paths collide (polymarket.md §0.1)."""

from __future__ import annotations

from random import Random

from adapters.emulator.desk import Desk
from adapters.emulator.node import Node
from adapters.emulator.relayer import Relayer
from adapters.emulator.rest import Rest
from adapters.emulator.routes_account import PRIVATE
from adapters.emulator.routes_approvals import APPROVALS
from adapters.emulator.routes_data import DATA
from adapters.emulator.routes_gamma import GAMMA
from adapters.emulator.routes_keys import LOGIN
from adapters.emulator.routes_prices import PRICES
from adapters.emulator.routes_public import GEOBLOCK, PUBLIC
from adapters.emulator.routes_records import BUILDER_TRADES
from adapters.emulator.routes_relayer import RelayerRoutes
from adapters.emulator.routes_rewards import REWARDS
from adapters.emulator.rpc import Rpc
from adapters.emulator.views import Views

_CLOB = {**PUBLIC, **PRICES, **REWARDS, **BUILDER_TRADES, **LOGIN, **GEOBLOCK}


def services(desk: Desk) -> dict[str, Rest]:
    """Every service by its name in the banner (`clob` is `clob_url`), in order of their ports."""
    node = Node(desk)
    relayer = Relayer(node, Random(f"{desk.keys.seed}/relayer"))
    rpc = Rpc(node, Views(desk.exchange.accounts, desk.exchange.listings))
    every = (
        Rest(desk, "clob", _CLOB, PRIVATE),
        Rest(desk, "gamma", {**GAMMA, **GEOBLOCK}),
        Rest(desk, "data", {**DATA, **APPROVALS, **GEOBLOCK}),
        Rest(desk, "relayer", {**RelayerRoutes(relayer).table, **GEOBLOCK}),
        Rest(desk, "rpc", {("POST", "/"): rpc.answer}),
    )
    return {rest.service: rest for rest in every}
