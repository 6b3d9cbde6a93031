"""Live mode: real money, on the account whose key the secrets hold. Starts paused; `resume` arms it.

Nothing is signed for the venue before our signer has agreed with the venue's own client, the account has shown that it can
pay for what the settings allow, and every exchange contract of the markets may take it (polymarket.md §2.3, §3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from attrs import field, frozen
from loguru import logger

from actors.model.market import Market
from actors.model.numbers import format_cash, format_size
from actors.model.outcome import Storm, Unread
from actors.model.settings import Settings
from actors.wiring import canary
from actors.wiring.funding import Means, means_of
from actors.wiring.keyring import Keyring
from actors.wiring.opening import Hide, Payer, Seams, Venue, configured, is_loopback, opened
from actors.wiring.places import Places
from actors.wiring.secrets import Secrets
from actors.wiring.venue import Ports, PreflightFailed
from adapters.polymarket.auth import Credentials
from adapters.polymarket.lanes import MakeTransport
from adapters.polymarket.login import LoginFailed, connect
from adapters.polymarket.region import Region, region
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import KINDS, Account
from adapters.polymarket.wallets import account_of

POLYMARKET = Venue(
    clob_url="https://clob.polymarket.com",
    market_ws_url="wss://ws-subscriptions-clob.polymarket.com/ws/market",
    user_ws_url="wss://ws-subscriptions-clob.polymarket.com/ws/user",
    gamma_url="https://gamma-api.polymarket.com",
    data_url="https://data-api.polymarket.com",
    relayer_url="https://relayer-v2.polymarket.com",
    spot_ws_urls=("wss://ws-live-v2.polymarket.com/ws", "wss://ws-live-data.polymarket.com"),
)


async def check_region(transport: MakeTransport | None) -> Region | Unread:
    """Where the venue thinks this machine is. Raises PreflightFailed where it takes no orders from."""
    here = await region(transport)
    if isinstance(here, Region) and here.blocked:
        raise PreflightFailed(f"the venue blocks orders from here ({here.text()}): run the bot where you may trade")
    return here


@frozen
class Live:
    """The mode; `given` are the API credentials that a person gave, `home` is where derived ones are kept."""

    settings: Settings
    account: Account
    given: Credentials | None
    home: Path
    relayer_key: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings, secrets: Secrets, home: Path) -> Live:
        """Raises PreflightFailed if the secrets do not fit together, or our signer differs from the venue's client."""
        try:
            account = account_of(secrets.key, secrets.funder, secrets.signature_type)
        except ValueError as problem:
            raise PreflightFailed(str(problem)) from None
        if (illness := canary.ill([account.signature_type])) is not None:
            raise PreflightFailed(f"the signer is not fit: {illness}")
        return cls(settings, account, secrets.credentials, home, secrets.relayer_key)

    @property
    def address(self) -> str:
        return self.account.funder

    @property
    def described(self) -> str:
        """Who pays and who signs, for people."""
        account = self.account
        kind = f"{KINDS[account.signature_type]}, signature type {account.signature_type}"
        return f"{account.funder} ({kind}), signed for by {account.key.address}"

    async def locate(self) -> Venue:
        return POLYMARKET if self.settings.venue.clob_url is None else configured(self.settings.venue)

    def ports(
        self, venue: Venue, places: Places, hide: Hide, seams: Seams | None = None
    ) -> AbstractAsyncContextManager[Ports]:
        async def sign_in(venue: Venue, seams: Seams) -> RestTrading:
            return await self.sign_in(venue, seams, hide)

        return opened(venue, places, sign_in, Payer(self.account, self.relayer_key), hide, seams or Seams())

    async def vet(self, ports: Ports, markets: Sequence[Market], venue: Venue) -> None:
        """Show the account and the limits, and refuse what could not trade."""
        assert isinstance(ports.trading, RestTrading), "as opened above"
        means = await means_of(ports.trading, self.account, markets, self.settings.budget.total)
        if isinstance(means, Unread):
            raise PreflightFailed(f"balance and allowances of {self.address} could not be read: {means.why}")
        if means.problems:
            raise PreflightFailed("\n".join(means.problems))
        for line in self._greeting(markets, venue, means):
            logger.warning("{}", line)

    async def sign_in(self, venue: Venue, seams: Seams, hide: Hide) -> RestTrading:
        """With the API key at hand: given, kept, or derived. A kept one that the venue refuses is derived once more.

        Raises PreflightFailed.
        """
        if venue == POLYMARKET:  # what cannot be asked is no reason to stay away: orders would be refused, too
            await check_region(seams.transport)
        keyring = Keyring(self.home / f"api-key-{venue.host}-{self.account.key.address}.json")
        known = self.given or keyring.read()
        trading = await self._connect(venue, seams, known, hide)
        heard = await trading.funds()
        refused = isinstance(heard, Unread) and heard.sign is not None and heard.sign.storm is Storm.LOGIN
        if refused and known is not None:
            await trading.close()
            if self.given is not None:
                raise PreflightFailed(
                    f"the venue refuses the API credentials for {self.account.key.address}: take CLOB_API_KEY, "
                    "CLOB_API_SECRET and CLOB_API_PASSPHRASE out, and they are derived from the key"
                )
            known, trading = None, await self._connect(venue, seams, None, hide)
        if known is None:
            keyring.write(trading.credentials)
        return trading

    async def _connect(self, venue: Venue, seams: Seams, known: Credentials | None, hide: Hide) -> RestTrading:
        try:
            trading = await connect(
                venue.clob_url,
                self.account.key,
                wall=seams.wall,
                salts=seams.salts,
                funder=self.account.funder,
                signature_type=self.account.signature_type,
                credentials=known,
                transport=seams.transport,
            )
        except LoginFailed as failure:
            raise PreflightFailed(str(failure)) from None
        for secret in trading.secrets:
            hide(secret)
        return trading

    def _greeting(self, markets: Sequence[Market], venue: Venue, means: Means) -> Iterator[str]:
        settings = self.settings
        risk, budget, loss = settings.risk, settings.budget, settings.risk.max_daily_loss
        money = "play money" if is_loopback(venue.clob_url) else "REAL MONEY"
        yield f"live: {money} on {venue.clob_url}, {len(markets)} markets"
        yield f"account {self.described}: {means.text()}"
        yield (
            f"limits: {format_cash(budget.total)} pUSD in all, {format_cash(budget.per_market)} a market; an order "
            f"{format_size(risk.max_order_size)} shares or {format_cash(risk.max_order_notional)} pUSD; a loss of "
            f"{'any size' if loss is None else format_cash(loss) + ' pUSD'} a day"
        )
        name = "" if settings.instance == "default" else f" --instance {settings.instance}"
        yield f"paused: nothing is placed until `python -m actors resume{name}`"
