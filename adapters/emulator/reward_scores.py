"""How well resting orders serve a market: the scores of polymarket.md §11.4, in integers. Reads books, owns nothing.

Distances and midpoints are in half price units, so that every midpoint is whole. A score is size × (v - s)² in such
units: the formula's S·size times (2v)², which cancels out wherever scores are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from actors.model.numbers import PRICE_ONE
from adapters.emulator.terms import Rewards
from adapters.matching import Ladder, MatchBook, Order, Resting

ONE_SIDED = 3  # c: one-sided quotes are worth a third
_MIDDLE = (2 * PRICE_ONE // 10, 2 * PRICE_ONE * 9 // 10)  # midpoints within 0.10 to 0.90 may be quoted on one side

Rested = Callable[[Order], bool]
"""Has the order rested long enough to count?"""


@frozen
class Quality:
    """Scores of one maker: `one` bids on the token and asks on its complement, `two` the other way round."""

    one: int = 0
    two: int = 0


def score(rewards: Rewards, distance: int, size: int) -> int:
    """Of `size` resting `distance` half price units from the midpoint; 0 for too small or too far."""
    reach = 2 * rewards.max_spread - distance
    return reach * reach * size if reach > 0 and size >= rewards.min_size else 0


def middle(book: MatchBook, rewards: Rewards) -> int | None:
    """Twice the midpoint of YES over orders of at least the minimum size; None if a side has none."""
    bid, ask = (_best(ladder, rewards.min_size) for ladder in (book.bids, book.asks))
    return None if bid is None or ask is None else bid + ask


def qualities(book: MatchBook, rewards: Rewards, rested: Rested) -> tuple[int, dict[str, Quality]] | None:
    """(twice the midpoint, qualities by owner) now; None without a midpoint.

    The YES ladder holds a NO order on its other side at the mirrored price, and mirroring keeps distances: its bids
    are Qone, its asks Qtwo.
    """
    mid = middle(book, rewards)
    if mid is None:
        return None
    one, two = (_scores(ladder, rewards, mid, rested) for ladder in (book.bids, book.asks))
    owners = dict.fromkeys([*one, *two])
    return mid, {owner: Quality(one.get(owner, 0), two.get(owner, 0)) for owner in owners}


def least(quality: Quality, mid: int) -> int:
    """Qmin times c, whole."""
    low, high = sorted((quality.one, quality.two))
    return max(ONE_SIDED * low, high) if _MIDDLE[0] <= mid <= _MIDDLE[1] else ONE_SIDED * low


def parts(found: tuple[int, Mapping[str, Quality]] | None, scale: int) -> dict[str, int]:
    """Qnormal by owner: each one's part of `scale`, rounded down; who has none is left out."""
    if found is None:
        return {}
    mid, by_owner = found
    mins = {owner: least(quality, mid) for owner, quality in by_owner.items()}
    total = sum(mins.values())
    return {owner: value * scale // total for owner, value in mins.items() if value}


def _best(ladder: Ladder, min_size: int) -> int | None:
    for price in reversed(ladder.prices) if ladder.bids else ladder.prices:
        if any(resting.remaining >= min_size for resting in ladder.levels[price].values()):
            return price
    return None


def _scores(ladder: Ladder, rewards: Rewards, mid: int, rested: Rested) -> dict[str, int]:
    scores: dict[str, int] = {}
    for resting in _near(ladder, rewards, mid):
        points = score(rewards, abs(2 * resting.order.yes_price - mid), resting.remaining)
        if points and rested(resting.order):
            scores[resting.order.owner] = scores.get(resting.order.owner, 0) + points
    return scores


def _near(ladder: Ladder, rewards: Rewards, mid: int) -> list[Resting]:
    """Best first, until the reach of the rewards ends."""
    limit = mid // 2 - rewards.max_spread if ladder.bids else -(-mid // 2) + rewards.max_spread
    return list(ladder.reachable(limit))
