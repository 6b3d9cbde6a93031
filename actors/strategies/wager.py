"""One possible bet on a window: an outcome at a price, what it is worth by the model, and how much of it may be had."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from actors.model.book import Depth
from actors.model.market import Outcome
from actors.model.numbers import CENTISHARE, PRICE_ONE, Cash, Price, Size, complement
from actors.model.quote import View
from actors.model.value_settings import ValueParameters
from actors.pricing.odds import Odds, damped, fee_per_share

_WHOLE = 100
_ROUNDING = 20  # cash units by which cost and fee together may be rounded up


@frozen
class Wager:
    """`odds` are those of the order itself; `offered` is what the best ask has. `gap` is model less mid, for Up.

    `error` is the standard error of the chance: the model's, and what the price may have done since it was heard.
    """

    outcome: Outcome
    price: Price
    odds: Odds
    offered: Size
    gap: float
    error: float

    @property
    def way(self) -> int:
        """+1 for Up, -1 for Down."""
        return 1 if self.outcome is Outcome.YES else -1


@frozen
class Chance:
    """That of Up with its standard error, and what a resting order's fill loses by markout."""

    up: float
    error: float
    lost: float = 0.0


def best_wager(own: ValueParameters, view: View, depth: Depth, chance: Chance) -> Wager:
    """The better side by expected gain; the book must be two-sided."""
    sides = [_wager(outcome, own, view, depth, chance) for outcome in Outcome]
    return max(sides, key=lambda wager: wager.odds.value)


def _wager(outcome: Outcome, own: ValueParameters, view: View, depth: Depth, known: Chance) -> Wager:
    up, bid, ask = known.up, depth.bids[0], depth.asks[0]
    mid = (bid.price + ask.price) / (2 * PRICE_ONE)
    if outcome is Outcome.YES:
        chance, joined, taken, offered = up, bid.price, ask.price, ask.size
    else:
        chance, joined, taken, offered = 1 - up, complement(ask.price), complement(bid.price), bid.size
    takes = own.entry == "take"
    price = taken if takes else joined
    fee = fee_per_share(view.market.fees, price / PRICE_ONE)
    paid = fee if takes else known.lost - fee * view.market.fees.rebate / PRICE_ONE
    return Wager(outcome, price, Odds(chance, price / PRICE_ONE, paid), offered, up - mid, known.error)


def bankroll(view: View) -> Cash | None:
    """Free money and what all bets have cost; None before the account was read."""
    return None if view.free is None else Cash(view.free + view.purse.staked + view.position.inventory_cost)


def stakes(own: ValueParameters, view: View, wager: Wager, asset: str) -> Mapping[str, Cash]:
    """Each bound on what this window may cost in all, by the key that sets it. The bankroll must be known."""
    whole = bankroll(view) or 0
    fraction = damped(own.kelly / 100, view.purse.drawdown / max(1, whole), own.stop_drawdown / 100, view.purse.losses)
    careful = Odds(wager.odds.chance - wager.error, wager.odds.price, wager.odds.fee)
    return {
        "kelly": Cash(int(fraction * careful.kelly * whole)),
        "max_bet": own.max_bet,
        "bet_share": Cash(whole * own.bet_share // _WHOLE),
        "asset_share": Cash(max(0, whole * own.asset_share // _WHOLE - view.purse.on(asset))),
        "total_share": Cash(max(0, whole * own.total_share // _WHOLE - view.purse.staked)),
    }


def size_for(stake: int, wager: Wager, own: ValueParameters) -> Size:
    """Shares that `stake` pays for, fee included, within the part of the best ask that may be had; two decimals."""
    each = wager.odds.price + max(0.0, wager.odds.fee)
    size = int(max(0, stake - _ROUNDING) / each)
    if own.entry == "take":
        size = min(size, wager.offered * own.touch_share // _WHOLE)
    return Size(size // CENTISHARE * CENTISHARE)
