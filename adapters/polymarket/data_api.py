"""The Data API over REST: any wallet's positions, trades and worth. Needs no key.

It lags by seconds to minutes, so it serves audits and reports, never live risk (polymarket.md §10).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from attrs import define

from actors.model.holding import Holding, TapeTrade
from actors.model.numbers import Cash
from actors.model.outcome import Unread
from adapters.polymarket import wire_data
from adapters.polymarket.lanes import Lane, MakeTransport
from adapters.polymarket.reading import MOST_PAGES, body_of, read

R = TypeVar("R")

MOST_CONDITIONS = 20
_A_PAGE = "500"


@define(eq=False)
class DataApi:
    """Reads through one lane of its own. Half an audit would be a wrong one: a row that cannot be read is an `Unread`."""

    _lane: Lane

    @classmethod
    def open(cls, base_url: str, transport: MakeTransport | None = None) -> DataApi:
        """The service at `base_url`; `transport` makes an httpx transport (None: the network)."""
        return cls(Lane(base_url, transport))

    async def positions(self, wallet: str, condition_ids: Sequence[str] = ()) -> tuple[Holding, ...] | Unread:
        """Everything the wallet holds, of these conditions or of all, the dust under 0.1 included."""
        query = [("user", wallet), ("filter_amount", "0"), *_conditions(condition_ids)]
        return await self._rows("/v2/positions", query, wire_data.holding)

    async def trades(self, wallet: str, condition_ids: Sequence[str] = ()) -> tuple[TapeTrade, ...] | Unread:
        """Every trade of the wallet as taker or maker, newest first where the service keeps its promise."""
        query = [("user", wallet), ("taker_only", "false"), ("filter_amount", "0"), *_conditions(condition_ids)]
        return await self._rows("/v2/trades", query, wire_data.tape_trade)

    async def worth(self, wallet: str) -> Cash | Unread:
        """What the wallet's positions are worth at the service's prices, in cash units."""
        heard = await self._lane.send("GET", f"/v2/value?{urlencode([('user', wallet)])}")
        return read(body_of(heard), wire_data.value)

    async def approvals(self, wallet: str) -> frozenset[tuple[str, str]] | Unread:
        """What the wallet has approved, as (token contract, spender) in lower case, of all that the venue's clients ask for."""
        heard = await self._lane.send("GET", f"/v2/approvals?{urlencode([('user', wallet)])}")
        return read(body_of(heard), wire_data.approvals)

    async def close(self) -> None:
        """Close the lane; requests under way end first."""
        await self._lane.close()

    async def _rows(
        self, path: str, query: list[tuple[str, str]], decoder: Callable[[msgspec.Raw], R]
    ) -> tuple[R, ...] | Unread:
        rows: list[R] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            asked = [*query, ("limit", _A_PAGE), *([("cursor", cursor)] if cursor else [])]
            page = read(body_of(await self._lane.send("GET", f"{path}?{urlencode(asked)}")), wire_data.page)
            if isinstance(page, Unread):
                return page
            found = read(page.rows, lambda raws: tuple(decoder(raw) for raw in raws))
            if isinstance(found, Unread):
                return found
            rows += found
            if page.next_cursor is None:
                return tuple(rows)
            if page.next_cursor == cursor:
                return Unread(f"paging does not move on from cursor {cursor[:40]!r}")
            cursor = page.next_cursor
        return Unread(f"more than {MOST_PAGES} pages")


def _conditions(condition_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Raises ValueError for more conditions than one question may name."""
    if len(condition_ids) > MOST_CONDITIONS:
        raise ValueError(f"{len(condition_ids)} conditions in one question, at most {MOST_CONDITIONS} are allowed")
    return [("condition_id", ",".join(condition_ids))] if condition_ids else []
