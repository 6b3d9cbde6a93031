"""A tracker's part in conversions: what of its market is to spare, and what it sets aside. Sends nothing.

Shares that back an open order, belong to an unsettled trade or are in doubt are never to spare; from the moment they are
set aside they count as gone, as in a sale.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.market.work import Work
from actors.model.conversion import Conversion, Kind, Spare, payout
from actors.model.market import Outcome, Side
from actors.model.numbers import Cash, Size, format_size
from actors.model.reason import Refusal
from actors.model.trading import Trading
from actors.records import Batch
from actors.shared.asides import Aside, NotAside
from actors.shared.budget import Grant, Reserve
from actors.shared.journal import Conversions, RecallBatches
from actors.shared.transactions import Bench

_MERGED_WITHIN = 10.0  # s after which a market that is being left sells its pairs after all


@frozen
class Converting:
    """Answers settlement for one tracker; splits ask the budget first. `relays` is whether there is anyone to answer."""

    budget: Desk[Reserve, Grant]
    journal: Conversions
    bench: Bench
    settlement: Mailbox[object]
    relays: bool

    async def recall(self, condition_id: str) -> tuple[Batch, ...]:
        """What the journal knows of the market's conversions. Raises Unanswered."""
        if condition_id not in self.bench.recorded:
            return ()
        return await self.journal.ask(RecallBatches(condition_id))

    def keeps(self, work: Work, waited: float) -> Size:
        """Pairs that a market which is being left does not sell yet: merged they bring 1 pUSD, sold always less.

        They wait for their turn only so long: one transaction at a time leaves the wallet, and takes some seconds.
        """
        pairs = spare(work).pairs
        return pairs if self.relays and pairs >= work.market.min_size and waited < _MERGED_WITHIN else Size(0)

    async def answer(self, work: Work) -> None:
        """Set aside what was asked for, or say why not."""
        asked, work.asides = work.asides, []
        for wanted in asked:
            conversion = wanted.conversion
            free = spare(work)
            if why := _refusal(conversion, free, work) or await self._too_dear(conversion, work):
                self.settlement.tell(NotAside(conversion, why))
                continue
            work.convert(conversion)
            self.settlement.tell(Aside(conversion, free, work.numbers.generation))

    async def _too_dear(self, conversion: Conversion, work: Work) -> str:
        """Why the money of a split is not to be had; from its setting aside on it counts as inventory."""
        if conversion.kind is not Kind.SPLIT:
            return ""
        numbers = work.numbers
        wanted = Reserve(conversion.market, numbers.key(), Cash(conversion.yes), numbers.seq())
        try:
            answer = await self.budget.ask(wanted)
        except Unanswered as silence:
            return f"the budget does not answer: {silence}"
        return answer.text() if isinstance(answer, Refusal) else ""


def spare(work: Work) -> Spare:
    """What may be converted now; nothing while the tracker is unsure, is leaving, or was killed."""
    position, market = work.blotter.ledger.position, work.market
    sure = work.known and not work.reconciling
    held = Spare(market, held=(position.yes.size, position.no.size), settled=sure and position.unsettled == 0)
    if not sure or work.trading is Trading.SAFE or (work.ending and not work.leaving):
        return held
    yes, no = (_free(work, outcome) for outcome in Outcome)
    final, leaving = held.settled and not work.blotter.open, work.leaving and not work.blotter.open
    return evolve(held, yes=yes, no=no, pays=payout(market) if final else None, leaving=leaving)


def _free(work: Work, outcome: Outcome) -> Size:
    """Confirmed shares less those for sale; by hand, too: a transaction would leave such an order without cover."""
    blotter = work.blotter
    selling = sum(o.at_risk for o in blotter.open if o.outcome is outcome and o.side is Side.SELL)
    by_hand = blotter.foreign.selling(work.market.token(outcome))
    return Size(max(0, work.position.holding(outcome).sellable - selling - by_hand))


def _refusal(conversion: Conversion, free: Spare, work: Work) -> str:
    match conversion.kind:
        case Kind.MERGE if not 0 < -conversion.yes <= free.pairs:
            return f"{format_size(free.pairs)} pairs are free of orders and settled"
        case Kind.REDEEM if (-conversion.yes, -conversion.no, conversion.pays) != (free.yes, free.no, free.pays):
            return "it holds something else by now, or has not resolved"
        case Kind.SPLIT if not work.known or work.leaving or work.closing is not None or work.market.standing:
            return work.market.standing or "it is being left, or its tracker is not ready"
        case Kind.SPLIT if work.trading is Trading.SAFE:
            return "the kill switch is set"
    return ""
