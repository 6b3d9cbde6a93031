"""The taker delay: which orders wait before they may match (polymarket.md §3.8). Matches nothing itself.

A market with `terms.delay` holds marketable orders that long: they cannot be cancelled, they count against the
balance, and when the delay ends they are judged again. Post-only orders and those that meet nobody never wait.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from adapters.emulator.accounts import Account
from adapters.emulator.listings import Listing
from adapters.emulator.schedule import Schedule
from adapters.emulator.tickets import Ticket

DELAYED = "DELAYED"

KILLED = {
    "FOK": "order couldn't be fully filled. FOK orders are fully filled or killed.",
    "FAK": "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
}
"""Why an immediate order died, in the venue's words (§3.7), by its life."""


@define(eq=False)
class Delays:
    """`held` are the waiting orders by id, oldest first; `doomed` tells why some of them will die as their delay ends."""

    schedule: Schedule
    held: dict[str, Ticket] = field(factory=dict)
    doomed: dict[str, str] = field(factory=dict)

    def hold(self, ticket: Ticket, release: Callable[[Ticket], None]) -> None:
        """Let it wait, then call `release`, unless it was taken out of `held` before."""
        ticket.status = DELAYED
        self.held[ticket.order.id] = ticket
        self.schedule.after(ticket.listing.terms.delay, lambda: self._end(ticket, release))

    def of(self, listing: Listing) -> list[Ticket]:
        return [ticket for ticket in self.held.values() if ticket.listing is listing]

    def doom(self, account: Account, owner: str, reason: str) -> None:
        """Nobody can cancel what waits; what an account sent with this key shall end when its delay does."""
        for ticket in self.held.values():
            if ticket.account is account and ticket.owner == owner:
                self.doomed[ticket.order.id] = reason

    def _end(self, ticket: Ticket, release: Callable[[Ticket], None]) -> None:
        if self.held.pop(ticket.order.id, None) is not None:
            release(ticket)


def waits(ticket: Ticket) -> bool:
    """Is it held before it may match?"""
    if ticket.listing.terms.delay <= 0 or ticket.order.post_only:
        return False
    return ticket.listing.book.crosses(ticket.order)
