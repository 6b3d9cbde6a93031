"""The markets of a run: those that are named, and the best that the venue lists, within the money that is left."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import evolve

from actors.model.discover_settings import DiscoverSettings
from actors.model.listing import Activity, Listing, Version
from actors.model.market import Market
from actors.model.numbers import PUSD, Cash
from actors.model.order import Key
from actors.model.outcome import Unread
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.ports import Intent
from actors.wiring.selection import Selection, select
from actors.wiring.venue import PreflightFailed, UnknownMarkets
from tests.venue import Venue, market, wall
from tests.wiring.world import World, bot, until, world

GOOD, FAIR, POOR = (market(name) for name in ("good", "fair", "poor"))
NAMED = market("named")
ALL = (NAMED, POOR, FAIR, GOOD)
BUDGET = BudgetSettings(per_market=Cash(100 * PUSD), total=Cash(250 * PUSD))


def listing(of: Market, volume: int) -> Listing:
    return Listing(
        gamma_id="1",
        slug=of.slug,
        condition_id=of.condition_id,
        version=Version.V1,
        question="?",
        labels=("Yes", "No"),
        tokens=of.tokens,
        active=True,
        closed=False,
        archived=False,
        accepting=True,
        has_book=True,
        activity=Activity(volume_day=Cash(volume * PUSD)),
    )


def listed(*markets: Market, **discover: object) -> World:
    """A venue that lists all of them, the later the better, and a bot that names those of `markets`."""
    names = tuple(MarketSettings(one.slug) for one in markets)
    wanted = DiscoverSettings(score="quality", **{"max_markets": 2, **discover})  # type: ignore[arg-type]
    of = world(*ALL, settings=Settings(names, budget=BUDGET, discover=wanted))
    of.venue.listings = tuple(listing(one, 20_000 * 2**n) for n, one in enumerate(ALL))
    return of


async def selected(of: World) -> Selection:
    return await select(of.ports, of.settings)


async def test_the_best_are_traded_besides_the_named_ones_each_with_its_part_of_what_is_left() -> None:
    chosen = await selected(listed(NAMED))
    assert [one.slug for one in chosen.markets] == ["named", "good", "fair"]
    assert chosen.discovered == ("good", "fair")
    assert [(named.market, named.budget) for named in chosen.settings.markets] == [
        ("named", None),
        ("good", 75 * PUSD),
        ("fair", 75 * PUSD),
    ]


async def test_without_named_markets_the_best_are_traded_alone_and_never_beyond_the_cap_of_a_market() -> None:
    chosen = await selected(listed())
    assert [(named.market, named.budget) for named in chosen.settings.markets] == [
        ("good", 100 * PUSD),
        ("fair", 100 * PUSD),
    ]


async def test_capital_split_by_score_gives_the_better_market_more() -> None:
    chosen = await selected(listed(NAMED, split="score"))
    (_, good, fair) = chosen.settings.markets
    assert good.budget is not None
    assert fair.budget is not None
    assert good.budget > fair.budget
    assert good.budget + fair.budget <= 150 * PUSD


async def test_nothing_is_discovered_unless_asked_for() -> None:
    of = listed(NAMED, max_markets=0)
    assert await selected(of) == Selection(of.settings, (NAMED,))


async def test_a_named_market_is_not_discovered_once_more() -> None:
    chosen = await selected(listed(GOOD))
    assert [one.slug for one in chosen.markets] == ["good", "fair", "poor"]


async def test_a_market_that_is_not_to_be_traded_is_passed_over_for_the_next_one() -> None:
    class Odd(Venue):
        async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
            if names == (GOOD.condition_id,):
                return Unread("version: Gamma says v1, the bits of 11 say v2: not traded")
            found = await super().find(names)
            assert isinstance(found, tuple)
            return tuple(evolve(one, standing="proposed") if one.slug == "fair" else one for one in found)

    of = listed()
    of.venue = Odd(ALL, listings=of.venue.listings)
    assert [one.slug for one in (await selected(of)).markets] == ["poor", "named"]


async def test_a_market_with_orders_of_an_earlier_run_is_looked_after_chosen_or_not() -> None:
    of = listed(max_markets=1)
    sent = Intent(Key(1, 1), "0x1", "poor", POOR.condition_id, POOR.yes, "BUY", 4000, 10**7, b"{}", wall())
    of.journal.rows.append(sent)
    chosen = await selected(of)
    assert [one.slug for one in chosen.markets] == ["poor", "good"]
    assert chosen.discovered == ("good",)


async def test_a_start_with_nothing_to_trade_or_no_money_for_it_ends_with_what_to_change() -> None:
    with pytest.raises(PreflightFailed, match="nothing to trade: loosen the `discover` section, or name markets"):
        await selected(listed(min_volume=Cash(10**12)))
    with pytest.raises(UnknownMarkets, match=r"budget\.total leaves 0 pUSD for 1 discovered markets"):
        await selected(listed(NAMED, POOR, FAIR, max_markets=1))
    silent = listed()
    silent.venue.broken.add("books")
    with pytest.raises(PreflightFailed, match="the books of the markets could not be read: 500"):
        await selected(silent)


async def test_a_discovered_market_never_ties_up_more_than_its_part() -> None:
    of = listed(NAMED)
    chosen = await selected(of)
    small = evolve(
        chosen.settings,
        markets=tuple(evolve(m, budget=Cash(10 * PUSD) if m.budget else None) for m in chosen.settings.markets),
    )
    running = world(*chosen.markets, settings=small)
    async with bot(running) as it:
        await until(lambda: len(it.live("named")) == 2, within=3.0)
        await until(lambda: it.report("good").refusal is not None, within=3.0)
        refusal = it.report("good").refusal
        assert refusal is not None
        assert refusal.code == "budget_market"
        assert ("markets[].budget", "10") in refusal.inputs
        assert sum(order.price * order.size // 10_000 for order in it.live("good")) <= 10 * PUSD
