"""The ports of one run, whatever is behind them, and the start-up questions put to the venue before any order."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

from attrs import frozen

from actors.model.listing import condition_id_of
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.ports import JournalStore, MarketChannel, PublicData, SpotChannel, Trading, UserChannel, WallClock
from actors.shared.lookout import MOST_SKEW, skew


class PreflightFailed(Exception):
    """The venue cannot be used as things are; nothing was sent. Says what to do."""


class UnknownMarkets(Exception):
    """The configuration names markets that the venue does not list."""


@frozen
class Ports:
    """Everything a spine needs from the world; `spot` where spot prices are served."""

    trading: Trading
    public: PublicData
    market_channel: MarketChannel
    user_channel: UserChannel
    journal: JournalStore
    wall: WallClock
    spot: SpotChannel | None = None


async def check_clock(public: PublicData, wall: WallClock) -> None:
    """Raise PreflightFailed if our clock is too far from the venue's."""
    asked = wall()
    theirs = await public.server_time()
    if isinstance(theirs, Unread):
        raise PreflightFailed(f"the venue does not answer: {theirs.why}")
    if (off := skew(theirs, asked, wall())) > MOST_SKEW:
        raise PreflightFailed(f"this machine's clock is {off:.1f} s off the venue's: set it (NTP) and start again")


async def find_markets(public: PublicData, names: Sequence[str]) -> tuple[Market, ...]:
    """The configured markets, in order. Raises UnknownMarkets with suggestions, or PreflightFailed."""
    markets = await public.find(names)
    if isinstance(markets, Unread):
        raise PreflightFailed(f"the markets could not be read: {markets.why}")
    known = {market.slug for market in markets} | {market.condition_id.lower() for market in markets}
    missing = [name for name in names if name not in known and condition_id_of(name) not in known]
    if missing:
        raise UnknownMarkets("\n".join([_unknown(name, await _listed(public, name)) for name in missing]))
    if twice := [slug for slug, times in Counter(market.slug for market in markets).items() if times > 1]:
        raise UnknownMarkets(f"markets: {', '.join(twice)} is listed twice, under two names: keep one")
    return markets


async def _listed(public: PublicData, like: str) -> tuple[str, ...]:
    listed = await public.listed(like)
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


def _unknown(name: str, listed: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, listed, n=3)
    offer = f"did you mean {', '.join(near)}?" if near else f"it lists {', '.join(listed[:8])}" if listed else ""
    return f"markets: the venue lists no market {name!r}; {offer}".rstrip("; ")
