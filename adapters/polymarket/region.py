"""Whether the venue lets this machine's address trade: its public geo check (polymarket.md §0.1). Needs no key."""

from __future__ import annotations

import msgspec

from actors.model.outcome import Unread
from adapters.polymarket.lanes import Lane, MakeTransport
from adapters.polymarket.reading import body_of, read
from adapters.polymarket.wire import decode

_SITE = "https://polymarket.com"


class Region(msgspec.Struct):
    """Where the venue thinks this machine is."""

    blocked: bool
    country: str = ""
    region: str = ""

    def text(self) -> str:
        return f"{self.country} {self.region}".strip() or "an unknown place"


async def region(transport: MakeTransport | None = None) -> Region | Unread:
    """Ask once; `transport` makes an httpx transport (None: the network)."""
    lane = Lane(_SITE, transport)
    heard = await lane.send("GET", "/api/geoblock")
    await lane.close()
    return read(body_of(heard), lambda body: decode(body, Region))
