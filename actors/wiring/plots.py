"""A market with its place in the run, as the start finds it: what the forest is planted from."""

from __future__ import annotations

import trio
from attrs import field, frozen

from actors.model.market import Market
from actors.model.numbers import Cash
from actors.model.tenure import Origin, Tenure
from actors.pricing.seats import Seat


@frozen
class Plot:
    """`share` and `seat` of a market that was chosen; its seat is since the start. `read_at` is when its terms were read."""

    market: Market
    tenure: Tenure
    share: Cash | None = None
    seat: Seat | None = None
    read_at: float = field(factory=trio.current_time, kw_only=True)


def plot(market: Market, origin: Origin, leaving: str = "") -> Plot:
    """One that nobody chose."""
    return Plot(market, Tenure(market.slug, market.condition_id, origin, leaving))
