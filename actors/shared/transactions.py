"""The wallet's transactions on their way out: sign, record, look once more, send; then find out what became of them.

Errands of the gateway. The signed bytes are durable before the first one leaves, and whatever goes unheard is asked for
by name: nothing is ever signed in its place.
"""

from __future__ import annotations

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.model.conversion import Conversion, Declined, Kind, Relayed
from actors.model.market import Market
from actors.model.numbers import format_size
from actors.model.outcome import Unread
from actors.model.rates import Call
from actors.ports import Relay, Trading
from actors.records import Batch
from actors.shared.admission import Admission, Fences
from actors.shared.journal import Conversions
from actors.shared.limiter import Permit, permitted

_MOMENT = 5.0  # s a permit is waited for: reads share its lane, and settlement gives up on a word after a minute


@define(eq=False)
class Bench:
    """Keys of conversions that the settlement actor of now wants sent (a register, as in `admission`).

    A new life clears it before it reads the journal: what an older one has signed and not recorded by then never leaves.
    `recorded` are the conditions of which the journal may hold conversions: nobody has to ask it about the others.
    """

    recorded: set[str] = field(factory=set)
    _keys: set[str] = field(factory=set)

    def clear(self) -> None:
        self._keys.clear()

    def add(self, key: str) -> None:
        self._keys.add(key)

    def holds(self, key: str) -> bool:
        return key in self._keys


@frozen
class Convert:
    """Settlement wants a conversion sent, whose shares the tracker of this generation has set aside (fact)."""

    conversion: Conversion
    market: Market
    generation: int


@frozen
class Chase:
    """Settlement wants to know what became of a batch; with `again` the same bytes are sent once more (fact)."""

    batch: Batch
    again: bool = False


@frozen
class Unsent:
    """The conversion has not left; with a `batch` the journal may hold it (fact)."""

    conversion: Conversion
    why: str
    batch: Batch | None = None


@frozen
class Heard:
    """What the relayer said of a batch; None: it knows nothing of it. `first` is the answer to its first sending (fact)."""

    batch: Batch
    result: Relayed | Declined | Unread | None
    first: bool = False


@frozen
class Count:
    """Settlement wants the wallet's shares of a market read afresh (fact); answered by `Counted`."""

    market: Market


@frozen
class Counted:
    """The shares of both outcomes as the venue shows them (fact)."""

    market: str
    yes: int | Unread
    no: int | Unread


@frozen
class Transactions:
    """Sends through `relay`, and tells `settlement` what it hears."""

    relay: Relay
    venue: Trading
    permits: Desk[Permit, float]
    journal: Conversions
    admission: Admission
    fences: Fences
    bench: Bench
    settlement: Mailbox[object]

    async def convert(self, wanted: Convert) -> None:
        conversion = wanted.conversion
        if why := await self._held():
            self.settlement.tell(Unsent(conversion, why))
            return
        if conversion.kind is Kind.REDEEM and (why := await self._short(wanted)):
            self.settlement.tell(Unsent(conversion, why))
            return
        batch = await self.relay.sign(conversion, wanted.market)
        if isinstance(batch, Unread):
            self.settlement.tell(Unsent(conversion, batch.why))
            return
        self.bench.recorded.add(conversion.condition_id)
        try:
            await self.journal.ask(batch)
        except Unanswered as silence:
            self.settlement.tell(Unsent(conversion, f"the journal does not answer: {silence}", batch))
            return
        if why := self._closed(wanted):
            self.settlement.tell(Unsent(conversion, why, batch))
            return
        self.settlement.tell(Heard(batch, await self.relay.submit(batch), first=True))

    async def _held(self) -> str:
        """Why the relayer must not be sent another one now. Only a moment is waited here: settlement tries again later."""
        until = trio.current_time() + _MOMENT
        try:
            while (wait := await self.permits.ask(Permit(Call.SUBMIT))) > 0:
                if trio.current_time() + wait > until:
                    return f"the relayer takes no more for {wait:.0f} s (limits.windows.relayer)"
                await trio.sleep(wait)
        except Unanswered as silence:
            return f"the limiter does not answer: {silence}"
        return ""

    async def _short(self, wanted: Convert) -> str:
        """Why a redemption would not pay what we count on: the contract pays for what is there, and reverts for nothing."""
        yes, no = await self._shares(wanted.market)
        if isinstance(yes, Unread) or isinstance(no, Unread):
            failed = yes if isinstance(yes, Unread) else no
            return f"the balances could not be read: {failed.why if isinstance(failed, Unread) else failed}"
        if yes >= -wanted.conversion.yes and no >= -wanted.conversion.no:
            return ""
        return f"the venue's balances show {format_size(yes)} YES and {format_size(no)} NO alone"

    def _closed(self, wanted: Convert) -> str:
        """What forbids it in this very instant."""
        if not self.fences.passes(wanted.conversion.market, wanted.generation):
            return "its tracker has died"
        if not self.bench.holds(wanted.conversion.key):
            return "nobody waits for it any more"
        return "" if self.admission.is_open else f"not while down: {', '.join(self.admission.down)}"

    async def chase(self, wanted: Chase) -> None:
        """A second sending says nothing that a look could not: a refusal may well be of the bytes' own first arrival."""
        if wanted.again and not await self._held():
            sent = await self.relay.submit(wanted.batch)
            logger.debug("{} was sent again: {}", wanted.batch.conversion.key, sent)
        self.settlement.tell(Heard(wanted.batch, await self.relay.find(wanted.batch)))

    async def count(self, wanted: Count) -> None:
        """The venue needs to hear of the new cash, too."""
        await permitted(self.permits, Permit(Call.REFRESH))
        await self.venue.refresh()
        self.settlement.tell(Counted(wanted.market.slug, *await self._shares(wanted.market)))

    async def _shares(self, market: Market) -> tuple[int | Unread, int | Unread]:
        """YES and NO, once the venue has looked at the chain: it remembers balances."""
        await permitted(self.permits, Permit(Call.REFRESH, 2))
        await permitted(self.permits, Permit(Call.BALANCE, 2))
        for token in market.tokens:
            if (failure := await self.venue.refresh(token)) is not None:
                return failure, failure
        return await self.venue.shares(market.yes), await self.venue.shares(market.no)
