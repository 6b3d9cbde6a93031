"""A market with its place in the run, as the start finds it: what the forest is planted from."""

from __future__ import annotations

from attrs import frozen

from actors.model.market import Market
from actors.model.numbers import Cash
from actors.model.tenure import Origin, Tenure
from actors.pricing.seats import Seat


@frozen
class Plot:
    """`share` and `seat` of a market that was chosen; its seat is since the start."""

    market: Market
    tenure: Tenure
    share: Cash | None = None
    seat: Seat | None = None


def plot(market: Market, origin: Origin, leaving: str = "") -> Plot:
    """One that nobody chose."""
    return Plot(market, Tenure(market.slug, market.condition_id, origin, leaving))
