"""`doctor`'s look at the Data API: does it report the shares that the venue says the account holds? Reads only.

The Data API lags by seconds to minutes, so a difference is told and judged by a person; nothing that trades reads it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence

import trio
from attrs import frozen

from actors.model.holding import Holding
from actors.model.numbers import SHARE, format_cash, format_size
from actors.model.outcome import Unread
from actors.model.settings import Settings
from actors.ports import Trading
from actors.wiring.demo import DEMO_KEY, running
from actors.wiring.opening import is_loopback
from actors.wiring.venue import PreflightFailed
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.keys import Key
from adapters.polymarket.login import LoginFailed, connect

_TOLERANCE = SHARE // 100  # amounts on the chain differ from the book's by rounding (polymarket.md §5.5)
_LAG = "it lags by seconds to minutes and is never used for risk"
_MOST_NAMED = 3


@frozen
class Gap:
    """A token of which the two say different sizes (size units)."""

    name: str
    reported: int
    held: int

    def text(self) -> str:
        return f"{self.name}: reported {format_size(self.reported)}, held {format_size(self.held)}"


@frozen
class Audit:
    """What was compared: every token the account ever traded or is reported to hold."""

    tokens: int
    gaps: tuple[Gap, ...]
    worth: int = 0
    trades: int = 0

    def text(self) -> str:
        """`worth` in cash units and the number of `trades` are the Data API's word alone."""
        if not self.gaps:
            agreed = f"agree on {self.tokens} token{'' if self.tokens == 1 else 's'}"
            reported = f"{self.trades} trades, positions worth {format_cash(self.worth)} pUSD"
            return f"the Data API and the venue {agreed}: {reported} ({_LAG})"
        named = "; ".join(gap.text() for gap in self.gaps[:_MOST_NAMED])
        more = len(self.gaps) - _MOST_NAMED
        return f"differs from the venue: {named}{f'; and {more} more' if more > 0 else ''} ({_LAG}: look again)"


def audited(settings: Settings, details: Mapping[str, str]) -> tuple[bool | None, str]:
    """Whether the Data API could be compared (None: there is none), and what came out; `details` are those of a running
    bot, or empty."""
    try:
        urls = _addresses(settings, details)
    except PreflightFailed as problem:
        return False, str(problem)
    if urls is None:
        return None, "no Data API address known, nothing compared: start the demo, or set venue.data_url"
    answer = trio.run(_sign_in_and_compare, *urls)
    return (False, answer.why) if isinstance(answer, Unread) else (True, answer.text())


def _addresses(settings: Settings, details: Mapping[str, str]) -> tuple[str, str] | None:
    """(order book, Data API) as configured, else where the running bot trades. Raises PreflightFailed."""
    if settings.venue.clob_url is not None:
        venue = running(settings.venue)
        return (venue.clob_url, venue.data_url) if venue.data_url else None
    clob_url, data_url = details.get("exchange"), details.get("data")
    if not clob_url or not data_url:
        return None
    if not (is_loopback(clob_url) and is_loopback(data_url)):
        raise PreflightFailed(f"the running bot trades on {clob_url}, which is not on this machine")
    return clob_url, data_url


async def _sign_in_and_compare(clob_url: str, data_url: str) -> Audit | Unread:
    try:
        trading = await connect(clob_url, Key(DEMO_KEY), wall=time.time, salts=random.SystemRandom())
    except LoginFailed as failure:
        return Unread(str(failure))
    data = DataApi.open(data_url)
    answer = await compare(trading, data)
    await trading.close()
    await data.close()
    return answer


async def compare(trading: Trading, data: DataApi) -> Audit | Unread:
    """Token by token; an `Unread` if either side could not be read."""
    reported = await data.positions(trading.address)
    if isinstance(reported, Unread):
        return Unread(f"the Data API could not be read: {reported.why}")
    fills = await trading.trades()
    if isinstance(fills, Unread):
        return Unread(f"the account's trades could not be read: {fills.why}")
    tokens = dict.fromkeys([*(row.token for row in reported if row.size), *(fill.token for fill in fills)])
    gaps: list[Gap] = []
    for token in tokens:
        held = await trading.shares(token)
        if isinstance(held, Unread):
            return Unread(f"the balance of token {token} could not be read: {held.why}")
        gap = Gap(_name(token, reported), sum(row.size for row in reported if row.token == token), held)
        gaps += [gap] if abs(gap.reported - gap.held) > _TOLERANCE else []
    worth, trades = await data.worth(trading.address), await data.trades(trading.address)
    if isinstance(worth, Unread) or isinstance(trades, Unread):
        return Unread("the Data API gives positions, but neither their worth nor the trades")
    return Audit(len(tokens), tuple(gaps), worth, len(trades))


def _name(token: str, reported: Sequence[Holding]) -> str:
    row = next((row for row in reported if row.token == token), None)
    return f"{row.slug} {row.label}" if row is not None and row.slug else f"token {token[:8]}…"
