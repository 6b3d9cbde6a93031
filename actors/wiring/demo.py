"""Demo mode: the real adapter against a practice exchange on this machine. Play money, public keys, real sockets.

The exchange is a child process, or one that already runs if the configuration names its addresses (loopback only).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from attrs import frozen
from loguru import logger

from actors.model.market import Market
from actors.model.venue_settings import VenueSettings
from actors.wiring.exchange_child import ExchangeChild
from actors.wiring.opening import Hide, Seams, Venue, configured, is_loopback, opened
from actors.wiring.places import Places
from actors.wiring.venue import Ports, PreflightFailed
from adapters.polymarket.keys import Key
from adapters.polymarket.login import LoginFailed, connect
from adapters.polymarket.rest import RestTrading

# The first account of every practice exchange. Public and worthless by design: demo never reads a real key.
DEMO_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

_SPOT = ("spot_ws_url", "rtds_ws_url")  # PolyBolt, and what takes its place when it is refused


@frozen
class Demo:
    """The mode; `child` is the practice exchange, if we started one."""

    settings: VenueSettings
    child: ExchangeChild | None
    address: str = Key(DEMO_KEY).address

    async def locate(self) -> Venue:
        return await locate(self.settings, self.child)

    def ports(self, venue: Venue, places: Places, hide: Hide) -> AbstractAsyncContextManager[Ports]:
        return demo_ports(venue, places, hide)

    async def vet(self, ports: Ports, markets: Sequence[Market], venue: Venue) -> None:
        """Play money needs no look."""
        logger.info("demo: {} markets on {}, account {}", len(markets), venue.clob_url, self.address)


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
    venue = configured(settings)
    for url in (
        venue.clob_url,
        venue.market_ws_url,
        venue.user_ws_url,
        venue.gamma_url,
        venue.data_url,
        *venue.spot_ws_urls,
    ):
        if url is not None and not is_loopback(url):
            raise PreflightFailed(f"venue: demo trades on this machine only, not on {url}: use an address of 127.0.0.1")
    return venue


def demo_ports(
    venue: Venue, places: Places, hide: Hide, seams: Seams | None = None
) -> AbstractAsyncContextManager[Ports]:
    """Everything opened with the public key. Entering raises PreflightFailed before any order."""
    return opened(venue, places, _sign_in, hide, seams or Seams())


async def _sign_in(venue: Venue, seams: Seams) -> RestTrading:
    try:
        return await connect(
            venue.clob_url, Key(DEMO_KEY), wall=seams.wall, salts=seams.salts, transport=seams.transport
        )
    except LoginFailed as failure:
        raise PreflightFailed(str(failure)) from None
