"""Markets that come and go while the bot runs: chosen anew, left until flat, switched by a person, found again by a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from attrs import evolve

from actors.ending import Exit
from actors.market.report import MarketReport
from actors.model.conversion import Kind
from actors.model.discover_settings import DiscoverSettings
from actors.model.listing import Listing
from actors.model.market import Market, Outcome
from actors.model.numbers import PUSD, SHARE, Cash
from actors.model.outcome import Unread
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.model.tenure import Origin
from actors.model.trading import Order, Trading
from actors.shared.risk import Command
from actors.shared.switching import Switch, Switched
from actors.wiring.selection import select
from tests.venue import Fate, Venue, market
from tests.wiring.lives import console, life, recorded, status
from tests.wiring.relays import MemoryRelay
from tests.wiring.rooted import rooted
from tests.wiring.test_selection import listing
from tests.wiring.world import SIMPLE, World, order, until, world

ALPHA, BETA, GAMMA, DELTA = (market(name) for name in ("alpha", "beta", "gamma", "delta"))
ALL = (ALPHA, BETA, GAMMA, DELTA)
TOTAL = Cash(300 * PUSD)


def listed(volumes: dict[str, int]) -> tuple[Listing, ...]:
    return tuple(listing(each, volumes[each.slug]) for each in ALL if each.slug in volumes)


def choosing(volumes: dict[str, int], *named: Market, **discover: object) -> World:
    """A venue of four markets of which these are listed, and a bot that names some and chooses the two best beside them."""
    wanted = {"max_markets": 2, "every": 60.0, "stay": 300.0, "score": "quality", **discover}
    names = tuple(MarketSettings(each.slug) for each in named)
    budget = BudgetSettings(per_market=Cash(100 * PUSD), total=TOTAL)
    settings = Settings(names, budget=budget, discover=DiscoverSettings(**wanted), strategy=SIMPLE)  # type: ignore[arg-type]
    of = world(*ALL, settings=settings)
    of.venue.listings = listed(volumes)
    return of


@asynccontextmanager
async def started(of: World) -> AsyncIterator[World]:
    """One process of the bot, from its selection on; the end of the block kills it."""
    of.plots = (await select(of.ports, of.settings)).plots
    async with life(of) as running:
        yield running


def places(of: World) -> dict[str, str]:
    return {slug: tenure.leaving for slug, tenure in of.spine.roll.tenures.items()}


def quotes(of: World) -> set[str]:
    return {each.slug for each in ALL if len(of.live(each.slug)) == 2}


def buy(of: World, slug: str) -> None:
    """Our resting buy of YES is filled."""
    of.venue.fill(of.buy(slug).order_id, 20 * SHARE)


def book(of: World, at: Market, *, bid: bool = True) -> None:
    """The venue's book is like this from now on, and its channel says so."""
    of.venue.books_[at.slug] = (((4800, 1000 * SHARE),) if bid else (), ((5200, 1000 * SHARE),))
    of.sockets.say(*(of.venue.snapshot(token) for token in at.tokens))


async def switch(of: World, name: str, *, on: bool) -> Switched:
    return await of.spine.universe.ask(Switch(name, on))


FIRST = {"alpha": 90_000, "beta": 60_000, "gamma": 20_000}
LATER = {"alpha": 90_000, "gamma": 20_000, "delta": 400_000}


async def test_a_market_that_falls_out_is_left_and_a_better_one_is_quoted(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        it.venue.listings = listed(LATER)
        await until(lambda: quotes(it) == {"alpha", "delta"}, within=400.0)
        assert trio.current_time() >= 300.0  # `discover.stay`
        await until(lambda: places(it) == {"alpha": "", "delta": ""}, within=30.0)
        assert it.live("beta") == []
        assert set(it.spine.trees) == {"alpha", "delta"}
        assert not any(service.crashes.total for service in it.services.values())


async def test_a_market_that_is_left_goes_only_once_what_it_holds_is_sold(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        buy(it, "beta")
        await until(lambda: it.report("beta").position.net > 0, within=5.0)
        book(it, BETA, bid=False)  # nobody buys
        it.venue.listings = listed(LATER)
        await until(lambda: places(it).get("beta", "") != "", within=400.0)
        await trio.sleep(120.0)
        assert it.live("beta") == []
        (shown,) = [row for row in status(it)["markets"] if row["market"] == "beta"]
        assert (shown["state"], shown["reason"], shown["leaving"]) == ("leaving", "leaving", "no longer worth trading")
        book(it, BETA)
        await until(lambda: "beta" not in it.spine.trees, within=60.0)
        assert it.venue.ledger(BETA).position.net == 0
        assert status(it)["departed"]["trades"] == 2
        assert status(it)["departed"]["pnl"] == pytest.approx(-it.venue.ledger(BETA).position.realised * -1 / PUSD)


async def test_what_is_kept_is_kept_until_it_resolves(autojump_clock: object) -> None:
    of = choosing(FIRST)
    of.settings = evolve(of.settings, on_leave="keep")
    async with started(of) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        buy(it, "beta")
        it.venue.listings = listed(LATER)
        await until(lambda: quotes(it) == {"alpha", "delta"}, within=400.0)
        await trio.sleep(120.0)
        assert places(it)["beta"] == "no longer worth trading"
        assert it.venue.ledger(BETA).position.net > 0


async def test_what_was_kept_is_redeemed_and_then_the_market_goes(autojump_clock: object) -> None:
    of = choosing({}, ALPHA, BETA, max_markets=0)
    of.settings = evolve(of.settings, on_leave="keep")
    of.relay = MemoryRelay(of.venue, of.journal.holds_batch)
    async with started(of) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        buy(it, "alpha")
        await trio.sleep(1.0)
        assert (await switch(it, "alpha", on=False)).done.endswith("what is held is kept until it resolves")
        await trio.sleep(120.0)
        assert it.venue.ledger(ALPHA).position.net > 0
        it.venue.relist(evolve(ALPHA, accepting=False, standing="resolved", won=Outcome.YES))
        await until(lambda: "alpha" not in it.spine.trees, within=120.0)
        assert of.relay.paid(Kind.REDEEM) == 20 * PUSD
        assert status(it)["departed"]["pnl"] > 0


async def test_a_pause_holds_the_sales_of_a_market_that_is_left_back(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        buy(it, "beta")
        await trio.sleep(1.0)
        order(it, Order.PAUSE, "beta")
        await trio.sleep(1.0)
        assert (await switch(it, "beta", on=False)).refused == ""
        await trio.sleep(60.0)
        assert it.venue.ledger(BETA).position.net > 0
        order(it, Order.RESUME, "beta")
        await until(lambda: "beta" not in it.spine.trees, within=30.0)
        assert it.venue.ledger(BETA).position.net == 0


async def test_nothing_changes_on_a_list_or_a_book_that_cannot_be_read(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        it.venue.listings = listed(LATER)
        it.venue.broken.add("books")
        await trio.sleep(500.0)
        assert places(it) == {"alpha": "", "beta": ""}
        it.venue.broken.remove("books")
        await until(lambda: quotes(it) == {"alpha", "delta"}, within=400.0)


async def test_a_list_that_breaks_our_reading_costs_neither_the_gateway_nor_a_market(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)

        async def busiest(venue: Venue, most: int) -> tuple[Listing, ...]:
            raise ZeroDivisionError

        monkeypatch.setattr(Venue, "busiest", busiest)
        await trio.sleep(200.0)
        assert {name for name, service in it.services.items() if service.crashes.total} == {"universe"}
        assert quotes(it) == {"alpha", "beta"}


async def test_a_newcomer_must_promise_more_than_a_little(autojump_clock: object) -> None:
    async with started(choosing(FIRST, lead=20.0)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        it.venue.listings = listed({**FIRST, "delta": 70_000})
        await trio.sleep(600.0)
        assert places(it) == {"alpha": "", "beta": ""}


async def test_a_new_market_stands_as_all_do_by_now(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        it.shared("risk").tell(Command(Order.PAUSE))
        it.venue.listings = listed(LATER)
        await until(lambda: "delta" in it.spine.trees, within=400.0)
        await trio.sleep(30.0)
        assert it.venue.live() == []
        assert console(it).status().trading("delta") is Trading.PAUSED
        it.shared("risk").tell(Command(Order.RESUME))
        await until(lambda: {"alpha", "delta"} <= quotes(it), within=5.0)


async def test_a_kill_between_finds_the_market_that_was_being_left_and_the_one_that_had_come(
    autojump_clock: object,
) -> None:
    of = choosing(FIRST)
    async with started(of) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        buy(it, "beta")
        await until(lambda: it.report("beta").position.net > 0, within=5.0)
        book(it, BETA, bid=False)
        it.venue.listings = listed(LATER)
        await until(lambda: quotes(it) == {"alpha", "delta"}, within=400.0)
        await trio.sleep(1.0)
    of.settings = evolve(of.settings, markets=(MarketSettings("gamma"),), discover=DiscoverSettings())
    async with started(of) as it:
        await until(lambda: quotes(it) == {"gamma"}, within=10.0)
        assert {each.market.slug for each in of.plots or ()} == {"gamma", "alpha", "beta", "delta"}
        await until(lambda: set(places(it)) == {"gamma", "beta"}, within=90.0)
        assert of.venue.ledger(BETA).position.net > 0
        book(it, BETA)
        await until(lambda: set(places(it)) == {"gamma"}, within=60.0)
        assert of.venue.ledger(BETA).position.net == 0
        await recorded(it)
    assert (await of.journal.memory()).tenures == ()


async def test_a_dead_universe_leaves_markets_alone_and_goes_on_where_it_was(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        await trio.sleep(295.0)
        it.venue.listings = listed(LATER)
        it.shared("universe").crash("drill", 2)
        await trio.sleep(3.0)
        assert it.services["universe"].crashes.total == 2
        assert quotes(it) == {"alpha", "beta"}
        assert it.spine.admission.is_open
        await until(lambda: quotes(it) == {"alpha", "delta"}, within=200.0)


# ── a person's word ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_market_is_switched_off_and_on_again(autojump_clock: object) -> None:
    async with started(choosing({}, ALPHA, BETA, max_markets=0)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        buy(it, "alpha")
        await trio.sleep(1.0)
        told = await switch(it, "alpha", on=False)
        assert told.done == "off: alpha; what rests is cancelled, what is held is sold"
        await until(lambda: places(it) == {"beta": ""}, within=30.0)
        assert it.venue.ledger(ALPHA).position.net == 0
        await trio.sleep(60.0)
        assert (await switch(it, "0xalpha", on=True)).done == "on: alpha"
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        assert it.spine.roll.tenures["alpha"].origin is Origin.NAMED
        assert (await switch(it, "alpha", on=False)).done
        await trio.sleep(0.1)
        told = await switch(it, "alpha", on=True)
        assert told.done == "on: alpha, which was being left, is traded again"
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)


async def test_what_was_switched_stays_so_over_a_restart(autojump_clock: object) -> None:
    of = choosing({}, ALPHA, BETA, max_markets=0)
    async with started(of) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        assert (await switch(it, "alpha", on=False)).done
        assert (await switch(it, "gamma", on=True)).done == "on: gamma"
        await recorded(it)
    async with started(of) as it:
        await until(lambda: quotes(it) == {"beta", "gamma"}, within=10.0)
        await until(lambda: set(places(it)) == {"beta", "gamma"}, within=90.0)
        assert (await switch(it, "alpha", on=True)).done
        assert (await switch(it, "gamma", on=False)).done
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=10.0)
        await recorded(it)
    async with started(of) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=10.0)


async def test_what_cannot_be_switched_is_refused_with_what_to_do(autojump_clock: object) -> None:
    async with started(choosing({}, ALPHA, max_markets=0)) as it:
        await until(lambda: quotes(it) == {"alpha"}, within=5.0)
        assert (await switch(it, "alpha", on=True)).refused == "alpha is traded already"
        assert (await switch(it, "nobody", on=True)).refused == "the venue lists no market 'nobody'"
        assert "there are alpha" in (await switch(it, "beta", on=False)).refused
        it.venue.relist(evolve(BETA, standing="proposed"))
        assert (await switch(it, "beta", on=True)).refused == "beta: proposed"
        it.venue.broken.add("find")
        assert (await switch(it, "gamma", on=True)).refused == "gamma: 500"
        assert places(it) == {"alpha": ""}


async def test_a_market_for_which_there_is_no_money_is_not_switched_on(autojump_clock: object) -> None:
    of = choosing({}, ALPHA, max_markets=0)
    of.settings = evolve(of.settings, budget=BudgetSettings(per_market=Cash(20 * PUSD), total=Cash(20 * PUSD)))
    async with started(of) as it:
        await until(lambda: quotes(it) == {"alpha"}, within=5.0)
        assert "budget.total leaves" in (await switch(it, "beta", on=True)).refused


async def test_orders_whose_end_is_not_known_keep_a_market_that_is_switched_off(autojump_clock: object) -> None:
    async with started(choosing({}, ALPHA, BETA, max_markets=0)) as it:
        it.venue.fates.extend([Fate.ZOMBIE] * 4)
        await until(lambda: bool(it.board.all(MarketReport)) and it.report("alpha").unknown > 0, within=20.0)
        assert (await switch(it, "alpha", on=False)).done
        await until(lambda: "alpha" not in it.spine.trees, within=200.0)
        await trio.sleep(60.0)
        assert it.live("alpha") == []
        assert it.venue.breaches == []


async def test_a_market_that_is_back_can_still_be_parked(autojump_clock: object) -> None:
    async with started(choosing({}, ALPHA, BETA, max_markets=0)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        book(it, ALPHA)
        buy(it, "alpha")
        await trio.sleep(0.5)
        assert (await switch(it, "alpha", on=False)).done
        await trio.sleep(0.1)
        assert (await switch(it, "alpha", on=True)).done
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=10.0)
        it.tree("alpha").drill("feed", 8)
        await until(lambda: it.tree("alpha").state == "parked", within=30.0)
        await trio.sleep(60.0)
        assert it.tree("alpha").state == "parked"


async def test_a_market_whose_order_version_is_in_doubt_is_passed_over(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every market is found by one road, which compares Gamma's version with the bits of its ids."""
    doubt = Unread("version: Gamma says v1, the bits of 11 say v2: not traded")

    async def find(venue: Venue, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        return (
            doubt
            if set(names) & {"0xdelta", "delta"}
            else tuple(m for m in ALL if m.slug in names or m.condition_id in names)
        )

    monkeypatch.setattr(Venue, "find", find)
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        it.venue.listings = listed(LATER)
        await trio.sleep(500.0)
        assert "delta" not in it.spine.trees
        assert (await switch(it, "delta", on=True)).refused == f"delta: {doubt.why}"


async def test_all_of_it_is_in_the_audit_trail(autojump_clock: object) -> None:
    async with started(choosing(FIRST)) as it:
        await until(lambda: quotes(it) == {"alpha", "beta"}, within=5.0)
        it.venue.listings = listed(LATER)
        await until(lambda: set(places(it)) == {"alpha", "delta"}, within=400.0)
        await recorded(it)
        await trio.sleep(0.1)  # the trail is written after the journal
        rows = [(row["event"], row["why"]) for row in it.trail.rows(kind="market", market="beta")]
        assert rows == [("traded", ""), ("leaving", "no longer worth trading"), ("over", "no longer worth trading")]
        assert [row["event"] for row in it.trail.rows(kind="market", market="delta")] == ["traded"]


async def test_a_stop_while_a_market_is_being_left_ends_flat_and_proven(autojump_clock: object, tmp_path: Path) -> None:
    of = choosing(FIRST)
    of.settings = evolve(of.settings, on_leave="keep")
    of.plots = (await select(of.ports, of.settings)).plots
    async with rooted(of, tmp_path) as run:
        await until(lambda: quotes(of) == {"alpha", "beta"}, within=5.0)
        buy(of, "beta")
        of.venue.listings = listed(LATER)
        await until(lambda: quotes(of) == {"alpha", "delta"}, within=400.0)
        assert places(of)["beta"]
        run.stop.ask("enough")
        ending = await run.until_over(60.0)
    assert (ending.code, ending.open_orders) == (Exit.DONE, ())
    assert of.venue.ledger(BETA).position.net == 0
    assert {report.market for report in ending.reports} == {"alpha", "beta", "delta"}
