"""What the exchange's ledger says the account bought and sold, trade by trade, to hold the bot's own idea against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from typing import Any

from attrs import define, field

from actors.market.report import MarketReport
from actors.model.market import Market, Outcome
from actors.model.numbers import SHARE, format_size, parse_size

_ON_ITS_WAY = 3.0  # s
_DUST = SHARE // 100  # amounts differ by rounding (polymarket.md §5.5)


@define(eq=False)
class Bought:
    """Shares by token (size units) from matched trades; a failed one is taken back once."""

    address: str
    clock: Callable[[], float]
    shares: Counter[str] = field(factory=Counter)
    changed_at: float = -inf
    _legs: dict[str, list[tuple[str, int]]] = field(factory=dict)

    def hear(self, line: Mapping[str, Any]) -> None:
        """A ledger line."""
        if line["kind"] == "trade":
            legs = [leg for leg in (line["taker"], *line["makers"]) if leg["address"] == self.address]
            self._legs[line["trade"]] = changes = [(leg["token"], _signed(leg)) for leg in legs]
            self._add(changes, 1)
        elif line["kind"] == "settle" and line["status"] == "FAILED":
            self._add(self._legs.pop(line["trade"], []), -1)

    def _add(self, changes: Iterable[tuple[str, int]], sign: int) -> None:
        self.changed_at = self.clock()
        for token, size in changes:
            self.shares[token] += sign * size

    def differing(self, market: Market, report: MarketReport) -> Iterator[str]:
        """A sentence for each token whose position the bot has wrong (I11); none while news may be on its way."""
        if self.clock() - self.changed_at < _ON_ITS_WAY:
            return
        for outcome in Outcome:
            held, believed = self.shares[market.token(outcome)], report.position.holding(outcome).size
            if abs(held - believed) > _DUST:
                yield (
                    f"the bot thinks it holds {format_size(believed)} {outcome.value} of {market.slug} by its trades; "
                    f"the exchange's trades say {format_size(held)}"
                )


def _signed(leg: Mapping[str, Any]) -> int:
    return parse_size(leg["size"]) if leg["side"] == "BUY" else -parse_size(leg["size"])
