"""What the venue says it paid makers: rows of `/rewards/user` and `/rebates/current` (polymarket.md §1.1, §1.5).

A row that cannot be read makes the whole answer unreadable: half a day's income would look like a payment that is missing.
Raises ValueError only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from actors.model.listing import condition_id_of
from actors.model.numbers import PUSD, Cash
from adapters.polymarket.wire import Unreadable, decode, nearest_units

_DAY = 86_400


class Earning(msgspec.Struct):
    """`earnings` of an asset that is worth `asset_rate`."""

    condition_id: str
    earnings: Decimal
    asset_rate: Decimal = Decimal(1)


class Rebate(msgspec.Struct):
    condition_id: str
    rebated_fees_usdc: Decimal


def day_text(day: int) -> str:
    """A UTC day (since 1970) as the venue names it."""
    return datetime.fromtimestamp(day * _DAY, UTC).date().isoformat()


def rewards_in(rows: Iterable[msgspec.Raw]) -> dict[str, Cash]:
    """By condition id, in cash units."""
    read = (decode(row, Earning) for row in rows)
    return _summed((row.condition_id, row.earnings * row.asset_rate) for row in read)


def rebates_in(body: bytes) -> dict[str, Cash]:
    """By condition id, in cash units."""
    return _summed((row.condition_id, row.rebated_fees_usdc) for row in decode(body, list[Rebate]))


def _summed(rows: Iterable[tuple[str, Decimal]]) -> dict[str, Cash]:
    sums: dict[str, Cash] = {}
    for name, amount in rows:
        condition = condition_id_of(name)
        if condition is None:
            raise Unreadable(f"condition_id: {name[:80]!r} has neither 64 nor 62 hex digits")
        sums[condition] = Cash(sums.get(condition, 0) + nearest_units("earnings", amount, PUSD))
    return sums
