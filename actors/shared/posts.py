"""Orders on their way out, one or several in a request. A failure to hear of them is never a refusal.

The order of things is the whole safety argument: permit → sign → durable intent → last look → Sent → bytes. What the last
look holds back is left out; a request is never repeated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import trio
from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox, tell
from actors.messages import Cancel, Outcome, Place, Refused, Sent, Signed
from actors.model.market import Side
from actors.model.outcome import Fault, Placed, Rejected
from actors.model.rates import Call, Lane
from actors.model.reason import Reason
from actors.ports import Trading, WallClock
from actors.records import Intent, Note
from actors.shared.breakers import Posted
from actors.shared.entries import ended
from actors.shared.journal import Answer, Question
from actors.shared.limiter import Permit
from actors.shared.skies import Skies
from actors.shared.trail import Scribe

MOST = 15  # orders the venue takes in one request (polymarket.md §3.6)


@frozen
class Posts:
    """Sends orders; the tracker of each hears Refused, or Sent and an Outcome."""

    venue: Trading
    permits: Desk[Permit, float]
    journal: Desk[Question, Answer]
    notes: Mailbox[object]
    trackers: Mapping[str, Mailbox[object]]
    risk: Mailbox[object]
    skies: Skies
    cancel: Callable[[Cancel], Awaitable[None]]
    wall: WallClock
    scribe: Scribe

    async def place(self, places: Sequence[Place], closed: Callable[[Place], Reason | None]) -> set[str | None]:
        """Place at most MOST orders at once; `closed` is the gateway's last look at each.

        Returns the assets (a token, None for collateral) of which the venue says that there is too little.
        """
        ready = await self._prepared(places)
        leaving = [(place, signed) for place, signed in ready if self._leaves(place, signed, closed(place))]
        if not leaving:
            return set()
        began = trio.current_time()
        results = await self._send([signed for _, signed in leaving])
        took = trio.current_time() - began
        self.skies.allowed(self.venue.quota(Lane.ORDERS))
        for (place, signed), result in zip(leaving, results, strict=True):
            self.skies.posted(place, result)
            self.risk.tell(Posted(result, took))
            self._tell_outcome(place, signed, result)
        for place, signed in leaving:
            if closed(place) is Reason.RECONCILING:
                # The fence rose while it was in flight: its tracker is gone, so it is cancelled as soon as it is known.
                await self.cancel(Cancel(place.market, (signed.order_id,)))
        short = [(p.draft, r) for (p, _), r in zip(leaving, results, strict=True) if isinstance(r, Rejected)]
        return {None if d.side is Side.BUY else d.token for d, r in short if r.fault is Fault.BALANCE}

    async def _prepared(self, places: Sequence[Place]) -> list[tuple[Place, Signed]]:
        """A permit, signatures, and the durable intents, in one commit; or why not. Nothing has left yet."""
        signed: list[tuple[Place, Signed]] = []
        try:
            if await self.permits.ask(Permit(_call(places), len(places))) > 0:
                self.refuse(places, Reason.RATE_LIMIT)
                return []
            signed = self._signed(places)
            at = self.wall()
            await self.journal.ask_all([Intent.of(p.key, p.market, p.condition_id, p.draft, s, at) for p, s in signed])
        except Unanswered:
            for place, order in signed:
                self._close(place, order)
            self.refuse([place for place, _ in signed] or places, Reason.ASK_UNANSWERED)
            return []
        return signed

    def _signed(self, places: Sequence[Place]) -> list[tuple[Place, Signed]]:
        signed: list[tuple[Place, Signed]] = []
        for place in places:
            try:
                signed.append((place, self.venue.sign(place.draft)))
            except (
                ValueError
            ):  # a price or size off the venue's grid: a bug of ours that must not take the gateway down
                self.refuse([place], Reason.OFF_GRID)
        return signed

    def _leaves(self, place: Place, signed: Signed, reason: Reason | None) -> bool:
        """Say so to its tracker, and to the skies, since it may be the one that tries; or why it stays."""
        if reason is not None:
            self._close(place, signed)
            self.refuse([place], reason)
            return False
        self.skies.leaves(place)
        tell(self.trackers, place.market, Sent(place.key, signed.order_id))
        self.scribe.order("sent", place, order=signed.order_id)
        return True

    def _tell_outcome(self, place: Place, signed: Signed, result: Placed) -> None:
        tell(self.trackers, place.market, Outcome(place.key, result))
        event, told = ended(result)
        self.scribe.order(event, place, **{"order": signed.order_id, **told})

    async def _send(self, orders: Sequence[Signed]) -> Sequence[Placed]:
        if len(orders) == 1:
            return [await self.venue.place(orders[0])]
        return await self.venue.place_all(orders)

    def _close(self, place: Place, signed: Signed) -> None:
        """Journalled, yet never sent: recovery must not look for it."""
        self.notes.tell(Note("closed", place.market, signed.order_id, self.wall()))

    def refuse(self, places: Sequence[Place], reason: Reason) -> None:
        """None of them leaves, for a local reason."""
        for place in places:
            tell(self.trackers, place.market, Refused(place.key, reason.code))
            self.scribe.order("withheld", place, why=reason.code)


def _call(places: Sequence[Place]) -> Call:
    """What the venue will count, if none of them stays behind."""
    return Call.PLACE if len(places) == 1 else Call.PLACE_MANY
