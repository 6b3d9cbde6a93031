"""`doctor --fix`: the approvals that a live account lacks, sent through the relayer, or shown to whoever has to send them.

An approval that is given twice is given once: so none is journalled, and what failed is simply sent again. What comes of it
the checks of `doctor` read from the venue afterwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from attrs import frozen

from actors.model.conversion import Declined, Relayed
from actors.model.market import Market
from actors.model.order import Settlement
from actors.model.outcome import Unread
from actors.wiring.examination import Examination, Row
from actors.wiring.funding import means_of, unsettleable
from actors.wiring.opening import Payer, Venue, relay_of
from actors.wiring.places import PlaceError, held
from actors.wiring.venue import PreflightFailed, UnknownMarkets, find_markets
from adapters.polymarket.contracts import Approval
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.public import RestPublic
from adapters.polymarket.relayer import RestRelayer

Agree = Callable[[Sequence[str]], bool]  # the lines of what would be sent, to whether it may
_BUSY = (
    "another bot (process {pid}) trades this account, and its transactions would take turns with these: stop it first"
)
_KEY = "the relayer takes nothing without a key: put RELAYER_API_KEY (from the settings on polymarket.com) into .env"


@frozen
class Mending:
    """What is missing by the same look that `doctor` takes, and what is done about it."""

    examination: Examination
    agree: Agree

    async def rows(self) -> AsyncIterator[Row]:
        """One for each approval, or one that says why there is none."""
        try:
            venue = await self.examination.live.locate()
            missing = await self._missing(venue)
        except (PreflightFailed, UnknownMarkets) as problem:
            yield "fix", False, f"what is missing could not be read: {problem}"
            return
        if not missing:
            yield "fix", True, "no approval is missing"
        elif self.examination.live.account.signature_type == 0:
            for approval in missing:
                yield "fix", False, self._by_hand(approval)
        else:
            yield await self._relayed(venue, missing)

    def _by_hand(self, approval: Approval) -> str:
        """An EOA's transactions cost gas, which only its owner can pay."""
        payer = self.examination.live.account.funder
        return f"send from {payer}: {approval.call}, which lets {approval.spender} {approval.may}; then look again"

    async def _missing(self, venue: Venue) -> list[Approval]:
        live, seams = self.examination.live, self.examination.seams
        public = RestPublic.open(venue.clob_url, seams.transport, gamma_url=venue.gamma_url)
        markets = await find_markets(public, [m.market for m in live.settings.markets])
        await public.close()
        trading = await live.sign_in(venue, seams, self.examination.hide)
        means = await means_of(trading, live.account, markets, live.settings.budget.total)
        await trading.close()
        if isinstance(means, Unread):
            raise PreflightFailed(means.why)
        return [*means.missing, *await self._unsettleable(venue, markets)]

    async def _unsettleable(self, venue: Venue, markets: Sequence[Market]) -> Sequence[Approval]:
        if venue.data_url is None:
            return ()
        data = DataApi.open(venue.data_url, self.examination.seams.transport)
        missing = await unsettleable(data, self.examination.live.account, markets)
        await data.close()
        if isinstance(missing, Unread):
            raise PreflightFailed(missing.why)
        return missing

    async def _relayed(self, venue: Venue, missing: Sequence[Approval]) -> Row:
        """All in one transaction: all of it or nothing."""
        live = self.examination.live
        relay = relay_of(venue, Payer(live.account, live.relayer_key), self.examination.seams)
        if relay is None:
            return "fix", False, _KEY
        lines = [f"{live.address}: {one.call}, which lets {one.spender} {one.may}" for one in missing]
        try:
            with held(self.examination.places.account_lock(f"{venue.host}-{live.address}"), _BUSY):
                if not self.agree(lines):
                    return "fix", False, f"{len(missing)} approvals were not sent: nobody agreed (--yes does)"
                return await self._sent(relay, missing)
        except PlaceError as problem:
            return "fix", False, str(problem)
        finally:
            await relay.close()

    async def _sent(self, relay: RestRelayer, missing: Sequence[Approval]) -> Row:
        name = f"polyactors approvals at {self.examination.seams.wall():.3f}"
        told = await relay.call([one.call for one in missing], name)
        match told:
            case Relayed(settlement=Settlement.CONFIRMED):
                return "fix", True, f"{len(missing)} approvals were sent and are confirmed (transaction {told.id})"
            case Relayed(settlement=Settlement.FAILED):
                return "fix", False, f"the approvals failed on the chain ({told.why}): look at transaction {told.id}"
            case Relayed():
                return "fix", False, f"transaction {told.id} is not confirmed yet: look again in a minute"
            case Declined():
                return "fix", False, f"the relayer refuses the approvals: {told.why}"
        return "fix", False, f"whether the approvals were sent is not known ({told.why}): look again in a minute"
