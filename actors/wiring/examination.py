"""`doctor`'s look at a live account: clock, region, markets, API key, pUSD, approvals, reported positions. Sends no order.

Every step is taken that does not need one that failed, so that all there is to mend is told at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

from attrs import frozen

from actors.model.market import Market
from actors.model.outcome import Unread
from actors.wiring.audit import compare
from actors.wiring.funding import means_of
from actors.wiring.live import POLYMARKET, Live, check_region
from actors.wiring.opening import Hide, Seams, Venue
from actors.wiring.venue import PreflightFailed, UnknownMarkets, check_clock, find_markets
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.public import RestPublic
from adapters.polymarket.rest import RestTrading

Row = tuple[str, bool, str]  # what was looked at, whether it is fine, what to know or to do


@frozen
class Examination:
    """One look at the account of `live` at its venue; `hide` hears every secret."""

    live: Live
    hide: Hide
    seams: Seams

    async def rows(self) -> AsyncIterator[Row]:
        venue = await self.live.locate()
        public = RestPublic.open(venue.clob_url, self.seams.transport, gamma_url=venue.gamma_url)
        clock = await _tried(self._clock(public))
        yield "clock", *clock
        if venue == POLYMARKET:
            yield "region", *await _tried(self._region())
        found: list[Market] = []
        yield "markets", *await _tried(self._markets(public, found))
        await public.close()
        if not clock[0]:
            return  # a venue that does not answer, or to which our signatures are from another time
        signed_in: list[RestTrading] = []
        yield "login", *await _tried(self._login(venue, signed_in))
        for trading in signed_in:
            yield "funds", *await _tried(self._funds(trading, found))
            if venue.data_url is not None:
                yield "data", *await _tried(self._data(trading, venue.data_url))
            await trading.close()

    async def _clock(self, public: RestPublic) -> str:
        await check_clock(public, self.seams.wall)
        return "as the venue's"

    async def _region(self) -> str:
        here = await check_region(self.seams.transport)
        if isinstance(here, Unread):
            raise PreflightFailed(f"the venue's geo check could not be read: {here.why}; try again")
        return f"orders are taken from here ({here.text()})"

    async def _markets(self, public: RestPublic, found: list[Market]) -> str:
        found += await find_markets(public, [m.market for m in self.live.settings.markets])
        shut = [f"{m.slug}: {why}" for m in found if (why := m.unquotable(self.seams.wall()))]
        if shut:
            raise PreflightFailed(f"no orders are taken in {', '.join(shut)}: take them out of `markets`")
        return f"{len(found)}, all of which take orders"

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

    async def _data(self, trading: RestTrading, url: str) -> str:
        data = DataApi.open(url, self.seams.transport)
        answer = await compare(trading, data)
        await data.close()
        if isinstance(answer, Unread):
            raise PreflightFailed(answer.why)
        return answer.text()


async def _tried(step: Awaitable[str]) -> tuple[bool, str]:
    try:
        return True, await step
    except (PreflightFailed, UnknownMarkets) as problem:
        return False, str(problem)
