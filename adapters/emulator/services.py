"""The venue's REST services, each on a base URL of its own because their paths collide (polymarket.md §0.1)."""

from __future__ import annotations

from random import Random
from typing import Any

from adapters.emulator.accounts import FUNDED
from adapters.emulator.desk import Desk
from adapters.emulator.node import Node
from adapters.emulator.relayer import Relayer
from adapters.emulator.rest import Open, Place, Rest
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

_TRY: dict[str, dict[str, Any]] = {
    "gamma": {"try": "/markets"},
    "data": {"try": f"/v2/positions?user={FUNDED[0].address}"},
    "relayer": {"try": f"/deployed?address={FUNDED[0].address}"},
    "rpc": {"try": "POST /", "body": {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}},
}
"""A first request for whoever opens a base URL with curl or a browser; the CLOB's own `/` says OK."""


def services(desk: Desk) -> dict[str, Rest]:
    """Every service by its name in the banner (`clob` is `clob_url`), in order of their ports."""
    node = Node(desk)
    relayer = Relayer(node, Random(f"{desk.keys.seed}/relayer"))
    rpc = Rpc(node, Views(desk.exchange.accounts, desk.exchange.listings))
    every = (
        Rest(desk, "clob", _CLOB, PRIVATE),
        Rest(desk, "gamma", {**GAMMA, **GEOBLOCK, **_hint("gamma")}),
        Rest(desk, "data", {**DATA, **APPROVALS, **GEOBLOCK, **_hint("data")}),
        Rest(desk, "relayer", {**RelayerRoutes(relayer).table, **GEOBLOCK, **_hint("relayer")}),
        Rest(desk, "rpc", {("POST", "/"): rpc.answer, **_hint("rpc")}),
    )
    return {rest.service: rest for rest in every}


def _hint(service: str) -> dict[Place, Open]:
    said = {"service": service, **_TRY[service]}
    return {("GET", "/"): lambda desk, request: said}
