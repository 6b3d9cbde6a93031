"""Live mode over a venue in memory: the real adapters, an exchange on the virtual clock, HTTP without a network."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
from attrs import define, field

from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.settings import MarketSettings, Settings
from actors.model.venue_settings import VenueSettings
from actors.wiring.live import Live
from actors.wiring.opening import Seams, Venue
from actors.wiring.places import Places
from actors.wiring.secrets import Secrets
from actors.wiring.venue import Ports
from adapters.emulator.accounts import Account
from adapters.polymarket.keys import Key
from adapters.polymarket.reach import Reached
from adapters.sqlite import SqliteJournal
from tests.adapters.polymarket.samples import ADDRESS, SECRET
from tests.emulator.harness import Venue as Exchange

URLS = Venue(
    *("https://clob", "wss://sockets/ws/market", "wss://sockets/ws/user", "https://gamma", "https://data"),
    relayer_url="https://relayer",
)


@define
class Wallet:
    """One bot of one account on `exchange`; `heard` is what it wanted hidden, `asked` the paths it called."""

    exchange: Exchange
    home: Path
    heard: list[str] = field(factory=list)
    asked: list[str] = field(factory=list)

    unreachable: dict[str, Reached | Unread] = field(factory=dict)  # by address; others are reached
    elsewhere: dict[str, Callable[[httpx.Request], httpx.Response]] = field(factory=dict)  # answers of other hosts

    def live(self, **secrets: object) -> Live:
        markets = tuple(MarketSettings(market.slug) for market in self.markets)
        venue = VenueSettings(URLS.clob_url, URLS.gamma_url, URLS.data_url, URLS.market_ws_url, URLS.user_ws_url)
        settings = Settings(markets, mode="live", venue=venue)
        return Live.of(settings, Secrets(Key(SECRET), **secrets), self.home)  # type: ignore[arg-type]

    @property
    def account(self) -> Account:
        account = self.exchange.emulator.exchange.accounts.get(ADDRESS)
        assert account is not None
        return account

    @property
    def markets(self) -> tuple[Market, ...]:
        return tuple(listing.market for listing in self.exchange.listings)

    @property
    def seams(self) -> Seams:
        return Seams(
            wall=self.exchange.wall,
            salts=random.Random(1),
            transport=lambda: httpx.MockTransport(self._answer),
            journal=partial(SqliteJournal.open, inline=True),
            reach=self._reach,
        )

    @property
    def places(self) -> Places:
        """`opened` uses the journal of no account in particular; what a run makes has the account's name."""
        home = self.home
        return Places(home, home / "s", home / "journal.db", home / "l", home / "x", home / "t")

    @asynccontextmanager
    async def opened(self, live: Live) -> AsyncIterator[Ports]:
        async with live.ports(URLS, self.places, self.heard.append, self.seams) as ports:
            yield ports

    async def _reach(self, url: str) -> Reached | Unread:
        return self.unreachable.get(url, Reached())

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if (other := self.elsewhere.get(request.url.host)) is not None:
            return other(request)
        head = {name: value for name, value in request.headers.items() if name.startswith(("poly", "relayer"))}
        target = request.url.raw_path.decode()
        status, body = await self.exchange.rest(request.url.host).call(request.method, target, request.content, head)
        return httpx.Response(status, content=json.dumps(body))  # a `json` of None would be no body at all
