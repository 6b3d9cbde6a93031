"""Spot prices as the bot knows them: what an asset costs, when that was so, and which of two prices counts. No I/O."""

from __future__ import annotations

import re
from math import inf

from attrs import field, frozen, validators

USD = 10**8  # a price is an integer in 1e-8 USD: the finest that any source has printed for a coin
CANONICAL = "chainlink"  # what up/down markets resolve on (polymarket.md §9.4)
UP_DOWN = ("btc", "eth", "sol", "xrp")  # the assets of the 5- and 15-minute series
_WINDOW = re.compile(rf"({'|'.join(UP_DOWN)})-updown-[0-9]+m-[0-9]+")
STALE = 10.0  # seconds without a price after which a source counts as stalled (polymarket.md §8.1)


@frozen
class SpotPrice:
    """`symbol` is the bare asset (`btc`), `price` in 1e-8 USD, `at_ms` the price's own time in epoch milliseconds."""

    symbol: str
    price: int = field(validator=validators.gt(0))
    at_ms: int
    source: str


@frozen
class Mark:
    """The latest price of a symbol; `since` is the monotonic time at which it was true (state)."""

    price: SpotPrice
    since: float


def asset_of(slug: str) -> str | None:
    """The asset whose spot price an up/down market resolves on; None for any other market."""
    found = _WINDOW.fullmatch(slug)
    return found.group(1) if found else None


def age(mark: Mark | None, now: float) -> float:
    """Seconds since the price was true; a price that is missing is infinitely old."""
    return inf if mark is None else max(0.0, now - mark.since)


def supersedes(new: SpotPrice, old: SpotPrice, now_ms: float) -> bool:
    """Whether `new` takes the place of `old`: the later one does, and the canonical source before any other.

    Another source counts only while the canonical price is stalled. Equal times are a correction: the later word holds.
    """
    if new.source == old.source or CANONICAL not in (new.source, old.source):
        return new.at_ms >= old.at_ms
    canonical = new if new.source == CANONICAL else old
    fresh = now_ms - canonical.at_ms <= STALE * 1000
    return fresh if canonical is new else not fresh and new.at_ms >= old.at_ms
