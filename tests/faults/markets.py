"""The exchange's markets as its ledger tells them: tokens, ticks, minimum sizes, and since when one is closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import define, field

from actors.model.numbers import SHARE, parse_price, parse_size

_MIN_SIZE = 5 * SHARE


@define(eq=False)
class Listed:
    """`tick` is the current one; `closed_at` is when the market first stopped taking orders (s since the run began)."""

    id: str
    slug: str
    tokens: tuple[str, ...]
    tick: int
    min_size: int = _MIN_SIZE
    closed_at: float | None = None

    def name(self, token: str) -> str:
        return "YES" if token == self.tokens[0] else "NO"


@define(eq=False)
class Markets:
    """By condition id and by token id. In `takers`, by slug, the bot's strategy buys at once."""

    takers: Collection[str] = ()
    by_id: dict[str, Listed] = field(factory=dict)
    by_token: dict[str, Listed] = field(factory=dict)

    def listed(self, line: Mapping[str, Any]) -> None:
        minimum = parse_size(line["min_size"]) if "min_size" in line else _MIN_SIZE
        market = Listed(line["market"], line["slug"], tuple(line["tokens"]), parse_price(line["tick"]), minimum)
        self.by_id[market.id] = market
        self.by_token.update(dict.fromkeys(market.tokens, market))

    def find(self, name: str) -> Listed | None:
        """By condition id or slug."""
        return self.by_id.get(name) or next((one for one in self.by_id.values() if one.slug == name), None)

    def takes(self, token: str) -> bool:
        """Whether the bot may buy at once there."""
        market = self.by_token.get(token)
        return market is not None and market.slug in self.takers

    def label(self, token: str) -> str:
        """What people call a token: the market's slug and YES or NO."""
        market = self.by_token.get(token)
        return f"{market.slug} {market.name(token)}" if market else f"token {token[:10]}…"
