"""The gateway actor: every byte to the venue passes here, and admission, fence and ceiling are checked last.

Requests run as errands in the services layer and nobody cancels them; the actor itself only dispatches, so its crash
cuts no request short. Places that are taken up in the same moment travel together. Reads no book, decides no price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import trio
from attrs import define, field, frozen

from actors.kernel.alarm import shared
from actors.kernel.errands import ErrandFailed, Errands
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.messages import Cancel, Fetch, Place, Query, Reconcile
from actors.model.limits import Caps, too_large
from actors.model.market import Side
from actors.model.numbers import Price, Size
from actors.model.order import Key
from actors.model.reason import Reason
from actors.shared.admission import Admission, Fences, Standings
from actors.shared.budget import Restate
from actors.shared.lookout import Lookout
from actors.shared.posts import Posts
from actors.shared.reconciles import Reconciles
from actors.shared.requests import (
    TERMS_A_REQUEST,
    Beat,
    CancelAll,
    ReadAccount,
    ReadShares,
    ReadTerms,
    Requests,
)
from actors.shared.skies import Skies
from actors.shared.statements import ReadIncome, Statements
from actors.shared.survey import Describe, Look, Survey
from actors.shared.transactions import Chase, Convert, Count, Transactions
from actors.shared.tuning import Tuning

_PROGRESS_EVERY = 4.0
GATEWAY = "gateway"  # who it is in its own `Progress`


@frozen
class Progress:
    """`who` was alive and moving at `at` (state, trio time): what the heartbeat lives on."""

    who: str
    at: float


class GatewayFault(Exception):
    """A request ended in a way its code did not foresee; the gateway starts again and trackers reconcile."""


@define(eq=False)
class _Traffic:
    """Orders not proven dead, as far as the gateway knows: restated per market, plus those passing through.

    `queued` ones are asked for and not yet let through; `places`, `fetches` and `terms` wait for company.
    """

    restated: dict[str, frozenset[Key]] = field(factory=dict)
    queued: set[Key] = field(factory=set)
    passing: set[Key] = field(factory=set)
    places: list[Place] = field(factory=list)
    fetches: list[Fetch] = field(factory=list)
    terms: list[ReadTerms] = field(factory=list)

    def restate(self, restate: Restate) -> None:
        """Of a market without orders nothing is kept: it may leave."""
        self.restated.pop(restate.market, None)
        if restate.reserved:
            self.restated[restate.market] = frozenset(restate.reserved)

    @property
    def orders(self) -> int:
        """Trackers restate an order as soon as they have asked for it; it counts once it has been let through."""
        return len(self.passing.union(*self.restated.values()) - self.queued)


@frozen
class Gateway:
    """Dispatches places, cancels, queries, reads, and `transactions` where somebody else sends the wallet's.

    `batch` is the most orders of a request, `charges` says whether it is known what a market charges takers.
    """

    rank: ClassVar[int] = 2
    mailbox: Mailbox[object]
    errands: Errands
    requests: Requests
    reconciles: Reconciles
    posts: Posts
    lookout: Lookout
    skies: Skies
    admission: Admission
    fences: Fences
    standings: Standings
    tuning: Tuning
    batch: int
    heartbeat: Mailbox[object]
    charges: Callable[[str], bool]
    statements: Statements
    survey: Survey
    transactions: Transactions | None = None

    async def run(self, ready: Ready) -> None:
        """Raises GatewayFault when an errand failed unexpectedly."""
        traffic = _Traffic()
        for letter in self.mailbox.read_nowait():
            if isinstance(letter, Place):  # wanted by a view of the market that is older than this life
                self.posts.refuse([letter], Reason.ADMISSION_CLOSED)
            else:
                self._dispatch(letter, traffic)
        ready()
        self.heartbeat.lay(Progress(GATEWAY, trio.current_time()), about=GATEWAY)  # the last life's sign may be old
        beat_at = shared(_PROGRESS_EVERY, trio.current_time())
        while True:
            for letter in await self.mailbox.read(until=min(beat_at, self.lookout.look_at)):
                self._dispatch(letter, traffic)
            self._post(traffic)
            for look in self.lookout.due():
                self.errands.start(look)
            if (now := trio.current_time()) >= beat_at:
                beat_at = shared(_PROGRESS_EVERY, now)
                self.heartbeat.lay(Progress(GATEWAY, now), about=GATEWAY)

    def _dispatch(self, letter: object, traffic: _Traffic) -> None:
        match letter:
            case Restate():
                traffic.restate(letter)
            case Place():
                traffic.queued.add(letter.key)
                traffic.places.append(letter)
            case Cancel():
                self.errands.start(self.requests.cancel, letter)
            case Query():
                self.errands.start(self.requests.query, letter)
            case Reconcile():
                self.errands.start(self.reconciles.read, letter)
            case Fetch():
                traffic.fetches.append(letter)
                if len(traffic.fetches) == 1:
                    self.errands.start(self.requests.fetch, traffic.fetches)
            case ReadTerms() if letter not in traffic.terms and letter not in self.requests.describing:
                traffic.terms.append(letter)
                if len(traffic.terms) % TERMS_A_REQUEST == 1:
                    self.errands.start(self.requests.read_terms, traffic.terms)
            case Beat():
                self.errands.start(self.requests.beat)
            case CancelAll():
                self.errands.start(self.requests.cancel_all, traffic.orders)
            case ReadShares():
                self.errands.start(self.requests.read_shares, letter)
            case ReadAccount():
                self.errands.start(self.requests.read_account, letter)
            case ReadIncome():
                self.errands.start(self.statements.read, letter)
            case Look() | Describe():
                self.survey.start(letter)
            case Convert() | Chase() | Count() if self.transactions is not None:
                self._transact(letter, self.transactions)
            case ErrandFailed():
                raise GatewayFault(f"{letter.name}: {letter.why}")

    def _transact(self, letter: Convert | Chase | Count, transactions: Transactions) -> None:
        match letter:
            case Convert():
                self.errands.start(transactions.convert, letter)
            case Chase():
                self.errands.start(transactions.chase, letter)
            case Count():
                self.errands.start(transactions.count, letter)

    def _post(self, traffic: _Traffic) -> None:
        """Start what this moment has brought, as few requests as may be."""
        places, traffic.places = traffic.places, []
        for start in range(0, len(places), self.batch):
            self.errands.start(self._place, places[start : start + self.batch], traffic)

    async def _place(self, places: Sequence[Place], traffic: _Traffic) -> None:
        """Check, send, and make sure that the trackers hear of their orders whatever happens."""
        passing = [place for place in places if self._passes(place, traffic)]
        keys = {place.key for place in passing}
        try:
            short = await self.posts.place(passing, self._closed) if passing else set()
        finally:
            traffic.passing -= keys
        for asset in short:
            await self.requests.refresh(asset)

    def _passes(self, place: Place, traffic: _Traffic) -> bool:
        refusal = self._refusal(place, traffic)
        traffic.queued.discard(place.key)
        if refusal is not None:
            self.posts.refuse([place], refusal)
            return False
        traffic.passing.add(place.key)
        return True

    def _closed(self, place: Place) -> Reason | None:
        """What forbids the order in this very instant; looked at again right before its bytes leave."""
        if not self.fences.passes(place.market, place.key.generation):
            return Reason.RECONCILING  # first: it also decides whether an order in flight is cancelled
        if not self.admission.is_open:
            return Reason.ADMISSION_CLOSED
        if place.tuned != self.tuning.number:
            return Reason.RETUNED
        sells = place.draft.side is Side.SELL
        if not self.standings.allows(place.market, reduces=place.reduces, sells=sells):
            return Reason.PAUSED
        if self.skies.forbids(place) is not None:
            return Reason.VENUE_CLOSED
        if trio.current_time() > place.valid_until:
            return Reason.STALE_BOOK
        return None

    def _refusal(self, place: Place, traffic: _Traffic) -> Reason | None:
        """Once more what risk has judged by the order alone: a bug before this line must not send a fortune (I1)."""
        closed, draft = self._closed(place), place.draft
        if closed is None and not (draft.post_only or place.reduces or self.charges(place.market)):
            return Reason.FEES_UNKNOWN  # an exit may leave: a position without a way out costs more than any fee
        if closed is None and traffic.orders >= self.tuning.settings.limits.max_open_orders:
            return Reason.ORDER_CEILING
        limits = self.tuning.settings.risk
        if closed is None and limits.enforced and draft.side is Side.BUY:
            large = too_large(Price(draft.price), Size(draft.size), Caps.of(limits))
            return large.reason if large is not None else None
        return closed
