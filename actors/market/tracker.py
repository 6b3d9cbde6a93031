"""The tracker actor: a market's orders and ledger; makes what rests at the venue equal to what is wanted.

Start-up and crash recovery are one path: journal, then the venue's orders and trades, then work. It never prices.
"""

from __future__ import annotations

from typing import ClassVar

import trio
from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.market.blotter import Blotter
from actors.market.calm import Calm
from actors.market.converting import Converting
from actors.market.flatten import is_flat, reducing
from actors.market.placing import Numbers, Placing
from actors.market.report import Publisher
from actors.market.trader import Trader
from actors.market.work import Work
from actors.messages import Cancel, Fetch, Place, Query, Reconcile
from actors.model.governor import Governor, Pace, protects
from actors.model.ledger import Ledger
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import Price, Size
from actors.model.order import Key, Life, Order
from actors.model.plan import Plan, plan
from actors.model.quote import Quote, Targets, only_reducing
from actors.model.trading import Order as Ordered
from actors.model.trading import Trading
from actors.ports import WallClock
from actors.records import Intent, Note
from actors.shared.admission import Fences
from actors.shared.breakers import Struck
from actors.shared.gateway import Progress
from actors.shared.journal import Answer, Question, Recall
from actors.shared.requests import ReadShares
from actors.shared.risk import Command

_RECONCILE_EVERY, _RECONCILE_RETRY = 30.0, 2.0
_TRADES_OVERLAP = 300.0  # s of trades read again: longer than any late report of a trade seen so far
_PROGRESS_EVERY = 4.0
_CANCELS_WITHIN = 4.0  # s for cancels before positions are sold beside orders that stay (architecture.md §7)
_DOUBT_PULLS = 3.0  # s of doubt about our orders after which they are pulled: no longer than a lease
_BUSY_TICK = 0.25  # s between looks while orders are being cancelled or positions sold


@frozen
class Tracker:
    """`stale` is the book age past which nothing is placed (I10); its generation is the one its fence admits."""

    rank: ClassVar[int] = 4
    market: Market
    mailbox: Mailbox[object]
    placing: Placing
    trader: Trader
    publisher: Publisher
    fences: Fences
    converting: Converting
    journal: Desk[Question, Answer]
    notes: Mailbox[object]
    feed: Mailbox[object]
    gateway: Mailbox[object]
    risk: Mailbox[object]
    heartbeat: Mailbox[object]
    stale: float
    pace: Pace
    orphans: str
    wall: WallClock

    async def run(self, ready: Ready) -> None:
        """Ready once journal and venue have been compared; until then nothing is placed.

        Recovery is the same loop: a venue that cannot be read must not keep this life from cancelling what the journal
        says may rest there, nor from hearing that it is to pause or to leave.
        """
        slug = self.market.slug
        blotter, numbers = Blotter(self.market, Ledger(slug, self.market.fees)), Numbers(self.fences.generation(slug))
        work = Work(blotter, numbers, Governor(self.pace))
        work.doubted_at = work.unsure_since = trio.current_time()
        calm: Calm | None = None
        while True:
            letters = await self.mailbox.read(until=self._next_look(work))
            now = trio.current_time()
            for letter in letters:
                work.take(letter, now)
            if calm is not None and calm.holds(work, self._current(work, now), now):
                self._show_progress(work, now)
                continue
            work.recalled = work.recalled and not any(isinstance(letter, Gap) for letter in letters)
            await self._recall_if_due(work)
            await self.converting.answer(work)
            if work.known and not work.told_ready:
                work.told_ready = True
                self._cancel_orphans(work, now)
                ready()
            acted = await self._act(work, now)
            self._publish(work)
            calm = None if acted else Calm.of(work, self._current(work, now), _routine_at(now))

    # ── recovery ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _recall_if_due(self, work: Work) -> None:
        """The journal knows every order that may have left, also one whose `Sent` was lost on the way.

        A journal that does not answer is asked again; its restart is no reason for this life to end.
        """
        if work.recalled:
            return
        try:
            intents = await self.journal.ask(Recall(self.market.condition_id))
            batches = await self.converting.recall(self.market.condition_id)
        except Unanswered as silence:
            work.doubt(f"the journal does not answer: {silence}", trio.current_time())
            return
        work.recalled = work.dirty = True
        for intent in intents:
            work.blotter.adopt(self._adopted(intent))
        for batch in batches:
            work.convert(batch.conversion)

    def _cancel_orphans(self, work: Work, now: float) -> None:
        """Leave nothing of a former life standing, if so configured."""
        if self.orphans == "cancel":
            self._cancel([o for o in work.blotter.open if o.open and o.order_id], work, now)

    def _adopted(self, intent: Intent) -> Order:
        """An order of an earlier life: it may exist, and nobody has looked for it before now.

        Its age by the journal's wall clock proves nothing: one that jumps would bury an order that is still on its way.
        """
        now = trio.current_time()
        return Order(
            key=Key(*intent.key),
            outcome=self.market.outcome(intent.token),
            side=Side(intent.side),
            price=Price(intent.price),
            size=Size(intent.size),
            placed_at=now,
            order_id=intent.order_id,
            life=Life.UNKNOWN,
            unknown_since=now,
            query_at=now + 1.0,
            takes=True,
        )

    # ── work ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _act(self, work: Work, now: float) -> bool:
        """Resolve what is uncertain, then move the venue towards what is wanted: cancels first. Whether an order was to move."""
        self._read_if_due(work, now)
        work.blotter.cancel_again(now)
        for order_id in work.blotter.due(now):
            work.blotter.postpone(order_id, now)
            self.gateway.tell(Query(self.market.slug, order_id))
        for token in work.stock.due(now):
            self.gateway.tell(ReadShares(self.market.slug, token))
        for key in work.blotter.never_sent(now):
            work.dirty = True
            work.blotter.drop(key)
        wanted = self._wanted(work, now)
        position = work.position
        sellable = {o: position.holding(o).sellable for o in Outcome}
        orders, since = work.blotter.open, work.governor.since(now)
        change = plan(wanted, orders, min_size=work.market.min_size, sellable=sellable, since=since)
        change = Plan(tuple(order for order in change.cancel if not work.taking.is_one(order)), change.place)
        change = work.govern(change, wanted, now)
        self._cancel(change.cancel, work, now, requote=not any(protects(o, wanted) for o in change.cancel))
        if change.place and not work.reconciling and work.decided_anew:
            await self._place(change.place, work, now, until=self._good_until(work))
        work.dirty |= work.taking.follow(work.blotter)
        if not work.reconciling and (targets := self._current(work, now)) is not None:
            until = self._good_until(work)
            await self.trader.trade(targets.takes, work, now, until=until, tuned=targets.tuned)
        if work.leaving:
            await self._leave(work, now)
        else:
            work.leaving_since = None
        return bool(change.cancel or change.place)

    def _wanted(self, work: Work, now: float) -> tuple[Quote, ...]:
        """The targets, if they may count: a valid lease on the newest epoch of a fresh book (I10) of an open market (I17).

        A doubt places nothing, and what rests is pulled only if it lasts: its place in the queue is worth a short wait.
        """
        targets = self._current(work, now)
        if targets is None or (work.reconciling and now - work.unsure_since > _DOUBT_PULLS):
            return ()
        return targets.quotes if work.may_open else only_reducing(targets.quotes, work.position)

    def _current(self, work: Work, now: float) -> Targets | None:
        """The targets if they still hold."""
        targets, book = work.targets, work.book
        if not work.may_quote or targets is None or book is None or not book.live:
            return None
        if targets.valid_until < now or targets.epoch != book.epoch or book.age(now) > self.stale:
            return None
        wall = self.wall()
        return None if work.market.unquotable(wall) or work.market.outside_hours(wall) else targets

    def _cancel(
        self, orders: tuple[Order, ...] | list[Order], work: Work, now: float, *, requote: bool = False
    ) -> None:
        if orders:
            work.dirty = True
            work.governor.cancelled(orders, now, requote=requote)
            for order in orders:
                work.blotter.cancelling(order.key, now)
            self.gateway.tell(Cancel(self.market.slug, tuple(o.order_id for o in orders), requote))

    def _good_until(self, work: Work) -> float:
        """Past this the order must not leave any more: its lease has lapsed or its book is stale."""
        assert work.targets is not None
        assert work.book is not None
        return min(work.targets.valid_until, work.book.confirmed_at + self.stale)

    async def _place(
        self, quotes: tuple[Quote, ...], work: Work, now: float, *, until: float, reduce: bool = False
    ) -> None:
        """Ask for each, then tell the gateway of all in one go: what arrives together travels together."""
        places: list[Place] = []
        tuned = work.targets.tuned if work.targets and not reduce else self.placing.tuning.number
        for quote in quotes:
            slot = (quote.outcome, quote.side)
            if not work.refusals.holds(slot, now):
                work.dirty = True
                answer = await self.placing.place(
                    quote, work.market, work.blotter, work.numbers, now, until=until, tuned=tuned, reduce=reduce
                )
                if isinstance(answer, Place):
                    places.append(answer)
                    work.governor.placed(quote, now)
                else:
                    work.refuse(slot, answer, now)
        for place in places:
            self.gateway.tell(place)

    async def _leave(self, work: Work, now: float) -> None:
        """Sell what is held once nothing of ours rests; a flatten ends in PAUSED when nothing sellable is left.

        Orders that the venue does not cancel hold this up for a moment only: what can be sold beside them is sold.
        """
        work.leaving_since = now if work.leaving_since is None else work.leaving_since
        waited = now - work.leaving_since
        if work.reconciling or (work.blotter.open and waited < _CANCELS_WITHIN):
            return
        position = work.position
        if is_flat(work.market, position):
            if work.trading is Trading.FLATTENING and not (work.blotter.open or work.blotter.ledger.converting):
                self.risk.tell(Command(Ordered.FLAT, self.market.slug))
        elif work.market.halted(self.wall()):
            return  # nobody takes an order: what is held stays, and is named
        elif work.book is None or not work.book.live or work.book.age(now) > self.stale:
            self._fetch(work, now)
        else:
            keep = self.converting.keeps(work, waited)
            quotes = reducing(work.market, position, work.book, work.blotter.open, waited=waited, keep=keep)
            await self._place(quotes, work, now, until=work.book.confirmed_at + self.stale, reduce=True)

    def _fetch(self, work: Work, now: float) -> None:
        """No feed delivers a book to sell into, as in a parked market: read it."""
        if now - work.fetched_at >= 1.0:
            work.fetched_at = now
            self.gateway.tell(Fetch(self.market.slug, self.market.tokens, for_tracker=True))

    def _read_if_due(self, work: Work, now: float) -> None:
        """Read orders and trades: at once when in doubt, and now and then anyway."""
        routine = not (work.reconciling or work.blotter.awaiting_trades(now))
        period = _RECONCILE_EVERY if routine else _RECONCILE_RETRY
        due = now // period != work.read_at // period if routine else now - work.read_at >= period
        if work.recalled and due:
            work.read_at = now
            after = self._trades_after(work)
            self.gateway.tell(Reconcile(self.market.slug, self.market.condition_id, after, routine, work.doubted_at))

    def _trades_after(self, work: Work) -> float:
        """From when trades are read (epoch s): all of them once, then what may be news since the last answer, still
        settles, or is missing from an order that has ended."""
        if not work.known:
            return 0.0
        since = min(work.answered_at, work.blotter.missing_since)
        news = self.wall() - (trio.current_time() - since) - _TRADES_OVERLAP
        return max(0.0, min(work.blotter.ledger.unsettled_since, news))

    def _next_look(self, work: Work) -> float:
        """When time alone will ask for something: a lease that lapses, a query that is due, a sale to widen."""
        now = trio.current_time()
        if work.reconciling or work.leaving or work.ending:
            return now + _BUSY_TICK
        lease = work.targets.valid_until if work.targets and work.targets.valid_until > now else now + _PROGRESS_EVERY
        queries = min((order.query_at for order in work.blotter.open), default=now + _PROGRESS_EVERY)
        looks = (lease + 0.001, queries, work.governor.look_at, work.stock.look_at, now + _PROGRESS_EVERY)
        return max(now + 0.01, min(looks))

    def _publish(self, work: Work) -> None:
        """States for everybody, notes for the journal, and a sign of life."""
        slug = self.market.slug
        self._show_progress(work, trio.current_time())
        for doubt in work.doubted:
            self.feed.tell(doubt)
        work.doubted.clear()
        for caught in work.caught:
            self.risk.tell(Struck(slug, caught))
        work.caught.clear()
        if not work.dirty:
            return
        work.dirty = False
        for kind, text in work.notes:
            self.notes.tell(Note(kind, slug, text, self.wall()))
        work.notes.clear()
        for order_id in work.blotter.closed:
            self.notes.tell(Note("closed", slug, order_id, self.wall()))
        work.blotter.closed.clear()
        halted = work.market.halted(self.wall())
        self.publisher.publish(work, holding=not is_flat(work.market, work.position), halted=halted)

    def _show_progress(self, work: Work, now: float) -> None:
        """A tracker that waits for the venue is moving, too: without this, one slow market would stop all heartbeats."""
        if now - work.progress_at >= _PROGRESS_EVERY:
            work.progress_at = now
            self.heartbeat.lay(Progress(self.market.slug, now), about=self.market.slug)


def _routine_at(now: float) -> float:
    """When the next routine read is due."""
    return (now // _RECONCILE_EVERY + 1) * _RECONCILE_EVERY
