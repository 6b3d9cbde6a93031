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
from actors.wiring.opening import Hide, Payer, Seams, Venue, configured, is_loopback, opened
from actors.wiring.places import Places
from actors.wiring.venue import Ports, PreflightFailed
from adapters.polymarket.keys import Key
from adapters.polymarket.login import LoginFailed, connect
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import Account
from adapters.polymarket.wallets import wallets_of

# The first account of every practice exchange. Public and worthless by design: demo never reads a real key.
DEMO_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

_WALLETS = ("eoa", "proxy", "safe", "deposit")  # as the settings name them, in order of their signature types
_SPOT = ("spot_ws_url", "rtds_ws_url")  # PolyBolt, and what takes its place when it is refused


@frozen
class Demo:
    """The mode; `child` is the practice exchange, if we started one."""

    settings: VenueSettings
    child: ExchangeChild | None

    @property
    def account(self) -> Account:
        """The wallet that the settings name, of the key that everybody knows."""
        key, kind = Key(DEMO_KEY), _WALLETS.index(self.settings.wallet)
        return Account.of(key, wallets_of(key).payers[kind][0], kind)

    @property
    def address(self) -> str:
        return self.account.funder

    async def locate(self) -> Venue:
        return await locate(self.settings, self.child)

    def ports(self, venue: Venue, places: Places, hide: Hide) -> AbstractAsyncContextManager[Ports]:
        return demo_ports(venue, places, hide, account=self.account)

    async def vet(self, ports: Ports, markets: Sequence[Market], venue: Venue) -> None:
        """Play money needs no look."""
        logger.info("demo: {} markets on {}, account {}", len(markets), venue.clob_url, self.address)


async def locate(settings: VenueSettings, child: ExchangeChild | None) -> Venue:
    """The exchange's addresses: configured, or announced by our child. Raises ExchangeFailed or PreflightFailed."""
    if child is not None:
        banner = await child.banner()
        own: dict[str, str] = next(iter(banner.get("accounts", ())), {})
        return Venue(
            banner["clob_url"],
            banner["market_ws_url"],
            banner["user_ws_url"],
            gamma_url=banner.get("gamma_url"),
            data_url=banner.get("data_url"),
            spot_ws_urls=tuple(banner[key] for key in _SPOT if banner.get(key)),
            relayer_url=banner.get("relayer_url"),
            relayer_key=own.get("relayer_api_key", ""),
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
        venue.relayer_url,
    ):
        if url is not None and not is_loopback(url):
            raise PreflightFailed(f"venue: demo trades on this machine only, not on {url}: use an address of 127.0.0.1")
    return venue


def demo_ports(
    venue: Venue, places: Places, hide: Hide, seams: Seams | None = None, account: Account | None = None
) -> AbstractAsyncContextManager[Ports]:
    """Everything opened with the public key, or a wallet of it. Entering raises PreflightFailed before any order."""
    paying = account or Account.of(Key(DEMO_KEY))

    async def sign_in(venue: Venue, seams: Seams) -> RestTrading:
        try:
            return await connect(
                venue.clob_url,
                paying.key,
                wall=seams.wall,
                salts=seams.salts,
                funder=paying.funder,
                signature_type=paying.signature_type,
                transport=seams.transport,
            )
        except LoginFailed as failure:
            raise PreflightFailed(str(failure)) from None

    return opened(venue, places, sign_in, Payer(paying), hide, seams or Seams())
