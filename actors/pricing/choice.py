"""Which markets are worth trading: filters, both scores and their order (strategies.md §9). Pure; reads no venue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf, log10

from attrs import frozen

from actors.model.candidate import Candidate, is_window, left
from actors.model.discover_settings import DiscoverSettings
from actors.model.listing import ListedFees, Listing
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from actors.pricing.rewards import both_sides, cutoff_middle, score, share, side_score

_CENT = PRICE_ONE // 100
_DEEP = 1_000 * PUSD
_DAY = 86_400.0


@frozen
class Quoting:
    """How we would quote: a size on each side, `half_spread` from the middle; integer units."""

    size: int
    half_spread: int


@frozen
class Ranked:
    """A market that passed, with both scores. `income` is in pUSD a day per pUSD tied up."""

    candidate: Candidate
    quality: float
    income: float

    def by(self, name: str) -> float:
        return self.income if name == "income" else self.quality


def listing_refusal(listing: Listing, at: float, wanted: DiscoverSettings) -> str:
    """Why a market is not worth reading its book, "" if it is; `at` is in epoch seconds."""
    if not (listing.open and listing.accepting and listing.tokens):
        return "takes no orders"
    if left(listing, at) <= 0:
        return "past its end"
    if listing.activity.volume_day < wanted.min_volume:
        return "24 h volume below discover.min_volume"
    if left(listing, at) < wanted.min_hours * 3600 and not is_window(listing):
        return "ends within discover.min_hours"
    return ""


def refusal(candidate: Candidate, wanted: DiscoverSettings) -> str:
    """Why a market is not worth trading, "" if it is."""
    if told := listing_refusal(candidate.listing, candidate.at, wanted):
        return told
    if not candidate.two_sided:
        return "no two-sided book"
    if not wanted.min_spread <= candidate.spread <= wanted.max_spread:
        return "spread outside discover.min_spread to discover.max_spread"
    if not wanted.min_price <= candidate.middle <= wanted.max_price:
        return "price outside discover.min_price to discover.max_price"
    return "depth below discover.min_depth" if min(candidate.depth) < wanted.min_depth else ""


def quality(candidate: Candidate, min_volume: int) -> float:
    """What a market is like, 0 to 100: its volume, spread, depth, time left and price, weighted."""
    volume = candidate.listing.activity.volume_day / max(min_volume, PUSD)
    parts = (
        (0.30, 50 + 20 * log10(volume) if volume > 0 else 0.0),
        (0.35, _spread_score(candidate.spread)),
        (0.15, sum(candidate.depth) / _DEEP * 100),
        (0.10, 100.0 if candidate.left == inf else candidate.left / _DAY / 30 * 100),
        (0.10, 100 * (1 - abs(candidate.middle / PRICE_ONE - 0.5) / 0.45)),
    )
    return sum(weight * min(100.0, max(0.0, part)) for weight, part in parts)


def income(candidate: Candidate, quoting: Quoting, markout: int) -> float:
    """What quoting it would bring: rewards and rebates less the expected loss on fills, a day, per pUSD tied up.

    `markout` is that loss on a share, in price units.
    """
    shares = _filled(candidate, quoting)
    loss = shares * markout / PRICE_ONE
    tied = quoting.size / SHARE * max(1 - 2 * quoting.half_spread / PRICE_ONE, 0.01)
    return (_rewards(candidate, quoting) + shares * _rebate(candidate) - loss) / tied


def rank(
    candidates: Iterable[Candidate], wanted: DiscoverSettings, quoting: Quoting
) -> tuple[tuple[Ranked, ...], Counter[str]]:
    """Those worth trading, best first by the score asked for (ties by quality, then by name), and why others are not."""
    ranked, refused = list[Ranked](), Counter[str]()
    for candidate in candidates:
        if told := refusal(candidate, wanted):
            refused[told] += 1
        else:
            scores = quality(candidate, wanted.min_volume), income(candidate, quoting, wanted.markout)
            ranked.append(Ranked(candidate, *scores))
    ranked.sort(key=lambda one: (-one.by(wanted.score), -one.quality, one.candidate.listing.slug))
    return tuple(ranked), refused


def _spread_score(spread: int) -> float:
    """100 from 3 to 6 c, falling in a straight line to 0 at 2 and at 15 c."""
    return min(100.0, (spread - 2 * _CENT) / _CENT * 100, (15 * _CENT - spread) / (9 * _CENT) * 100)


def _filled(candidate: Candidate, quoting: Quoting) -> float:
    """Shares a day that would fill us: our part, by size, of what rests no farther from the middle than we would.

    A taker pays p for YES or 1 - p for NO, half a pUSD on average.
    """
    traded = 2 * candidate.listing.activity.volume_day / PUSD
    sides = (candidate.bids, candidate.asks)
    ahead = [sum(s for p, s in side if abs(p - candidate.middle) <= quoting.half_spread) for side in sides]
    return traded / 2 * sum(quoting.size / (quoting.size + size) for size in ahead)


def _rebate(candidate: Candidate) -> float:
    """What a share that fills us brings back, in pUSD, of the taker's fee (§0)."""
    fees = candidate.listing.fees if candidate.listing.fees_enabled else None
    return 0.0 if fees is None else _fee(fees, candidate.middle / PRICE_ONE) * fees.rebate / 10_000


def _fee(fees: ListedFees, price: float) -> float:
    return float(fees.rate / 10_000 * (price * (1 - price)) ** fees.exponent)


def _rewards(candidate: Candidate, quoting: Quoting) -> float:
    """pUSD a day: our share of the pool beside what rests there now."""
    terms = candidate.listing.rewards
    middle = cutoff_middle(candidate.bids, candidate.asks, terms.min_size)
    if not terms.per_day or not terms.max_spread or middle is None or quoting.size < terms.min_size:
        return 0.0
    sides = (candidate.bids, candidate.asks)
    rivals = [side_score(side, middle, terms.max_spread, terms.min_size) for side in sides]
    ours = score(terms.max_spread, quoting.half_spread) * quoting.size
    mine, theirs = both_sides(ours, ours, middle), both_sides(rivals[0], rivals[1], middle)
    return terms.per_day / PUSD * share(mine, theirs)
