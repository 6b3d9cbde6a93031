"""Shares and cash that become each other on the chain: merges, splits, redemptions. Amounts only, no bytes.

To the ledger a conversion is a trade with nobody: MATCHED once its shares are set aside, CONFIRMED or FAILED at its end.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from actors.model.market import Market, Outcome
from actors.model.numbers import PRICE_ONE, Cash, Price, Size, proceeds
from actors.model.order import Settlement

HALF = Price(PRICE_ONE // 2)


class Kind(Enum):
    """A pair becomes cash, cash becomes a pair, shares of a resolved market become what they pay."""

    MERGE = "merge"
    SPLIT = "split"
    REDEEM = "redeem"


@frozen
class Conversion:
    """One conversion, by a `key` that is never given twice; `at` is epoch seconds.

    `yes` and `no` are the shares that come in (size units; below 0: that go), `pays` is what a YES share counts for: half
    of the pair, or its payout.
    """

    key: str
    kind: Kind
    market: str
    condition_id: str
    yes: int
    no: int
    at: float
    pays: Price = HALF
    settlement: Settlement = Settlement.MATCHED

    @property
    def void(self) -> bool:
        return self.settlement is Settlement.FAILED

    @property
    def over(self) -> bool:
        return self.settlement in (Settlement.CONFIRMED, Settlement.FAILED)

    def moved(self, outcome: Outcome) -> int:
        """What the wallet's balance has changed by: shares that go may be gone any moment, those that come are there in the end."""
        change = self.yes if outcome is Outcome.YES else self.no
        return 0 if self.void or (change > 0 and not self.over) else change

    @property
    def cash(self) -> Cash:
        """The cash that comes in (below 0: that goes). Contracts round every payout down."""
        if self.kind is Kind.REDEEM:
            return Cash(self.yes_cash + proceeds(PRICE_ONE - self.pays, -self.no))
        return Cash(-self.yes)

    @property
    def yes_cash(self) -> Cash:
        """The part of `cash` that the YES shares stand for; NO shares stand for the rest."""
        return Cash(proceeds(self.pays, abs(self.yes)) * (-1 if self.yes > 0 else 1))


def of_pairs(kind: Kind, key: str, market: Market, size: int, at: float) -> Conversion:
    """A merge or split of `size` pairs."""
    change = size if kind is Kind.SPLIT else -size
    return Conversion(key, kind, market.slug, market.condition_id, change, change, at)


def redemption(key: str, market: Market, yes: int, no: int, pays: Price, at: float) -> Conversion:
    """A redemption of all that is held; `pays` is what the resolution gives for a YES share (price units)."""
    return Conversion(key, Kind.REDEEM, market.slug, market.condition_id, -yes, -no, at, pays)


@frozen
class Spare:
    """What of a market may be converted (state): shares that are confirmed and back no open order (size units).

    `pays` is what a YES share pays now that the market has resolved, None before that or while it is not known.
    `held` are all shares of both outcomes, `settled` whether every trade in them is final; `leaving` says that whatever is
    not merged is about to be sold.
    """

    market: Market
    yes: Size = Size(0)
    no: Size = Size(0)
    pays: Price | None = None
    held: tuple[int, int] = (0, 0)
    settled: bool = False
    leaving: bool = False

    @property
    def pairs(self) -> Size:
        return min(self.yes, self.no)

    @property
    def worth(self) -> Cash:
        """What redeeming brings."""
        if self.pays is None:
            return Cash(0)
        return Cash(proceeds(self.pays, self.yes) + proceeds(PRICE_ONE - self.pays, self.no))


def payout(market: Market) -> Price | None:
    """What a YES share of a resolved market pays (price units); None while that is not final or not known."""
    if not market.resolved:
        return None
    if market.won is None:
        return HALF if market.halves else None
    return Price(PRICE_ONE if market.won is Outcome.YES else 0)


@frozen
class Relayed:
    """The relayer has taken a transaction, or knew it. `settlement` is MATCHED until its end."""

    id: str
    settlement: Settlement
    why: str = ""


@frozen
class Declined:
    """The relayer refused a transaction: it has not been taken, and a nonce that is `spent` can never be used again."""

    why: str
    spent: bool = False
