"""Which markets a run begins with: those that are named, the best that the venue lists, if some are wanted, and what earlier
runs have left.

Read before anything is sent; a market that nobody named and that cannot be traded is passed over, no reason to stay away.
In what an earlier run has begun and this one does not want something may still rest or be held: it comes back to be left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import trio
from attrs import evolve, frozen
from loguru import logger

from actors.model.market import Market
from actors.model.naming import Kind, name_of
from actors.model.numbers import Cash, format_cash
from actors.model.outcome import Unread
from actors.model.series import series_of, window_of
from actors.model.settings import Settings
from actors.model.tenure import OFF, Origin, Tenure
from actors.pricing.choice import Ranked
from actors.pricing.seats import Seat
from actors.pricing.split import by_score, equally
from actors.shared.choosing import choose, tradable
from actors.wiring.grove import own_budget
from actors.wiring.plots import Plot, plot
from actors.wiring.venue import Ports, PreflightFailed, UnknownMarkets, check_strategies, find_markets, spelt

_AN_EARLIER_RUN = "of an earlier run"


@frozen
class Selection:
    """Every market that gets a tree, with its place in the run."""

    plots: tuple[Plot, ...]

    @property
    def markets(self) -> tuple[Market, ...]:
        return tuple(each.market for each in self.plots)


async def select(ports: Ports, settings: Settings) -> Selection:
    """The markets of a run. Raises UnknownMarkets or PreflightFailed."""
    tenures = (await ports.journal.memory()).tenures
    off = {tenure.market for tenure in tenures if tenure.off}
    named = [_called(market, settings, off) for market in await _named(ports, settings, tenures, off)]
    check_strategies(settings, [each.market for each in named])
    others = await _others(ports, tenures, named)
    taken = [each.market.condition_id for each in (*named, *others) if not each.tenure.leaving or each.tenure.off]
    chosen = await _chosen(ports, settings, taken) if settings.discover.max_markets else []
    fresh = {market.condition_id for _, market in chosen}
    rest = [each for each in (*named, *others) if each.market.condition_id not in fresh]
    if not (rest or chosen or settings.markets):
        raise PreflightFailed("nothing to trade: loosen the `discover` section, or name markets")
    return Selection((*rest, *_seated(settings, rest, chosen)))


async def _named(ports: Ports, settings: Settings, tenures: Iterable[Tenure], off: set[str]) -> tuple[Market, ...]:
    """Those that the configuration names; of a series the window that is quoted now or comes next."""
    added = [tenure.market for tenure in tenures if not tenure.condition_id and not tenure.leaving]
    names = [each.market for each in settings.markets] + added
    wanted = [name for name in names if (series := series_of(name.strip())) is None or series.name not in off]
    return await find_markets(ports.public, spelt(wanted, settings, ports.wall())) if wanted else ()


def _called(market: Market, settings: Settings, off: set[str]) -> Plot:
    """A window that is no market's name belongs to its series."""
    names = [name for each in settings.markets if (name := name_of(each.market)).kind is not Kind.SERIES]
    named = any(name.calls(market) for name in names)
    origin = Origin.NAMED if named or window_of(market.slug) is None else Origin.SERIES
    return plot(market, origin, OFF if market.slug in off else "")


async def _others(ports: Ports, tenures: Sequence[Tenure], named: Sequence[Plot]) -> list[Plot]:
    """Markets of earlier runs that nobody names: what a person has switched on is traded, all else is left.

    What this venue does not list is missing here: `check_journal` says what to do if orders of it may be alive.
    """
    ours = {each.market.condition_id for each in named}
    known = {tenure.condition_id: tenure for tenure in tenures if tenure.condition_id}
    strays = {intent.condition_id for intent in await ports.journal.intents()} | known.keys()
    found = await ports.public.find(sorted(strays - ours)) if strays - ours else ()
    if isinstance(found, Unread):
        raise PreflightFailed(f"the markets of earlier orders could not be read: {found.why}")
    plots = [_again(market, known.get(market.condition_id)) for market in found]
    for each in plots:
        if each.tenure.leaving:
            logger.warning(
                "{} is of an earlier run: it comes back until nothing of ours is left there", each.market.slug
            )
    return plots


def _again(market: Market, tenure: Tenure | None) -> Plot:
    if tenure is None:
        return plot(market, Origin.LEFT, _AN_EARLIER_RUN)
    if tenure.origin is Origin.ADDED and not tenure.leaving:
        return plot(market, Origin.ADDED)
    return plot(market, tenure.origin, tenure.leaving or _AN_EARLIER_RUN)


async def _chosen(ports: Ports, settings: Settings, taken: Sequence[str]) -> list[tuple[Ranked, Market]]:
    """The best of the ranking that can be traded and are not traded anyway, nor switched off."""
    choice = await choose(ports.public, ports.public, settings, ports.wall())
    if isinstance(choice, Unread):
        raise PreflightFailed(choice.why)
    logger.info("{}", choice.text())
    chosen = list[tuple[Ranked, Market]]()
    for ranked in choice.ranked:
        if len(chosen) == settings.discover.max_markets:
            break
        condition = ranked.candidate.listing.condition_id
        if condition not in taken:
            market = await tradable(ports.public, condition, ports.wall())
            chosen += [(ranked, market)] if market is not None else []
    return chosen


def _seated(settings: Settings, others: Sequence[Plot], chosen: Sequence[tuple[Ranked, Market]]) -> list[Plot]:
    """The chosen markets with their parts of what the others leave. Raises UnknownMarkets if one gets nothing."""
    plots: list[Plot] = []
    now, score = trio.current_time(), settings.discover.score
    for (ranked, market), share in zip(chosen, _shares(settings, others, [one for one, _ in chosen]), strict=True):
        logger.info("discovered {}: it may tie up {} pUSD", market.slug, format_cash(share))
        place = plot(market, Origin.DISCOVERED)
        plots.append(evolve(place, share=share, seat=Seat(now, ranked.by(score))))
    return plots


def _shares(settings: Settings, others: Sequence[Plot], chosen: Sequence[Ranked]) -> tuple[Cash, ...]:
    """What is being left keeps what it may hold, but that alone is no reason not to start: it goes, and then there is more."""
    budget = settings.budget
    pool = budget.total - sum(_cap(each, settings) for each in others if not each.tenure.leaving)
    left = sum(_cap(each, settings) for each in others if each.tenure.leaving)
    if not all(_divided(pool, settings, chosen)):
        raise UnknownMarkets(
            f"discover: budget.total leaves {format_cash(Cash(max(pool, 0)))} pUSD for {len(chosen)} discovered markets, and some "
            "nothing: raise it, lower budget.per_market, or choose fewer"
        )
    return tuple(Cash(min(share, budget.per_market)) for share in _divided(pool - left, settings, chosen))


def _divided(pool: int, settings: Settings, chosen: Sequence[Ranked]) -> tuple[Cash, ...]:
    if settings.discover.split == "score":
        return by_score(max(pool, 0), [ranked.by(settings.discover.score) for ranked in chosen])
    return equally(max(pool, 0), len(chosen))


def _cap(each: Plot, settings: Settings) -> Cash:
    return own_budget(each.market, settings) or settings.budget.per_market
