"""A market's orders as its tracker knows them: every fact about one moves it along its life table, nothing else does.

An order leaves the blotter only when it is proven dead and the trades account for what the venue says it filled. Until
then its money stays reserved (I1, I4). Pure bookkeeping: no clock, no channel, no venue.
"""

from __future__ import annotations

from attrs import define, evolve, field

from actors.market.foreign import Foreign
from actors.market.register import Register
from actors.messages import Fill, OrderUpdate
from actors.model.booked import Booked
from actors.model.ledger import Ledger
from actors.model.market import Market, Side
from actors.model.numbers import Cash, Price, Size
from actors.model.order import Key, Life, Order, Settlement
from actors.model.outcome import Accepted, NeverSent, Placed, Rejected, Unknown
from actors.model.quote import Quote

T_LATE = 60.0  # s after which "not found" counts as dead (architecture.md §3)
QUERY_AFTER = (0.5, 1.0, 2.0, 5.0)  # s between queries of an unknown order; the last one repeats
_LOST_OUTCOME = 8.0  # s after Sent with no outcome: longer than every HTTP timeout together
_CANCEL_AGAIN = 1.0  # s after which a cancel that left the order live is tried again
_CANCEL_LOST = 2.5  # s after which a cancel without any effect is sent again
_ENGINE_SETTLES = 5.0  # s (architecture.md §3)


@define(eq=False)
class Blotter:
    """Orders by key and id; the ledger beside it; orders of the account that are not ours in `foreign`."""

    market: Market
    ledger: Ledger
    orders: dict[Key, Order] = field(factory=dict)
    foreign: Foreign = field(factory=Foreign)
    closed: list[str] = field(factory=list)
    _register: Register = field(factory=Register)
    _voided: dict[str, int] = field(factory=dict)
    _engine_back: dict[str, float] = field(factory=dict)

    # ── what we do ────────────────────────────────────────────────────────────────────────────────────────────────

    def pend(self, key: Key, quote: Quote, now: float, *, takes: bool = False) -> None:
        """An order is about to be asked for; it counts from here on."""
        order = Order(key, quote.outcome, quote.side, quote.price, quote.size, now, query_at=now + 30.0)
        self.orders[key] = evolve(order, takes=takes)

    def adopt(self, order: Order) -> None:
        """An order found in the journal: it may exist until the venue says otherwise. One known already stays as it is."""
        if order.order_id not in self._register:
            self._register.enter(order.order_id, order.key)
            self._know(order)

    def drop(self, key: Key) -> None:
        """The gateway did not send it: it never existed."""
        self.orders.pop(key, None)

    def cancelling(self, key: Key, now: float) -> None:
        order = self.orders[key]
        self.orders[key] = evolve(order, cancel_sent_at=now, query_at=min(order.query_at, now + 3.0))

    # ── what we hear ──────────────────────────────────────────────────────────────────────────────────────────────

    def sent(self, key: Key, order_id: str, now: float) -> None:
        """The intent is durable and its bytes are about to leave; without an outcome it is queried."""
        self._register.enter(order_id, key)
        if (order := self.orders.get(key)) is not None:
            sent = evolve(order, order_id=order_id, query_at=now + _LOST_OUTCOME)
            self._know(sent.become(Life.SENT))

    def outcome(self, key: Key, result: Placed, now: float) -> None:
        """How the POST ended. `matched` moves the life only; cash and position follow trades."""
        order = self.orders.get(key)
        if order is None:
            return
        match result:
            case Accepted() if order.open:  # a cancel that overtook it did not find it: it counts as never sent
                query_at = _never() if result.status == "live" else now + 1.0
                there = evolve(order, query_at=query_at, unknown_since=None, cancel_sent_at=None)
                self._set(there.become(Life.LIVE))
            case Unknown(exists=True) if order.open:  # the venue holds it, or did: what became of it is asked at once
                there = evolve(order, query_at=now + QUERY_AFTER[0], unknown_since=None)
                self._set(there.become(Life.LIVE))
            case Rejected() | NeverSent():
                self._dead(order, Life.REJECTED, order.filled, now)
            case Unknown():
                doubt = evolve(order, unknown_since=now, engine_down=result.engine_down, query_at=now + QUERY_AFTER[0])
                self._set(doubt.become(Life.UNKNOWN))

    def update(self, heard: OrderUpdate, now: float) -> None:
        """The venue's view of an order; one that is not ours is foreign: counted, never touched."""
        order = self._find(heard.order_id)
        if order is None:
            if heard.order_id not in self._register:  # else it is ours, settled long ago
                self.foreign.show(heard)
        elif heard.status.startswith(("CANCELED", "INVALID", "EXPIRED")):
            self._dead(
                order, Life.EXPIRED if "EXPIRED" in heard.status else Life.CANCELLED, self._valid(heard, order), now
            )
        elif heard.status == "MATCHED":
            self._dead(order, Life.FILLED, self._valid(heard, order), now)
        elif order.open:  # an older picture of an order that is dead by now says nothing
            life = Life.PARTIAL if heard.matched else Life.LIVE
            filled = max(order.venue_filled, self._valid(heard, order))
            known = evolve(order, venue_filled=Size(filled), unknown_since=None)
            ignored = order.cancel_sent_at is not None and now - order.cancel_sent_at >= _CANCEL_AGAIN
            known = evolve(known, cancel_sent_at=None) if ignored else known
            self._set(evolve(known.become(life), query_at=now + 2.0 if known.cancel_sent_at is not None else _never()))

    def fill(self, fill: Fill) -> bool:
        """Book our part of a trade; True if the position changed. Fills of foreign orders count just the same."""
        fee = self.ledger.fee(fill.price, fill.size, taker=fill.taker)
        changed = self.ledger.book(
            Booked(
                trade_id=fill.trade_id,
                order_id=fill.order_id,
                outcome=self.market.outcome(fill.token),
                side=fill.side,
                price=Price(fill.price),
                size=Size(fill.size),
                fee=fee,
                settlement=fill.settlement,
                at=fill.matched_at,
                rebate=self.ledger.rebate(fill.price, fill.size, taker=fill.taker),
            )
        )
        void = fill.size if changed and fill.settlement is Settlement.FAILED else 0
        if void:
            self._voided[fill.order_id] = self._voided.get(fill.order_id, 0) + void
        if (order := self._find(fill.order_id)) is not None:
            self._count(evolve(order, venue_filled=Size(max(0, order.venue_filled - void))))
        return changed

    def cancelled(self, order_id: str, now: float) -> None:
        """The venue acknowledged a cancel: dead, but what it filled before is not stated yet."""
        order = self._find(order_id)
        if order is not None and order.open:
            dead = order if order.life is not Life.SENT else order.become(Life.LIVE)
            self._set(evolve(dead.become(Life.CANCELLED), dead_at=now, query_at=now + 1.0))

    def cancel_again(self, now: float) -> None:
        """A cancel without effect after a while counts as not sent: the plan sends it again if it is still wanted."""
        for key, order in self.orders.items():
            if order.open and order.cancel_sent_at is not None and now - order.cancel_sent_at >= _CANCEL_LOST:
                self.orders[key] = evolve(order, cancel_sent_at=None)

    def cancel_refused(self, order_id: str, now: float) -> None:
        """The cancel did not happen (already matched, delayed, or not there yet): ask what the order is."""
        if (order := self._find(order_id)) is not None and order.open:
            self._set(evolve(order, query_at=now + _CANCEL_AGAIN))

    def not_found(self, order_id: str, asked_at: float, now: float) -> None:
        """The venue knows no such order: proof of death only past the lateness bound (I4).

        After a 425 also only 5 s after the first answer since, for until then its engine may still be starting.
        """
        order = self._find(order_id)
        if order is None or order.settled:
            return
        since = order.unknown_since or order.dead_at or order.placed_at
        back = self._engine_back.setdefault(order_id, asked_at) if order.engine_down else asked_at - _ENGINE_SETTLES
        if asked_at - since > T_LATE and asked_at - back >= _ENGINE_SETTLES:
            self._dead(order, Life.CANCELLED, order.filled, now)
        else:
            self.postpone(order_id, now)

    def unread(self, order_id: str, now: float) -> None:
        """The query failed: if the venue's engine seemed to be back, it is not."""
        self._engine_back.pop(order_id, None)
        self.postpone(order_id, now)

    def postpone(self, order_id: str, now: float) -> None:
        """Nothing was learnt: ask again later."""
        if (order := self._find(order_id)) is not None:
            wait = QUERY_AFTER[min(order.queries, len(QUERY_AFTER) - 1)]
            self._set(evolve(order, queries=order.queries + 1, query_at=now + wait))

    def snapshot(self, orders: tuple[OrderUpdate, ...], fills: tuple[Fill, ...], asked_at: float, now: float) -> None:
        """Open orders and trades as read: everything of ours that is missing among them is queried now."""
        shown = {update.order_id for update in orders}
        self.foreign.clear()
        for update in orders:
            self._revive(update, asked_at)
        for fill in sorted(fills, key=lambda f: (f.matched_at, f.side is Side.SELL)):
            self.fill(fill)
        for update in orders:
            self.update(update, now)
        for order in list(self.orders.values()):
            if order.order_id and order.order_id not in shown and order.placed_at < asked_at and not order.settled:
                self._set(evolve(order, query_at=min(order.query_at, now)))

    # ── what follows from it ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def open(self) -> tuple[Order, ...]:
        """Orders not proven dead, or whose fills are not all accounted for."""
        return tuple(self.orders.values())

    @property
    def unknown(self) -> int:
        return sum(order.life is Life.UNKNOWN for order in self.orders.values())

    def reserved(self) -> dict[Key, Cash]:
        """Money every order may still take; sells take none but are listed, for they count as orders."""
        return {
            key: self.ledger.outlay(order.price, order.at_risk, taker=order.takes)
            if order.side is Side.BUY
            else Cash(0)
            for key, order in self.orders.items()
        }

    def due(self, now: float) -> tuple[str, ...]:
        """Ids to ask the venue about now."""
        return tuple(o.order_id for o in self.orders.values() if o.order_id and o.query_at <= now)

    def awaiting_trades(self, now: float) -> bool:
        """A dead order whose trades do not add up 5 s after its death (architecture.md §4)."""
        return any(o.life.dead and o.final and not o.settled and now - (o.dead_at or now) > 5 for o in self.open)

    @property
    def missing_since(self) -> float:
        """Since when trades of an order that has ended may be missing (trio time); inf while they all add up."""
        return min((o.placed_at for o in self.open if o.life.dead and not o.settled), default=_never())

    def never_sent(self, now: float) -> tuple[Key, ...]:
        """Orders the gateway should long have answered for: it died before sending them."""
        return tuple(k for k, o in self.orders.items() if o.life is Life.PENDING and now >= o.query_at)

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, order_id: str) -> Order | None:
        key = self._register.key(order_id)
        return self.orders.get(key) if key is not None else None

    def _know(self, order: Order) -> None:
        """Its id is known from now on: fills that came before it count, and it is nobody else's."""
        self.foreign.drop(order.order_id)
        (self._count if self.ledger.filled(order.order_id) else self._set)(order)

    def _revive(self, heard: OrderUpdate, asked_at: float) -> None:
        """An order written off that a later read shows to be open is ours again: counted, and cancelled if not wanted."""
        key = self._register.key(heard.order_id)
        if (
            key is None
            or key in self.orders
            or heard.status != "LIVE"
            or not self._register.buried_before(key, asked_at)
        ):
            return
        self.orders[key] = Order(
            key=key,
            outcome=self.market.outcome(heard.token),
            side=heard.side,
            price=Price(heard.price),
            size=Size(heard.size),
            placed_at=asked_at,
            order_id=heard.order_id,
            life=Life.LIVE,
            filled=self.ledger.filled(heard.order_id),
        )

    def _count(self, order: Order) -> None:
        """Trades are the only source of a filled size; a fill also proves that the order exists.

        What a failed trade took of the order is gone: the venue goes on counting it as matched.
        """
        filled, voided = self.ledger.filled(order.order_id), self._voided.get(order.order_id, 0)
        order = evolve(order, filled=filled, unknown_since=None)
        whole = filled + voided >= order.size
        if order.open:
            order = order.become(Life.FILLED if whole else Life.PARTIAL)
        if whole:
            order = evolve(order, final=True, venue_filled=Size(max(order.venue_filled, order.size - voided)))
        self._set(order)

    def _valid(self, heard: OrderUpdate, order: Order) -> int:
        """What the venue says is matched, less what its failed trades had counted."""
        matched = heard.matched or (order.size if heard.status == "MATCHED" else 0)
        return max(0, matched - self._voided.get(order.order_id, 0))

    def _dead(self, order: Order, life: Life, filled: int, now: float) -> None:
        """Dead with its filled size stated by the venue (or by us, when no byte was sent)."""
        order = order if order.life is not Life.PENDING else order.become(Life.SENT)
        dead = order if order.life.dead else order.become(life)
        stated = Size(max(order.venue_filled, filled))
        died = now if order.dead_at is None else order.dead_at
        self._set(evolve(dead, final=True, venue_filled=stated, query_at=_never(), dead_at=died))

    def _set(self, order: Order) -> None:
        if order.settled:
            self.orders.pop(order.key, None)
            self._register.bury(order.key, _never() if order.dead_at is None else order.dead_at)
            if order.order_id:
                self.closed.append(order.order_id)
        else:
            self.orders[order.key] = order


def _never() -> float:
    return float("inf")
