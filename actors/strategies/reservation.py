"""The maker's prices: where we are indifferent, and how far from there each side is quoted (strategies.md §3, §7). Floats."""

from __future__ import annotations

from attrs import frozen

from actors.model.book import Depth
from actors.model.maker_settings import Column, MakerParameters
from actors.model.market import Market
from actors.model.numbers import PRICE_ONE, SHARE
from actors.model.quote import View
from actors.pricing.avellaneda import half_spread as with_horizon
from actors.pricing.avellaneda import half_spreads_without_horizon, skew_in_logits
from actors.pricing.logit import HIGHEST, LOWEST, expit, logit
from actors.pricing.reward_choice import Flow, best
from actors.pricing.rewards import both_sides, cutoff_middle, score, share, side_score
from actors.pricing.spread import Danger, half_spread
from actors.strategies.belief import Belief

_CANDIDATES = 8  # ticks looked at beyond what the dangers ask for


@frozen
class Reservation:
    """`price` and the distances of bid and ask from it, in [0, 1]; a distance is always above 0."""

    price: float
    bid: float
    ask: float


@frozen
class Basis:
    """What a reservation is made of: the `fair` price, the `price` after the lean, what spreads have to bear, and the model's
    distances in logits."""

    fair: float
    price: float
    danger: Danger
    model: tuple[float, float]

    @classmethod
    def of(cls, belief: Belief, depth: Depth, view: View, own: MakerParameters, column: Column) -> Basis:
        sigma, tick = belief.sigma(column, view.ends_in), view.book.tick / PRICE_ONE
        variance, tau = sigma * sigma, max(1.0, min(column.horizon, view.ends_in or column.horizon))
        p, n = _fair(belief, depth), view.position.net / column.size
        least = skew_in_logits(column.skew_ticks_at_limit, tick, p) * column.size / own.limit
        price = expit(logit(p) - n * max(column.gamma * variance * tau, least))
        danger = Danger(sigma, belief.markout.by(view.now), column.k_vol, column.k_tox, column.h_min / PRICE_ONE)
        return cls(p, price, danger, _model(own, column, n, variance, tau))


def reserve(belief: Belief, depth: Depth, view: View, own: MakerParameters, column: Column) -> Reservation:
    """The reservation for a two-sided book `depth` without our own orders."""
    basis, tick = Basis.of(belief, depth, view, own, column), view.book.tick / PRICE_ONE
    bid, ask = (half_spread(basis.price, distance, basis.danger, tick) for distance in basis.model)
    if own.rewards and view.market.rewards.paid:
        earning = {d: rewarded(d, depth, view.market, basis.danger.markout, column.size, tick) for d in {bid, ask}}
        bid, ask = earning[bid], earning[ask]
    return Reservation(basis.price, bid, ask)


def _fair(belief: Belief, depth: Depth) -> float:
    """What is believed, but never beyond what others quote: a smoothed price lags, and must not sell below their bid."""
    p = expit(belief.x)
    low = (depth.best_bid or 0) / PRICE_ONE
    high = (depth.best_ask or PRICE_ONE) / PRICE_ONE
    return min(max(p, low, LOWEST), high, HIGHEST)


def _model(own: MakerParameters, column: Column, n: float, variance: float, tau: float) -> tuple[float, float]:
    """(bid, ask) in logits; without a horizon the inventory is in the distances, and may use up a whole one."""
    if own.model == "endless":
        bid, ask = half_spreads_without_horizon(n, column.gamma, column.k, own.arrival, variance)
        return max(0.0, bid), max(0.0, ask)
    distance = with_horizon(column.gamma, column.k, variance, tau)
    return distance, distance


def rewarded(distance: float, depth: Depth, market: Market, markout: float, size: int, tick: float) -> float:
    """Where orders score, the distance that earns most; never less than the dangers ask for."""
    terms = market.rewards
    middle = cutoff_middle(depth.bids, depth.asks, terms.min_size)
    reach = terms.max_spread / PRICE_ONE
    candidates = [distance + ticks * tick for ticks in range(_CANDIDATES) if distance + ticks * tick < reach]
    if middle is None or not candidates:
        return distance
    sides = [side_score(side, middle, terms.max_spread, terms.min_size) for side in (depth.bids, depth.asks)]
    rivals = both_sides(sides[0], sides[1], middle)

    def part(away: float) -> float:
        ours = score(terms.max_spread, away * PRICE_ONE) * max(size, terms.min_size)
        return share(both_sides(ours, ours, middle), rivals)

    flow = Flow(adverse=max(Flow().adverse, -markout))
    rebate = market.fees.maker_rebate(round(middle), SHARE) / SHARE
    return best(candidates, flow, rebate, terms.per_day / SHARE, part)
