"""The ports of one run, whatever is behind them, and the start-up questions put to the venue before any order."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen
from loguru import logger

from actors.model.conversion import Conversion
from actors.model.market import Market
from actors.model.naming import Name, called, name_of
from actors.model.outcome import Misnamed, Unread
from actors.model.series import series_of
from actors.model.settings import Settings
from actors.ports import (
    JournalStore,
    MarketChannel,
    PublicData,
    Relay,
    SpotChannel,
    Trading,
    TrailStore,
    UserChannel,
    WallClock,
)
from actors.shared.lookout import MOST_SKEW, skew


class PreflightFailed(Exception):
    """The venue cannot be used as things are; nothing was sent. Says what to do."""


class UnknownMarkets(Exception):
    """The configuration names markets that the venue does not list, or not clearly."""


@frozen
class Ports:
    """Everything a spine needs from the world; `spot` where spot prices are served.

    `relay` where somebody else sends the wallet's transactions, `calls` what a wallet has to call itself, as lines.
    """

    trading: Trading
    public: PublicData
    market_channel: MarketChannel
    user_channel: UserChannel
    journal: JournalStore
    wall: WallClock
    trail: TrailStore
    spot: SpotChannel | None = None
    relay: Relay | None = None
    calls: Callable[[Conversion, Market], Sequence[str]] | None = None


async def check_clock(public: PublicData, wall: WallClock) -> None:
    """Raise PreflightFailed if our clock is too far from the venue's."""
    asked = wall()
    theirs = await public.server_time()
    if isinstance(theirs, Unread):
        raise PreflightFailed(f"the venue does not answer: {theirs.why}")
    if (off := skew(theirs, asked, wall())) > MOST_SKEW:
        raise PreflightFailed(f"this machine's clock is {off:.1f} s off the venue's: set it (NTP) and start again")


def spelt(names: Iterable[str], settings: Settings, wall: float) -> list[str]:
    """The same, with the window that is quoted at `wall`, or comes next, in place of its series; each once."""
    windows = [(name, series_of(name.strip())) for name in names]
    return list(
        dict.fromkeys(name if one is None else one.wanted(wall, settings.series)[0].slug for name, one in windows)
    )


async def find_markets(public: PublicData, names: Sequence[str]) -> tuple[Market, ...]:
    """The configured markets, in order, each once. Raises UnknownMarkets with suggestions, or PreflightFailed."""
    found = await public.find(names)
    if isinstance(found, Misnamed):
        raise UnknownMarkets("\n".join(f"markets: {line}" for line in found.why.splitlines()))
    if isinstance(found, Unread):
        raise PreflightFailed(f"the markets could not be read: {found.why}")
    if missing := [name for name in names if not called(name, found)]:
        raise UnknownMarkets("\n".join([_unknown(name, await _listed(public, name)) for name in map(name_of, missing)]))
    markets = {market.condition_id: market for market in found}
    for market in markets.values():
        if len(same := [name for name in names if name_of(name).calls(market)]) > 1:
            logger.warning("markets: {} are one market, {}: it is traded once", " and ".join(same), market.slug)
    return tuple(markets.values())


def check_strategies(settings: Settings, markets: Sequence[Market]) -> None:
    """Raise UnknownMarkets if a market is given two strategies under two names."""
    for market in markets:
        own = [m for m in settings.markets if m.strategy is not None and name_of(m.market).calls(market)]
        if len({named.strategy for named in own}) > 1:
            names = " and ".join(named.market for named in own)
            raise UnknownMarkets(f"markets: {names} are one market, {market.slug}, with two strategies: keep one")


async def _listed(public: PublicData, like: Name) -> tuple[str, ...]:
    listed = await public.listed(like.value)
    return () if isinstance(listed, Unread) else listed


async def check_journal(journal: JournalStore, markets: Sequence[Market], path: str) -> None:
    """Raise PreflightFailed if the journal holds orders of unknown end in markets that this run would not look after."""
    ours = {market.condition_id for market in markets}
    strays = [intent for intent in await journal.intents() if intent.condition_id not in ours]
    if strays:
        names = ", ".join(sorted({intent.market for intent in strays}))
        raise PreflightFailed(
            f"the journal {path} holds {len(strays)} orders of {names} whose end is not known, and this run does not trade "
            "those markets on this venue: run once more with them, against the exchange they were sent to, to settle "
            "them; or start with another --instance or journal.path"
        )


def _unknown(name: Name, listed: Sequence[str]) -> str:
    near = difflib.get_close_matches(name.value, listed, n=3)
    offer = f"did you mean {', '.join(near)}?" if near else f"it lists {', '.join(listed[:8])}" if listed else ""
    return f"markets: the venue lists no market {name.text!r}; {offer}".rstrip("; ")
