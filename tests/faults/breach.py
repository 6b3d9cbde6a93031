"""A broken invariant, told so that a stranger understands it, and amounts in the units people know."""

from __future__ import annotations

from attrs import frozen

from actors.model.numbers import format_cash, format_size


@frozen
class Breach:
    """`invariant` is one of reliability.md §2 (`I1`); `at` is in seconds since the run began."""

    invariant: str
    at: float
    text: str
    order_id: str = ""

    def __str__(self) -> str:
        order = f" [order {self.order_id}]" if self.order_id else ""
        return f"{self.invariant} at {self.at:.3f} s: {self.text}{order}"


def pusd(cash: int) -> str:
    return f"{format_cash(cash)} pUSD"


def shares(size: int) -> str:
    return f"{format_size(size)} shares"


def short(order_id: str) -> str:
    """Enough of an id to find it again."""
    return order_id if len(order_id) <= 12 else f"{order_id[:12]}…"
