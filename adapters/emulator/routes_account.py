"""Keys, orders, trades, balances and heartbeats of one account over REST (polymarket.md §1.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters.emulator import routes_orders, signatures, wire_orders
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.keys import Credential
from adapters.emulator.paging import page
from adapters.emulator.refusal import Refused
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Trade

PAGE = 100
_UNLIMITED = str(2**256 - 1)


def create_key(desk: Desk, request: Request) -> object:
    """The first key of a wallet opens its account, with nothing in it."""
    credential = desk.keys.create(request.headers)
    desk.exchange.accounts.open(credential.address)
    return _shown(credential)


def derive_key(desk: Desk, request: Request) -> object:
    return _shown(desk.keys.derive(request.headers))


def _shown(credential: Credential) -> object:
    return {"apiKey": credential.key, "secret": credential.secret, "passphrase": credential.passphrase}


def _keys(desk: Desk, request: Request, credential: Credential) -> object:
    return {"apiKeys": [known.key for known in desk.keys.of(credential.address)]}


def _delete_key(desk: Desk, request: Request, credential: Credential) -> object:
    del desk.keys.by_key[credential.key]
    return "OK"


def _order(desk: Desk, request: Request, credential: Credential) -> object:
    """Any status; an order that is not the account's is `null` (§1.5 leaves it open)."""
    order_id = request.path.rsplit("/", 1)[-1].lower()
    ticket = desk.exchange.tickets.of(desk.account(credential), order_id)
    return wire_orders.order(ticket) if ticket else None


def _orders(desk: Desk, request: Request, credential: Credential) -> object:
    """Live orders, oldest first; `id` finds an order in any status."""
    account, order_id = desk.account(credential), request.query.get("id", "").lower()
    if order_id:
        ticket = desk.exchange.tickets.of(account, order_id)
        tickets = [ticket] if ticket else []
    else:
        tickets = list(desk.exchange.tickets.open_of(account))
    rows = [wire_orders.order(ticket) for ticket in tickets if _wanted_order(ticket, request.query)]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _wanted_order(ticket: Ticket, query: Mapping[str, str]) -> bool:
    market, asset = query.get("market"), query.get("asset_id")
    return market in (None, "", ticket.listing.market.condition_id) and asset in (None, "", ticket.token)


def _trades(desk: Desk, request: Request, credential: Credential) -> object:
    """The account's trades, newest first; `before` and `after` include their own second."""
    account = desk.account(credential)
    trades = reversed(desk.exchange.settlement.trades.get(account.address, []))
    rows = [wire_orders.trade(trade, account) for trade in trades if _wanted_trade(trade, request.query)]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _wanted_trade(trade: Trade, query: Mapping[str, str]) -> bool:
    tokens = {leg.ticket.token for leg in trade.legs}
    makers = {leg.ticket.account.address.lower() for leg in trade.legs}
    matched_at = int(trade.matched_at)
    return (
        query.get("id") in (None, "", trade.id)
        and query.get("market") in (None, "", trade.listing.market.condition_id)
        and (not query.get("asset_id") or query["asset_id"] in tokens)
        and (not query.get("maker_address") or query["maker_address"].lower() in makers)
        and (not query.get("before") or matched_at <= _second(query["before"]))
        and (not query.get("after") or matched_at >= _second(query["after"]))
    )


def _second(text: str) -> int:
    if not text.isdecimal():
        raise Refused(400, "Invalid timestamp")
    return int(text)


def _balance(desk: Desk, request: Request, credential: Credential) -> object:
    """What the chain holds, in base units; every exchange contract may take all of it."""
    account, kind = desk.account(credential), request.query.get("asset_type", "")
    if kind == "COLLATERAL":
        balance = account.cash
    elif kind in ("CONDITIONAL", "CONDITIONAL-V2"):
        balance = account.shares.get(request.query.get("token_id", ""), 0)
    else:
        raise Refused(400, "Invalid asset type")
    contracts = (signatures.EXCHANGE, signatures.NEG_RISK_EXCHANGE, signatures.EXCHANGE_V3)
    return {"balance": str(balance), "allowances": dict.fromkeys(contracts, _UNLIMITED)}


def _heartbeat(desk: Desk, request: Request, credential: Credential) -> object:
    try:
        body = request.json()
    except ValueError:
        body = None
    heartbeat_id = body.get("heartbeat_id") if isinstance(body, Mapping) else None
    return {"heartbeat_id": desk.heartbeats.beat(credential, str(heartbeat_id or ""))}


Private = Callable[[Desk, Request, Credential], Any]

PRIVATE: dict[tuple[str, str], Private] = {
    ("GET", "/auth/api-keys"): _keys,
    ("DELETE", "/auth/api-key"): _delete_key,
    ("GET", "/auth/ban-status/closed-only"): lambda desk, request, credential: {"closed_only": False},
    ("POST", "/order"): routes_orders.place,
    ("POST", "/orders"): routes_orders.place_many,
    ("DELETE", "/order"): routes_orders.cancel,
    ("DELETE", "/orders"): routes_orders.cancel_many,
    ("DELETE", "/cancel-all"): routes_orders.cancel_all,
    ("DELETE", "/cancel-market-orders"): routes_orders.cancel_market,
    ("GET", "/data/order/*"): _order,
    ("GET", "/data/orders"): _orders,
    ("GET", "/data/trades"): _trades,
    ("GET", "/balance-allowance"): _balance,
    ("GET", "/balance-allowance/update"): _balance,
    ("POST", "/v1/heartbeats"): _heartbeat,
}
