"""The ports of a run at a venue that is really there: its addresses, the seams to this machine, and how all is opened.

What a mode adds is its account (`SignIn`) and what it looks at before the first order.
"""

from __future__ import annotations

import random as randomness
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from attrs import field, frozen

from actors.model.market import Market
from actors.model.venue_settings import VenueSettings
from actors.ports import JournalStore, WallClock
from actors.wiring.places import Places
from actors.wiring.venue import Ports, PreflightFailed, check_clock
from adapters.polymarket.contracts import calls_text
from adapters.polymarket.lanes import MakeTransport
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.public import RestPublic
from adapters.polymarket.reach import Reach, reach
from adapters.polymarket.relayer import RestRelayer
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import Account, Bits
from adapters.polymarket.sockets import Dial, dialler
from adapters.sqlite import JournalRefused, SqliteJournal
from adapters.trail_file import TrailFile

Hide = Callable[[str], None]


@frozen
class Venue:
    """Where a venue listens; `spot_ws_urls` in order of preference. A practice exchange tells the relayer's key, too."""

    clob_url: str
    market_ws_url: str
    user_ws_url: str
    gamma_url: str | None = None
    data_url: str | None = None
    spot_ws_urls: tuple[str, ...] = ()
    relayer_url: str | None = None
    relayer_key: str = field(default="", repr=False)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every address that there is."""
        known = (self.clob_url, self.market_ws_url, self.user_ws_url, self.gamma_url, self.data_url, self.relayer_url)
        return tuple(url for url in (*known, *self.spot_ws_urls) if url)

    @property
    def host(self) -> str:
        """A name for files: all names of this machine are one."""
        parts = urlsplit(self.clob_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"{'loopback' if is_loopback(self.clob_url) else parts.hostname}_{port}"


@frozen
class Seams:
    """What a run takes from this machine: time, randomness, network and disk. Simulation hands in its own."""

    wall: WallClock = time.time
    salts: Bits = field(factory=randomness.SystemRandom)
    transport: MakeTransport | None = None
    dial: Dial = field(factory=dialler)
    journal: Callable[[Path], Awaitable[JournalStore]] = SqliteJournal.open
    trail: Callable[[Path], TrailFile] = TrailFile
    reach: Reach = reach


@frozen
class Payer:
    """Whose wallet trades, and its owner's key for the relayer that sends the wallet's transactions; "" = none known."""

    account: Account
    relayer_key: str = field(default="", repr=False)


SignIn = Callable[[Venue, Seams], Awaitable[RestTrading]]


class Mode(Protocol):
    """What differs between the modes that trade at a venue."""

    @property
    def address(self) -> str:
        """The account's funder address."""
        ...

    async def locate(self) -> Venue:
        """Where the venue is. Raises PreflightFailed or ExchangeFailed."""
        ...

    def ports(self, venue: Venue, places: Places, hide: Hide) -> AbstractAsyncContextManager[Ports]:
        """Everything opened and signed in; `hide` hears every secret. Entering raises PreflightFailed."""
        ...

    async def vet(self, ports: Ports, markets: Sequence[Market], venue: Venue) -> None:
        """A last look at the account, and a word to whoever started this. Raises PreflightFailed."""
        ...


def configured(settings: VenueSettings) -> Venue:
    """The addresses of a venue that runs already, as the settings name them."""
    addresses = (settings.clob_url or "", settings.market_ws_url or "", settings.user_ws_url or "")
    assert all(addresses), "the settings ask for all three"
    spot = () if settings.spot_ws_url is None else (settings.spot_ws_url,)
    return Venue(
        *addresses,
        gamma_url=settings.gamma_url,
        data_url=settings.data_url,
        spot_ws_urls=spot,
        relayer_url=settings.relayer_url,
    )


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def opened(
    venue: Venue, places: Places, sign_in: SignIn, payer: Payer, hide: Hide, seams: Seams
) -> AsyncIterator[Ports]:
    """Open the journal, compare clocks, sign in; `hide` hears every secret. Raises PreflightFailed before any order."""
    trail = seams.trail(places.trail)
    try:
        journal = await seams.journal(places.journal)
    except JournalRefused as refusal:
        raise PreflightFailed(str(refusal)) from None
    try:
        dial = seams.dial
        public = RestPublic.open(venue.clob_url, seams.transport, gamma_url=venue.gamma_url)
        await check_clock(public, seams.wall)  # before signing in: to a clock that is off the venue only says 401
        trading = await sign_in(venue, seams)
        for secret in trading.secrets:
            hide(secret)
        relay = relay_of(venue, payer, seams)
        yield Ports(
            trading=trading,
            public=public,
            market_channel=PolymarketMarketChannel(venue.market_ws_url, dial),
            user_channel=trading.user_channel(venue.user_ws_url, dial),
            journal=journal,
            wall=seams.wall,
            trail=trail,
            spot=trading.spot_channel(venue.spot_ws_urls, dial) if venue.spot_ws_urls else None,
            relay=relay,
            calls=None if payer.account.signature_type else calls_text,
        )
        if relay is not None:
            await relay.close()
        await trading.close()
        await public.close()
    finally:
        trail.close()
        await journal.close()


def relay_of(venue: Venue, payer: Payer, seams: Seams) -> RestRelayer | None:
    """None for a plain key, whose transactions nobody else sends, and without a key for the relayer."""
    key = payer.relayer_key or venue.relayer_key
    if not payer.account.signature_type or venue.relayer_url is None or not key:
        return None
    return RestRelayer.open(venue.relayer_url, payer.account, key, seams.wall, seams.transport)
