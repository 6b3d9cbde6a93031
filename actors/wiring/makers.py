"""What `status` and `explain` show of fees and of makers' income, in pUSD and shares. Reads the board's last states only."""

from __future__ import annotations

from typing import Any

from actors.model.market import FeeSchedule
from actors.model.reason import Reason


def fees_shown(fees: FeeSchedule) -> dict[str, Any]:
    """The taker fee `rate` × p(1 - p)**`exponent` a share with the makers' part of it, and why takers are refused."""
    return {
        "rate": fees.rate / 10_000 if fees.known else None,
        "exponent": fees.exponent if fees.known else None,
        "rebate": fees.rebate / 10_000 if fees.known else None,
        "takers": None if fees.known else {"reason": Reason.FEES_UNKNOWN.code, "rule": Reason.FEES_UNKNOWN.value},
    }
