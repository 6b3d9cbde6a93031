"""A venue in memory behind the ports, on trio's clock: scripted fates, latencies and refusals, and its own truth.

What it may still take is judged here and not at the bot: `exposure` is the truth that I1 is held against.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum

import trio
from attrs import define, evolve, field, frozen

from actors.messages import BookSnapshot, Draft, Fill, OrderUpdate, Signed
from actors.model.booked import Booked
from actors.model.conversion import Conversion
from actors.model.income import Kind
from actors.model.ledger import Ledger
from actors.model.listing import Listing
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE, Cash, Price, Size, cost
from actors.model.order import Settlement
from actors.model.outcome import (
    Accepted,
    Cancelled,
    Fault,
    NeverSent,
    Placed,
    Rearmed,
    Rejected,
    Sign,
    Storm,
    Unknown,
    Unread,
)
from actors.model.plan import yes_terms
from actors.model.rates import Lane, Quota

START = 1_763_628_000.0
Event = OrderUpdate | Fill
Rungs = tuple[tuple[int, int], ...]


class Fate(Enum):
    """What becomes of a POST."""

    ACCEPT = "accepted"
    REJECT = "crosses the book, says the venue"
    UNHEARD = "accepted, the answer is lost"
    ZOMBIE = "no answer, and accepted much later"
    LOST = "no answer, and it never arrived"
    ENGINE_DOWN = "425, and it never arrived"
    NEVER_SENT = "no byte left"
    THROTTLED = "429 without headers, and it arrived all the same"
    SHORT = "not enough balance, says the venue"


_FAULTS = {
    Storm.LIMITED: Fault.RATE,
    Storm.BLOCKED: Fault.BLOCKED,
    Storm.LOGIN: Fault.ACCOUNT,
    Storm.BARRED: Fault.ACCOUNT,
    Storm.CLOSED_ONLY: Fault.ACCOUNT,
}
_STOP_CANCELS = (Storm.RESTART, Storm.DISABLED, Storm.LOGIN)


@frozen
class Call:
    """One request as the venue received it."""

    at: float
    kind: str
    ids: tuple[str, ...] = ()
    draft: Draft | None = None


def wall() -> float:
    """Wall seconds that follow trio's clock."""
    return START + trio.current_time()


def market(slug: str, *, tick: int = 100) -> Market:
    return Market(slug, f"0x{slug}", f"{slug}-yes", f"{slug}-no", Price(tick), Size(5 * SHARE))


@define(eq=False, repr=False)
class Venue:
    """Implements Trading and PublicData. `fates` are used up by POSTs in order; after them everything is accepted.

    `moved` is what came or went without a trade (signed size by token), `cached` the balance that reads show instead.
    `neg_risk` holds the true flag of a market that is described with the wrong one.
    `rewarded` and `rebated` are what it says it paid, by day and condition.
    `money` is the free collateral, whatever is traded; `undescribed` are conditions whose terms cannot be read.
    A `storm` meets every request it concerns until it is over; `asks` is the wait the venue names, `skew` its clock's lead.
    """

    markets: tuple[Market, ...]
    durable: Callable[[str], bool] = lambda _: True
    fates: deque[Fate] = field(factory=deque)
    latency: dict[str, float] = field(factory=dict)
    broken: set[str] = field(factory=set)
    undescribed: set[str] = field(factory=set)
    uncancellable: set[str] = field(factory=set)
    mute_cancel_all: int = 0
    listings: tuple[Listing, ...] = ()
    breaks: int = 0
    late: float = 20.0
    neg_risk: dict[str, bool] = field(factory=dict)
    moved: dict[str, int] = field(factory=dict)
    cached: dict[str, int] = field(factory=dict)
    storm: Storm | None = None
    asks: float = 0.0
    limited_cancels: bool = False
    limited_books: bool = False
    skew: float = 0.0
    money: int = 1_000_000_000
    our_key: bool | Unread = True
    tell: Callable[[Event], None] = lambda _: None
    calls: list[Call] = field(factory=list)
    batches: list[tuple[str, ...]] = field(factory=list)
    breaches: list[str] = field(factory=list)
    orders: dict[str, OrderUpdate] = field(factory=dict)
    trades_: list[Fill] = field(factory=list)
    rewarded: dict[int, dict[str, Cash]] = field(factory=dict)
    rebated: dict[int, dict[str, Cash]] = field(factory=dict)
    quotas: dict[Lane, Quota] = field(factory=dict)
    converted: list[Conversion] = field(factory=list)
    books_: dict[str, tuple[Rungs, Rungs]] = field(factory=dict)
    watch: Callable[[], None] = lambda: None
    nursery: trio.Nursery | None = None
    address: str = "0xMe"
    _drafts: dict[str, Draft] = field(factory=dict)
    _flying: set[str] = field(factory=set)
    _numbers: int = 0

    def __attrs_post_init__(self) -> None:
        for listed in self.markets:
            self.books_.setdefault(listed.slug, (((4800, 1000 * SHARE),), ((5200, 1000 * SHARE),)))

    # ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────

    def sign(self, draft: Draft) -> Signed:
        self._numbers += 1
        order_id = f"0x{self._numbers:04d}"
        self._drafts[order_id] = draft
        return Signed(order_id, b"{}")

    async def place(self, signed: Signed) -> Placed:
        (result,) = await self._post([signed])
        return result

    async def place_all(self, orders: Sequence[Signed]) -> tuple[Placed, ...]:
        """One request; each order meets its own fate."""
        self.batches.append(tuple(order.order_id for order in orders))
        return tuple(await self._post(orders))

    async def _post(self, orders: Sequence[Signed]) -> list[Placed]:
        fates = [self._receive(signed.order_id) for signed in orders]
        self.watch()
        await self._pause("place")
        results = [self._meet(fate, signed.order_id) for fate, signed in zip(fates, orders, strict=True)]
        if any(signed.order_id in self.orders for signed in orders):
            await self._pause("place")
        return results

    def _receive(self, order_id: str) -> Fate:
        self._note("place", (order_id,), self._drafts[order_id])
        if not self.durable(order_id):
            self.breaches.append(f"{order_id} left before its intent was durable")
        if any(order_id in call.ids for call in self.placed[:-1]):
            self.breaches.append(f"{order_id} was sent twice")
        self._flying.add(order_id)
        return self.fates.popleft() if self.fates else Fate.ACCEPT

    def _meet(self, fate: Fate, order_id: str) -> Placed:
        draft = self._drafts[order_id]
        if fate is Fate.ZOMBIE:
            assert self.nursery is not None
            self.nursery.start_soon(self._land_late, order_id, draft)
            return Unknown("read timeout")
        self._flying.discard(order_id)
        if (stormy := self._weathered(draft)) is not None:
            return stormy
        match fate:
            case Fate.SHORT:
                return Rejected(Fault.BALANCE, "not enough balance / allowance")
            case Fate.NEVER_SENT:
                return NeverSent("no connection")
            case Fate.LOST:
                return Unknown("read timeout")
            case Fate.ENGINE_DOWN:
                return Unknown("425", engine_down=True)
            case Fate.REJECT:
                return Rejected(Fault.CROSSES, "order crosses the book")
        refusal = self._land(order_id, draft)
        if refusal is not None:
            return refusal
        known = self.orders[order_id]
        if fate is Fate.THROTTLED:
            return Unknown("429", sign=Sign(Storm.LIMITED))
        return Unknown("500") if fate is Fate.UNHEARD else Accepted(order_id, "matched" if known.matched else "live")

    def _weathered(self, draft: Draft) -> Placed | None:
        """What the storm makes of an order, if it concerns it."""
        if self.storm is None or (self.storm is Storm.POST_ONLY and draft.post_only):
            return None
        if self.storm is Storm.RESTART:
            return Unknown("425", engine_down=True)
        return Rejected(_FAULTS.get(self.storm, Fault.PAUSED), self.storm.value, Sign(self.storm, self.asks))

    def _mute(self, *storms: Storm) -> Unread | None:
        """What a request that no order is in hears in these storms."""
        if self.storm is None or self.storm not in storms:
            return None
        return Unread(self.storm.value, Sign(self.storm, self.asks))

    async def _land_late(self, order_id: str, draft: Draft) -> None:
        await trio.sleep(self.late)
        self._flying.discard(order_id)
        self._land(order_id, draft)

    def appear(self, order_id: str, draft: Draft) -> None:
        """An order that everybody had given up reaches the book, and no event says so."""
        listed, _ = self._find(draft.token)
        self.orders[order_id] = OrderUpdate(
            order_id, listed.condition_id, draft.token, draft.side, draft.price, draft.size, 0, "LIVE"
        )

    def _land(self, order_id: str, draft: Draft) -> Rejected | None:
        """The order reaches the book: rests, matches, or is refused."""
        listed, outcome = self._find(draft.token)
        if (refusal := self._unfit(listed, draft)) is not None:
            return refusal
        bid, ask = self._best(listed, outcome)
        crosses = draft.price >= ask if draft.side is Side.BUY else draft.price <= bid
        if draft.post_only and crosses:
            return Rejected(Fault.CROSSES, "invalid post-only order: order crosses book")
        if draft.type in ("FAK", "FOK") and not crosses:
            return Rejected(Fault.KILLED, f"no orders found to match with {draft.type} order")
        self._check(listed, outcome, draft)
        self.orders[order_id] = OrderUpdate(
            order_id, listed.condition_id, draft.token, draft.side, draft.price, draft.size, 0, "LIVE"
        )
        self.watch()
        if draft.type in ("FAK", "FOK"):
            self.fill(order_id, draft.size, price=ask if draft.side is Side.BUY else bid, taker=True)
        else:
            self.tell(self.orders[order_id])
        return None

    def _unfit(self, listed: Market, draft: Draft) -> Rejected | None:
        """What the market's terms forbid, by what they really are."""
        if draft.neg_risk != self.neg_risk.get(listed.slug, listed.neg_risk):
            return Rejected(Fault.VERSION, "invalid signature")
        if not listed.accepting:
            return Rejected(Fault.NOT_READY, "the market is not yet ready to process new orders")
        if draft.tick not in (0, listed.tick) or draft.price % listed.tick or draft.size < listed.min_size:
            return Rejected(Fault.GRID, "price or size off the market's grid")
        if draft.token in self.moved and draft.side is Side.SELL and draft.size > self._free(draft.token):
            return Rejected(Fault.BALANCE, "not enough balance / allowance")
        return None

    def _check(self, listed: Market, outcome: Outcome, draft: Draft) -> None:
        """No own order may meet another, and no sell may go without shares (I1, I9)."""
        mine = yes_terms(outcome, draft.side, draft.price)
        for other in self.live(listed.slug):
            bid, price = yes_terms(listed.outcome(other.token), other.side, other.price)
            if bid != mine[0] and (mine[1] >= price if mine[0] else price >= mine[1]):
                self.breaches.append(f"self-trade: {draft} against {other}")
        if draft.side is Side.SELL:
            selling = sum(
                o.size - o.matched for o in self.live(listed.slug) if (o.token, o.side) == (draft.token, Side.SELL)
            )
            held = self.ledger(listed).position.holding(outcome).sellable
            if draft.size + selling > held:
                self.breaches.append(f"naked sell of {draft.size} with {held} confirmed")

    async def cancel(self, order_ids: Sequence[str]) -> Cancelled | Unread:
        self._note("cancel", tuple(order_ids))
        await self._pause("cancel")
        if (stormy := self._mute(*_STOP_CANCELS)) is not None:
            return stormy
        if self.limited_cancels:
            return Unread("429", Sign(Storm.LIMITED, self.asks))
        if "cancel" in self.broken:
            return Unread("503")
        live = [i for i in order_ids if i in self.orders and self.orders[i].status == "LIVE"]
        done = tuple(i for i in live if i not in self.uncancellable)
        for order_id in done:
            self._end(order_id, "CANCELED")
        await self._pause("cancel")
        if "cancel answer" in self.broken:
            return Unread("read timeout")
        refused = tuple((i, "not found or already canceled") for i in order_ids if i not in done)
        return Cancelled(done, refused)

    async def cancel_all(self) -> Cancelled | Unread:
        self._note("cancel-all")
        await self._pause("cancel")
        if self.mute_cancel_all:
            self.mute_cancel_all -= 1
            return Unread("read timeout")
        if (stormy := self._mute(*_STOP_CANCELS)) is not None:
            return stormy
        for order in [o for o in self.orders.values() if o.status == "LIVE" and o.order_id not in self.uncancellable]:
            self._end(order.order_id, "CANCELED")
        return Cancelled(())

    def fill(
        self, order_id: str, size: int, *, price: int | None = None, taker: bool = False, sure: bool = True
    ) -> Fill:
        """A trade against one of our orders; `sure` confirms it at once."""
        order = self.orders[order_id]
        size = min(size, order.size - order.matched)
        settlement = Settlement.CONFIRMED if sure else Settlement.MATCHED
        fill = Fill(
            f"t{len(self.trades_)}", order_id, order.condition_id, order.token, order.side, price or order.price, size,
            settlement, taker, wall(),
        )  # fmt: skip
        matched = order.matched + size
        status = "MATCHED" if matched == order.size else "LIVE"
        self.orders[order_id] = evolve(order, matched=matched, status=status)
        self.trades_.append(fill)
        self.watch()
        self.tell(fill)
        self.tell(self.orders[order_id])
        return fill

    def settle(self, trade_id: str, settlement: Settlement) -> None:
        """Move a trade along."""
        place = next(i for i, fill in enumerate(self.trades_) if fill.trade_id == trade_id)
        self.trades_[place] = evolve(self.trades_[place], settlement=settlement)
        self.watch()
        self.tell(self.trades_[place])

    def foreign(self, listed: Market, price: int = 3000, size: int = 10 * SHARE, side: Side = Side.BUY) -> str:
        """Somebody else's order of YES on our account."""
        order_id = f"0xforeign{len(self.orders)}"
        self.orders[order_id] = OrderUpdate(order_id, listed.condition_id, listed.yes, side, price, size, 0, "LIVE")
        self.tell(self.orders[order_id])
        return order_id

    def forget(self, order_id: str) -> None:
        """The venue loses an order, as after a restart of its engine."""
        del self.orders[order_id]

    def _end(self, order_id: str, status: str) -> None:
        self.orders[order_id] = evolve(self.orders[order_id], status=status)
        self.watch()
        self.tell(self.orders[order_id])

    # ── reads ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def order(self, order_id: str) -> OrderUpdate | Unread | None:
        self._note("query", (order_id,))
        await self._pause("query")
        if (stormy := self._mute(Storm.LOGIN)) is not None:
            return stormy
        return Unread("500") if "query" in self.broken else self.orders.get(order_id)

    async def open_orders(self, condition_id: str | None = None) -> tuple[OrderUpdate, ...] | Unread:
        self._note("open orders", (condition_id or "",))
        await self._pause("read")
        if (stormy := self._mute(Storm.LOGIN)) is not None:
            return stormy
        if "read" in self.broken or f"read {condition_id}" in self.broken:
            return Unread("500")
        return tuple(o for o in self.orders.values() if o.status == "LIVE" and condition_id in (None, o.condition_id))

    async def trades(self, condition_id: str | None = None, after: float = 0.0) -> tuple[Fill, ...] | Unread:
        self._note("trades", (condition_id or "",))
        await self._pause("read")
        if (stormy := self._mute(Storm.LOGIN)) is not None:
            return stormy
        if "trades" in self.broken:
            return Unread("500")
        return tuple(f for f in self.trades_ if condition_id in (None, f.condition_id) and f.matched_at >= after)

    async def cash(self) -> int | Unread:
        return self.money

    async def shares(self, token: str) -> int | Unread:
        self._note("shares", (token,))
        await self._pause("read")
        return Unread("500") if "shares" in self.broken else self.cached.get(token, self._balance(token))

    def _balance(self, token: str) -> int:
        listed, outcome = self._find(token)
        return int(self.ledger(listed).position.holding(outcome).size) + self.moved.get(token, 0)

    def _free(self, token: str) -> int:
        """What no open sale of the account ties up, foreign ones included."""
        open_ = [o for o in self.orders.values() if (o.token, o.side, o.status) == (token, Side.SELL, "LIVE")]
        return self._balance(token) - sum(o.size - o.matched for o in open_)

    async def refresh(self, token: str | None = None) -> Unread | None:
        self._note("refresh", (token or "",))
        await self._pause("read")
        return None

    async def probe(self) -> Unread | None:
        self._note("probe")
        await self._pause("cancel")
        return self._mute(*_STOP_CANCELS)

    def quota(self, lane: Lane) -> Quota | None:
        return self.quotas.get(lane)

    async def paid(self, kind: Kind, day: int) -> dict[str, Cash] | Unread:
        self._note("paid", (kind.value, str(day)))
        paid = self.rewarded if kind is Kind.REWARDS else self.rebated
        return Unread("500") if "income" in self.broken else paid.get(day, {})

    async def derives_our_key(self) -> bool | Unread:
        self._note("derive")
        await self._pause("read")
        return self.our_key

    async def beat(self) -> Rearmed | Unread | None:
        self._note("beat")
        await self._pause("beat")
        if self.breaks:
            self.breaks -= 1
            return Rearmed()
        return Unread("500") if "beat" in self.broken else self._mute(Storm.LOGIN)

    async def server_time(self) -> float | Unread:
        return Unread("500") if "time" in self.broken else wall() + self.skew

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        self._note("find", tuple(names))
        await self._pause("find")
        if "find" in self.broken:
            return Unread("500")
        return tuple(m for m in self.markets if m.slug in names or m.condition_id in names)

    async def describe(self, condition_ids: Sequence[str]) -> dict[str, Market | Unread] | Unread:
        found = await self.find(condition_ids)
        if isinstance(found, Unread):
            return found
        unread = Unread("a tick that is no price")
        return {m.condition_id: unread if m.condition_id in self.undescribed else m for m in found}

    async def listed(self, like: str = "") -> tuple[str, ...] | Unread:
        return tuple(m.slug for m in self.markets)

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        return self.listings[:most]

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread:
        self._note("books", tuple(tokens))
        await self._pause("books")
        if self.limited_books:
            return Unread("429", Sign(Storm.LIMITED))
        return Unread("500") if "books" in self.broken else tuple(map(self.snapshot, tokens))

    def relist(self, listed: Market) -> None:
        """The market is described otherwise from now on."""
        self.markets = tuple(listed if m.condition_id == listed.condition_id else m for m in self.markets)

    # ── its own truth ─────────────────────────────────────────────────────────────────────────────────────────────

    def snapshot(self, token: str) -> BookSnapshot:
        listed, outcome = self._find(token)
        bids, asks = self.books_[listed.slug]
        if outcome is Outcome.NO:
            bids, asks = _mirrored(asks), _mirrored(bids)
        return BookSnapshot(token, bids, asks, listed.tick)

    def live(self, slug: str | None = None) -> list[OrderUpdate]:
        """Own orders resting, of one market or of all; foreign ones left out."""
        conditions = {m.condition_id for m in self.markets if slug in (None, m.slug)}
        return [
            o
            for o in self.orders.values()
            if o.status == "LIVE" and o.condition_id in conditions and o.order_id in self._drafts
        ]

    def exposure(self, listed: Market) -> int:
        """Money this market may take in the worst case: buys resting or under way, and what inventory cost."""
        resting = sum(cost(o.price, o.size - o.matched) for o in self.live(listed.slug) if o.side is Side.BUY)
        drafts = [self._drafts[i] for i in self._flying]
        flying = sum(cost(d.price, d.size) for d in drafts if d.side is Side.BUY and d.token in listed.tokens)
        return resting + flying + self.ledger(listed).position.inventory_cost

    def ledger(self, listed: Market) -> Ledger:
        """What the trades and conversions of a market add up to."""
        ledger = Ledger(listed.slug)
        for conversion in self.converted:
            if conversion.condition_id == listed.condition_id:
                ledger.convert(conversion)
        for f in self.trades_:
            if f.condition_id == listed.condition_id:
                outcome = listed.outcome(f.token)
                ledger.book(
                    Booked(
                        f.trade_id, f.order_id, outcome, f.side, Price(f.price), Size(f.size), ledger.fee(0, 0, taker=False),
                        f.settlement,
                        f.matched_at,
                    )
                )  # fmt: skip
        return ledger

    @property
    def placed(self) -> list[Call]:
        return [call for call in self.calls if call.kind == "place"]

    def since(self, at: float, kind: str) -> list[Call]:
        return [call for call in self.calls if call.kind == kind and call.at >= at]

    def _best(self, listed: Market, outcome: Outcome) -> tuple[int, int]:
        book = self.snapshot(listed.token(outcome))
        return max((p for p, _ in book.bids), default=0), min((p for p, _ in book.asks), default=PRICE_ONE)

    def _find(self, token: str) -> tuple[Market, Outcome]:
        listed = next(m for m in self.markets if token in m.tokens)
        return listed, listed.outcome(token)

    def _note(self, kind: str, ids: tuple[str, ...] = (), draft: Draft | None = None) -> None:
        self.calls.append(Call(trio.current_time(), kind, ids, draft))

    async def _pause(self, kind: str) -> None:
        await trio.sleep(self.latency.get(kind, 0.005))


def _mirrored(levels: Rungs) -> Rungs:
    return tuple((PRICE_ONE - price, size) for price, size in levels)
