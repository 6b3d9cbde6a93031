"""The spread `tightener` (strategies.md §1b): rounds of small orders that take what stands nearest to the middle.

Taking the best level usually widens the spread first; what each round came to is told, before and after. It pays the spread
and the fee.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from actors.model.book import Depth, Level, without
from actors.model.market import Outcome, Side
from actors.model.numbers import CENTISHARE, PRICE_ONE, Cash, Size, format_cash, format_price, proceeds
from actors.model.outlay import affordable, outlay
from actors.model.quote import Decision, View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.take import Take
from actors.model.tightener_settings import TightenerParameters


@frozen
class Round:
    """Under way: the takes that are to be acted on, and the spread before them."""

    takes: tuple[Take, ...]
    spread: int


@frozen
class TightenerState:
    """How many rounds are over, when the next one is due (None: at once), what was sold in this life, the round under way,
    and what the last one came to."""

    rounds: int = 0
    due: float | None = None
    sold: int = 0
    now: Round | None = None
    told: str = ""


@frozen
class Tightener:
    """One round at a time: it is over once the tracker has acted on all its takes and what became of them is known."""

    parameters: TightenerParameters

    def start(self) -> TightenerState:
        return TightenerState()

    def step(self, state: TightenerState, view: View) -> tuple[TightenerState, Decision]:
        depth = without(view.book.yes, view.own)
        if state.now is not None:
            ahead = tuple(take for take in state.now.takes if take.number >= view.takes.next)
            if ahead:
                return state, Decision(takes=ahead, told=state.told)
        if view.takes.busy:
            return state, Decision(refusal=Refusal(Reason.TAKE_OPEN), told=state.told)
        if state.now is not None:
            state = self._over(state, state.now, depth, view.now)
        refusal = self._refusal(state, depth, view)
        if refusal is not None:
            return state, Decision(refusal=refusal, told=state.told)
        takes = tuple(self._takes(state, depth, view))
        if not takes:
            left = (
                ("left", format_cash(max(0, self._room(view)))),
                ("strategy.per_market", format_cash(self.parameters.per_market)),
            )
            hint = Hint("strategy.per_market", format_cash(2 * self.parameters.per_market))
            return state, Decision(refusal=Refusal(Reason.SPENT, left, hint), told=state.told)
        state = evolve(state, now=Round(takes, _spread(depth)))
        return state, Decision(takes=takes, told=state.told)

    def _over(self, state: TightenerState, done: Round, depth: Depth, now: float) -> TightenerState:
        number, after = state.rounds + 1, _spread(depth)
        change = format_price(abs(done.spread - after))
        how = "tighter" if after < done.spread else "wider"
        told = (
            f"round {number}: spread {format_price(done.spread)} before, {format_price(after)} after ({change} {how})"
        )
        sold = state.sold + sum(proceeds(t.price, t.size) for t in done.takes if t.side is Side.SELL)
        return TightenerState(number, now + self.parameters.pause, sold, told=told)

    def _refusal(self, state: TightenerState, depth: Depth, view: View) -> Refusal | None:
        own = self.parameters
        if depth.best_bid is None or depth.best_ask is None:
            return Refusal(Reason.ONE_SIDED)
        if depth.crossed:
            return Refusal(Reason.CROSSED)
        spread, mid2 = _spread(depth), depth.best_bid + depth.best_ask
        if state.rounds >= own.rounds:
            return Refusal(
                Reason.ATTEMPTS_OVER, (("rounds", str(state.rounds)),), Hint("strategy.rounds", str(2 * own.rounds))
            )
        if spread < (own.stop_below if state.rounds else own.skip_below):
            return Refusal(Reason.SPREAD_NARROW, (("spread", format_price(spread)),))
        if not 2 * own.min_price <= mid2 <= 2 * own.max_price:
            return Refusal(Reason.PRICE_OUT_OF_RANGE, (("mid", format_price(mid2 // 2)),))
        if view.ends_in is not None and view.ends_in < own.before_end:
            return Refusal(Reason.TOO_LATE, (("ends in", f"{view.ends_in:.0f} s"),))
        return Refusal(Reason.NEXT_TAKE) if state.due is not None and view.now < state.due else None

    def _takes(self, state: TightenerState, depth: Depth, view: View) -> Iterator[Take]:
        """This round's orders, numbered from the next one on: the asks first."""
        own, number = self.parameters, view.takes.next
        money = int(min(own.per_round, self._room(view)))
        kept = int(own.ask_share * own.per_market) if own.sides == "both" else 0
        side = own.per_side if own.sides == "both" else 2 * own.per_side
        for take in self._buys(depth.asks, min(money, side - _bought(view)), _spread(depth), number, view):
            yield take
            number += 1
            money -= outlay(view.market.fees, take.price, take.size, takes=True)
        if own.sides == "both":
            yield from self._sales(
                depth.bids, min(money, own.per_market - kept - state.sold), _spread(depth), number, view
            )

    def _buys(self, asks: Sequence[Level], money: int, spread: int, number: int, view: View) -> Iterator[Take]:
        worst = asks[0].price + int(self.parameters.threshold * spread)
        for price, there in asks:
            size = affordable(view.market.fees, money, price, there, takes=True)
            spent = outlay(view.market.fees, price, size, takes=True)
            if price > worst or size < view.market.min_size or spent < self.parameters.min_order:
                return
            yield Take(number, Outcome.YES, Side.BUY, price, size, "FAK")
            number, money = number + 1, money - spent

    def _sales(self, bids: Sequence[Level], money: int, spread: int, number: int, view: View) -> Iterator[Take]:
        worst, held = bids[0].price - int(self.parameters.threshold * spread), view.position.yes.sellable
        for price, there in bids:
            size = Size(min(there, held, max(0, money) * PRICE_ONE // price) // CENTISHARE * CENTISHARE)
            worth = proceeds(price, size)
            if price < worst or size < view.market.min_size or worth < self.parameters.min_order:
                return
            yield Take(number, Outcome.YES, Side.SELL, price, size, "FAK")
            number, money, held = number + 1, money - worth, Size(held - size)

    def _room(self, view: View) -> Cash:
        return Cash(self.parameters.per_market - _bought(view))


def _bought(view: View) -> int:
    """What buys and fees have cost in this market, ever: a restart spends nothing twice."""
    return view.position.spent + view.position.fees


def _spread(depth: Depth) -> int:
    if depth.best_bid is None or depth.best_ask is None:
        return 0
    return depth.best_ask - depth.best_bid
