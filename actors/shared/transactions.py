"""The wallet's transactions on their way out: sign, record, look once more, send; then find out what became of them.

Errands of the gateway. The signed bytes are durable before the first one leaves, and whatever goes unheard is asked for
by name: nothing is ever signed in its place.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen
from loguru import logger

from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.model.conversion import Conversion, Declined, Relayed
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.ports import Batch, Relay, Trading
from actors.shared.admission import Admission, Fences
from actors.shared.journal import Conversions


@define(eq=False)
class Bench:
    """Keys of conversions that the settlement actor of now wants sent (a register, as in `admission`).

    A new life clears it before it reads the journal: what an older one has signed and not recorded by then never leaves.
    """

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
    journal: Conversions
    admission: Admission
    fences: Fences
    bench: Bench
    settlement: Mailbox[object]

    async def convert(self, wanted: Convert) -> None:
        conversion = wanted.conversion
        batch = await self.relay.sign(conversion, wanted.market)
        if isinstance(batch, Unread):
            self.settlement.tell(Unsent(conversion, batch.why))
            return
        try:
            await self.journal.ask(batch)
        except Unanswered as silence:
            self.settlement.tell(Unsent(conversion, f"the journal does not answer: {silence}", batch))
            return
        if why := self._closed(wanted):
            self.settlement.tell(Unsent(conversion, why, batch))
            return
        self.settlement.tell(Heard(batch, await self.relay.submit(batch), first=True))

    def _closed(self, wanted: Convert) -> str:
        """What forbids it in this very instant."""
        if not self.fences.passes(wanted.conversion.market, wanted.generation):
            return "its tracker has died"
        if not self.bench.holds(wanted.conversion.key):
            return "nobody waits for it any more"
        return "" if self.admission.is_open else f"not while down: {', '.join(self.admission.down)}"

    async def chase(self, wanted: Chase) -> None:
        """A second sending says nothing that a look could not: a refusal may well be of the bytes' own first arrival."""
        if wanted.again:
            sent = await self.relay.submit(wanted.batch)
            logger.debug("{} was sent again: {}", wanted.batch.conversion.key, sent)
        self.settlement.tell(Heard(wanted.batch, await self.relay.find(wanted.batch)))

    async def count(self, wanted: Count) -> None:
        """Have the venue look at the chain first: it remembers balances, and needs the new ones itself."""
        shares: Mapping[str, int | Unread] = {}
        for token in (None, *wanted.market.tokens):
            failure = await self.venue.refresh(token)
            if token is not None:
                shares = {**shares, token: failure or await self.venue.shares(token)}
        yes, no = (shares[token] for token in wanted.market.tokens)
        self.settlement.tell(Counted(wanted.market.slug, yes, no))
