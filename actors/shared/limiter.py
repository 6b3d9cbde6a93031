"""The limiter actor: token buckets for orders, cancels and reads. Cancels have their own share (I14). Does no I/O."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

import trio
from attrs import frozen

from actors.kernel.ask import Ask, Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.model.bucket import Bucket
from actors.model.limit_settings import LimitSettings


class Lane(Enum):
    """Which share of the venue's limits a request uses."""

    ORDERS = "orders"
    CANCELS = "cancels"
    READS = "reads"


@frozen
class Permit:
    """May `cost` tokens of a lane be used now? Answered with the seconds to wait; 0 = taken."""

    lane: Lane
    cost: int = 1


async def permitted(permits: Desk[Permit, float], permit: Permit) -> None:
    """Wait for tokens; without a limiter reads and cancels go ahead, as they only make things safer."""
    try:
        wait = await permits.ask(permit)
        while wait > 0:
            await trio.sleep(wait)
            wait = await permits.ask(permit)
    except Unanswered:
        return


@frozen
class Limiter:
    """Starts with full buckets; after a crash orders and reads start empty, since what was used is not known."""

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    limits: LimitSettings

    async def run(self, ready: Ready) -> None:
        buckets = self._buckets(trio.current_time())
        ready()
        while True:
            for letter in await self.mailbox.read():
                if isinstance(letter, Gap):
                    buckets[Lane.ORDERS].empty(trio.current_time())
                    buckets[Lane.READS].empty(trio.current_time())
                elif isinstance(letter, Ask) and letter.open:
                    permit: Permit = letter.question
                    letter.reply(buckets[permit.lane].take(permit.cost, trio.current_time()))

    def _buckets(self, now: float) -> dict[Lane, Bucket]:
        own = self.limits
        return {
            Lane.ORDERS: Bucket.full(own.order_rate, own.order_burst, now),
            Lane.CANCELS: Bucket.full(own.cancel_rate, own.cancel_burst, now),
            Lane.READS: Bucket.full(own.read_rate, own.read_burst, now),
        }
