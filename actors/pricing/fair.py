"""What a book without our own orders says YES is worth (strategies.md §0): its middle, or one weighted by what rests. Floats."""

from __future__ import annotations

from actors.model.book import Depth, Level
from actors.model.numbers import PRICE_ONE


def mid(depth: Depth) -> float | None:
    """Half way between the best prices; None for a book with an empty side. In [0, 1]."""
    if depth.best_bid is None or depth.best_ask is None:
        return None
    return (depth.best_bid + depth.best_ask) / (2 * PRICE_ONE)


def microprice(depth: Depth) -> float | None:
    """(bid × ask size + ask × bid size) ÷ both sizes: nearer to the side that less rests on."""
    if not depth.bids or not depth.asks:
        return None
    bid, ask = depth.bids[0], depth.asks[0]
    return (bid.price * ask.size + ask.price * bid.size) / (bid.size + ask.size) / PRICE_ONE


def beyond_dust(depth: Depth, least: int) -> Depth:
    """The book from where `least` size units rest on a side: smaller orders in front of that say nothing (§0, size cutoff).

    A side on which less rests in all is empty.
    """
    return Depth(_from(depth.bids, least), _from(depth.asks, least))


def _from(levels: tuple[Level, ...], least: int) -> tuple[Level, ...]:
    resting = 0
    for number, level in enumerate(levels):
        resting += level.size
        if resting >= least:
            return levels[number:]
    return ()


def worth(depth: Depth, least: int, micro: float) -> float | None:
    """The fair price: `micro` parts of the microprice and the rest of the mid, less dust where anything else rests."""
    clean = beyond_dust(depth, least)
    seen = clean if clean.bids and clean.asks else depth
    middle, weighted = mid(seen), microprice(seen)
    if middle is None or weighted is None:
        return None
    return micro * weighted + (1 - micro) * middle
