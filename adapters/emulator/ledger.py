"""The exchange's diary: every mutation as one JSON line, flushed, so that a checker outside can judge it.

Amounts are human decimals as text, as on the wire; `t` is wall seconds; `id` counts from 1 without gaps.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

from attrs import define

from actors.model.numbers import format_cash, format_price, format_size
from adapters.emulator.accounts import Account
from adapters.emulator.compact import compact_text
from adapters.emulator.listings import Listing
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Leg, Trade


@define(eq=False)
class Ledger:
    """Writes to `file`; without one only counts."""

    wall: Callable[[], float]
    file: IO[str] | None = None
    written: int = 0

    @classmethod
    def to(cls, path: Path | None, wall: Callable[[], float]) -> Ledger:
        """Open (and truncate) `path`, line buffered: a line is flushed before `write` returns. Raises OSError."""
        return cls(wall, path.open("w", encoding="utf-8", buffering=1) if path else None)

    def write(self, kind: str, **fields: object) -> None:
        self.written += 1
        if self.file is not None:
            line = {"id": self.written, "t": round(self.wall(), 6), "kind": kind, **fields}
            self.file.write(compact_text(line) + "\n")

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None

    def listed(self, listing: Listing) -> None:
        market = listing.market
        self.write(
            "market",
            market=market.condition_id,
            slug=market.slug,
            tokens=list(market.tokens),
            tick=format_price(market.tick),
            min_size=format_size(market.min_size),
            neg_risk=market.neg_risk,
        )

    def ordered(self, ticket: Ticket) -> None:
        """The order is at the exchange with all of its size; trades and a cancel line tell what became of it."""
        order = ticket.order
        self.write(
            "order",
            order=order.id,
            **_who(ticket.account),
            market=ticket.listing.market.condition_id,
            token=ticket.token,
            side=order.side.value,
            price=format_price(order.price),
            size=format_size(order.size),
            life=order.life,
            post_only=order.post_only,
            expiration=ticket.expiration,
        )

    def closed(self, ticket: Ticket, reason: str, kind: str = "cancel") -> None:
        """What is left of the order will never trade; `kind` is `cancel` or `expire`."""
        self.write(
            kind,
            order=ticket.order.id,
            **_who(ticket.account),
            market=ticket.listing.market.condition_id,
            remaining=format_size(ticket.remaining),
            reason=reason,
        )

    def killed(self, ticket: Ticket, reason: str) -> None:
        """It came, matched nothing, and was never an order here; its owner is told so, whoever heard the answer."""
        market = ticket.listing.market.condition_id
        self.write("kill", order=ticket.order.id, **_who(ticket.account), market=market, reason=reason)

    def traded(self, trade: Trade) -> None:
        self.write(
            "trade",
            trade=trade.id,
            market=trade.listing.market.condition_id,
            taker=_leg(trade.taker),
            makers=[_leg(maker) for maker in trade.makers],
        )

    def settled(self, trade: Trade) -> None:
        self.write("settle", trade=trade.id, market=trade.listing.market.condition_id, status=trade.status)

    def balance(self, account: Account, why: str) -> None:
        """What the chain holds for the account now; tokens with a zero balance are left out."""
        shares = {token: format_size(size) for token, size in account.shares.items() if size}
        self.write("balance", **_who(account), cash=format_cash(account.cash), shares=shares, why=why)


def _who(account: Account) -> dict[str, str]:
    return {"account": account.name, "address": account.address}


def _leg(leg: Leg) -> dict[str, str]:
    """`cash` is signed and already holds the fee."""
    order = leg.ticket.order
    return {
        "order": order.id,
        **_who(leg.ticket.account),
        "token": leg.ticket.token,
        "side": order.side.value,
        "size": format_size(leg.size),
        "price": format_price(leg.price),
        "cash": format_cash(leg.cash),
        "fee": format_cash(leg.fee),
    }
