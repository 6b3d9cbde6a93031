"""Which markets a run trades: those the configuration names, and the best that the venue lists, if it asks for some.

Chosen once, before anything is sent; a market that cannot be traded is passed over, not a reason to stay away.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen
from loguru import logger

from actors.model.market import Market
from actors.model.numbers import Cash, format_cash
from actors.model.outcome import Unread
from actors.model.settings import MarketSettings, Settings
from actors.ports import PublicData
from actors.pricing.choice import Ranked
from actors.pricing.split import by_score, equally
from actors.wiring.discover import choose
from actors.wiring.venue import Ports, PreflightFailed, UnknownMarkets, check_strategies, find_markets


@frozen
class Selection:
    """The markets, and the settings that name every one of them; `discovered` are the slugs of those nobody named."""

    settings: Settings
    markets: tuple[Market, ...]
    discovered: tuple[str, ...] = ()


async def select(ports: Ports, settings: Settings) -> Selection:
    """The markets of a run. Raises UnknownMarkets or PreflightFailed."""
    named = await find_markets(ports.public, [m.market for m in settings.markets]) if settings.markets else ()
    check_strategies(settings, named)
    if not settings.discover.max_markets:
        return Selection(settings, named)
    left = await _left_over(ports, named)
    chosen = await _chosen(ports, settings, (*named, *left))
    if not (named or left or chosen):
        raise PreflightFailed("nothing to trade: loosen the `discover` section, or name markets")
    shares = _shares(settings, len(named) + len(left), [ranked for ranked, _ in chosen])
    fresh = [market for _, market in chosen]
    added = [MarketSettings(market.slug, budget=share) for market, share in zip(fresh, shares, strict=True)]
    for market, share in zip(fresh, shares, strict=True):
        logger.info("discovered {}: it may tie up {} pUSD", market.slug, format_cash(share))
    whole = evolve(settings, markets=(*settings.markets, *(MarketSettings(m.slug) for m in left), *added))
    return Selection(whole, (*named, *left, *fresh), tuple(market.slug for market in fresh))


async def _left_over(ports: Ports, named: Sequence[Market]) -> tuple[Market, ...]:
    """Markets in which orders of an earlier run may still be alive: chosen or not, somebody must look after them.

    What this venue does not list is missing here: `check_journal` says what to do about it.
    """
    ours = {market.condition_id for market in named}
    strays = {intent.condition_id for intent in await ports.journal.intents()} - ours
    found = await ports.public.find(sorted(strays)) if strays else ()
    if isinstance(found, Unread):
        raise PreflightFailed(f"the markets of earlier orders could not be read: {found.why}")
    return found


async def _chosen(ports: Ports, settings: Settings, taken: Sequence[Market]) -> list[tuple[Ranked, Market]]:
    """The best of the ranking that can be traded and are not traded anyway."""
    choice = await choose(ports.public, ports.public, settings, ports.wall())
    if isinstance(choice, Unread):
        raise PreflightFailed(choice.why)
    logger.info("{}", choice.text())
    ours, chosen = {market.condition_id for market in taken}, list[tuple[Ranked, Market]]()
    for ranked in choice.ranked:
        if len(chosen) == settings.discover.max_markets:
            break
        if ranked.candidate.listing.condition_id not in ours:
            market = await _tradable(ports.public, ranked.candidate.listing.condition_id, ports.wall())
            chosen += [(ranked, market)] if market is not None else []
    return chosen


async def _tradable(public: PublicData, condition_id: str, at: float) -> Market | None:
    """The market on the order book's own terms; None with a warning if it is not to be traded."""
    found = await public.find((condition_id,))
    market = None if isinstance(found, Unread) else next(iter(found), None)
    why = found.why if isinstance(found, Unread) else "not found" if market is None else market.unquotable(at)
    if why:
        logger.warning("{} is passed over: {}", condition_id, why)
    return None if why else market


def _shares(settings: Settings, others: int, chosen: Sequence[Ranked]) -> tuple[Cash, ...]:
    """What each discovered market may tie up: its part of what the others leave. Raises UnknownMarkets if that is nothing."""
    budget, discover = settings.budget, settings.discover
    own = [named.budget for named in settings.markets if named.budget is not None]
    pool = budget.total - sum(own) - (others - len(own)) * budget.per_market
    if discover.split == "score":
        shares = by_score(max(pool, 0), [ranked.by(discover.score) for ranked in chosen])
    else:
        shares = equally(max(pool, 0), len(chosen))
    if not all(shares):
        raise UnknownMarkets(
            f"discover: budget.total leaves {format_cash(max(pool, 0))} pUSD for {len(chosen)} discovered markets, and some "
            "nothing: raise it, lower budget.per_market, or choose fewer"
        )
    return tuple(Cash(min(share, budget.per_market)) for share in shares)
