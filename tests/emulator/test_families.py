"""The seeded families: what each lists, how lively it is, and how the markets of `resolving` end."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from actors.model.market import Outcome, tradable_price
from actors.model.numbers import PRICE_ONE
from adapters.emulator.fair_value import FairValue, Resolving, probability
from adapters.emulator.families import FAMILIES
from adapters.emulator.ledger import Ledger
from adapters.emulator.lifecycle import NO_WINS, YES_WINS
from adapters.emulator.listings import Draft, generate
from adapters.emulator.signatures import EXCHANGE_V3
from adapters.emulator.terms import Phase
from tests.emulator.harness import open_venue, virtual_wall
from tests.emulator.ledger_reader import Event, read_ledger

SEEDED = sorted(set(FAMILIES) - {"crypto"})
DEMO_SLUGS = ["demo-election", "demo-rates", "demo-cup", "demo-bitcoin", "demo-oscar"]


@pytest.mark.parametrize("name", SEEDED)
async def test_every_family_opens_with_full_books_that_stay_uncrossed_and_on_their_grids(
    name: str, autojump_clock: MockClock
) -> None:
    async with open_venue(flow=name) as venue:
        assert [one.market.slug for one in venue.listings][:5] == DEMO_SLUGS
        for listing in venue.listings:
            bids, asks = listing.book.levels(Outcome.YES)
            assert bids
            assert asks
            assert all(tradable_price(price, listing.market.tick) for price, _ in (*bids, *asks))
        for _ in range(60):
            await trio.sleep(1)
            for listing in venue.listings:
                bid, ask = listing.book.best(Outcome.YES)
                assert bid is None or ask is None or bid < ask


async def test_makers_keep_to_a_grid_coarser_than_their_own_steps(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True, listings=generate(1, [Draft("coarse", "Coarse?", 0.5, tick=1000)])) as venue:
        bids, asks = venue.listings[0].book.levels(Outcome.YES)
        assert len({price for price, _ in bids}) > 1
        assert all(price % 1000 == 0 for price, _ in (*bids, *asks))


@pytest.mark.slow
async def test_busy_trades_more_than_the_demo_and_quiet_less(tmp_path: Path, autojump_clock: MockClock) -> None:
    trades = {name: await trades_of_the_demo_markets(tmp_path, name) for name in ("quiet", "demo", "busy")}
    assert trades["quiet"] * 3 < trades["demo"]
    assert trades["demo"] * 2 < trades["busy"]


async def trades_of_the_demo_markets(folder: Path, name: str) -> int:
    events = await life(folder / name, name, seconds=60)
    demo = {event.line["market"] for event in events if event.kind == "market" and event.line["slug"] in DEMO_SLUGS}
    return sum(event.kind == "trade" and event.line["market"] in demo for event in events)


async def life(path: Path, name: str, *, seconds: float, seed: int = 7) -> list[Event]:
    async with open_venue(flow=name, seed=seed, ledger=Ledger.to(path, virtual_wall())):
        await trio.sleep(seconds)
    return read_ledger(path)


def test_somewhere_there_is_a_market_of_every_tick() -> None:
    ticks = {plan.draft.tick for family in FAMILIES.values() for plan in family.plans}
    assert ticks == {1000, 100, 50, 25, 10, 1}


async def test_the_busy_league_is_one_augmented_neg_risk_event_whose_chances_add_up_to_one() -> None:
    listings = FAMILIES["busy"].listings(3).all
    league = [one for one in listings if one.terms.event is not None and one.terms.event.slug == "busy-league"]
    assert len(league) == 4
    assert all(one.market.neg_risk and one.terms.event and one.terms.event.augmented for one in league)
    assert [one.question for one in league if "Team D" in one.question]  # the placeholder has no name yet
    values = FAMILIES["busy"].values(3, listings)
    for elapsed in (0.0, 60.0, 600.0):
        shares = [probability(values[one.market.slug].at(elapsed)) for one in league]
        assert sum(shares) == pytest.approx(1.0, abs=1e-3)
        assert max(shares) < 0.9


async def test_a_protocol_v2_market_trades_position_ids_on_domain_3(autojump_clock: MockClock) -> None:
    async with open_venue(flow="busy") as venue:
        (listing,) = [one for one in venue.listings if one.version == "v2"]
        for outcome, token in enumerate(listing.market.tokens):
            number = int(token)
            assert len(token) == 75
            assert number & 0xFF == outcome
            assert number >> 248 == 1  # the binary module
            assert number >> 40 & (2**64 - 1) == 0
            assert listing.market.condition_id == f"0x{number >> 8:062x}00"
        trader = await venue.trader()
        status, answer = await trader.place(
            listing, listing.market.yes, "BUY", "0.1", "10", contract=EXCHANGE_V3, version="3"
        )
        assert (status, answer["status"]) == (200, "live")


def test_a_trend_carries_the_price_further_than_the_demos_walk() -> None:
    def moved(walk: FairValue) -> float:
        start = walk.at(0.0)
        return abs(walk.at(240.0) - start)

    demo = sum(moved(FairValue(Random(seed), 0.5)) for seed in range(100))
    plan = FAMILIES["trending"].plans[0]
    trending = [plan.walk(Random(seed), 0.5) for seed in range(100)]
    assert sum(moved(walk) for walk in trending if isinstance(walk, FairValue)) > 2 * demo


def test_a_resolving_price_is_fair_and_ends_at_0_or_1() -> None:
    walks = [Resolving(Random(seed), 0.3, 60.0) for seed in range(600)]
    middle = [probability(walk.at(30.0)) for walk in walks]
    assert sum(middle) / 600 == pytest.approx(0.3, abs=0.04)
    assert sum(walk.happens for walk in walks) / 600 == pytest.approx(0.3, abs=0.06)
    assert all(probability(walk.at(60.0)) in (pytest.approx(0, abs=1e-3), pytest.approx(1, abs=1e-3)) for walk in walks)


def test_looking_at_a_price_does_not_change_its_path() -> None:
    for made in (lambda: Resolving(Random(4), 0.4, 90.0), lambda: FairValue(Random(4), 0.4, trend=0.01)):
        often, once = made(), made()
        for second in range(80):
            often.at(float(second), 2.0)
        assert often.at(80.0) == once.at(80.0)


async def test_every_market_of_resolving_closes_is_proposed_and_pays_what_its_price_ran_to(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = tmp_path / "ledger"
    async with open_venue(flow="resolving", seed=2, ledger=Ledger.to(path, virtual_wall())) as venue:
        await trio.sleep(30)
        soon = venue.emulator.exchange.listings.by_slug["resolve-soon"]
        assert soon.phase is Phase.RESOLVED
        await trio.sleep(200)
        assert {one.phase for one in venue.listings} == {Phase.RESOLVED}
        foretold = 0
        for listing in venue.listings:
            assert listing.payouts in (YES_WINS, NO_WINS)
            assert listing.last_price is not None
            price = listing.last_price if listing.last_outcome is Outcome.YES else PRICE_ONE - listing.last_price
            foretold += (price > PRICE_ONE / 2) is (listing.payouts == YES_WINS)
            assert listing.book.orders == {}
        assert foretold * 3 >= len(venue.listings) * 2  # the last seconds may still turn one
    events = read_ledger(path)
    phases = [[e.line["phase"] for e in events if e.kind == "phase" and e.line["market"] == m] for m in markets(events)]
    usual, disputed = ["closed", "proposed", "resolved"], ["closed", "proposed", "disputed", "resolved"]
    assert sorted(phases) == sorted([usual] * 5 + [disputed])
    (overruled,) = [market for market, words in zip(markets(events), phases, strict=True) if words == disputed]
    said = [e.line["payouts"] for e in events if e.kind == "phase" and e.line["market"] == overruled]
    assert said[1] == said[2] != said[3]
    assert [event for event in events if event.kind == "tick"], "no price came near enough to an edge"


def markets(events: list[Event]) -> list[str]:
    return [str(event.line["market"]) for event in events if event.kind == "market"]
