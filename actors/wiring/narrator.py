"""The narrator: tells whoever watches the log, every few seconds and in one line, how the bot is doing. Writes no state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import trio
from attrs import frozen
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.shared.tidings import MOST_NAMED

_FIRST_AFTER, _EVERY = 2.0, 10.0


@frozen
class Narrator:
    """`status` gives the picture that the `status` command shows."""

    rank: ClassVar[int] = 6
    mailbox: Mailbox[object]
    status: Callable[[], Mapping[str, Any]]

    async def run(self, ready: Ready) -> None:
        ready()
        speak_at = trio.current_time() + _FIRST_AFTER
        while True:
            await self.mailbox.read(until=speak_at)
            if trio.current_time() >= speak_at:
                logger.info(line(self.status()))
                speak_at = trio.current_time() + _EVERY


def line(status: Mapping[str, Any]) -> str:
    """Markets, orders, money at risk and PnL; then what does not quote, and why."""
    markets = status["markets"]
    reasons = {m["market"]: m["reason"] or m["state"] for m in markets if m["state"] != "quoting"}
    head = (
        f"{len(markets) - len(reasons)} of {len(markets)} markets quoted, {status['open_orders']} order{'s' * (status['open_orders'] != 1)}, "
        f"{status['exposure']:.2f} of {status['budget']:g} pUSD at risk, PnL {status['pnl']:+.2f}"
    )
    return f"{head}; not quoted: {_idle(reasons, len(markets))}" if reasons else head


def _idle(reasons: Mapping[str, str], of: int) -> str:
    """Each market with its reason, or how many for which; where it is all of them for the same one, only that."""
    counted = Counter(reasons.values()).most_common()
    if 1 < len(reasons) == of and len(counted) == 1:
        return f"all {counted[0][0]}"
    if len(reasons) > MOST_NAMED:
        return ", ".join(f"{count} {reason}" for reason, count in counted)
    return ", ".join(f"{market} {reason}" for market, reason in reasons.items())
