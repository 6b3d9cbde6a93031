"""Whether an account can pay for its orders: the balance and allowance rule of polymarket.md §3.5. Changes nothing.

Open orders (delayed ones too) and matched trades count; internal accounts are never short.
"""

from __future__ import annotations

from collections.abc import Iterator

from actors.model.market import Side
from actors.model.numbers import cost
from adapters.emulator.accounts import UNLIMITED, Account
from adapters.emulator.listings import Listing
from adapters.emulator.tickets import Ticket, Tickets
from adapters.emulator.trades import maker_cash, taker_cash
from adapters.matching import Fill, Order

_SHORT = "not enough balance / allowance: the {} is not enough -> {}"


def short(order: Order, account: Account, listing: Listing, tickets: Tickets) -> str:
    """The venue's text if the account cannot pay for `order` on top of its other open orders; else nothing."""
    if account.internal:
        return ""
    others = [t for t in tickets.open_of(account) if t.order.side is order.side and t.order.id != order.id]
    if order.side is Side.BUY:
        wanted, active = spend(order, listing), sum(ticket.notional for ticket in others)
    else:
        token = listing.market.token(order.outcome)
        wanted, active = order.size, sum(ticket.remaining for ticket in others if ticket.token == token)
    for balance, held in _balances(order, account, listing):
        if wanted + active + held > balance:
            return _SHORT.format("balance", _details(balance, active, held, wanted))
    return _not_allowed(order, account, listing, others, wanted)


def spend(order: Order, listing: Listing) -> int:
    """The most a BUY can take now: its worst price or what the book would charge, plus the taker fee (§3.5)."""
    worst = order.budget or cost(order.price, order.size)
    plan = listing.book.plan(order)
    if not plan.takes:
        return worst
    fills = [Fill(resting.order, order, size, resting.order.price) for resting, size in plan.takes]
    fees = sum(listing.market.fees.taker_fee(fill.taker_price, fill.size) for fill in fills)
    paid = -sum(taker_cash(fill, maker_cash(fill)) for fill in fills)
    rest = cost(order.price, plan.left) if order.rests else 0
    return max(worst, paid + rest) + fees + len(fills) * 10


def uncovered(account: Account, tickets: Tickets) -> list[Ticket]:
    """The resting orders that what is free no longer covers, the oldest served first."""
    cash, shares, allowed, bare = account.free_cash, dict[str, int](), dict[str, int](), list[Ticket]()
    for ticket in tickets.open_of(account):
        if ticket.status == "DELAYED":
            continue
        token, contract = ticket.token, ticket.listing.contract
        if ticket.order.side is Side.BUY:
            room = allowed.setdefault(contract, account.allowance(contract) - account.held_cash)
            covered = ticket.notional <= min(cash, room)
            if covered:
                cash, allowed[contract] = cash - ticket.notional, room - ticket.notional
        else:
            left = shares.setdefault(token, account.free_shares(token))
            covered = ticket.remaining <= left and account.operated_by(contract)
            shares[token] -= ticket.remaining if covered else 0
        if not covered:
            bare.append(ticket)
    return bare


def _balances(order: Order, account: Account, listing: Listing) -> Iterator[tuple[int, int]]:
    """(balance, held) as the venue remembers it, if it does, and as it is: an order must pass by both."""
    views = (account,) if account.seen is None else (account.seen, account)
    token = listing.market.token(order.outcome)
    for view in views:
        if order.side is Side.BUY:
            yield view.cash, view.held_cash
        else:
            yield view.shares.get(token, 0), view.held_shares.get(token, 0)


def _not_allowed(order: Order, account: Account, listing: Listing, others: list[Ticket], wanted: int) -> str:
    """Matched trades count against every contract's allowance: they do not say which one they will use."""
    contract = listing.contract
    if order.side is Side.SELL:
        allowance, needed = 0, 0 if account.operated_by(contract) else wanted
    else:
        allowance, needed = account.allowance(contract), wanted + account.held_cash
        if allowance != UNLIMITED:
            needed += sum(ticket.notional for ticket in others if ticket.listing.contract == contract)
    if needed <= allowance:
        return ""
    return _SHORT.format("allowance", f"spender: {contract}, allowance: {allowance}, order amount: {wanted}")


def _details(balance: int, active: int, held: int, wanted: int) -> str:
    parts = [f"balance: {balance}"]
    if active:
        parts.append(f"sum of active orders: {active}")
    if held:
        parts.append(f"sum of matched orders: {held}")
    return ", ".join([*parts, f"order amount: {wanted}"])
