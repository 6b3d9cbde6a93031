"""From a wanted quote to a `Place`: key, verdict, reservation. Every "no" is remembered with its reason and a pause.

The pause keeps a refusal from becoming a storm: the same side of the same outcome is not tried again before it is over.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, evolve, field, frozen

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.market.blotter import Blotter
from actors.messages import Draft, Place
from actors.model.limits import Exposure
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import CENTISHARE, Cash, Size
from actors.model.order import Key
from actors.model.outcome import Fault, Rejected
from actors.model.outlay import affordable, outlay
from actors.model.quote import Quote
from actors.model.reason import Reason, Refusal
from actors.shared.admission import Admission
from actors.shared.approvals import Propose
from actors.shared.budget import Grant, Reserve
from actors.shared.risk import Verdict
from actors.shared.tuning import Tuning

Slot = tuple[Outcome, Side]

_PAUSE = 1.0  # s after a local refusal: long enough to be no storm, short enough to notice a change
_SHORT, _SHORT_CAP = (
    2.0,
    60.0,
)  # s after the first refusal for want of balance; it doubles, as the venue's cache may lag
_TOLD_AGAIN = 60.0  # s before a rule that still holds a slot back is told of once more
_PAUSES: dict[Fault, float] = {
    Fault.CROSSES: 0.25,
    Fault.KILLED: 0.5,
    Fault.RATE: 2.0,
    Fault.GRID: 5.0,
    Fault.NOT_READY: 5.0,
    Fault.PAUSED: 5.0,
    Fault.OTHER: 5.0,
    Fault.VERSION: 60.0,
    Fault.ACCOUNT: 60.0,
    Fault.BLOCKED: 60.0,
}


@define(eq=False)
class Numbers:
    """The numbers of one tracker life: order keys and restatements, both above every earlier life's."""

    generation: int
    _orders: int = 0
    _statements: int = 0

    def key(self) -> Key:
        self._orders += 1
        return Key(self.generation, self._orders)

    def seq(self) -> int:
        """Grows within a life; a later generation's are always larger."""
        self._statements += 1
        return (self.generation << 32) + self._statements


@define(eq=False)
class Refusals:
    """Why the last attempt at each slot failed, and until when it is not tried again (trio time)."""

    _slots: dict[Slot, tuple[Refusal, float]] = field(factory=dict)
    _short: dict[Slot, int] = field(factory=dict)
    _told: dict[tuple[Slot, Reason], float] = field(factory=dict)

    def note(self, slot: Slot, refusal: Refusal, now: float, result: Rejected | None = None) -> bool:
        """Refused, by the venue if there is a `result`; whether that is to be told of now.

        A rule that holds at a second try as well is, then once a minute: what passes in a second is no news.
        """
        self._slots.pop(slot, None)
        self._slots[slot] = (refusal, now + self._pause(slot, result))
        news = now >= self._told.setdefault((slot, refusal.reason), now + _PAUSE / 2)
        if news:
            self._told[slot, refusal.reason] = now + _TOLD_AGAIN
        return news

    def clear(self, slot: Slot) -> None:
        """An order of the slot was accepted."""
        self._slots.pop(slot, None)
        self._short.pop(slot, None)

    def _pause(self, slot: Slot, result: Rejected | None) -> float:
        """Seconds before the slot is tried again. What holds for the whole venue is the gateway's to hold back."""
        if result is None or result.sign is not None:
            return _PAUSE
        if result.fault is not Fault.BALANCE:
            return _PAUSES[result.fault]
        times = self._short[slot] = self._short.get(slot, 0) + 1
        return min(_SHORT_CAP, _SHORT * 2.0 ** min(times - 1, 10))

    def lift(self, reason: Reason) -> None:
        """What was refused for this reason may be tried again."""
        self._slots = {slot: held for slot, held in self._slots.items() if held[0].reason is not reason}

    def holds(self, slot: Slot, now: float) -> bool:
        return slot in self._slots and now < self._slots[slot][1]

    @property
    def latest(self) -> Refusal | None:
        """The refusal to show: the newest of those standing."""
        return next((refusal for refusal, _ in reversed(self._slots.values())), None)


@frozen
class Placing:
    """Asks risk and budget for what the gateway is to place. `expires` gives a GTD expiry in epoch seconds, 0 for none.

    With `shrink`, an order that the budget has no room for is placed as large as there is.
    """

    admission: Admission
    risk: Desk[Verdict, Refusal | None]
    budget: Desk[Reserve, Grant]
    approvals: Desk[Propose, Refusal | None]
    tuning: Tuning
    order_type: str
    expires: Callable[[], int]

    async def place(
        self,
        quote: Quote,
        market: Market,
        blotter: Blotter,
        numbers: Numbers,
        now: float,
        *,
        until: float,
        tuned: int,
        reduce: bool,
        life: str = "",
        asks: str = "never",
    ) -> Place | Refusal:
        """Reserve; what the gateway is to be told. `market` is on its newest terms. A reducing order is a FAK sell and
        needs no budget and nobody's approval; an order with a `life` trades at once or not at all."""
        key = numbers.key()
        granted = self._forbidden(blotter) or await self._ask(key, quote, market, blotter, numbers, takes=bool(life))
        if isinstance(granted, Quote) and not reduce:
            granted = await self._approval(granted, market.slug, asks) or granted
        if isinstance(granted, Refusal):
            return granted
        blotter.pend(key, granted, now, takes=bool(life))
        draft = self._draft(granted, market, life or ("FAK" if reduce else self.order_type))
        return Place(market.slug, market.condition_id, key, draft, until, reduce, tuned)

    def _forbidden(self, blotter: Blotter) -> Refusal | None:
        if not self.admission.is_open:
            return Refusal(Reason.ADMISSION_CLOSED, tuple(self.admission.down.items()))
        if blotter.unknown >= self.tuning.settings.risk.max_unknown:
            return Refusal(Reason.UNKNOWN_ORDERS, (("unknown", str(blotter.unknown)),))
        return None

    async def _ask(
        self, key: Key, quote: Quote, market: Market, blotter: Blotter, numbers: Numbers, *, takes: bool
    ) -> Quote | Refusal:
        """Risk, then budget: the quote as far as its money goes; no answer is a refusal."""
        try:
            verdict = Verdict(market.slug, quote, _exposure(quote, blotter), numbers.seq())
            refusal = await self.risk.ask(verdict)
            if refusal is not None or quote.side is Side.SELL:
                return refusal or quote
            smallest = _hundredths(market.min_size + CENTISHARE - 1)
            shrinks = self.tuning.settings.budget.shrink
            least = outlay(market.fees, quote.price, smallest, takes=takes) if shrinks else None
            amount = outlay(market.fees, quote.price, quote.size, takes=takes)
            answer = await self.budget.ask(Reserve(market.slug, key, amount, numbers.seq(), least))
        except Unanswered as silence:
            return Refusal(Reason.ASK_UNANSWERED, (("answer", str(silence)),))
        return (
            answer
            if isinstance(answer, Refusal)
            else quote
            if answer is None
            else _shrunk(quote, answer, market, takes)
        )

    async def _approval(self, quote: Quote, market: str, asks: str) -> Refusal | None:
        """Last, for what risk and budget refuse is no question to a person; money reserved for a no is freed by the next
        restatement."""
        settings = self.tuning.settings
        if settings.approval.orders == "none" and asks != "always" and (asks, settings.mode) != ("live", "live"):
            return None
        try:
            return await self.approvals.ask(Propose(market, quote))
        except Unanswered as silence:
            return Refusal(Reason.ASK_UNANSWERED, (("answer", str(silence)),))

    def _draft(self, quote: Quote, market: Market, kind: str) -> Draft:
        rests = kind not in ("FAK", "FOK")
        return Draft(
            token=market.token(quote.outcome),
            neg_risk=market.neg_risk,
            side=quote.side,
            price=quote.price,
            size=quote.size,
            type=kind,
            post_only=rests,
            expires=self.expires() if rests else 0,
            tick=market.tick,
        )


def _shrunk(quote: Quote, amount: Cash, market: Market, takes: bool) -> Quote:
    """What of a buy this much money pays for, in whole hundredths of a share."""
    return evolve(quote, size=affordable(market.fees, amount, quote.price, quote.size, takes=takes))


def _hundredths(size: int) -> Size:
    return Size(size // CENTISHARE * CENTISHARE)


def _exposure(quote: Quote, blotter: Blotter) -> Exposure:
    """Shares of the quote's outcome held or still being bought, and orders alive."""
    held = blotter.ledger.position.holding(quote.outcome).size
    buying = sum(o.at_risk for o in blotter.open if o.outcome is quote.outcome and o.side is Side.BUY)
    return Exposure(shares=held + buying, orders=len(blotter.orders))
