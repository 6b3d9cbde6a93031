"""How much the maker may quote on each side: its size, what its limit leaves, and when only what reduces goes. Integers."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from actors.model.book import Depth
from actors.model.maker_settings import Column, MakerParameters
from actors.model.numbers import PRICE_ONE, Size, format_price, format_size
from actors.model.quote import View
from actors.model.reason import Hint, Reason, Refusal
from actors.pricing.nearby import thin


@frozen
class Room:
    """The size of a quote, and how much each side may add (size units); `why` says why a side without room has none."""

    size: Size
    bid: int
    ask: int
    why: Callable[[], Refusal]  # put into words only where somebody is to read them


def room(price: float, depth: Depth, view: View, own: MakerParameters, column: Column) -> Room:
    """The room around a reservation `price`: up to the limit, which shrinks to 0 before the end; less where none is to grow."""
    net, size = view.position.net, _size(depth, view, own, column)
    only = _only_reducing(price, view, own, column)
    if only is not None:
        return Room(size, max(0, -net), max(0, net), lambda: only)
    limit = _limit(view, own, column)
    return Room(size, limit - net, limit + net, lambda: _full(net, limit, own, column))


def _full(net: int, limit: int, own: MakerParameters, column: Column) -> Refusal:
    inputs = (("net", format_size(net)), ("strategy.limit", format_size(limit)))
    hint = Hint("strategy.limit", format_size(abs(net) + column.size)) if limit == own.limit else None
    return Refusal(Reason.INVENTORY_LIMIT, inputs, hint)


def _only_reducing(price: float, view: View, own: MakerParameters, column: Column) -> Refusal | None:
    """Why nothing is to be opened any more: the end is near, or the price is."""
    if view.ends_in is not None and view.ends_in <= column.stop:
        inputs = (("left", f"{view.ends_in:.0f} s"), ("strategy.stop", f"{column.stop:g} s"))
        return Refusal(Reason.ENDING, inputs)
    units = price * PRICE_ONE
    if own.min_price <= units <= own.max_price:
        return None
    return Refusal(Reason.PRICE_OUT_OF_RANGE, (("price", format_price(round(units))),))


def _limit(view: View, own: MakerParameters, column: Column) -> int:
    """The whole one, but for the last `ramp` seconds before `stop`, in which it shrinks to 0."""
    if view.ends_in is None:
        return own.limit
    left = (view.ends_in - column.stop) / column.ramp
    return own.limit if left >= 1 else int(own.limit * max(0.0, left))


def _size(depth: Depth, view: View, own: MakerParameters, column: Column) -> Size:
    """The configured one; as much as scores where a programme pays; the smallest in a thin book, which one trade can clear."""
    market = view.market
    if thin(depth, own.thin_depth):
        return market.min_size
    scores = market.rewards.min_size if own.rewards and market.rewards.paid else 0
    return Size(max(column.size, scores)) if scores <= own.limit else column.size
