"""What `status` and `explain` show of fees and of makers' income, in pUSD and shares. Reads the board's last states only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actors.model.book import Book, OwnLevel
from actors.model.income import Compared, Income, Kind, Resting, Stood, Takings
from actors.model.market import FeeSchedule, Market
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from actors.model.reason import Reason
from actors.pricing.rewards import Sample, sample
from actors.shared.board import Board


def _fees(fees: FeeSchedule) -> dict[str, Any]:
    """The taker fee `rate` × p(1 - p)**`exponent` a share with the makers' part of it, and why takers are refused."""
    return {
        "rate": fees.rate / 10_000 if fees.known else None,
        "exponent": fees.exponent if fees.known else None,
        "rebate": fees.rebate / 10_000 if fees.known else None,
        "takers": None if fees.known else {"reason": Reason.FEES_UNKNOWN.code, "rule": Reason.FEES_UNKNOWN.value},
    }


def terms_shown(market: Market, board: Board, now: float) -> dict[str, Any]:
    """Fees; the reward programme with our part of a sample taken now, None without one; and every order that rests."""
    orders, taken = _orders(market, board), _sample(market, board, now)
    scores = taken.scores if taken is not None else (0.0,) * len(orders)
    return {
        "fees": _fees(market.fees),
        "rewards": _programme(market, taken) if market.rewards.paid else None,
        "resting": [_order(market, *order, score, now) for order, score in zip(orders, scores, strict=True)],
    }


def _programme(market: Market, taken: Sample | None) -> dict[str, Any]:
    rewards = market.rewards
    return {
        "per_day": rewards.per_day / PUSD,
        "min_size": rewards.min_size / SHARE,
        "max_spread": rewards.max_spread / PRICE_ONE,
        "share": round(taken.share, 4) if taken is not None else 0.0,
    }


def _order(market: Market, level: OwnLevel, since: float, score: float, now: float) -> dict[str, Any]:
    """In YES terms: what it scores now (S × shares), and the rebate to expect once it is filled."""
    return {
        "side": "bid" if level.bid else "ask",
        "price": level.price / PRICE_ONE,
        "size": level.size / SHARE,
        "age_s": round(now - since, 1),
        "score": round(score / SHARE, 4),
        "rebate": market.fees.maker_rebate(level.price, level.size) / PUSD,
    }


def _orders(market: Market, board: Board) -> tuple[tuple[OwnLevel, float], ...]:
    resting = board.last(Resting, market.slug)
    return resting.orders if resting is not None else ()


def _sample(market: Market, board: Board, now: float) -> Sample | None:
    """None where nothing would score."""
    book = board.last(Book, market.slug)
    own = [(level, now - since) for level, since in _orders(market, board)]
    return sample(market.rewards, book.yes, own) if book is not None and book.live else None


def income_shown(board: Board, markets: Mapping[str, Market]) -> dict[str, Any] | None:
    """Today's estimates by market, and how the last day that the venue has paid came out; None before the first look."""
    takings = board.last(Takings)
    if takings is None:
        return None
    names = {market.condition_id: slug for slug, market in markets.items()}
    stood = takings.today.markets.items()
    return {
        **_expected(takings.today),
        "markets": {names.get(condition, condition): _stood(one) for condition, one in stood},
        "awaited": None if takings.before is None else _expected(takings.before),
        "paid": None if takings.compared is None else _paid(takings.compared),
    }


def _expected(income: Income) -> dict[str, Any]:
    sums = {kind.value: income.expected(kind) for kind in Kind}
    return {"date": income.date, **{name: [one.least / PUSD, one.most / PUSD] for name, one in sums.items()}}


def _stood(one: Stood) -> dict[str, Any]:
    return {"rebates": one.rebates / PUSD, "rewards": [one.least / PUSD, one.most / PUSD], "samples": one.looks}


def _paid(compared: Compared) -> dict[str, Any]:
    rows = {
        kind.value: {"paid": paid / PUSD, "expected": [expected.least / PUSD, expected.most / PUSD]}
        for kind, (expected, paid) in compared.rows.items()
    }
    return {"date": compared.date, **rows, "differs": [kind.value for kind in compared.differs]}
