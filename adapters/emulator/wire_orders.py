"""Orders, trades and answers to placements as the venue words them (polymarket.md §3.7, §5, §7). Shapes only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.model.market import Side
from actors.model.numbers import format_cash, format_price, format_size
from adapters.emulator.accounts import Account
from adapters.emulator.events import OrderMoved
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Leg, Trade
from adapters.emulator.wire_books import milliseconds

Json = dict[str, Any]


def placed(ticket: Ticket, trades: Sequence[Trade]) -> Json:
    """The answer to an accepted order: amounts in human decimals without the fee, `""` when nothing matched.

    An order that the market's taker delay holds back is `delayed` (§3.8).
    """
    cash = abs(sum(trade.taker.cash + trade.taker.fee for trade in trades))
    shares = sum(trade.taker.size for trade in trades)
    making, taking = (cash, shares) if ticket.order.side is Side.BUY else (shares, cash)
    return {
        "success": True,
        "errorMsg": "",
        "orderID": ticket.order.id,
        "status": "matched" if trades else ticket.status.lower(),
        "makingAmount": format_cash(making) if trades else "",
        "takingAmount": format_cash(taking) if trades else "",
        "tradeIDs": [trade.id for trade in trades],
        "transactionsHashes": [],
    }


def failed_leg(text: str) -> Json:
    """A refused order of a batch, inside the 200 array (§3.7)."""
    return {
        "success": True,
        "errorMsg": text,
        "orderID": "",
        "status": "",
        "makingAmount": "",
        "takingAmount": "",
        "tradeIDs": [],
        "transactionsHashes": [],
    }


def order(ticket: Ticket) -> Json:
    """The order object of REST (§5.1); of a FOK or FAK BUY more than the original size can be matched (§3.7)."""
    return {
        "id": ticket.order.id,
        "status": ticket.status,
        "market": ticket.listing.market.condition_id,
        "asset_id": ticket.token,
        "owner": ticket.owner,
        "maker_address": ticket.account.address,
        "side": ticket.order.side.value,
        "price": format_price(ticket.order.price),
        "original_size": format_size(ticket.order.size),
        "size_matched": format_size(ticket.matched),
        "outcome": ticket.listing.outcome_label(ticket.token),
        "order_type": ticket.order.life,
        "associate_trades": list(ticket.trades),
        "created_at": int(ticket.created_at),
        "expiration": str(ticket.expiration),
    }


def order_event(moved: OrderMoved, now: float) -> Json:
    """The user channel's frame (§7.2)."""
    ticket = moved.ticket
    return {
        "event_type": "order",
        "type": moved.type,
        **order(ticket),
        "status": moved.status or ticket.status,
        "order_owner": ticket.owner,
        "created_at": str(int(ticket.created_at)),
        "timestamp": milliseconds(now),
    }


def trade(made: Trade, viewer: Account) -> Json:
    """The trade object of REST (§5.2) as `viewer`, one of its parties, sees it."""
    taker = made.taker.ticket
    return {
        "id": made.id,
        "taker_order_id": taker.order.id,
        "market": made.listing.market.condition_id,
        "asset_id": taker.token,
        "side": taker.order.side.value,
        "size": format_size(made.taker.size),
        "fee_rate_bps": "0",
        "price": format_price(made.taker.price),
        "status": f"TRADE_STATUS_{made.status}",
        "match_time": str(int(made.matched_at)),
        "last_update": str(int(made.updated_at)),
        "outcome": made.listing.outcome_label(taker.token),
        "bucket_index": made.bucket,
        "owner": taker.owner,
        "maker_address": taker.account.address,
        "transaction_hash": made.hash,
        "trader_side": "TAKER" if taker.account is viewer else "MAKER",
        "maker_orders": [_maker(leg) for leg in made.makers],
    }


def trade_event(made: Trade, viewer: Account, now: float) -> Json:
    """The user channel's frame (§7.3); statuses come without the REST prefix."""
    body = trade(made, viewer)
    makers = [
        {**entry, "outcome_index": 0 if leg.ticket.token == made.listing.market.yes else 1}
        for entry, leg in zip(body["maker_orders"], made.makers, strict=True)
    ]
    return {
        "event_type": "trade",
        "type": "TRADE",
        **body,
        "status": made.status,
        "timestamp": milliseconds(now),
        "trade_owner": made.taker.ticket.owner,
        "maker_orders": makers,
    }


def _maker(leg: Leg) -> Json:
    ticket = leg.ticket
    return {
        "order_id": ticket.order.id,
        "owner": ticket.owner,
        "maker_address": ticket.account.address,
        "matched_amount": format_size(leg.size),
        "price": format_price(leg.price),
        "fee_rate_bps": "0",
        "asset_id": ticket.token,
        "outcome": ticket.listing.outcome_label(ticket.token),
        "side": ticket.order.side.value,
    }
