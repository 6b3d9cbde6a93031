"""Our Gamma and Data API clients against the emulator's services, over real sockets: both follow the reference alone."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from attrs import evolve, frozen

from actors.messages import Draft
from actors.model.discover_settings import DiscoverSettings
from actors.model.listing import Event, Listing, Version
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import Cash, Price
from actors.model.outcome import Accepted, Cancelled, Misnamed, Unread
from actors.model.settings import MarketSettings, Settings
from actors.shared.choosing import Choice, choose
from actors.wiring.audit import Audit, compare
from adapters.emulator import server
from adapters.polymarket.catalogue import GammaCatalogue
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.gamma import Found, Gamma
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.public import RestPublic
from adapters.polymarket.rest import RestTrading
from tests.adapters.polymarket.samples import SECRET
from tests.adapters.polymarket.test_against_emulator import OTHER_SECRET


@frozen
class Exchange:
    """A running exchange, its services, and two accounts on it."""

    public: RestPublic
    paged: RestPublic
    gamma: Gamma
    data: DataApi
    ours: RestTrading
    theirs: RestTrading


@asynccontextmanager
async def exchange(flow: str | bool = False) -> AsyncIterator[Exchange]:
    async with trio.open_nursery() as nursery:
        banners, announced = list[dict[str, str]](), trio.Event()

        def announce(banner: dict[str, str]) -> None:
            banners.append(banner)
            announced.set()

        nursery.start_soon(server.serve, server.Options(flow=flow), announce, time.time)
        await announced.wait()
        (banner,) = banners
        ours, theirs = [
            await connect(banner["clob_url"], Key(secret), wall=time.time, salts=random.SystemRandom())
            for secret in (SECRET, OTHER_SECRET)
        ]
        found = Exchange(
            public=RestPublic.open(banner["clob_url"], gamma_url=banner["gamma_url"]),
            paged=RestPublic.open(banner["clob_url"]),
            gamma=Gamma.open(banner["gamma_url"]),
            data=DataApi.open(banner["data_url"]),
            ours=ours,
            theirs=theirs,
        )
        try:
            yield found
        finally:
            for client in (found.public, found.paged, found.gamma, found.data, ours, theirs):
                await client.close()
        nursery.cancel_scope.cancel()


async def settled(e: Exchange, token: str) -> None:
    """Wait, in real time, until a trade of ours has reached the chain and the report."""
    with trio.fail_after(10):
        while not await e.ours.shares(token) or not await e.data.positions(e.ours.address):  # noqa: ASYNC110
            await trio.sleep(0.1)


def without_rebate(market: Market) -> Market:
    return evolve(market, fees=evolve(market.fees, rebate=0))


async def test_gamma_and_the_order_books_own_list_lead_to_the_same_markets() -> None:
    async with exchange() as e:
        slugs = await e.paged.listed()
        assert isinstance(slugs, tuple)
        paged = await e.paged.find([slug for slug in slugs if slug.startswith("demo-")])
        assert isinstance(paged, tuple)
        for names in ([market.slug for market in paged], [market.condition_id for market in paged]):
            found = await e.public.find(names)
            assert isinstance(found, tuple)
            assert tuple(map(without_rebate, found)) == paged
            assert all(market.event_slug and market.fees.rebate for market in found), "only Gamma tells these"
        assert await e.public.find(["nowhere", "0x" + "77" * 32]) == ()
        for either in ("yes", "no"):
            tokens = [getattr(market, either) for market in paged]
            found = await e.public.find(tokens)
            assert isinstance(found, tuple)
            assert tuple(map(without_rebate, found)) == await e.paged.find(tokens) == paged


async def test_a_market_of_the_exchange_is_found_by_its_gamma_id_and_by_its_addresses() -> None:
    async with exchange("busy") as e:
        (demo, positions) = await e.public.find(["demo-cup", "busy-positions"])  # type: ignore[misc]
        site = "https://polymarket.com"
        for market in (demo, positions):
            assert await e.public.find([market.gamma_id]) == await e.public.find([market.yes]) == (market,)
            assert await e.public.find([f"{site}/event/{market.event_slug}/{market.slug}?tid=1"]) == (market,)
        assert await e.public.find([f"{site}/event/{demo.event_slug}"]) == (demo,)
        assert isinstance(await e.public.find([f"{site}/event/other/demo-cup"]), Misnamed)


async def test_every_listed_market_and_event_is_readable_and_found_again_by_its_names() -> None:
    async with exchange() as e:
        markets, events = await e.gamma.markets(), await e.gamma.events()
        assert isinstance(markets, Found)
        assert isinstance(events, Found)
        assert (markets.refused, events.refused) == ((), ())
        assert markets.rows
        assert {market.slug for event in events.rows for market in event.markets} == {m.slug for m in markets.rows}
        assert not any(event.refused for event in events.rows)
        for market in markets.rows[:5]:
            assert isinstance(await e.gamma.market(market.slug), Listing)
            assert market.event is not None
            assert isinstance(await e.gamma.event(market.event.slug), Event)
        by_condition = await e.gamma.markets_of([market.condition_id for market in markets.rows])
        assert isinstance(by_condition, dict)
        assert [row.slug for row in by_condition.values()] == [row.slug for row in markets.rows]
        assert all(market.version is Version.V1 for market in markets.rows if market.slug.startswith("demo-"))


async def test_lists_are_paged_and_searched() -> None:
    async with exchange() as e:
        few = await e.gamma.markets(most=2)
        assert isinstance(few, Found)
        assert len(few.rows) == 2
        found = await e.gamma.search("oscar")
        assert isinstance(found, Found)
        assert [market.slug for event in found.rows for market in event.markets] == ["demo-oscar"]
        assert await e.public.listed("demo-oscar-of-next-year") != ()
        assert await e.public.listed("politics") == ("demo-election",)


async def test_the_markets_worth_trading_are_ranked_from_their_books_and_the_others_counted() -> None:
    async with exchange("busy") as e:
        catalogue, everything = GammaCatalogue(e.gamma), DiscoverSettings(min_volume=Cash(0), min_spread=Price(0))
        settings = Settings((MarketSettings("demo-cup"),), discover=everything)
        with trio.fail_after(20):
            while True:
                choice = await choose(catalogue, e.public, settings, time.time())
                assert isinstance(choice, Choice)
                if len(choice.ranked) > 5:
                    break
                await trio.sleep(0.2)
        assert choice.seen == len(choice.ranked) + sum(choice.refused.values()) > 10
        assert choice.ranked[0].candidate.listing.slug == "demo-election", "the one that pays rewards"
        assert [one.income for one in choice.ranked] == sorted((one.income for one in choice.ranked), reverse=True)
        none = await choose(catalogue, e.public, Settings(settings.markets), time.time())
        assert isinstance(none, Choice)
        assert (
            none.text()
            == f"0 of {none.seen} markets are worth trading; refused: 24 h volume below discover.min_volume ({none.seen})"
        )


async def test_the_data_api_reports_what_the_venue_says_we_hold() -> None:
    async with exchange() as e:
        assert await e.data.positions(e.ours.address) == ()
        (market,) = await e.public.find(["demo-election"])  # type: ignore[misc]
        for trader, token, price in ((e.theirs, market.no, 4500), (e.ours, market.yes, 5500)):
            draft = Draft(token, market.neg_risk, Side.BUY, price, 10_000_000, post_only=False)
            assert isinstance(await trader.place(trader.sign(draft)), Accepted)
        await settled(e, market.yes)
        (holding,) = await e.data.positions(e.ours.address, [market.condition_id])  # type: ignore[misc]
        assert (holding.token, holding.outcome, holding.size) == (market.yes, Outcome.YES, 10_000_000)
        assert (holding.average_price, holding.slug) == (5500, "demo-election")
        (trade,) = await e.data.trades(e.ours.address)  # type: ignore[misc]
        assert (trade.side, trade.size, trade.price, trade.token) == (Side.BUY, 10_000_000, 5500, market.yes)
        assert isinstance(await e.data.worth(e.ours.address), int)
        assert await compare(e.ours, e.data) == Audit(1, (), worth=5_000_000, trades=1)


async def test_a_protocol_v2_market_is_traded_where_gamma_confirms_it_and_nowhere_else() -> None:
    async with exchange("busy") as e:
        (market,) = await e.public.find(["busy-positions"])  # type: ignore[misc]
        assert market.condition_id.endswith("00")
        assert await e.public.find([market.condition_id[:-2]]) == (market,)
        refused = await e.paged.find(["busy-positions"])
        assert isinstance(refused, Unread)
        assert "position id: set venue.gamma_url" in refused.why
        draft = Draft(market.yes, market.neg_risk, Side.BUY, market.tick, 20_000_000)
        signed = e.ours.sign(draft)
        assert isinstance(await e.ours.place(signed), Accepted)
        assert await e.ours.cancel([signed.order_id]) == Cancelled((signed.order_id,))
        assert await e.ours.shares(market.yes) == 0
