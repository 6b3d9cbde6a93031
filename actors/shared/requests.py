"""One venue request each but placements, from permit to outcome, as errands of the gateway.

Cancels may always try: a slow venue delays them, never refuses them, and those of a kill or of the end hardly at all. Reads are not even sent while it limits them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import trio
from attrs import field, frozen
from loguru import logger

from actors.kernel.alarm import A_STEP
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
)
from actors.model.market import Market
from actors.model.outcome import Rearmed, Unread
from actors.model.rates import Call, Lane
from actors.ports import PublicData, Trading
from actors.shared.admission import Standings
from actors.shared.limiter import Haste, Permit, permitted
from actors.shared.skies import Skies
from actors.shared.trail import Scribe

_CANCEL_ALL_TRIES = 5
_BATCH_WITHIN = 0.02  # s in which book reads are collected into one request
_REFRESH_EVERY = 15.0  # s between two requests to read the same balance again
BOOKS_A_REQUEST = 100
_MARKETS_A_REQUEST = BOOKS_A_REQUEST // 2  # of two books each
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
    describing: set[ReadTerms] = field(factory=set, init=False)  # wait for a permit: not to be asked for twice
    _waiting: set[str] = field(factory=set, init=False)
    _patient: set[str] = field(factory=set, init=False)
    _queried: set[str] = field(factory=set, init=False)
    _refreshed: dict[str | None, float] = field(factory=dict, init=False)

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
        """Ask for an order; one that waits to be asked for already is not asked for twice."""
        if query.order_id in self._queried:
            return
        self._queried.add(query.order_id)
        await permitted(self.permits, Permit(Call.ORDER))
        self._queried.discard(query.order_id)
        asked_at = trio.current_time()
        result = await self.skies.read(lambda: self.venue.order(query.order_id))
        tell(self.trackers, query.market, QueryOutcome(query.order_id, result, asked_at))

    async def fetch(self, waiting: list[Fetch]) -> None:
        """Read the books of everyone who has asked by the time it may be done; takes the list's content with it."""
        await trio.sleep(_BATCH_WITHIN)
        batches: list[list[Fetch]] = []
        while waiting:
            await permitted(self.permits, Permit(Call.BOOKS))
            together = list(dict.fromkeys(waiting))
            batches.append(together[:_MARKETS_A_REQUEST])
            waiting[:] = together[_MARKETS_A_REQUEST:]
        for batch in batches:
            await self._fetch(batch)

    async def _fetch(self, fetches: Sequence[Fetch]) -> None:
        asked_at = trio.current_time()
        books = await self.public.books([token for fetch in fetches for token in fetch.tokens])
        self.skies.slowed(books, Lane.READS)
        shown = {} if isinstance(books, Unread) else {book.token: book for book in books}
        read_at = trio.current_time()
        for number, fetch in enumerate(fetches, 1):
            mine = books if isinstance(books, Unread) else tuple(shown[t] for t in fetch.tokens if t in shown)
            readers = self.trackers if fetch.for_tracker else self.feeds
            tell(readers, fetch.market, BooksRead(mine, asked_at, read_at))
            if number % A_STEP == 0:
                await trio.lowlevel.checkpoint()

    async def read_terms(self, waiting: list[ReadTerms]) -> None:
        """Read the terms of `TERMS_A_REQUEST` of those who asked within a moment; takes them from the list.

        A description comes from two places (polymarket.md §1.2, §1.3): one is asked for all of them, the other for each.
        """
        await trio.sleep(_BATCH_WITHIN)
        reads, waiting[:] = waiting[:TERMS_A_REQUEST], waiting[TERMS_A_REQUEST:]
        self.describing.update(reads)
        await permitted(self.permits, Permit(Call.LISTING, haste=Haste.PATIENT))
        await permitted(self.permits, Permit(Call.TERMS, len(reads), Haste.PATIENT))
        self.describing.difference_update(reads)
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
        """Orders and cash before whatever waits: what a shutdown proves must not be that others ask much."""
        for call in (Call.OPEN_ORDERS, Call.BALANCE):
            await permitted(self.permits, Permit(call, haste=Haste.AT_ONCE))
        for start in range(0, len(read.tokens), _BALANCES_AT_ONCE):
            await permitted(self.permits, Permit(Call.BALANCE, min(_BALANCES_AT_ONCE, len(read.tokens) - start)))
        asked_at = trio.current_time()
        orders, cash = await self.skies.read(self.venue.open_orders), await self.skies.read(self.venue.cash)
        shares = {token: await self.skies.read(partial(self.venue.shares, token)) for token in read.tokens}
        self.account.tell(AccountRead(orders, cash, asked_at, shares))

    async def read_shares(self, read: ReadShares) -> None:
        """The venue is made to look first: what it remembers of a balance may be old (reliability.md F17)."""
        await permitted(self.permits, Permit(Call.REFRESH))
        await permitted(self.permits, Permit(Call.BALANCE))
        self._refreshed[read.token] = asked_at = trio.current_time()
        balance: int | Unread | None = await self.skies.read(partial(self.venue.refresh, read.token))
        if balance is None:
            balance = await self.skies.read(partial(self.venue.shares, read.token))
        tell(self.trackers, read.market, SharesRead(read.token, balance, asked_at))

    async def refresh(self, token: str | None) -> None:
        """Have the venue read a balance again (None: collateral) that it thinks too small, a few times a minute at most."""
        now = trio.current_time()
        if now < self._refreshed.get(token, float("-inf")) + _REFRESH_EVERY:
            return
        self._refreshed[token] = now
        await permitted(self.permits, Permit(Call.REFRESH))
        failure = await self.skies.read(lambda: self.venue.refresh(token))
        logger.debug(
            "the venue was asked to read the balance of {} again: {}", token or "collateral", failure or "done"
        )
