"""One venue request each but placements, from permit to outcome, as errands of the gateway.

Cancels may always try: a slow venue delays them, never refuses them, and those of a kill or of the end hardly at all. Reads are not even sent while it limits them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from math import ceil
from typing import TypeVar

import trio
from attrs import field, frozen
from loguru import logger

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox, tell
from actors.messages import (
    BooksRead,
    Cancel,
    CancelOutcome,
    Fetch,
    OrderUpdate,
    Query,
    QueryOutcome,
    Reconcile,
    Snapshot,
    SnapshotFailed,
)
from actors.model.market import Market
from actors.model.outcome import Rearmed, Unread
from actors.model.rates import Call, Lane
from actors.ports import PublicData, Trading
from actors.shared.admission import Standings
from actors.shared.limiter import Haste, Permit, permitted
from actors.shared.skies import Skies
from actors.shared.trail import Scribe

T = TypeVar("T")

_CANCEL_ALL_TRIES = 5
_BATCH_WITHIN = 0.02  # s in which book reads are collected into one request
_ROUTINE_WITHIN = 1.0  # s in which routine reads of orders and trades are collected into one
_REFRESH_EVERY = 15.0  # s between two requests to read the same balance again
BOOKS_A_REQUEST = 100
TERMS_A_REQUEST = 25  # read one after the other: more would make the last ones wait
_UNKNOWN = Unread("the venue knows no such market")
_BALANCES_AT_ONCE = 100  # half of what the venue takes in a window: more would not fit into ours
_CANCEL_BATCH = 1000  # polymarket.md §0: more ids in one DELETE /orders may be refused


@frozen
class Beat:
    """Send one dead-man heartbeat; answered by `Beaten` (fact)."""


@frozen
class Beaten:
    """How the heartbeat ended (fact); None = accepted, `rearmed` if only after its chain of ids was mended."""

    failure: Unread | None
    at: float
    rearmed: bool = False


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
class ReadShares:
    """A tracker wants to know the account's balance of a token; answered by `SharesRead` (fact)."""

    market: str
    token: str


@frozen
class SharesRead:
    """The balance (size units) that the venue read from the chain after `asked_at`, or why it could not (fact)."""

    token: str
    balance: int | Unread
    asked_at: float


@frozen
class Requests:
    """The venue's calls, with where each outcome is told: to nobody, once its market is gone."""

    venue: Trading
    public: PublicData
    permits: Desk[Permit, float]
    skies: Skies
    standings: Standings
    trackers: Mapping[str, Mailbox[object]]
    feeds: Mapping[str, Mailbox[object]]
    account: Mailbox[object]
    heartbeat: Mailbox[object]
    scribe: Scribe
    _waiting: set[str] = field(factory=set, init=False)
    _patient: set[str] = field(factory=set, init=False)
    _refreshed: dict[str | None, float] = field(factory=dict, init=False)
    _apart: set[str] = field(factory=set, init=False)

    async def cancel(self, cancel: Cancel) -> None:
        """Cancel by id. Ids that wait already, for a permit or a slow venue, do not wait twice.

        But what protects does not stay behind a requote that waits: it takes the id over.
        """
        known = self._waiting | self._patient if cancel.requote else self._waiting
        new = [order_id for order_id in cancel.order_ids if order_id not in known]
        self._patient.difference_update(new)
        for start in range(0, len(new), _CANCEL_BATCH):
            await self._cancel(cancel, tuple(new[start : start + _CANCEL_BATCH]))

    async def _cancel(self, cancel: Cancel, ids: tuple[str, ...]) -> None:
        waiting = self._patient if cancel.requote else self._waiting
        haste = Haste.PATIENT if cancel.requote else Haste.NORMAL
        waiting.update(ids)
        await permitted(self.permits, Permit(Call.CANCEL, len(ids), haste))
        await self.skies.passage(Lane.CANCELS, lambda: self.standings.hurries(cancel.market))
        left = tuple(order_id for order_id in ids if order_id in waiting)
        waiting.difference_update(ids)
        if left:
            self.scribe.cancel(left, cancel.market)
            result = await self.venue.cancel(left)
            self.scribe.cancel(result, cancel.market)
            self.skies.heard(result, Lane.CANCELS)
            self.skies.allowed(self.venue.quota(Lane.CANCELS))
            tell(self.trackers, cancel.market, CancelOutcome(left, result))

    async def cancel_all(self, orders: int) -> None:
        """Cancel everything of the account; without an answer again, for nobody else watches over foreign orders.

        The venue charges for every order that it cancels, `orders` of ours and foreign ones. An answer that tells of a
        storm is no try: this goes on until the venue can do it.
        """
        tries = 0
        while tries < _CANCEL_ALL_TRIES:
            await self.skies.passage(Lane.CANCELS, lambda: True)
            await permitted(self.permits, Permit(Call.CANCEL_ALL, 1 + orders, Haste.AT_ONCE))
            self.scribe.cancel("all")
            result = await self.venue.cancel_all()
            self.scribe.cancel(result)
            self.skies.heard(result, Lane.CANCELS)
            self.skies.allowed(self.venue.quota(Lane.CANCELS))
            if not isinstance(result, Unread):
                if (foreign := len(result.done) - orders) > 0:
                    await permitted(self.permits, Permit(Call.CANCEL_ALL, foreign, Haste.AT_ONCE))
                logger.info("cancel-all: {} cancelled, {} refused", len(result.done), len(result.refused))
                return
            logger.error("cancel-all was not answered: {}", result.why)
            tries += result.sign is None
            await trio.sleep(1.0)

    async def query(self, query: Query) -> None:
        await permitted(self.permits, Permit(Call.ORDER))
        asked_at = trio.current_time()
        result = await self._read(lambda: self.venue.order(query.order_id))
        tell(self.trackers, query.market, QueryOutcome(query.order_id, result, asked_at))

    async def reconcile(self, reconcile: Reconcile) -> None:
        """One market's orders and trades."""
        read = await self._orders_and_trades(reconcile.condition_id, reconcile.after)
        tell(self.trackers, reconcile.market, SnapshotFailed(read.why) if isinstance(read, Unread) else read)

    async def reconcile_together(self, waiting: list[Reconcile]) -> None:
        """The account's orders and trades, once for everyone who asked within a second; takes the list's content with it.

        A single unreadable row of a market, even of one that is not ours, spoils the answer for all: then each market is
        read alone the next time.
        """
        await trio.sleep(_ROUTINE_WITHIN)
        asked, waiting[:] = list(waiting), []
        read = await self._orders_and_trades(None, min(one.after for one in asked))
        for one in asked:
            if isinstance(read, Unread):
                self._apart.add(one.market)
            answer = SnapshotFailed(read.why) if isinstance(read, Unread) else _part(read, one)
            tell(self.trackers, one.market, answer)

    def is_apart(self, market: str) -> bool:
        """Whether this market is to be read alone this time."""
        apart = market in self._apart
        self._apart.discard(market)
        return apart

    async def _orders_and_trades(self, condition_id: str | None, after: float) -> Snapshot | Unread:
        """Open orders first, then trades: what filled between the two reads shows in the second."""
        await permitted(self.permits, Permit(Call.OPEN_ORDERS))
        await permitted(self.permits, Permit(Call.TRADES))
        asked_at = trio.current_time()
        orders = await self._read(lambda: self.venue.open_orders(condition_id))
        if isinstance(orders, Unread):
            return orders
        fills = await self._read(lambda: self.venue.trades(condition_id, after))
        return fills if isinstance(fills, Unread) else Snapshot(orders, fills, asked_at)

    async def fetch(self, waiting: list[Fetch]) -> None:
        """Read the books of everyone who asked within a moment in one request; takes the list's content with it."""
        await trio.sleep(_BATCH_WITHIN)
        fetches, waiting[:] = list(waiting), []
        tokens = [token for fetch in fetches for token in fetch.tokens]
        await permitted(self.permits, Permit(Call.BOOKS, ceil(len(tokens) / BOOKS_A_REQUEST)))
        asked_at = trio.current_time()
        books = await self.public.books(tokens)
        self.skies.slowed(books, Lane.READS)
        for fetch in fetches:
            mine = books if isinstance(books, Unread) else tuple(b for b in books if b.token in fetch.tokens)
            readers = self.trackers if fetch.for_tracker else self.feeds
            tell(readers, fetch.market, BooksRead(mine, asked_at, trio.current_time()))

    async def read_terms(self, waiting: list[ReadTerms]) -> None:
        """Read the terms of `TERMS_A_REQUEST` of those who asked within a moment; takes them from the list.

        A description comes from two places (polymarket.md §1.2, §1.3): one is asked for all of them, the other for each.
        """
        await trio.sleep(_BATCH_WITHIN)
        reads, waiting[:] = waiting[:TERMS_A_REQUEST], waiting[TERMS_A_REQUEST:]
        await permitted(self.permits, Permit(Call.LISTING))
        await permitted(self.permits, Permit(Call.TERMS, len(reads)))
        asked_at = trio.current_time()
        found = await self.public.describe([read.condition_id for read in reads])
        self.skies.slowed(found, Lane.READS)
        for read in reads:
            market = found if isinstance(found, Unread) else found.get(read.condition_id, _UNKNOWN)
            tell(self.feeds, read.market, TermsRead(market, asked_at))

    async def beat(self) -> None:
        await permitted(self.permits, Permit(Call.BEAT, 0, Haste.AT_ONCE))
        answer = await self.venue.beat()
        self.skies.heard(answer)
        failure = answer if isinstance(answer, Unread) else None
        self.heartbeat.tell(Beaten(failure, trio.current_time(), rearmed=isinstance(answer, Rearmed)))

    async def read_account(self, read: ReadAccount) -> None:
        await permitted(self.permits, Permit(Call.OPEN_ORDERS))
        for start in range(0, 1 + len(read.tokens), _BALANCES_AT_ONCE):
            await permitted(self.permits, Permit(Call.BALANCE, min(_BALANCES_AT_ONCE, 1 + len(read.tokens) - start)))
        asked_at = trio.current_time()
        orders, cash = await self._read(self.venue.open_orders), await self._read(self.venue.cash)
        shares = {token: await self._read(partial(self.venue.shares, token)) for token in read.tokens}
        self.account.tell(AccountRead(orders, cash, asked_at, shares))

    async def read_shares(self, read: ReadShares) -> None:
        """The venue is made to look first: what it remembers of a balance may be old (reliability.md F17)."""
        await permitted(self.permits, Permit(Call.REFRESH))
        await permitted(self.permits, Permit(Call.BALANCE))
        self._refreshed[read.token] = asked_at = trio.current_time()
        balance: int | Unread | None = await self._read(partial(self.venue.refresh, read.token))
        if balance is None:
            balance = await self._read(partial(self.venue.shares, read.token))
        tell(self.trackers, read.market, SharesRead(read.token, balance, asked_at))

    async def refresh(self, token: str | None) -> None:
        """Have the venue read a balance again (None: collateral) that it thinks too small, a few times a minute at most."""
        now = trio.current_time()
        if now < self._refreshed.get(token, float("-inf")) + _REFRESH_EVERY:
            return
        self._refreshed[token] = now
        await permitted(self.permits, Permit(Call.REFRESH))
        failure = await self._read(lambda: self.venue.refresh(token))
        logger.debug(
            "the venue was asked to read the balance of {} again: {}", token or "collateral", failure or "done"
        )

    async def _read(self, read: Callable[[], Awaitable[T]]) -> T | Unread:
        """The answer; none is asked for while the venue limits reads, or they would pile up."""
        if (wait := self.skies.slow_for(Lane.READS)) > 0:
            return Unread(f"the venue limits our reads: none for {wait:.0f} s")
        answer = await read()
        self.skies.heard(answer, Lane.READS)
        return answer


def _part(read: Snapshot, one: Reconcile) -> Snapshot:
    """What a read of the whole account says of one market, as if that alone had been asked for."""
    orders = tuple(order for order in read.orders if order.condition_id == one.condition_id)
    fills = tuple(
        fill for fill in read.fills if fill.condition_id == one.condition_id and fill.matched_at >= int(one.after)
    )
    return Snapshot(orders, fills, read.asked_at)
