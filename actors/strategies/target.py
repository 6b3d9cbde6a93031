"""The target price of `bands` and `amm`: the middle of the book without our own orders. Shared, as both are told by it."""

from __future__ import annotations

from actors.model.book import without
from actors.model.numbers import PRICE_ONE, Price, format_price
from actors.model.quote import View
from actors.model.reason import Hint, Reason, Refusal


def target_price(view: View, max_spread: Price) -> Price | Refusal:
    """What YES is taken to be worth, on the tick (a half rounds up), or why nobody can say. NO is worth the rest of 1."""
    depth, tick = without(view.book.yes, view.own), view.book.tick
    if depth.best_bid is None or depth.best_ask is None:
        return Refusal(Reason.ONE_SIDED)
    if depth.crossed:
        return Refusal(Reason.CROSSED)
    spread = format_price(depth.best_ask - depth.best_bid)
    if depth.best_ask - depth.best_bid > max_spread:
        inputs = (("spread", spread), ("strategy.max_spread", format_price(max_spread)))
        return Refusal(Reason.SPREAD_TOO_WIDE, inputs, Hint("strategy.max_spread", spread))
    nearest = (depth.best_bid + depth.best_ask + tick) // (2 * tick) * tick
    return Price(min(max(nearest, tick), PRICE_ONE - tick))
