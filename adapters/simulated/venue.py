"""The venue of one simulated path behind the ports, on trio's clock: latency, refusals, fills and their settlement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

import trio
from attrs import define, evolve, field

from actors.messages import Draft, OrderUpdate, Signed
from actors.messages import Fill as OwnFill
from actors.model.income import Kind
from actors.model.market import Market, Outcome, Side, tradable_price
from actors.model.numbers import Cash, cost
from actors.model.order import Settlement
from actors.model.outcome import Accepted, Cancelled, Fault, Placed, Rearmed, Rejected, Sign, Storm, Unknown, Unread
from actors.model.performance import Performance
from actors.model.rates import Lane, Quota
from adapters.matching import Fill, Order, Result
from adapters.simulated.account import Account, Trade
from adapters.simulated.delays import Delays
from adapters.simulated.links import BookChannel, OwnChannel
from adapters.simulated.listing import listing, wall
from adapters.simulated.market import OWN, SimulatedMarket
from adapters.simulated.path import Path
from adapters.simulated.quotes import Quoted
from adapters.simulated.rewards import Scored
from adapters.simulated.timer import Timer

_CONFIRMED_AFTER = 3.0  # s from a match to a share that may be sold
_DOWN = Sign(Storm.RESTART)


@define(eq=False, repr=False)
class SimulatedVenue:
    """Implements Trading for one market. `acts` is every order and cancel as it was decided: when, and what."""

    path: Path
    delays: Delays
    timer: Timer
    market: SimulatedMarket = field(init=False)
    account: Account = field(init=False)
    books_channel: BookChannel = field(init=False)
    own_channel: OwnChannel = field(init=False)
    acts: list[tuple[float, Draft | str]] = field(factory=list)
    placed: int = 0
    _scored: Scored = field(init=False)
    _drafts: dict[str, Draft] = field(factory=dict)
    _orders: dict[str, OrderUpdate] = field(factory=dict)
    _fills: list[OwnFill] = field(factory=list)
    _numbers: count[int] = field(factory=lambda: count(1))
    address: str = "0x0000000000000000000000000000000000000001"

    def __attrs_post_init__(self) -> None:
        listed = listing(self.path.family)
        self.account = Account(listed.fees)
        self.books_channel = BookChannel(lambda token: self.market.snapshot(token), self.delays, self.timer)
        self.own_channel = OwnChannel(self.delays, self.timer)
        self.market = SimulatedMarket(
            self.path, listed, self.books_channel.say, self._filled, self._sampled, self._quoted
        )
        self._scored = Scored(listed.rewards)

    def open(self) -> None:
        """The others are there before anybody looks."""
        self.market.play(self.path.events[0])

    async def run(self) -> None:
        """Live the path through to its horizon."""
        for event in self.path.events[1:]:
            if event.at > trio.current_time():
                await self.timer.until(event.at)
            self.market.play(event)
        await self.timer.until(self.path.family.horizon)

    def close(self) -> Performance:
        """The end: no order rests or comes any more, and what is held becomes what it is worth."""
        for resting in list(self.market.own()):
            self._end(resting.order.id)
        self.market.listed = evolve(self.market.listed, accepting=False)
        self.account.settle(self.path.worth)
        return self.account.performance(self.path.seed, self.path.family.horizon, self.placed, len(self.acts))

    # ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────

    def sign(self, draft: Draft) -> Signed:
        order_id = f"0x{next(self._numbers):064x}"
        self._drafts[order_id] = draft
        return Signed(order_id, b"{}")

    async def place(self, signed: Signed) -> Placed:
        return (await self.place_all([signed]))[0]

    async def place_all(self, orders: Sequence[Signed]) -> tuple[Placed, ...]:
        now = trio.current_time()
        self.acts += [(now, self._drafts[signed.order_id]) for signed in orders]
        self.placed += sum(self._drafts[signed.order_id].size for signed in orders)
        await self.timer.sleep(self.delays.order(now))
        results = tuple(self._land(signed.order_id) for signed in orders)
        await self.timer.sleep(self.delays.feed(trio.current_time()))
        return results

    async def cancel(self, order_ids: Sequence[str]) -> Cancelled | Unread:
        now = trio.current_time()
        self.acts += [(now, order_id) for order_id in order_ids]
        await self.timer.sleep(self.delays.cancel(now))
        if self.down:
            return Unread("425", _DOWN)
        done = tuple(order_id for order_id in order_ids if self._end(order_id))
        await self.timer.sleep(self.delays.feed(trio.current_time()))
        gone = tuple((order_id, "not found or already canceled") for order_id in order_ids if order_id not in done)
        return Cancelled(done, gone)

    async def cancel_all(self) -> Cancelled | Unread:
        return await self.cancel([resting.order.id for resting in self.market.own()])

    def _land(self, order_id: str) -> Placed:
        """The order reaches the engine."""
        draft = self._drafts[order_id]
        if self.down:
            return Unknown("425", engine_down=True)
        if (refusal := self._unfit(draft)) is not None:
            return refusal
        outcome = self.market.listed.outcome(draft.token)
        life, size = draft.type, draft.size
        order = Order(order_id, OWN, outcome, draft.side, draft.price, size, life, post_only=draft.post_only)  # type: ignore[arg-type]
        update = OrderUpdate(order_id, self.terms.condition_id, draft.token, draft.side, draft.price, size, 0, "LIVE")
        self._orders[order_id] = update
        result = self.market.submit(order)
        if result.refusal is not None:
            del self._orders[order_id]
            crosses = result.refusal == "crosses"
            return Rejected(Fault.CROSSES if crosses else Fault.KILLED, result.refusal)
        return self._stands(order_id, result)

    def _stands(self, order_id: str, result: Result) -> Placed:
        for gone in result.replaced:
            self._close(gone.order.id, "CANCELED")
        if result.rested:
            self._scored.began[order_id] = trio.current_time()
        elif self._orders[order_id].status == "LIVE":
            self._close(order_id, "MATCHED" if result.fills else "CANCELED")
        self.own_channel.say(self._orders[order_id])
        return Accepted(order_id, "matched" if result.fills else "live")

    def _unfit(self, draft: Draft) -> Rejected | None:
        """What the market's terms or the account's balance forbid."""
        tick, outcome = self.terms.tick, self.terms.outcome(draft.token)
        if not self.terms.accepting or self.terms.halted(wall()):
            return Rejected(Fault.NOT_READY, "the market takes no orders")
        if not tradable_price(draft.price, tick) or draft.size < self.terms.min_size:
            return Rejected(Fault.GRID, "price or size off the market's grid")
        free = self._free_shares(outcome) if draft.side is Side.SELL else self._free_cash()
        if free < (draft.size if draft.side is Side.SELL else cost(draft.price, draft.size)):
            return Rejected(Fault.BALANCE, "not enough balance / allowance")
        return None

    def _free_shares(self, outcome: Outcome) -> int:
        selling = (r for r in self.market.own() if r.order.side is Side.SELL and r.order.outcome is outcome)
        return self.account.shares[outcome] - sum(resting.remaining for resting in selling)

    def _free_cash(self) -> int:
        buying = (r for r in self.market.own() if r.order.side is Side.BUY)
        return self.account.cash - sum(cost(r.order.price, r.remaining) for r in buying)

    def _end(self, order_id: str) -> bool:
        if self.market.cancel(order_id) is None:
            return False
        self._close(order_id, "CANCELED")
        self.own_channel.say(self._orders[order_id])
        return True

    def _close(self, order_id: str, status: str) -> None:
        self._orders[order_id] = evolve(self._orders[order_id], status=status)
        self._scored.began.pop(order_id, None)

    # ── what happens to them ──────────────────────────────────────────────────────────────────────────────────────

    def _filled(self, fill: Fill) -> None:
        taker = fill.taker.owner == OWN
        own, price = (fill.taker, fill.taker_price) if taker else (fill.maker, fill.price)
        now = trio.current_time()
        self.account.book(
            Trade(now, own.outcome, own.side, price, fill.size, taker, self.market.middle, self.path.fair_at(now))
        )
        order = self._orders[own.id]
        matched = order.matched + fill.size
        self._orders[own.id] = evolve(order, matched=matched)
        if matched == order.size:
            self._close(own.id, "MATCHED")
        told = OwnFill(
            f"t{len(self._fills)}", own.id, order.condition_id, order.token, own.side, price, fill.size,
            Settlement.MATCHED, taker, wall(),
        )  # fmt: skip
        self._fills.append(told)
        self.own_channel.say(told)
        self.own_channel.say(evolve(told, settlement=Settlement.CONFIRMED), after=_CONFIRMED_AFTER)
        self.own_channel.say(self._orders[own.id])

    def _quoted(self, now: Quoted) -> None:
        self.account.look(now.at, self.market.middle)

    def _sampled(self, rivals: float) -> None:
        if not self.down:
            now = trio.current_time()
            self.account.rewards += self._scored.minute(self.market.book, list(self.market.own()), rivals, now)

    # ── reads ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def terms(self) -> Market:
        return self.market.listed

    @property
    def down(self) -> bool:
        return trio.current_time() < self.market.down_until

    async def order(self, order_id: str) -> OrderUpdate | Unread | None:
        await self._answer()
        return self._orders.get(order_id)

    async def open_orders(self, condition_id: str | None = None) -> tuple[OrderUpdate, ...] | Unread:
        await self._answer()
        return tuple(order for order in self._orders.values() if order.status == "LIVE")

    async def trades(self, condition_id: str | None = None, after: float = 0.0) -> tuple[OwnFill, ...] | Unread:
        await self._answer()
        sure = wall() - _CONFIRMED_AFTER
        return tuple(
            evolve(fill, settlement=Settlement.CONFIRMED) if fill.matched_at <= sure else fill
            for fill in self._fills
            if fill.matched_at >= after
        )

    async def cash(self) -> int | Unread:
        await self._answer()
        return self._free_cash()

    async def shares(self, token: str) -> int | Unread:
        await self._answer()
        return self.account.shares[self.terms.outcome(token)]

    async def refresh(self, token: str | None = None) -> Unread | None:
        await self._answer()
        return None

    async def probe(self) -> Unread | None:
        await self._answer()
        return Unread("425", _DOWN) if self.down else None

    async def derives_our_key(self) -> bool | Unread:
        await self._answer()
        return True

    def quota(self, lane: Lane) -> Quota | None:
        return None

    async def paid(self, kind: Kind, day: int) -> Mapping[str, Cash] | Unread:
        await self._answer()
        return {}

    async def beat(self) -> Rearmed | Unread | None:
        await self._answer()
        return None

    async def _answer(self) -> None:
        await self.timer.sleep(self.delays.feed(trio.current_time()))
