"""What the venue says it paid makers for a day, as an errand of the gateway. Concludes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.model.income import Kind
from actors.model.numbers import Cash
from actors.model.outcome import Unread
from actors.model.rates import Call, Lane
from actors.ports import Trading
from actors.shared.limiter import Permit, permitted
from actors.shared.skies import Skies


@frozen
class ReadIncome:
    """The till wants to know what was paid for day `number`; answered by `IncomeRead` (fact)."""

    number: int


@frozen
class IncomeRead:
    """What the venue says of day `number`, by condition id, or why that could not be read (fact)."""

    number: int
    rewards: Mapping[str, Cash] | Unread
    rebates: Mapping[str, Cash] | Unread


@frozen
class Statements:
    """Reads, and tells the `till`."""

    venue: Trading
    permits: Desk[Permit, float]
    skies: Skies
    till: Mailbox[object]

    async def read(self, wanted: ReadIncome) -> None:
        await permitted(self.permits, Permit(Call.REWARDS))
        await permitted(self.permits, Permit(Call.REBATES))
        rewards, rebates = [await self.venue.paid(kind, wanted.number) for kind in (Kind.REWARDS, Kind.REBATES)]
        self.skies.heard(rewards, Lane.READS)
        self.skies.slowed(rebates, Lane.READS)
        self.till.tell(IncomeRead(wanted.number, rewards, rebates))
