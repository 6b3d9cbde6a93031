"""One venue request each, from permit to outcome, as errands of the gateway. A failure to hear is never a refusal.

The order of a placement is the whole safety argument: permit → sign → durable intent → last look → Sent → bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import trio
from attrs import field, frozen
from loguru import logger

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.messages import (
    BooksRead,
    Cancel,
    CancelOutcome,
    Fetch,
    OrderUpdate,
    Outcome,
    Place,
    Query,
    QueryOutcome,
    Reconcile,
    Refused,
    Sent,
    Signed,
    Snapshot,
    SnapshotFailed,
)
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.reason import Reason
from actors.ports import Intent, Note, PublicData, Trading, WallClock
from actors.shared.journal import Answer, Question
from actors.shared.limiter import Lane, Permit

_CANCEL_ALL_TRIES = 5
_BATCH_WITHIN = 0.02  # s in which book reads are collected into one request
_CANCEL_BATCH = 1000  # polymarket.md §0: more ids in one DELETE /orders may be refused


@frozen
class Beat:
    """Send one dead-man heartbeat; answered by `Beaten` (fact)."""


@frozen
class Beaten:
    """How the heartbeat ended (fact); None = accepted."""

    failure: Unread | None
    at: float


@frozen
class CancelAll:
    """Cancel everything of the account, foreign orders included (fact): only on command, kill or a third signal."""


@frozen
class ReadAccount:
    """Read the account's open orders, cash, and its shares of some tokens; answered by `AccountRead` (fact)."""

    tokens: tuple[str, ...] = ()


@frozen
class AccountRead:
    """The account as the venue shows it (fact)."""

    orders: tuple[OrderUpdate, ...] | Unread
    cash: int | Unread
    asked_at: float
    shares: Mapping[str, int | Unread] = field(factory=dict)


@frozen
class ReadTerms:
    """A feed asks how the venue describes its market now; answered by `TermsRead` (fact)."""

    market: str
    condition_id: str


@frozen
class TermsRead:
    """The market as the venue described it when asked, or why that could not be read (fact)."""

    market: Market | Unread
    asked_at: float


@frozen
class Requests:
    """The venue's calls, with where each outcome is told."""

    venue: Trading
    public: PublicData
    permits: Desk[Permit, float]
    journal: Desk[Question, Answer]
    notes: Mailbox[object]
    trackers: Mapping[str, Mailbox[object]]
    feeds: Mapping[str, Mailbox[object]]
    account: Mailbox[object]
    heartbeat: Mailbox[object]
    wall: WallClock

    async def place(self, place: Place, closed: Callable[[Place], Reason | None]) -> None:
        """Place one order; `closed` is the gateway's last look. The tracker hears Refused, or Sent and an Outcome."""
        tracker = self.trackers[place.market]
        signed = await self._prepare(place)
        reason = signed if isinstance(signed, Reason) else closed(place)
        if reason is not None or isinstance(signed, Reason):
            if isinstance(signed, Signed):  # journalled, yet never sent: recovery must not look for it
                self.notes.tell(Note("closed", place.market, signed.order_id, self.wall()))
            tracker.tell(Refused(place.key, reason.code if reason else ""))
            return
        tracker.tell(Sent(place.key, signed.order_id))
        result = await self.venue.place(signed)
        tracker.tell(Outcome(place.key, result))
        if closed(place) is Reason.RECONCILING:
            # The fence rose while it was in flight: its tracker is gone, so it is cancelled as soon as it is known.
            await self.cancel(Cancel(place.market, (signed.order_id,)))

    async def _prepare(self, place: Place) -> Signed | Reason:
        """A permit, a signature, and the durable intent; or why not. Nothing has left yet."""
        try:
            if await self.permits.ask(Permit(Lane.ORDERS)) > 0:
                return Reason.RATE_LIMIT
            signed = self.venue.sign(place.draft)
            await self.journal.ask(self._intent(place, signed))
        except Unanswered:
            return Reason.ASK_UNANSWERED
        except ValueError:  # a price or size off the venue's grid: a bug of ours that must not take the gateway down
            return Reason.OFF_GRID
        return signed

    def _intent(self, place: Place, signed: Signed) -> Intent:
        draft = place.draft
        return Intent(
            key=place.key,
            order_id=signed.order_id,
            market=place.market,
            condition_id=place.condition_id,
            token=draft.token,
            side=draft.side.value,
            price=draft.price,
            size=draft.size,
            body=signed.body,
            at=self.wall(),
            expires=draft.expires,
        )

    async def cancel(self, cancel: Cancel) -> None:
        """Cancel by id. A missing permit delays a cancel, a missing limiter never does."""
        for start in range(0, len(cancel.order_ids), _CANCEL_BATCH):
            ids = cancel.order_ids[start : start + _CANCEL_BATCH]
            await self._await_permit(Permit(Lane.CANCELS, len(ids)))
            result = await self.venue.cancel(ids)
            self.trackers[cancel.market].tell(CancelOutcome(ids, result))

    async def cancel_all(self) -> None:
        """Cancel everything of the account; without an answer again, for nobody else watches over foreign orders."""
        for _ in range(_CANCEL_ALL_TRIES):
            result = await self.venue.cancel_all()
            if not isinstance(result, Unread):
                logger.info("cancel-all: {} cancelled, {} refused", len(result.done), len(result.refused))
                return
            logger.error("cancel-all was not answered: {}", result.why)
            await trio.sleep(1.0)

    async def query(self, query: Query) -> None:
        await self._await_permit(Permit(Lane.READS))
        asked_at = trio.current_time()
        result = await self.venue.order(query.order_id)
        self.trackers[query.market].tell(QueryOutcome(query.order_id, result, asked_at))

    async def reconcile(self, reconcile: Reconcile) -> None:
        """Open orders first, then trades: what filled between the two reads shows in the second."""
        await self._await_permit(Permit(Lane.READS, 2))
        tracker, asked_at = self.trackers[reconcile.market], trio.current_time()
        orders = await self.venue.open_orders(reconcile.condition_id)
        fills = await self.venue.trades(reconcile.condition_id, reconcile.after)
        if isinstance(orders, Unread) or isinstance(fills, Unread):
            failed = orders if isinstance(orders, Unread) else fills
            assert isinstance(failed, Unread)
            tracker.tell(SnapshotFailed(failed.why))
        else:
            tracker.tell(Snapshot(orders, fills, asked_at))

    async def fetch(self, waiting: list[Fetch]) -> None:
        """Read the books of everyone who asked within a moment in one request; takes the list's content with it."""
        await trio.sleep(_BATCH_WITHIN)
        fetches, waiting[:] = list(waiting), []
        await self._await_permit(Permit(Lane.READS))
        asked_at = trio.current_time()
        books = await self.public.books([token for fetch in fetches for token in fetch.tokens])
        for fetch in fetches:
            mine = books if isinstance(books, Unread) else tuple(b for b in books if b.token in fetch.tokens)
            readers = self.trackers if fetch.for_tracker else self.feeds
            readers[fetch.market].tell(BooksRead(mine, asked_at, trio.current_time()))

    async def read_terms(self, read: ReadTerms) -> None:
        """Two requests, as a description comes from two places (polymarket.md §1.2, §1.3)."""
        await self._await_permit(Permit(Lane.READS, 2))
        asked_at = trio.current_time()
        found = await self.public.find((read.condition_id,))
        market = found if isinstance(found, Unread) else next(iter(found), Unread("the venue knows no such market"))
        self.feeds[read.market].tell(TermsRead(market, asked_at))

    async def beat(self) -> None:
        failure = await self.venue.beat()
        self.heartbeat.tell(Beaten(failure, trio.current_time()))

    async def read_account(self, read: ReadAccount) -> None:
        await self._await_permit(Permit(Lane.READS, 2 + len(read.tokens)))
        asked_at = trio.current_time()
        orders, cash = await self.venue.open_orders(), await self.venue.cash()
        shares = {token: await self.venue.shares(token) for token in read.tokens}
        self.account.tell(AccountRead(orders, cash, asked_at, shares))

    async def _await_permit(self, permit: Permit) -> None:
        """Wait for tokens; without a limiter reads and cancels go ahead, as they only make things safer."""
        try:
            wait = await self.permits.ask(permit)
            while wait > 0:
                await trio.sleep(wait)
                wait = await self.permits.ask(permit)
        except Unanswered:
            return
