"""Placing and cancelling over REST (polymarket.md §3.6, §3.7, §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from adapters.emulator import belongings, signed_order, wire_orders
from adapters.emulator.delays import DELAYED, KILLED
from adapters.emulator.desk import Desk
from adapters.emulator.events import OrderMoved
from adapters.emulator.exchange import CANCELED
from adapters.emulator.http import Request
from adapters.emulator.keys import Credential
from adapters.emulator.refusal import Refused
from adapters.emulator.tickets import Ticket

MOST_PLACED, MOST_CANCELLED = 15, 1000
_WHY_NOT = {DELAYED: "order is delayed and cannot be canceled"}
_ORDER_ID = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)


def place(desk: Desk, request: Request, credential: Credential) -> object:
    return _place(desk, _json(request), credential)


def place_many(desk: Desk, request: Request, credential: Credential) -> object:
    """Each order on its own: a refused one is a failed leg of the 200 answer."""
    bodies = _json(request)
    if not isinstance(bodies, list) or not bodies:
        raise Refused(400, "Invalid order payload")
    if len(bodies) > MOST_PLACED:
        raise Refused(400, f"Too many orders in payload: {len(bodies)}, max allowed: {MOST_PLACED}")
    return [_leg(desk, body, credential) for body in bodies]


def cancel(desk: Desk, request: Request, credential: Credential) -> object:
    body = _json(request)
    order_id = body.get("orderID") if isinstance(body, Mapping) else None
    return _cancel_ids(desk, [order_id], credential)


def cancel_many(desk: Desk, request: Request, credential: Credential) -> object:
    ids = _json(request)
    if not isinstance(ids, list):
        raise Refused(400, "Invalid order payload")
    if len(ids) > MOST_CANCELLED:
        raise Refused(400, f"Too many orders in payload, max allowed: {MOST_CANCELLED}")
    return _cancel_ids(desk, ids, credential)


def cancel_all(desk: Desk, request: Request, credential: Credential) -> object:
    return _cancel(desk, belongings.open_tickets(desk, credential), "cancel-all")


def cancel_market(desk: Desk, request: Request, credential: Credential) -> object:
    body = _json(request)
    market, asset = (body.get("market"), body.get("asset_id")) if isinstance(body, Mapping) else (None, None)
    if not market and not asset:
        raise Refused(400, "Invalid order payload")
    chosen = [
        ticket
        for ticket in belongings.open_tickets(desk, credential)
        if market in (None, "", ticket.listing.market.condition_id) and asset in (None, "", ticket.token)
    ]
    return _cancel(desk, chosen, "cancel-market-orders")


def _place(desk: Desk, body: object, credential: Credential) -> object:
    exchange = desk.exchange
    try:
        signed = signed_order.parse(body)
        ticket = desk.checks.ticket(signed, credential)
        ticket.builder = signed.builder.lower()
        result, trades = exchange.submit(ticket)
        if result.refusal == "crosses":
            raise Refused(400, "invalid post-only order: order crosses book")
        if result.refusal:
            _killed(desk, ticket)
    except Refused as refusal:
        exchange.ledger.write("reject", address=credential.address, status=refusal.status, reason=refusal.text)
        raise
    return wire_orders.placed(ticket, trades)


def _killed(desk: Desk, ticket: Ticket) -> None:
    """Its owner hears a CANCELLATION and no PLACEMENT (§7.2). Raises Refused 400."""
    text = KILLED.get(ticket.order.life, "order match delayed due to market conditions")
    desk.exchange.ledger.killed(ticket, text)
    desk.exchange.emit(OrderMoved(ticket, "CANCELLATION", f"{CANCELED}_{text}"))
    raise Refused(400, text)


def _leg(desk: Desk, body: object, credential: Credential) -> object:
    try:
        return _place(desk, body, credential)
    except Refused as refusal:
        return wire_orders.failed_leg(refusal.text)


def _cancel_ids(desk: Desk, ids: Iterable[object], credential: Credential) -> object:
    found, missing = [], {}
    for order_id in _order_ids(ids):
        ticket = belongings.ticket(desk, credential, order_id.lower())
        if ticket is None:
            missing[order_id] = "Order not found or already canceled"
        else:
            found.append(ticket)
    return _cancel(desk, found, "cancelled by the client", missing)


def _order_ids(ids: Iterable[object]) -> Iterable[str]:
    """Each once, as the client wrote it. Raises Refused 400 for anything that is no order id."""
    asked: dict[str, None] = {}
    for order_id in ids:
        if not isinstance(order_id, str) or not _ORDER_ID.fullmatch(order_id):
            raise Refused(400, "Invalid orderID")
        asked[order_id] = None
    return asked


def _cancel(
    desk: Desk, tickets: Iterable[Ticket], reason: str, missing: Mapping[str, str] | None = None
) -> dict[str, object]:
    """`missing` are ids already known not to be cancellable, with the reason."""
    canceled, refused = [], dict(missing or {})
    for ticket in tickets:
        order_id = ticket.order.id
        why = desk.faults.refuses_cancel(ticket)
        if why:
            refused[order_id] = why
        elif desk.exchange.cancel(ticket, reason):
            canceled.append(order_id)
        else:
            refused[order_id] = _WHY_NOT.get(ticket.status, "already canceled or matched")
    return {"canceled": canceled, "not_canceled": refused}


def _json(request: Request) -> object:
    try:
        return request.json()
    except ValueError as problem:
        raise Refused(400, "Invalid order payload") from problem
