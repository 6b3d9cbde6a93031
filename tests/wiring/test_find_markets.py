"""The configured names become markets before anything is sent, or the run ends with a clear line."""

from __future__ import annotations

import httpx
import pytest
from attrs import evolve
from loguru import logger

from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.settings import MarketSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings
from actors.wiring.grove import strategy_of
from actors.wiring.venue import PreflightFailed, UnknownMarkets, check_strategies, find_markets
from adapters.polymarket.public import RestPublic
from tests.adapters.polymarket.gamma_samples import GammaVenue, compacts, event, listed
from tests.adapters.polymarket.samples import CONDITION, compact
from tests.venue import Venue, market

LONG = "0x" + "ab" * 32


class Named(Venue):
    """A venue that finds every market by condition id, too, in any spelling."""

    async def find(self, names: object) -> tuple[Market, ...] | Unread:
        return self.markets


def venue(*markets: Market) -> Named:
    return Named(markets)


async def test_a_condition_id_is_found_however_its_digits_are_written() -> None:
    demo = evolve(market("demo"), condition_id=LONG)
    for name in (LONG, LONG.upper(), "demo"):
        assert await find_markets(venue(demo), [name]) == (demo,)
    short = evolve(demo, condition_id=LONG[:-2] + "00")
    assert await find_markets(venue(short), [LONG[:-2]]) == (short,)


async def test_two_names_of_one_market_are_one_market_and_reported() -> None:
    demo = evolve(market("demo"), condition_id=LONG)
    said: list[str] = []
    logger.enable("actors")
    sink = logger.add(said.append, format="{message}")
    try:
        assert await find_markets(venue(demo, demo), ["demo", LONG]) == (demo,)
    finally:
        logger.remove(sink)
    assert said == [f"markets: demo and {LONG} are one market, demo: it is traded once\n"]


def test_two_names_of_one_market_with_two_strategies_are_refused() -> None:
    demo = evolve(market("demo"), condition_id=LONG)
    one, other = (StrategySettings("simple", SimpleParameters(levels=n)) for n in (2, 3))
    check_strategies(Settings((MarketSettings("demo", one), MarketSettings(LONG, one))), (demo,))
    check_strategies(Settings((MarketSettings("demo", one), MarketSettings(LONG))), (demo,))
    with pytest.raises(UnknownMarkets, match=f"demo and {LONG} are one market, demo, with two strategies: keep one"):
        check_strategies(Settings((MarketSettings("demo", one), MarketSettings(LONG, other))), (demo,))


async def test_the_address_of_an_event_with_several_markets_ends_the_start_with_their_slugs() -> None:
    scripted = GammaVenue(events=(event(listed(slug="demo-a"), listed(slug="demo-b")),))
    public = RestPublic.open("http://clob", lambda: httpx.MockTransport(scripted), gamma_url="http://gamma")
    told = "^markets: the event demo-event has several markets, name one: demo-a, demo-b$"
    with pytest.raises(UnknownMarkets, match=told):
        await find_markets(public, ["https://polymarket.com/event/demo-event"])
    with pytest.raises(UnknownMarkets, match=r"no market 'polymarket.com/market/demo-event'; did you mean demo-"):
        await find_markets(public, ["polymarket.com/market/demo-event"])


async def test_a_venue_that_cannot_be_read_ends_the_start() -> None:
    class Silent(Named):
        async def find(self, names: object) -> tuple[Market, ...] | Unread:
            return Unread("HTTP 503")

    with pytest.raises(PreflightFailed, match="HTTP 503"):
        await find_markets(Silent(()), ["demo"])


async def test_the_name_of_an_event_is_answered_with_its_open_markets() -> None:
    scripted = GammaVenue(
        listed(), events=(event(listed(slug="demo-a"), listed(slug="demo-b"), listed(slug="demo-c", closed=True)),)
    )
    scripted.compacts = compacts(compact(ao=True))
    public = RestPublic.open("http://clob", lambda: httpx.MockTransport(scripted), gamma_url="http://gamma")
    (found,) = await find_markets(public, ["demo"])
    assert found.condition_id == CONDITION
    with pytest.raises(UnknownMarkets, match=r"no market 'demo-event'; did you mean demo-b, demo-a\?$"):
        await find_markets(public, ["demo", "demo-event"])


async def test_a_market_whose_version_and_token_bits_disagree_ends_the_start() -> None:
    scripted = GammaVenue(listed(clobTokenIds='["11", "22"]'))
    scripted.compacts = compacts(compact(t=[{"t": "11"}, {"t": "22"}]))
    public = RestPublic.open("http://clob", lambda: httpx.MockTransport(scripted), gamma_url="http://gamma")
    with pytest.raises(PreflightFailed, match="version: Gamma says v1, the bits of 11 say v2: not traded"):
        await find_markets(public, ["demo"])


@pytest.mark.parametrize("name", ["demo", LONG, LONG.upper()])
def test_a_market_keeps_its_own_strategy_by_whichever_name_it_is_configured(name: str) -> None:
    own = StrategySettings("simple", SimpleParameters(levels=3))
    settings = Settings(markets=(MarketSettings("other"), MarketSettings(name, strategy=own)))
    assert strategy_of(evolve(market("demo"), condition_id=LONG), settings) is own
    assert strategy_of(market("other"), settings) is settings.strategy
