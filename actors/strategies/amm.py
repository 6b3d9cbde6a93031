"""The `amm` strategy (strategies.md §4): both outcomes along the curve of an automated market maker.

The tracker makes what rests equal to the ladders: an order of another price goes, one with too much is replaced, and what
is missing is placed beside it once it makes an order.
"""

from __future__ import annotations

from attrs import frozen

from actors.model.amm_settings import AmmParameters
from actors.model.market import Outcome, Side
from actors.model.numbers import Price, complement
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Reason, Refusal
from actors.pricing.amm import Curve, split
from actors.strategies.target import target_price


@frozen
class AmmState:
    """What the last ladders were made of."""

    made_of: tuple[int, ...] = ()
    decision: Decision | None = None


@frozen
class Amm:
    """`step(state, view)`: new ladders when price, shares or grid have changed; money that others take or free moves none."""

    parameters: AmmParameters

    def start(self) -> AmmState:
        """Cold start: the first complete book is quoted at once."""
        return AmmState()

    def step(self, state: AmmState, view: View) -> tuple[AmmState, Decision]:
        """The ladders for this view, or the rule that forbids them. Never raises on any book."""
        target = target_price(view, self.parameters.max_spread)
        if isinstance(target, Refusal):
            return AmmState(), Decision(refusal=target)
        grid = view.book.tick, view.market.min_size
        made_of = (target, *grid, view.free is None, view.position.trades, *_sellable(view))
        if state.decision is not None and made_of == state.made_of:
            return state, state.decision
        decision = self._ladders(target, view)
        return AmmState(made_of, decision), decision

    def _ladders(self, target: Price, view: View) -> Decision:
        tick, (yes_held, no_held) = view.book.tick, _sellable(view)
        yes = Curve.of(self.parameters, target, tick)
        no = Curve.of(self.parameters, complement(target), tick)
        sales = yes.sell(yes_held), no.sell(no_held)
        firsts = tuple(ladder[0][1] if ladder else 0 for ladder in sales)
        money = split(self._collateral(view), yes, no, (firsts[0], firsts[1]))
        ladders = (
            (Outcome.YES, Side.BUY, yes.buy(money[0])),
            (Outcome.NO, Side.SELL, sales[1]),
            (Outcome.NO, Side.BUY, no.buy(money[1])),
            (Outcome.YES, Side.SELL, sales[0]),
        )
        quotes = tuple(
            Quote(outcome, side, price, size)
            for outcome, side, rungs in ladders
            for price, size in rungs
            if size >= view.market.min_size
        )
        return Decision(quotes, None if quotes else Refusal(Reason.SHORT_OF_MEANS))

    def _collateral(self, view: View) -> int:
        """What the buys may tie up; what they do already is part of the account's balance. Nothing while neither is known."""
        known = [each for each in (self.parameters.max_collateral, view.free) if each is not None]
        return max(0, min(known, default=0))


def _sellable(view: View) -> tuple[int, int]:
    return view.position.yes.sellable, view.position.no.sellable
