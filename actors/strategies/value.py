"""The `value` strategy (strategies.md §6): bets on the end of a 5- or 15-minute up/down window where the book is off.

One bet a window, held to the end; nothing is sold. Off unless a configuration names it: docs/value.md says what it earns.
"""

from __future__ import annotations

from math import hypot, inf

from attrs import evolve, frozen

from actors.model.book import Depth, without
from actors.model.market import Side
from actors.model.numbers import PRICE_ONE
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Reason, Refusal
from actors.model.series import window_of
from actors.model.take import Take
from actors.model.value_settings import ValueParameters
from actors.pricing.digital import Jumps, chance, lag_error
from actors.pricing.race import race
from actors.strategies.gate import first_refusal, second_refusal
from actors.strategies.scene import Scene
from actors.strategies.signs import Signs
from actors.strategies.wager import Chance, Wager, best_wager, size_for

_SURE = 0.995  # the tails of the model are not believed
_KEEP = 5  # an order is kept while it is smaller than what is wanted by no more than a part in so many
_PAUSE = 2.5  # s between two looks over which an edge may have come and gone


@frozen
class Edge:
    """Since when (monotonic s) every look has found an edge, on which way, and when the last one did."""

    way: int = 0
    since: float = inf
    seen: float = -inf

    def after(self, way: int, now: float) -> Edge:
        same = way == self.way and now - self.seen <= _PAUSE
        return Edge(way, self.since if same else now, now)


@frozen
class ValueState:
    """What the flow has shown, how long there has been an edge, and the last bet that was wanted.

    `trades` and `attempt` are the position's and the number of the next take, as they were then.
    """

    signs: Signs
    edge: Edge = Edge()
    wanted: Quote | None = None
    trades: int = 0
    attempt: int = 0


@frozen
class Value:
    """`step(state, view)`: the first rule that does not hold, or the bet."""

    parameters: ValueParameters

    def start(self) -> ValueState:
        """Cold start: strike and volatility come with the stream, so a fresh state bets once an edge has stood."""
        return ValueState(Signs.none(self.parameters.vpin_bucket, self.parameters.markout_after))

    def step(self, state: ValueState, view: View) -> tuple[ValueState, Decision]:
        """Never raises on any book; never wants anything it would not pay for."""
        depth = without(view.book.yes, view.own)
        state = evolve(state, signs=state.signs.after(view, _mid(depth)))
        found = self._judge(state, depth, view)
        if isinstance(found, Refusal):
            return evolve(state, edge=Edge(), wanted=None), Decision(refusal=found)
        scene, wager = found
        known = state.edge if state.attempt == view.takes.next else Edge()  # one that was killed was no edge
        edge = known.after(wager.way, view.now)
        state = evolve(state, edge=edge, attempt=view.takes.next)
        if (stood := view.now - edge.since) < self.parameters.edge_for:
            ripe = edge.since + self.parameters.edge_for
            return evolve(state, wanted=None), Decision(refusal=self._young(stood), look_at=ripe)
        quote = self._quote(state, scene, wager)
        state = evolve(state, wanted=quote, trades=view.position.trades)
        if self.parameters.entry == "take":
            return state, Decision(takes=(_taking(quote, view.takes.next),))
        return state, Decision((quote,))

    def _judge(self, state: ValueState, depth: Depth, view: View) -> Refusal | tuple[Scene, Wager]:
        """The wager that every rule of the gate allows, or the first rule that does not."""
        window = window_of(view.market.slug)
        if window is None:
            return Refusal(Reason.NOT_UP_DOWN)
        if self.parameters.entry == "take" and (refusal := _has_its_bet(view)) is not None:
            return refusal
        scene = Scene(self.parameters, view, window, depth, state.signs)
        refusal = first_refusal(scene)
        if refusal is not None:
            return refusal
        known = self.chance_of_up(scene)
        if known is None:
            return Refusal(Reason.STRIKE_UNKNOWN)
        wager = best_wager(self.parameters, view, depth, known)
        return second_refusal(scene, wager) or (scene, wager)

    def chance_of_up(self, scene: Scene) -> Chance | None:
        """By the model, its tails cut off; None where the stream does not show enough."""
        own, stream, averaging, sigma = self.parameters, scene.view.stream, scene.view.market.averaging, scene.sigma
        if stream is None or averaging is None or sigma is None:
            return None
        standing = race(stream, scene.window, averaging)
        if standing is None:
            return None
        jumps = Jumps(own.jump_share / 100, own.jumps_per_hour) if own.model == "merton" else None
        up = min(_SURE, max(1 - _SURE, chance(standing, sigma, jumps)))
        error = hypot(own.error / PRICE_ONE, lag_error(standing, sigma, stream.age(scene.view.now)))
        return Chance(up, error, scene.signs.lost(scene.view.now))

    def _young(self, stood: float) -> Refusal:
        inputs = (("stood", f"{stood:.1f} s"), ("strategy.edge_for", f"{self.parameters.edge_for:g} s"))
        return Refusal(Reason.EDGE_TOO_YOUNG, inputs)

    def _quote(self, state: ValueState, scene: Scene, wager: Wager) -> Quote:
        """What rests, or waits for a person, stays as it is while about as much is wanted, and no less."""
        size = size_for(scene.room(wager), wager, self.parameters)
        quote, last = Quote(wager.outcome, Side.BUY, wager.price, size), state.wanted
        if last is None or state.trades != scene.view.position.trades or evolve(last, size=size) != quote:
            return quote
        return last if last.size <= size and (size - last.size) * _KEEP <= size else quote


def _has_its_bet(view: View) -> Refusal | None:
    """A taken bet is the only one of its window; while nobody knows what became of it, it may be held."""
    if view.takes.busy:
        return Refusal(Reason.TAKE_OPEN)
    return Refusal(Reason.BET_HELD) if view.position.yes.size or view.position.no.size else None


def _taking(quote: Quote, number: int) -> Take:
    """All of it or nothing: what is left of an ask that was hit in parts is what others have thought better of."""
    return Take(number, quote.outcome, quote.side, quote.price, quote.size, "FOK")


def _mid(depth: Depth) -> float | None:
    if depth.best_bid is None or depth.best_ask is None:
        return None
    return (depth.best_bid + depth.best_ask) / 2
