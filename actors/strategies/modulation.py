"""What moves the quotes of `simple` besides mid and inventory, each only where the configuration asks for it (strategies.md §2).

A modulated quote is that of a `simple` with another half-spread and size around a shifted mid. Cold start: a market is taken
to be as lively as ever.
"""

from __future__ import annotations

from math import inf, sqrt

from attrs import evolve, frozen

from actors.model.book import Depth
from actors.model.numbers import PRICE_ONE, Price, Size
from actors.model.quote import View
from actors.model.reason import Reason, Refusal
from actors.model.simple_settings import SimpleParameters
from actors.model.tape import Tape, since
from actors.pricing.fair import microprice, mid
from actors.pricing.nearby import imbalance, thin
from actors.pricing.volatility import Average

_SAMPLED = 5.0  # s between the mids whose moves are compared
_LATELY, _USUALLY = 120.0, 900.0  # half-lives (s): what moves now, and what moves in half an hour
_CALMEST, _WILDEST = 0.5, 3.0
_NARROWEST, _WIDEST = 100, 500  # price units of half-spread: 2 and 10 c across
_HOUR, _DAY = 3_600.0, 86_400.0
_FLOW = 60.0  # s of public trades that count
_WEIGHED = 0.3  # parts of the microprice in the centre, the rest is the mid
_LEANING, _FLOWING = 0.10, 0.15  # imbalances of the book and of the flow that say something


@frozen
class Moves:
    """The mean square of the mid's moves over 5 s, of late and usually; `last` is the last sample (mid doubled, when)."""

    lately: Average = Average(_LATELY)
    usually: Average = Average(_USUALLY)
    last: tuple[int, float] | None = None

    def after(self, mid2: int, now: float) -> Moves:
        if self.last is None:
            return evolve(self, last=(mid2, now))
        if now - self.last[1] < _SAMPLED:
            return self
        square = float((mid2 - self.last[0]) ** 2)
        return Moves(self.lately.after(square, now), self.usually.after(square, now), (mid2, now))

    @property
    def liveliness(self) -> float:
        """How much more the mid moves than usual, bounded; 1 while nothing has moved."""
        lately, usually = self.lately.value, self.usually.value
        return min(_WILDEST, max(_CALMEST, sqrt(lately / usually))) if lately is not None and usually else 1.0


@frozen
class Modulation:
    """The parameters to quote by, around the mid plus `shift` (price units); or why there is no quote at all."""

    parameters: SimpleParameters
    shift: int = 0
    refusal: Refusal | None = None


def modulated(own: SimpleParameters, depth: Depth, view: View, moves: Moves) -> Modulation:
    """By what of the view the configuration lets count."""
    wanted, left = own.modulations, inf if view.ends_in is None else view.ends_in
    if "end" in wanted and left < _HOUR:
        return Modulation(own, refusal=Refusal(Reason.ENDING, (("left", f"{left:.0f} s"),)))
    half, size, tick = float(own.half_spread), float(own.size), view.book.tick
    if "volatility" in wanted:
        half *= moves.liveliness
    if "inventory" in wanted:
        half *= 1 + min(1.0, abs(view.position.net) / own.limit) / 2
    if wanted & {"volatility", "inventory"}:
        half = min(_WIDEST, max(_NARROWEST, half))
    if "end" in wanted and left < _DAY:
        half *= 1.5 + (1 - left / _DAY)
        size *= max(0.2, left / _DAY)
    lean = imbalance(depth) if "imbalance" in wanted else 0.0
    flow = _flow(since(view.book.tape, view.now - _FLOW), depth) if "flow" in wanted else 0.0
    shift = round(lean * tick) if abs(lean) > _LEANING else 0
    shift += _weighed(depth) if "weights" in wanted else 0
    if abs(flow) > _FLOWING:
        shift += tick if flow > 0 else -tick
        half *= 1.2
    if "depth" in wanted and thin(depth, own.thin_depth):
        size = 0.0
    smallest = min(own.size, view.market.min_size)
    steady = own.requote if own.requote is not None else Price(max(tick, own.half_spread // 2))
    changed = evolve(own, half_spread=_width(half), size=Size(max(smallest, int(size))), requote=steady)
    return Modulation(changed, shift)


def _weighed(depth: Depth) -> int:
    middle, weighted = mid(depth), microprice(depth)
    return 0 if middle is None or weighted is None else round(_WEIGHED * (weighted - middle) * PRICE_ONE)


def _width(half: float) -> Price:
    return Price(min(9_999, max(1, round(half))))


def _flow(tape: Tape, depth: Depth) -> float:
    """(bought - sold) ÷ both, from -1 to 1; trades at or beyond the best price shown now count twice."""
    bought = sold = 0
    for trade in tape:
        if trade.bid:
            bought += trade.size * (2 if depth.best_ask is not None and trade.price >= depth.best_ask else 1)
        else:
            sold += trade.size * (2 if depth.best_bid is not None and trade.price <= depth.best_bid else 1)
    return (bought - sold) / (bought + sold) if bought + sold else 0.0
