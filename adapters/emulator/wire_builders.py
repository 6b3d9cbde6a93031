"""Trades as a builder reads them at `/builder/trades` (polymarket.md §1.5; keys as polymarket-client). Shapes only."""

from __future__ import annotations

from actors.model.numbers import format_cash, format_price, format_size
from adapters.emulator.trades import Leg, Trade
from adapters.emulator.wire_books import Json
from adapters.emulator.wire_markets import iso


def builder_trade(made: Trade, leg: Leg) -> Json:
    """One order's part of a trade, whose order carried the builder's code; fees are the taker's."""
    ticket = leg.ticket
    fee = format_cash(leg.fee)
    return {
        "id": made.id,
        "tradeType": "TAKER" if leg is made.taker else "MAKER",
        "takerOrderHash": made.taker.ticket.order.id,
        "builder": ticket.builder,
        "market": made.listing.market.condition_id,
        "assetId": ticket.token,
        "side": ticket.order.side.value,
        "size": format_size(leg.size),
        "sizeUsdc": format_cash(abs(leg.cash + leg.fee)),
        "price": format_price(leg.price),
        "status": f"TRADE_STATUS_{made.status}",
        "outcome": made.listing.outcome_label(ticket.token),
        "outcomeIndex": 0 if ticket.token == made.listing.market.yes else 1,
        "owner": ticket.owner,
        "maker": ticket.account.address,
        "transactionHash": made.hash,
        "matchTime": str(int(made.matched_at)),
        "bucketIndex": made.bucket,
        "fee": fee,
        "feeUsdc": fee,
        "err_msg": "",
        "createdAt": iso(made.matched_at),
        "updatedAt": iso(made.updated_at),
    }
