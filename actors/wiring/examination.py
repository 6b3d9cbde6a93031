"""`doctor`'s look at a live account: network, clock, region, markets, API key, pUSD, approvals, orders, positions. Sends no order.

Every step is taken that does not need one that failed, so that all there is to mend is told at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from urllib.parse import urlsplit

import trio
from attrs import frozen

from actors.model.day import utc_text
from actors.model.market import Market
from actors.model.numbers import format_price, format_size
from actors.model.outcome import Unread
from actors.ports import JournalBroken
from actors.wiring.audit import compare
from actors.wiring.funding import means_of, remedy, unsettleable
from actors.wiring.live import POLYMARKET, Live, check_region
from actors.wiring.opening import Hide, Seams, Venue
from actors.wiring.places import Places, holder
from actors.wiring.residue import Residue
from actors.wiring.venue import PreflightFailed, UnknownMarkets, check_clock, find_markets, spelt
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.public import RestPublic
from adapters.polymarket.reach import Reached
from adapters.polymarket.rest import RestTrading
from adapters.sqlite import JournalRefused

Row = tuple[str, bool, str]  # what was looked at, whether it is fine, what to know or to do
_SOON = 14 * 86_400.0  # s before its end at which a certificate is worth a word
_RUNS = "another bot (process {}) trades this account on this venue: stop it before another is started"


@frozen
class Examination:
    """One look at the account of `live` at its venue; `hide` hears every secret."""

    live: Live
    places: Places
    hide: Hide
    seams: Seams

    async def rows(self) -> AsyncIterator[Row]:
        venue = await self.live.locate()
        account = f"{venue.host}-{self.live.address}"
        pid = holder(self.places.account_lock(account))
        yield "lock", not pid, _RUNS.format(pid) if pid else "no other bot trades this account"
        yield "network", *await tried(self._network(venue))
        public = RestPublic.open(venue.clob_url, self.seams.transport, gamma_url=venue.gamma_url)
        clock = await tried(self._clock(public))
        yield "clock", *clock
        if venue == POLYMARKET:
            yield "region", *await tried(self._region())
        found: list[Market] = []
        yield "markets", *await tried(self._markets(public, found))
        for market in found:
            yield f"market {market.slug}", *await tried(self._market(market))
        await public.close()
        if not clock[0]:
            return  # a venue that does not answer, or to which our signatures are from another time
        signed_in: list[RestTrading] = []
        yield "login", *await tried(self._login(venue, signed_in))
        for trading in signed_in:
            yield "funds", *await tried(self._funds(trading, found))
            async for row in self._left(trading, found, account, running=bool(pid)):
                yield row
            if venue.data_url is not None:
                yield "data", *await tried(self._data(trading, venue.data_url))
                yield "settle", *await tried(self._settle(venue.data_url, found))
            await trading.close()

    async def _network(self, venue: Venue) -> str:
        """DNS, TCP and TLS of every address, all at once."""
        urls = {urlsplit(url).netloc: url for url in venue.urls}
        found: dict[str, Reached | Unread] = {}

        async def look(name: str, url: str) -> None:
            found[name] = await self.seams.reach(url)

        async with trio.open_nursery() as nursery:
            for name, url in urls.items():
                nursery.start_soon(look, name, url)
        if problems := [answer.why for answer in found.values() if isinstance(answer, Unread)]:
            raise PreflightFailed("; ".join(problems))
        return f"{len(urls)} addresses answer{_ending(found, self.seams.wall() + _SOON)}"

    async def _clock(self, public: RestPublic) -> str:
        await check_clock(public, self.seams.wall)
        return "as the venue's"

    async def _region(self) -> str:
        here = await check_region(self.seams.transport)
        if isinstance(here, Unread):
            raise PreflightFailed(f"the venue's geo check could not be read: {here.why}; try again")
        return f"orders are taken from here ({here.text()})"

    async def _markets(self, public: RestPublic, found: list[Market]) -> str:
        settings, wall = self.live.settings, self.seams.wall()
        found += await find_markets(public, spelt([m.market for m in settings.markets], settings, wall))
        return f"{len(found)} found"

    async def _market(self, market: Market) -> str:
        """State, tick, smallest order, fee and end, as the venue lists them now."""
        if why := market.unquotable(self.seams.wall()):
            raise PreflightFailed(f"no orders are taken in {market.slug}: {why}: take it out of `markets`")
        ends = "with no end stated" if market.ends_at is None else f"ends {utc_text(market.ends_at)}"
        fee = f"takers pay {market.fees.rate / 100:g} % of p × (1 - p)" if market.fees.rate else "no fee"
        return f"takes orders, tick {format_price(market.tick)}, {format_size(market.min_size)} shares at least, {fee}, {ends}"

    async def _login(self, venue: Venue, signed_in: list[RestTrading]) -> str:
        signed_in.append(await self.live.sign_in(venue, self.seams, self.hide))
        return f"the venue takes the API key of {self.live.account.key.address}"

    async def _funds(self, trading: RestTrading, markets: list[Market]) -> str:
        means = await means_of(trading, self.live.account, markets, self.live.settings.budget.total)
        if isinstance(means, Unread):
            raise PreflightFailed(f"balance and allowances could not be read: {means.why}; try again")
        if means.problems:
            raise PreflightFailed("; ".join(means.problems))
        return means.text()

    async def _left(
        self, trading: RestTrading, found: list[Market], account: str, *, running: bool
    ) -> AsyncIterator[Row]:
        """By the journal of earlier runs; where there is none, none is made."""
        path = self.places.of_account(self.live.settings, account).journal
        try:
            journal = await self.seams.journal(path) if path.exists() else None
        except JournalRefused as refusal:
            yield "orders", False, str(refusal)
            return
        residue = Residue(trading, journal, str(path), running)
        yield "orders", *await tried(residue.orders(found))
        yield "positions", *await tried(residue.positions(found))
        if journal is not None:
            await journal.close()

    async def _data(self, trading: RestTrading, url: str) -> str:
        data = DataApi.open(url, self.seams.transport)
        answer = await compare(trading, data)
        await data.close()
        if isinstance(answer, Unread):
            raise PreflightFailed(answer.why)
        return answer.text()

    async def _settle(self, url: str, markets: list[Market]) -> str:
        data = DataApi.open(url, self.seams.transport)
        missing = await unsettleable(data, self.live.account, markets)
        await data.close()
        if isinstance(missing, Unread):
            raise PreflightFailed(f"approvals for merging and redeeming could not be read: {missing.why}; try again")
        if missing:
            told = [f"{one.spender} may not merge or redeem: {remedy(self.live.account, one)}" for one in missing]
            raise PreflightFailed("; ".join(told))
        return "shares may be merged and redeemed"


def _ending(found: Mapping[str, Reached | Unread], by: float) -> str:
    """Certificates that end before `by` (epoch s)."""
    ends = {name: answer.until for name, answer in found.items() if isinstance(answer, Reached) and answer.until}
    return "".join(f"; the certificate of {name} ends {utc_text(end)}" for name, end in ends.items() if end < by)


async def tried(step: Awaitable[str]) -> tuple[bool, str]:
    try:
        return True, await step
    except (PreflightFailed, UnknownMarkets, JournalBroken) as problem:
        return False, str(problem)
