"""The `arbitrage` strategy (strategies.md §5): both outcomes of one market, the thinner leg first, never two at a time.

Every decision comes from the position and from what became of its takes, so a life that begins between two legs sees the
open one and closes it: shares of one outcome without the other are an open leg, whoever bought them. A take that may still
trade, or whose fate nobody knows, holds up everything else.
"""

from __future__ import annotations

from math import inf

from attrs import evolve, frozen

from actors.model.arbitrage_settings import ArbitrageParameters
from actors.model.ledger import Position
from actors.model.market import Outcome, Side
from actors.model.numbers import CENTISHARE, PRICE_ONE, Size, format_price, format_size
from actors.model.quote import Decision, View
from actors.model.reason import Reason, Refusal
from actors.model.take import Take, Taken
from actors.pricing.complement import Chance, Costs, chance, leg_cost
from actors.pricing.legs import WayOut, ways_out

_PAUSE = 1.0  # s after an arbitrage before the next one: the book has to show what the last one has left
_AGAIN = 0.25  # s between two tries to close a leg
_LEARNS = 0.3  # the weight of the newest arbitrage in the slippage that is allowed for
_UNTRIED = 20  # legs without a failure that count as tried before the first one
_SIGMA = 0.002  # pUSD per sqrt(s) that a price is taken to move while a leg is open
_NO_FLOOR = -1.0  # below anything that a share can bring
_WITHOUT_FAILURE = 2  # takes: one for each leg


@frozen
class Open:
    """The arbitrage under way: the number of its first take, what it promised a pair (pUSD), and how things stood before."""

    number: int
    size: Size
    promised: float
    pnl: int
    trades: int


@frozen
class Result:
    """What a pair of one arbitrage promised before allowances, and what it earned; pUSD."""

    promised: float
    earned: float


@frozen
class ArbitrageState:
    """What is under way, and what earlier ones have taught: their results, slippage, legs and how many of them failed.

    `leg_since` is when an open leg was first seen, `quiet_until` when the next take may follow, `next` the number that was
    expected then.
    """

    open: Open | None = None
    results: tuple[Result, ...] = ()
    slipped: float = 0.0
    legs: int = 0
    failed: int = 0
    leg_since: float | None = None
    quiet_until: float = -inf
    next: int = -1


@frozen
class Arbitrage:
    """`step(state, view)`: at most one take at a time; an open leg comes before anything else."""

    parameters: ArbitrageParameters

    def start(self) -> ArbitrageState:
        """Cold start: an open leg is closed first; what earlier ones earned is forgotten."""
        return ArbitrageState()

    def step(self, state: ArbitrageState, view: View) -> tuple[ArbitrageState, Decision]:
        """The take for this view, if there is one, or why there is none. Never raises on any book."""
        if view.takes.busy or view.own:
            return state, Decision(refusal=Refusal(Reason.TAKE_OPEN))
        if abs(view.position.net) >= max(view.market.min_size, CENTISHARE):
            return self._close_leg(self._seen_open(state, view), view)
        state = self._judged(state, view)
        if (refusal := self._forbidden(state, view)) is not None:
            return state, Decision(refusal=refusal, look_at=state.quiet_until)
        costs = self.costs(state, view)
        found = self._chance(costs, view)
        if found is None:
            return state, Decision(refusal=self._no_edge(costs, view))
        return self._begin(state, found, costs, view)

    def _forbidden(self, state: ArbitrageState, view: View) -> Refusal | None:
        """Why nothing is begun, whatever the prices."""
        if view.now < state.quiet_until:
            return Refusal(Reason.JUST_TRADED)
        if view.book.yes.crossed or view.book.no.crossed:
            return Refusal(Reason.CROSSED)
        if not view.market.fees.known:
            return Refusal(Reason.FEES_UNKNOWN)
        judged = state.results[-self.parameters.judged_after :]
        earned = sum(result.earned for result in judged) / max(1, len(judged))
        if len(judged) < self.parameters.judged_after or earned >= self.parameters.min_realised / PRICE_ONE:
            return None
        promised = sum(result.promised for result in judged) / len(judged)
        inputs = (("promised", f"{promised:.4f}"), ("earned", f"{earned:.4f}"))
        return Refusal(Reason.EDGE_NOT_REALISED, inputs)

    # ── the first leg ─────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, state: ArbitrageState, found: Chance, costs: Costs, view: View) -> tuple[ArbitrageState, Decision]:
        """The leg that may be gone first goes first, all of it or nothing, so that what follows is as large."""
        promised = found.edge + costs.slippage + costs.failure
        under_way = Open(view.takes.next, found.size, promised, _pnl(view.position), view.position.trades)
        outcome = found.first
        take = Take(view.takes.next, outcome, found.side, found.limit(outcome), found.size, "FOK")
        return evolve(state, open=under_way), Decision(takes=(take,))

    def _chance(self, costs: Costs, view: View) -> Chance | None:
        """The better of buying pairs and of selling those that are held, with the money for both legs at hand."""
        threshold = self.parameters.min_edge_threshold / PRICE_ONE
        yes, no, most = view.book.yes, view.book.no, self.parameters.max_pairs
        affordable = most if view.free is None else min(most, view.free)  # a pair with an edge costs less than 1
        held = min(most, view.position.yes.sellable, view.position.no.sellable)
        chances = (
            chance(yes.asks, no.asks, Side.BUY, costs, threshold=threshold, most=affordable),
            chance(yes.bids, no.bids, Side.SELL, costs, threshold=threshold, most=held),
        )
        large = (each for each in chances if each is not None and each.size >= view.market.min_size)
        return max(large, key=lambda each: each.edge * each.size, default=None)

    def costs(self, state: ArbitrageState, view: View) -> Costs:
        """Fees, and allowances that grow with what was measured and are never below the configured ones."""
        own, fees = self.parameters, view.market.fees
        fails = leg_cost(
            state.failed / (state.legs + _UNTRIED),
            half_spread=_half_spread(view),
            fee=Costs(fees, 0.0, 0.0).fee(0.5),
            sigma=_SIGMA,
            timeout=own.leg_timeout,
        )
        slippage = max(own.slippage / PRICE_ONE, state.slipped)
        return Costs(fees, slippage, max(own.failure_buffer / PRICE_ONE, fails))

    def _no_edge(self, costs: Costs, view: View) -> Refusal:
        asks = view.book.yes.best_ask, view.book.no.best_ask
        if asks[0] is None or asks[1] is None:
            return Refusal(Reason.ONE_SIDED)
        edge = costs.edge(Side.BUY, asks[0] / PRICE_ONE, asks[1] / PRICE_ONE)
        threshold = format_price(self.parameters.min_edge_threshold)
        return Refusal(Reason.NO_EDGE, (("edge", f"{edge:.4f}"), ("strategy.min_edge_threshold", threshold)))

    # ── the second leg, or the way back ───────────────────────────────────────────────────────────────────────────

    def _seen_open(self, state: ArbitrageState, view: View) -> ArbitrageState:
        """With when the leg was first seen; a try that did not close it is followed by another after a moment."""
        if state.leg_since is None:
            return evolve(state, leg_since=view.now, next=view.takes.next)
        if view.takes.next != state.next:
            return evolve(state, quiet_until=view.now + _AGAIN, next=view.takes.next)
        return state

    def _close_leg(self, state: ArbitrageState, view: View) -> tuple[ArbitrageState, Decision]:
        """Close the open leg: at once if that loses no more than is allowed, after the timeout however it loses least."""
        excess = Outcome.YES if view.position.net > 0 else Outcome.NO
        since = view.now if state.leg_since is None else state.leg_since
        late = view.now - since >= self.parameters.leg_timeout
        floor = _NO_FLOOR if late else _paid(view, excess) - self.parameters.max_leg_loss / PRICE_ONE
        way = self._way_out(view, excess, floor) if view.now >= state.quiet_until else None
        if way is None:
            left = (excess.value, format_size(abs(view.position.net)))
            looks = (at for at in (state.quiet_until, since + self.parameters.leg_timeout) if at > view.now)
            return state, Decision(refusal=Refusal(Reason.LEG_OPEN, (left,)), look_at=min(looks, default=inf))
        take = Take(view.takes.next, way.outcome, way.side, way.price, way.size, "FAK")
        return state, Decision(takes=(take,))

    def _way_out(self, view: View, excess: Outcome, floor: float) -> WayOut | None:
        """The better of buying what is missing and selling what is too much."""
        ways = ways_out(
            view.book,
            excess,
            view.market.fees,
            size=abs(view.position.net),
            sellable=view.position.holding(excess).sellable,
            min_size=view.market.min_size,
            floor=floor,
        )
        return max(ways, key=lambda way: (way.worth, way.size), default=None)

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _judged(self, state: ArbitrageState, view: View) -> ArbitrageState:
        """Nothing is open any more: what did the one before earn? One whose first take was not acted on is still to come."""
        state, done = evolve(state, leg_since=None, next=view.takes.next), state.open
        if done is None or view.takes.next == done.number:
            return state
        state = evolve(state, open=None, quiet_until=view.now + _PAUSE)
        if view.position.trades == done.trades:
            return state
        first = view.takes.of(done.number)
        pairs = first.size if first is not None and first.size else done.size
        earned = (_pnl(view.position) - done.pnl) / pairs
        return evolve(
            state,
            results=(*state.results, Result(done.promised, earned))[-self.parameters.judged_after :],
            slipped=(1 - _LEARNS) * state.slipped + _LEARNS * max(0.0, done.promised - earned),
            legs=state.legs + 1,
            failed=state.failed + (view.takes.next - done.number > _WITHOUT_FAILURE),
        )


def _pnl(position: Position) -> int:
    """What has been earned if as many YES as NO are held: pairs are worth 1, whatever the price (cash units)."""
    return position.pnl(PRICE_ONE // 2)


def _half_spread(view: View) -> float:
    depth = view.book.yes
    if depth.best_bid is None or depth.best_ask is None:
        return 0.0
    return max(0, depth.best_ask - depth.best_bid) / 2 / PRICE_ONE


def _paid(view: View, excess: Outcome) -> float:
    """What a share in excess has cost (pUSD): by the take that opened the leg, else on average of all that are held."""
    for taken in reversed(view.takes.last):
        if taken.size and (paid := _opened(taken, excess)) is not None:
            return paid
    held = view.position.holding(excess)
    return held.cost / held.size if held.size > 0 else 1.0


def _opened(taken: Taken, excess: Outcome) -> float | None:
    """What a share in excess cost if this take left it: bought, or kept while the other one of its pair was sold."""
    if (taken.take.outcome, taken.take.side) == (excess, Side.BUY):
        return (taken.cash + taken.fees) / taken.size
    if (taken.take.outcome, taken.take.side) == (excess.other, Side.SELL):
        return 1 - (taken.cash - taken.fees) / taken.size
    return None
