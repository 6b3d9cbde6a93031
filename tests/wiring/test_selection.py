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
from actors.model.tenure import OFF, Origin, Tenure
from actors.records import Intent
from actors.wiring.selection import Selection, select
from actors.wiring.venue import PreflightFailed, UnknownMarkets
from tests.venue import Venue, market, wall
from tests.wiring.world import SIMPLE, World, bot, until, world

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
    of = world(*ALL, settings=Settings(names, budget=BUDGET, discover=wanted, strategy=SIMPLE))
    of.venue.listings = tuple(listing(one, 20_000 * 2**n) for n, one in enumerate(ALL))
    return of


async def selected(of: World) -> Selection:
    return await select(of.ports, of.settings)


def shares(of: Selection) -> dict[str, Cash | None]:
    return {each.market.slug: each.share for each in of.plots}


def places(of: Selection) -> dict[str, tuple[Origin, str]]:
    return {each.market.slug: (each.tenure.origin, each.tenure.leaving) for each in of.plots}


async def test_the_best_are_traded_besides_the_named_ones_each_with_its_part_of_what_is_left() -> None:
    chosen = await selected(listed(NAMED))
    assert places(chosen) == {
        "named": (Origin.NAMED, ""),
        "good": (Origin.DISCOVERED, ""),
        "fair": (Origin.DISCOVERED, ""),
    }
    assert shares(chosen) == {"named": None, "good": 75 * PUSD, "fair": 75 * PUSD}


async def test_without_named_markets_the_best_are_traded_alone_and_never_beyond_the_cap_of_a_market() -> None:
    assert shares(await selected(listed())) == {"good": 100 * PUSD, "fair": 100 * PUSD}


async def test_capital_split_by_score_gives_the_better_market_more() -> None:
    part = shares(await selected(listed(NAMED, split="score")))
    good, fair = part["good"], part["fair"]
    assert good is not None
    assert fair is not None
    assert good > fair
    assert good + fair <= 150 * PUSD


async def test_nothing_is_discovered_unless_asked_for() -> None:
    assert places(await selected(listed(NAMED, max_markets=0))) == {"named": (Origin.NAMED, "")}


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


def sent(of: World, to: Market) -> None:
    """An order of an earlier run, whose end nobody knows."""
    intent = Intent(Key(1, 1), "0x1", to.slug, to.condition_id, to.yes, "BUY", 4000, 10**7, b"{}", wall())
    of.journal.rows.append(intent)


async def test_a_market_with_orders_of_an_earlier_run_comes_back_to_be_left() -> None:
    of = listed(max_markets=1)
    sent(of, POOR)
    assert places(await selected(of)) == {
        "poor": (Origin.LEFT, "of an earlier run"),
        "good": (Origin.DISCOVERED, ""),
    }
    of = listed(NAMED, max_markets=0)
    sent(of, POOR)
    assert places(await selected(of))["poor"] == (Origin.LEFT, "of an earlier run")


async def test_a_market_of_an_earlier_run_that_is_among_the_best_goes_on() -> None:
    of = listed(max_markets=1)
    sent(of, GOOD)
    of.journal.rows.append(Tenure("good", GOOD.condition_id, Origin.DISCOVERED))
    assert places(await selected(of)) == {"good": (Origin.DISCOVERED, "")}


async def test_what_may_be_held_is_looked_after_even_if_no_order_is_alive() -> None:
    of = listed(NAMED, max_markets=0)
    of.journal.rows.append(Tenure("poor", POOR.condition_id, Origin.DISCOVERED))
    assert places(await selected(of))["poor"] == (Origin.DISCOVERED, "of an earlier run")


async def test_a_persons_word_outlasts_the_process() -> None:
    of = listed(NAMED, max_markets=1)
    of.journal.rows += [
        Tenure("poor", POOR.condition_id, Origin.ADDED),
        Tenure("named", NAMED.condition_id, Origin.NAMED, OFF),
        Tenure("good", GOOD.condition_id, Origin.DISCOVERED, OFF),
    ]
    assert places(await selected(of)) == {
        "named": (Origin.NAMED, OFF),
        "good": (Origin.DISCOVERED, OFF),
        "poor": (Origin.ADDED, ""),
        "fair": (Origin.DISCOVERED, ""),
    }


async def test_markets_that_are_being_left_are_no_reason_not_to_start() -> None:
    of = listed(NAMED, max_markets=1)
    of.settings = evolve(of.settings, budget=BudgetSettings(per_market=Cash(100 * PUSD), total=Cash(150 * PUSD)))
    sent(of, POOR)
    assert shares(await selected(of)) == {"named": None, "poor": None, "good": 0}


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
    of.settings = evolve(of.settings, budget=BudgetSettings(per_market=Cash(100 * PUSD), total=Cash(120 * PUSD)))
    of.plots = (await selected(of)).plots
    async with bot(of) as it:
        await until(lambda: len(it.live("named")) == 2, within=3.0)
        await until(lambda: it.report("good").refusal is not None, within=3.0)
        refusal = it.report("good").refusal
        assert refusal is not None
        assert refusal.code == "budget_market"
        assert ("markets[].budget", "10") in refusal.inputs
        assert sum(order.price * order.size // 10_000 for order in it.live("good")) <= 10 * PUSD
