"""The Gamma service: discovery of markets and events (polymarket.md §9). Reads listings, changes nothing."""

from __future__ import annotations

from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.rest import Open, Place


def _status(desk: Desk, request: Request) -> object:
    return "OK"


GAMMA: dict[Place, Open] = {("GET", "/status"): _status}
