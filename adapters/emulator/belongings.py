"""What belongs to an API key: the orders and trades of all its wallets (polymarket.md §2.3). Reads only."""

from __future__ import annotations

from adapters.emulator import wallets
from adapters.emulator.accounts import Account
from adapters.emulator.desk import Desk
from adapters.emulator.keys import Credential
from adapters.emulator.owned import accounts
from adapters.emulator.refusal import Refused
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Trade

_SIGNATURE_TYPES = ("0", "1", "2", "3")


def wallet(desk: Desk, credential: Credential, signature_type: str) -> Account | None:
    """The account that `signature_type` (of a query; empty is 0) selects, if it was opened. Raises Refused 400."""
    if signature_type not in ("", *_SIGNATURE_TYPES):
        raise Refused(400, "Invalid signature type")
    for address in wallets.of(credential.address).payers(int(signature_type or 0)):
        account = desk.exchange.accounts.get(address)
        if account is not None:
            return account
    return None


def open_tickets(desk: Desk, credential: Credential) -> list[Ticket]:
    """The key's open orders, oldest first."""
    exchange = desk.exchange
    every = [t for own in accounts(exchange.accounts, credential.address) for t in exchange.tickets.open_of(own)]
    return sorted(every, key=lambda ticket: ticket.created_at)


def ticket(desk: Desk, credential: Credential, order_id: str) -> Ticket | None:
    """The key's order of that id in any state; somebody else's is not found."""
    for own in accounts(desk.exchange.accounts, credential.address):
        found = desk.exchange.tickets.of(own, order_id)
        if found is not None:
            return found
    return None


def trades(desk: Desk, credential: Credential) -> list[tuple[Trade, Account]]:
    """The key's trades, oldest first, each once, with the account that was its taker, or else a maker."""
    found: dict[str, tuple[Trade, Account]] = {}
    for own in accounts(desk.exchange.accounts, credential.address):
        for trade in desk.exchange.settlement.trades.get(own.address, []):
            if trade.id not in found or trade.taker.ticket.account is own:
                found[trade.id] = (trade, own)
    return sorted(found.values(), key=lambda one: one[0].matched_at)
