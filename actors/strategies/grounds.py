"""Why the maker quotes where it does, in words for whoever asks: which of the dangers set the distance, and which key that is."""

from __future__ import annotations

from collections.abc import Iterator

from actors.model.book import Depth
from actors.model.maker_settings import Column, MakerParameters
from actors.model.numbers import PRICE_ONE, SHARE
from actors.model.quote import View
from actors.pricing.spread import asked, toxicity
from actors.strategies.belief import Belief
from actors.strategies.reservation import Basis, reserve

_SET_BY = (
    "least distance (strategy.h_min)",
    "aversion to risk and rarer fills (strategy.gamma, strategy.k)",
    "moves of the price before a cancel is there (strategy.k_vol)",
)
_HAIR = 1e-9


def grounds(
    belief: Belief, depth: Depth, view: View, own: MakerParameters, column: Column
) -> tuple[tuple[str, str], ...]:
    """Names and values, in the order in which they are worked out (see `reserve`)."""
    return tuple(_grounds(belief, depth, view, own, column))


def _grounds(
    belief: Belief, depth: Depth, view: View, own: MakerParameters, column: Column
) -> Iterator[tuple[str, str]]:
    basis, reserved = Basis.of(belief, depth, view, own, column), reserve(belief, depth, view, own, column)
    yield "fair", f"{basis.fair:.4f}"
    if net := view.position.net:
        lean = f"{basis.price - basis.fair:+.4f} for {net / SHARE:+g} shares (strategy.skew_ticks_at_limit, strategy.gamma)"
        yield "lean", lean
    for side, model, distance in zip(("bid", "ask"), basis.model, (reserved.bid, reserved.ask), strict=True):
        yield f"{side} distance", f"{distance:.4f}, by {_set_by(basis, model, distance, view.book.tick / PRICE_ONE)}"
    if not column.improve:
        yield "best prices", "no better than those of the others (strategy.improve)"


def _set_by(basis: Basis, model: float, distance: float, tick: float) -> str:
    """The danger that asked for most, and what else moved the side."""
    dangers = asked(basis.price, model, basis.danger)
    said, losses = _SET_BY[dangers.index(max(dangers))], toxicity(basis.danger, tick)
    if losses:
        said += f", {losses:.4f} of it for losses of own fills (strategy.k_tox)"
    return said + (
        "; farther out, where rewards earn more (strategy.rewards)" if distance > max(dangers) + losses + _HAIR else ""
    )
