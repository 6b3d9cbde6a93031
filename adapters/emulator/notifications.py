"""What the venue's bell icon shows an account (polymarket.md §1.5): cancels, fills, failed fills, resolutions, payouts.

A listener; never changes anything. For the routes: `desk.notifications.of(account)` newest first, `.drop(ids, account)`.
`payload` has the keys that polymarket-client reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import count

from attrs import define, field, frozen

from actors.model.numbers import format_cash, format_price, format_size
from adapters.emulator import wire_markets
from adapters.emulator.accounts import Account
from adapters.emulator.events import Event, OrderMoved, Paid, PhaseMoved, TradeMoved
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Leg, Trade
from adapters.emulator.wire_books import Json

CANCELLED, FILLED, RESOLVED, REWARDED, FILL_FAILED = 1, 2, 4, 5, 8
KEPT = 100  # of each account


@frozen
class Notification:
    """`owner` is the API key of the order it is about, empty for the account as a whole; `at` wall seconds."""

    id: int
    type: int
    owner: str
    at: float
    payload: Json


@define(eq=False)
class Notifications:
    """The last KEPT of every client account, by lower-case address."""

    wall: Callable[[], float]
    accounts: Callable[[], Iterable[Account]]
    kept: dict[str, deque[Notification]] = field(factory=dict)
    _numbers: count[int] = field(factory=lambda: count(1))

    def of(self, account: Account) -> list[Notification]:
        """Newest first."""
        return list(reversed(self.kept.get(account.address.lower(), ())))

    def drop(self, ids: Iterable[int], account: Account | None = None) -> None:
        """Forget them, of one account only if given; unknown ids are no matter."""
        gone = set(ids)
        for address in [account.address.lower()] if account else list(self.kept):
            self.kept[address] = deque((n for n in self.kept.get(address, ()) if n.id not in gone), KEPT)

    def hear(self, event: Event) -> None:
        if isinstance(event, OrderMoved) and event.type == "CANCELLATION":
            self._note(event.ticket.account, CANCELLED, event.ticket.owner, _order(event.ticket))
        elif isinstance(event, TradeMoved) and event.trade.status in ("MATCHED", "FAILED"):
            kind = FILLED if event.trade.status == "MATCHED" else FILL_FAILED
            for leg in event.trade.legs:
                self._note(leg.ticket.account, kind, leg.ticket.owner, _fill(leg, event.trade))
        elif isinstance(event, PhaseMoved) and event.listing.phase is Phase.RESOLVED:
            self._resolved(event.listing)
        elif isinstance(event, Paid) and event.kind == "reward":
            self._note(event.account, REWARDED, "", _payout(event))

    def _resolved(self, listing: Listing) -> None:
        """For whoever holds shares of it."""
        for account in self.accounts():
            if any(account.shares.get(token) for token in listing.market.tokens):
                self._note(account, RESOLVED, "", wire_markets.market(listing))

    def _note(self, account: Account, kind: int, owner: str, payload: Json) -> None:
        if account.internal:
            return
        notes = self.kept.setdefault(account.address.lower(), deque(maxlen=KEPT))
        notes.append(Notification(next(self._numbers), kind, owner, self.wall(), payload))


def _order(ticket: Ticket) -> Json:
    listing = ticket.listing
    event = listing.terms.event
    return {
        "order_id": ticket.order.id,
        "market": listing.market.condition_id,
        "asset_id": ticket.token,
        "side": ticket.order.side.value,
        "type": ticket.order.life,
        "price": format_price(ticket.order.price),
        "original_size": format_size(ticket.order.size),
        "matched_size": format_size(ticket.matched),
        "remaining_size": format_size(ticket.remaining),
        "outcome": listing.outcome_label(ticket.token),
        "outcome_index": 0 if ticket.token == listing.market.yes else 1,
        "transaction_hash": "",
        "trade_id": "",
        "question": listing.question,
        "market_slug": listing.market.slug,
        "icon": "",
        "image": "",
        "eventSlug": event.slug if event else "",
        "seriesSlug": event.series if event else "",
    }


def _fill(leg: Leg, trade: Trade) -> Json:
    """`matched_size` and `price` are of this fill."""
    fill = {"matched_size": format_size(leg.size), "price": format_price(leg.price)}
    return {**_order(leg.ticket), **fill, "trade_id": trade.id, "transaction_hash": trade.hash}


def _payout(paid: Paid) -> Json:
    return {"proxyWallet": paid.account.address, "reward": format_cash(paid.cash), "txnHash": paid.hash}
