"""From a take to a `Place`: each whose turn it is, once, unless our own orders, want of shares or a pause forbid it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from actors.kernel.mailbox import Mailbox
from actors.market.placing import Placing
from actors.market.work import Work
from actors.messages import Place
from actors.model.market import Side
from actors.model.numbers import Size, format_size
from actors.model.plan import self_trades
from actors.model.quote import Quote, reduces
from actors.model.reason import Reason, Refusal
from actors.model.take import Take


@frozen
class Trader:
    """Asks as for every order; what it may do besides is the gateway's to judge."""

    placing: Placing
    gateway: Mailbox[object]

    async def trade(self, takes: Sequence[Take], work: Work, now: float, *, until: float, tuned: int) -> None:
        """Act on them in turn. One whose side pauses after a refusal waits, and with it those behind it."""
        for take in work.taking.due(takes):
            slot = (take.outcome, take.side)
            if work.refusals.holds(slot, now):
                return
            work.dirty = True
            answer = forbidden(take, work) or await self._placed(take, work, now, until, tuned)
            if isinstance(answer, Place):
                work.taking.begun(take, answer.key, Size(answer.draft.size))
                work.governor.placed(_quote(take), now)
                self.gateway.tell(answer)
            else:
                work.refuse(slot, answer, now)
                if answer.reason is Reason.AWAITING_APPROVAL:
                    return  # it is still to come
                work.taking.refused(take, answer)

    async def _placed(self, take: Take, work: Work, now: float, until: float, tuned: int) -> Place | Refusal:
        return await self.placing.place(
            _quote(take),
            work.market,
            work.blotter,
            work.numbers,
            now,
            until=until,
            tuned=tuned,
            reduce=False,
            life=take.life,
            asks=take.asks,
        )


def forbidden(take: Take, work: Work) -> Refusal | None:
    """What stands against an order that trades at once, besides risk and money (I9, and no naked sale)."""
    orders = [order for order in work.blotter.open if order.open]
    if any(self_trades(_quote(take), order) for order in orders):
        return Refusal(Reason.SELF_TRADE)
    if not work.may_open and not reduces(take, work.position):
        return Refusal(Reason.REDUCING)
    offered = sum(o.remaining for o in orders if (o.outcome, o.side) == (take.outcome, Side.SELL))
    free = max(0, work.position.holding(take.outcome).sellable - offered)
    if take.side is Side.SELL and take.size > free:
        return Refusal(Reason.NOT_HELD, (("free", format_size(free)),))
    if work.governor.used >= work.governor.pace.actions:
        return Refusal(Reason.CHURN)
    return None


def _quote(take: Take) -> Quote:
    return Quote(take.outcome, take.side, take.price, take.size)
