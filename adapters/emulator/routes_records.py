"""An account's orders and trades over REST (polymarket.md §1.5, §5): what is and what was. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.emulator import belongings, wire_orders
from adapters.emulator.asking import last, whole
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.keys import Credential
from adapters.emulator.paging import page
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place, Private
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Trade
from adapters.emulator.wire_builders import builder_trade

PAGE = 100
_NOBODY = "0x" + "0" * 64
_FOREVER = 10**15


def _order(desk: Desk, request: Request, credential: Credential) -> object:
    """Any status; an order that is not the account's is `null` (§1.5 leaves it open)."""
    ticket = belongings.ticket(desk, credential, last(request).lower())
    return wire_orders.order(ticket) if ticket else None


def _orders(desk: Desk, request: Request, credential: Credential) -> object:
    """Live orders, oldest first; `id` finds an order in any status."""
    order_id = request.query.get("id", "").lower()
    if order_id:
        ticket = belongings.ticket(desk, credential, order_id)
        tickets = [ticket] if ticket else []
    else:
        tickets = belongings.open_tickets(desk, credential)
    rows = [wire_orders.order(ticket) for ticket in tickets if _wanted_order(ticket, request.query)]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _wanted_order(ticket: Ticket, query: Mapping[str, str]) -> bool:
    market, asset = query.get("market"), query.get("asset_id")
    return market in (None, "", ticket.listing.market.condition_id) and asset in (None, "", ticket.token)


def _pre_migration(desk: Desk, request: Request, credential: Credential) -> object:
    """Orders of the exchange before April 2026: nobody has any here."""
    return page([], request.query.get("next_cursor", ""), PAGE)


def _trades(desk: Desk, request: Request, credential: Credential) -> object:
    """The account's trades, newest first; `before` and `after` include their own second."""
    span, query = _span(request), request.query
    every = reversed(belongings.trades(desk, credential))
    rows = [wire_orders.trade(trade, account) for trade, account in every if _wanted_trade(trade, query, span)]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _wanted_trade(trade: Trade, query: Mapping[str, str], span: tuple[int, int]) -> bool:
    first, last_second = span
    return (
        query.get("market") in (None, "", trade.listing.market.condition_id)
        and first <= int(trade.matched_at) <= last_second
        and query.get("id") in (None, "", trade.id)
        and _has_leg(trade, query.get("asset_id", ""), query.get("maker_address", "").lower())
    )


def _has_leg(trade: Trade, token: str, maker: str) -> bool:
    return (not token or any(leg.ticket.token == token for leg in trade.legs)) and (
        not maker or any(leg.ticket.account.address.lower() == maker for leg in trade.legs)
    )


def _span(request: Request) -> tuple[int, int]:
    """The first and the last second asked for. Raises Refused 400."""
    return whole(request, "after", 0, no=_no_second), whole(request, "before", _FOREVER, no=_no_second)


def _no_second(key: str, text: str) -> Refused:
    return Refused(400, "Invalid timestamp")


def _builder_trades(desk: Desk, request: Request) -> object:
    """Trades of orders that carried the code, newest first; public, as the clients call it without a key."""
    code = request.query.get("builder_code", "").lower()
    if len(code) != len(_NOBODY) or code == _NOBODY:
        raise Refused(400, "Invalid builder code")
    span = _span(request)
    every = {trade.id: trade for own in desk.exchange.settlement.trades.values() for trade in own}
    rows = [
        builder_trade(trade, leg)
        for trade in sorted(every.values(), key=lambda trade: -trade.matched_at)
        for leg in trade.legs
        if leg.ticket.builder == code and _wanted_trade(trade, request.query, span)
    ]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


BUILDER_TRADES: dict[Place, Open] = {("GET", "/builder/trades"): _builder_trades}

RECORDS: dict[Place, Private] = {
    ("GET", "/data/order/*"): _order,
    ("GET", "/data/orders"): _orders,
    ("GET", "/data/pre-migration-orders"): _pre_migration,
    ("GET", "/data/trades"): _trades,
}
