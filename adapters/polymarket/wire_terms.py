"""What a market charges takers and pays makers, from the order book's short keys and what else is told of it.

Neither is a reason to leave a market alone: fees that are not clear are unknown, and a programme that cannot be read pays
nothing (polymarket.md §1.3, §11). Only one that charges makers is refused. Raises ValueError only.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from actors.model.listing import ListedFees, ListedRewards, Listing
from actors.model.market import UNKNOWN_FEES, FeeSchedule
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size, parse_scaled
from actors.model.rewards import NO_REWARDS, Rewards
from adapters.polymarket.wire import Number, Unreadable, base_units, decode, named, nearest_units

_EXPONENTS = (1, 2)  # of every schedule ever published (§11.1)
_ABSENT = (b"", b"null")
_LONGEST_AGE = 86_400.0  # s: an order that must rest for more than a day scores in no epoch


class CompactFee(msgspec.Struct):
    """`fd`; without it there is no fee."""

    r: Number
    e: Number
    to: bool


class CompactRewards(msgspec.Struct):
    """`r`: smallest size, widest distance in cents, age in seconds."""

    mi: Decimal = Decimal(0)
    ma: Decimal = Decimal(0)
    moas: float = 30.0


class FullRate(msgspec.Struct):
    rewards_daily_rate: Decimal


class FullRewards(msgspec.Struct):
    """`rewards` of the full description; rates of several programmes add up."""

    rates: list[FullRate] | None = None
    min_size: Decimal = Decimal(0)
    max_spread: Decimal = Decimal(0)


def fees_of(fee: CompactFee | None, listing: Listing | None = None) -> FeeSchedule:
    """The taker fee, with the makers' part of it where Gamma tells it.

    It is unknown where we cannot compute with what is told, or where the order book and Gamma tell different things; a fee
    that makers pay too would make every quote's arithmetic wrong, so it is refused.
    """
    if fee is not None and not fee.to:
        raise Unreadable("fd.to: this market charges makers, which no published schedule does")
    told = FeeSchedule() if fee is None else _computable(fee)
    listed = listing.fees if listing is not None and listing.fees_enabled else None
    if listed is None or told is UNKNOWN_FEES:
        return told
    return FeeSchedule(told.rate, told.exponent, listed.rebate) if _agree(told, listed) else UNKNOWN_FEES


def _computable(fee: CompactFee) -> FeeSchedule:
    try:
        rate = named("fd.r", lambda text: parse_scaled(text, 4), fee.r)
        exponent = base_units("fd.e", fee.e)
    except Unreadable:
        return UNKNOWN_FEES
    return FeeSchedule(rate, exponent) if exponent in _EXPONENTS and rate <= 10_000 else UNKNOWN_FEES


def _agree(told: FeeSchedule, listed: ListedFees) -> bool:
    return told.rate == listed.rate and (told.rate == 0 or told.exponent == listed.exponent)


def rewards_of(short: msgspec.Raw, other: msgspec.Raw | ListedRewards) -> Rewards:
    """The programme: rules as the order book tells them, what it pays as the `other` description does."""
    try:
        listed = other if isinstance(other, ListedRewards) else _full(other)
        if bytes(short) in _ABSENT:
            return Rewards(listed.per_day, listed.min_size, listed.max_spread) if listed.per_day else NO_REWARDS
        rules = decode(short, CompactRewards)
        return Rewards(listed.per_day, _size(rules.mi), _spread(rules.ma), min(max(0.0, rules.moas), _LONGEST_AGE))
    except ValueError:
        return NO_REWARDS


def _full(raw: msgspec.Raw) -> ListedRewards:
    if bytes(raw) in _ABSENT:
        return ListedRewards()
    told = decode(raw, FullRewards)
    daily = sum((rate.rewards_daily_rate for rate in told.rates or []), Decimal(0))
    per_day = Cash(nearest_units("rewards_daily_rate", daily, PUSD))
    return ListedRewards(_size(told.min_size), _spread(told.max_spread), per_day)


def _size(number: Decimal) -> Size:
    return Size(nearest_units("min_size", number, SHARE))


def _spread(cents: Decimal) -> Price:
    return Price(nearest_units("max_spread", cents, PRICE_ONE // 100))
