"""Demo mode: the real adapter against a practice exchange on this machine. Play money, public keys, real sockets.

The exchange is a child process, or one that already runs if the configuration names its addresses (loopback only).
"""

from __future__ import annotations

import random as randomness
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from actors.model.venue_settings import VenueSettings
from actors.ports import JournalStore, WallClock
from actors.wiring.exchange_child import ExchangeChild
from actors.wiring.places import Places
from actors.wiring.venue import Ports, PreflightFailed, check_clock
from adapters.polymarket.keys import Key
from adapters.polymarket.lanes import MakeTransport
from adapters.polymarket.login import LoginFailed, connect
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.public import RestPublic
from adapters.polymarket.signing import Bits
from adapters.polymarket.sockets import Dial, dialler
from adapters.sqlite import JournalRefused, SqliteJournal

# The first account of every practice exchange. Public and worthless by design: demo never reads a real key.
DEMO_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

_SPOT = ("spot_ws_url", "rtds_ws_url")  # PolyBolt, and what takes its place when it is refused


@frozen
class Venue:
    """Where the practice exchange listens; `spot_ws_urls` in order of preference."""

    clob_url: str
    market_ws_url: str
    user_ws_url: str
    gamma_url: str | None = None
    data_url: str | None = None
    spot_ws_urls: tuple[str, ...] = ()
    address: str = Key(DEMO_KEY).address


async def locate(settings: VenueSettings, child: ExchangeChild | None) -> Venue:
    """The exchange's addresses: configured, or announced by our child. Raises ExchangeFailed or PreflightFailed."""
    if child is not None:
        banner = await child.banner()
        return Venue(
            banner["clob_url"],
            banner["market_ws_url"],
            banner["user_ws_url"],
            gamma_url=banner.get("gamma_url"),
            data_url=banner.get("data_url"),
            spot_ws_urls=tuple(banner[key] for key in _SPOT if banner.get(key)),
        )
    return running(settings)


def running(settings: VenueSettings) -> Venue:
    """The addresses of an exchange that runs already, as configured. Raises PreflightFailed."""
    addresses = (settings.clob_url or "", settings.market_ws_url or "", settings.user_ws_url or "")
    assert all(addresses), "the settings ask for all three"
    for url in (*addresses, settings.gamma_url, settings.data_url, settings.spot_ws_url):
        if url is not None and not is_loopback(url):
            raise PreflightFailed(f"venue: demo trades on this machine only, not on {url}: use an address of 127.0.0.1")
    spot = () if settings.spot_ws_url is None else (settings.spot_ws_url,)
    return Venue(*addresses, gamma_url=settings.gamma_url, data_url=settings.data_url, spot_ws_urls=spot)


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@frozen
class Seams:
    """What a run takes from this machine: time, randomness, network and disk. Simulation hands in its own."""

    wall: WallClock = time.time
    salts: Bits = field(factory=randomness.SystemRandom)
    transport: MakeTransport | None = None
    dial: Dial = field(factory=dialler)
    journal: Callable[[Path], Awaitable[JournalStore]] = SqliteJournal.open


@asynccontextmanager
async def demo_ports(
    venue: Venue, places: Places, hide: Callable[[str], None], seams: Seams | None = None
) -> AsyncIterator[Ports]:
    """Open the journal, compare clocks, sign in; `hide` hears every secret. Raises PreflightFailed before any order."""
    seams = seams or Seams()
    try:
        journal = await seams.journal(places.journal)
    except JournalRefused as refusal:
        raise PreflightFailed(str(refusal)) from None
    try:
        transport, dial = seams.transport, seams.dial
        public = RestPublic.open(venue.clob_url, transport, gamma_url=venue.gamma_url)
        await check_clock(public, seams.wall)  # before signing in: to a clock that is off the venue only says 401
        try:
            trading = await connect(
                venue.clob_url, Key(DEMO_KEY), wall=seams.wall, salts=seams.salts, transport=transport
            )
        except LoginFailed as failure:
            raise PreflightFailed(str(failure)) from None
        for secret in trading.secrets:
            hide(secret)
        yield Ports(
            trading=trading,
            public=public,
            market_channel=PolymarketMarketChannel(venue.market_ws_url, dial),
            user_channel=trading.user_channel(venue.user_ws_url, dial),
            journal=journal,
            wall=seams.wall,
            spot=trading.spot_channel(venue.spot_ws_urls, dial) if venue.spot_ws_urls else None,
        )
        await trading.close()
        await public.close()
    finally:
        await journal.close()
