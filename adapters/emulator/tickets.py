"""An order's life at the exchange, and the registry of all of them. Knows its owner; never moves money."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from actors.model.numbers import PRICE_ONE
from adapters.emulator.accounts import Account
from adapters.emulator.listings import Listing
from adapters.matching import Order


@define(eq=False)
class Ticket:
    """`status` is the venue's word (polymarket.md §5.1); `owner` the API key; times are wall seconds.

    `expiration` is what the client wrote on a GTD order, 0 otherwise; `builder` the code the order came with.
    """

    order: Order
    account: Account
    owner: str
    listing: Listing
    created_at: float
    expiration: int = 0
    status: str = "LIVE"
    matched: int = 0
    trades: list[str] = field(factory=list)
    builder: str = ""

    @property
    def token(self) -> str:
        return self.listing.market.token(self.order.outcome)

    @property
    def remaining(self) -> int:
        return max(self.order.size - self.matched, 0)

    @property
    def notional(self) -> int:
        """What the open part of a BUY would still cost in cash units; a delayed market BUY holds its whole amount."""
        if self.order.budget is not None:
            return self.order.budget
        return -(-self.order.price * self.remaining // PRICE_ONE)


@define(eq=False)
class Tickets:
    """Clients' tickets are kept for ever, those of the internal flow only while open."""

    by_id: dict[str, Ticket] = field(factory=dict)
    _open: dict[str, dict[str, Ticket]] = field(factory=dict)

    def add(self, ticket: Ticket) -> None:
        self.by_id[ticket.order.id] = ticket
        self._open.setdefault(ticket.account.address, {})[ticket.order.id] = ticket

    def close(self, ticket: Ticket) -> None:
        """Closing twice is harmless. An empty register goes: the flow of a market that is over leaves none."""
        register = self._open.get(ticket.account.address, {})
        register.pop(ticket.order.id, None)
        if not register:
            self._open.pop(ticket.account.address, None)
        if ticket.account.internal:
            self.by_id.pop(ticket.order.id, None)

    def open_of(self, account: Account) -> Iterator[Ticket]:
        """The account's open orders, oldest first; safe to cancel while reading."""
        return iter(tuple(self._open.get(account.address, {}).values()))

    def of(self, account: Account, order_id: str) -> Ticket | None:
        """The account's order of that id in any state; another account's order is not found."""
        ticket = self.by_id.get(order_id)
        return ticket if ticket is not None and ticket.account is account else None
