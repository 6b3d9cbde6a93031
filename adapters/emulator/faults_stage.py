"""Where an act of the exchange takes place: which market, which account, which order. Chooses, does nothing itself.

An act takes what its filter names, else what the event that triggered it was about, else the first that is there (a
market is then drawn by the fault's own generator).
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from attrs import define

from adapters.emulator.accounts import FUNDED, Account
from adapters.emulator.faults_where import Where, may_be, of_listing, of_ticket
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase
from adapters.emulator.tickets import Ticket
from adapters.matching import Order

if TYPE_CHECKING:
    from adapters.emulator.desk import Desk

INTERNAL = "0x00000000000000000000000000000000000fa017"  # counterparty of what the exchange does itself


@runtime_checkable
class ActEffect(Protocol):
    def act(self, stage: Stage) -> str:
        """Do it once; what was hit, for the ledger, or nothing if there was nothing to hit."""


@define(eq=False)
class Stage:
    """`cause` is the order, or the market, that the triggering event was about."""

    desk: Desk
    where: Where
    rng: Random
    cause: Ticket | Listing | None = None

    @property
    def ticket(self) -> Ticket | None:
        return self.cause if isinstance(self.cause, Ticket) else None

    def listing(self, *phases: Phase) -> Listing | None:
        """A market in one of the phases, any if none are given."""
        caused = self.cause.listing if isinstance(self.cause, Ticket) else self.cause
        every = self.desk.exchange.listings.all if caused is None or not self._meant(caused) else [caused]
        fitting = [one for one in every if self._meant(one) and (not phases or one.phase in phases)]
        return self.rng.choice(fitting) if fitting else None

    def _meant(self, listing: Listing) -> bool:
        return self.where.matches(of_listing(listing))

    def account(self) -> Account | None:
        """A client's account; the first funded one unless filter or event say otherwise."""
        if self.where.account is None and self.ticket is not None and not self.ticket.account.internal:
            return self.ticket.account
        known = self.desk.exchange.accounts
        first = known.get(FUNDED[0].address)
        every = [first] if self.where.account is None else list(known.by_address.values())
        return next((account for account in every if account is not None and may_be(account, self.where)), None)

    def orders(self) -> Iterator[Ticket]:
        """The clients' open orders that the filter lets through, the cause's first."""
        exchange = self.desk.exchange
        clients = [account for account in exchange.accounts.by_address.values() if not account.internal]
        every = [ticket for account in clients for ticket in exchange.tickets.open_of(account)]
        every.sort(key=lambda ticket: ticket is not self.cause)
        return (ticket for ticket in every if ticket.status == "LIVE" and self.where.matches(of_ticket(ticket)))

    def counterparty(self) -> Account:
        """The account behind the exchange's own trades; internal, so no rule of money binds it."""
        return self.desk.exchange.accounts.open(INTERNAL, name="faults", internal=True)

    def place(self, order: Order, account: Account, listing: Listing, owner: str = "") -> Ticket | None:
        """Submit an order of the exchange's own making; None if it is refused."""
        exchange = self.desk.exchange
        ticket = Ticket(order, account, owner, listing, exchange.wall())
        result, _ = exchange.submit(ticket)
        return None if result.refusal else ticket

    def new_id(self) -> str:
        return f"0x{self.rng.getrandbits(256):064x}"
