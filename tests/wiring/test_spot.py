"""Where spot prices come from and where they are shown: addresses, the port, `status` for people and programs."""

from __future__ import annotations

from typing import Any, cast

import pytest
import trio

from actors.commands.status import _lines
from actors.model.series_settings import SeriesSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.spot import asset_of
from actors.model.validity import Conflict
from actors.model.venue_settings import VenueSettings
from actors.shared.control import CommandRefused
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.demo import locate
from actors.wiring.exchange_child import ExchangeChild
from actors.wiring.spine import CRITICAL, SERVICES
from actors.wiring.venue import PreflightFailed
from tests.shared.test_oracle import Sockets, btc, with_spot
from tests.venue import market
from tests.wiring.world import ALPHA, SIMPLE, World, bot, until, world

ADDRESSES = {
    "clob_url": "http://127.0.0.1:1",
    "market_ws_url": "ws://127.0.0.1:2/ws/market",
    "user_ws_url": "ws://127.0.0.1:2/ws/user",
}


class Child:
    """A practice exchange that announces these addresses."""

    def __init__(self, **more: str | None) -> None:
        self.said = {**ADDRESSES, **more}

    async def banner(self) -> dict[str, str | None]:
        return self.said


async def found(**more: str | None) -> tuple[str, ...]:
    return (await locate(VenueSettings(), cast(ExchangeChild, Child(**more)))).spot_ws_urls


async def test_polybolt_is_preferred_to_rtds_and_an_exchange_without_either_is_fine() -> None:
    assert await found(spot_ws_url="ws://127.0.0.1:2/ws", rtds_ws_url="ws://127.0.0.1:2/") == (
        "ws://127.0.0.1:2/ws",
        "ws://127.0.0.1:2/",
    )
    assert await found(spot_ws_url=None, rtds_ws_url="ws://127.0.0.1:2/") == ("ws://127.0.0.1:2/",)
    assert await found() == ()


async def test_a_configured_spot_address_belongs_to_a_configured_exchange_on_this_machine() -> None:
    with pytest.raises(Conflict, match="clob_url"):
        VenueSettings(spot_ws_url="ws://127.0.0.1:2/ws")
    near = await locate(VenueSettings(**ADDRESSES, spot_ws_url="ws://127.0.0.1:2/ws"), None)
    assert near.spot_ws_urls == ("ws://127.0.0.1:2/ws",)
    assert (await locate(VenueSettings(**ADDRESSES), None)).spot_ws_urls == ()
    with pytest.raises(PreflightFailed, match="this machine only"):
        await locate(VenueSettings(**ADDRESSES, spot_ws_url="wss://ws-live-v2.polymarket.com/ws"), None)


def console(of: World) -> Console:
    return Console(
        of.spine, Stop(of.board), Settings((MarketSettings("alpha"),), strategy=SIMPLE), of.services, {}, 0.0
    )


def status(of: World) -> dict[str, Any]:
    shown: dict[str, Any] = console(of).obey("status", {})
    return shown


def spot_line(of: World) -> str:
    """The line of the human view, which is made for 80 columns."""
    return next(line for line in _lines(status(of)) if line.startswith("spot"))


async def test_status_shows_every_spot_price_with_its_age_and_none_where_there_is_none(autojump_clock: object) -> None:
    sockets = Sockets()
    async with bot(with_spot(world(ALPHA), sockets)) as running:
        await until(lambda: sockets.up, within=1.0)
        missing = {"price": None, "age_s": None, "source": None}
        assert status(running)["spot"] == dict.fromkeys(("btc", "eth", "sol", "xrp"), missing)
        await sockets.say(btc(91_035.86), btc(2.20384444, symbol="xrp", late=1.5))
        await trio.sleep(2.0)
        shown = status(running)["spot"]
        assert shown["btc"] == {"price": 91_035.86, "age_s": 2.0, "source": "chainlink"}
        assert (shown["xrp"]["price"], shown["xrp"]["age_s"], shown["eth"]) == (2.20384444, 3.5, missing)
        assert spot_line(running) == "spot: btc 91035.9 2.0s  eth -  sol -  xrp 2.20384 3.5s"
        await sockets.say(btc(1_234_567.8, late=-1.9), btc(3000.125, symbol="eth"), btc(140.0625, symbol="sol"))
        for _ in range(4):
            await trio.sleep(30.0)
            assert len(spot_line(running)) <= 80
        assert spot_line(running).startswith("spot: btc 1234568 120s  eth 3000.12 120s")


async def test_without_spot_prices_status_says_nothing_of_them(autojump_clock: object) -> None:
    async with bot(world(ALPHA)) as running:
        assert status(running)["spot"] == {}
        assert not any("spot" in line for line in _lines(status(running)))


async def test_the_oracle_can_be_drilled_where_there_is_one(autojump_clock: object) -> None:
    sockets = Sockets()
    async with bot(with_spot(world(ALPHA), sockets)) as running:
        await until(lambda: sockets.up, within=1.0)
        console(running).obey("drill", {"market": "shared", "actor": "oracle"})
        await until(lambda: running.services["oracle"].crashes.total == 1, within=1.0)
        await until(lambda: sockets.up and len(sockets.dialled) == 2, within=3.0)
    async with bot(world(ALPHA)) as running:
        with pytest.raises(CommandRefused, match="no shared actor 'oracle'"):
            console(running).obey("drill", {"market": "shared", "actor": "oracle"})


def at_once(*slugs: str) -> Settings:
    """Windows are quoted from their first second on."""
    return Settings(tuple(map(MarketSettings, slugs)), series=SeriesSettings(skip_first=0.0), strategy=SIMPLE)


async def test_an_up_down_market_is_quoted_while_the_price_that_decides_it_is_seen(autojump_clock: object) -> None:
    """A missing price is infinitely old. Other markets go on."""
    sockets, slug = Sockets(), "btc-updown-5m-1763628000"
    async with bot(with_spot(world(market(slug), ALPHA, settings=at_once(slug, "alpha")), sockets)) as running:
        await until(lambda: len(running.live("alpha")) == 2, within=3.0)
        assert running.live(slug) == []
        told = console(running).obey("explain", {"market": slug})
        assert (told["reason"], told["inputs"]["btc"]) == ("stale_spot", "missing")
        for _ in range(5):
            await sockets.say(btc(91_035.86))
            await trio.sleep(1.0)
        assert len(running.live(slug)) == 2
        assert next(m for m in status(running)["markets"] if m["market"] == slug)["spot"]["price"] == 91_035.86
        stalled = trio.current_time()
        await until(lambda: running.live(slug) == [], within=8.0)
        assert trio.current_time() - stalled > 3.5, "and not before it is old"
        assert len(running.live("alpha")) == 2
        await sockets.say(btc(91_036.0))
        await until(lambda: len(running.live(slug)) == 2, within=3.0)


async def test_where_no_spot_prices_are_served_up_down_markets_are_quoted_without(autojump_clock: object) -> None:
    slug = "btc-updown-5m-1763628000"
    async with bot(world(market(slug), settings=at_once(slug))) as running:
        await until(lambda: len(running.live(slug)) == 2, within=3.0)
        assert status(running)["markets"][0]["spot"] is None


@pytest.mark.parametrize(
    ("slug", "asset"),
    [
        ("btc-updown-5m-1763628000", "btc"),
        ("xrp-updown-15m-1763628000", "xrp"),
        ("btc-updown-5m", None),
        ("doge-updown-5m-1763628000", None),
        ("will-btc-updown-5m-1763628000", None),
        ("demo-bitcoin", None),
    ],
)
def test_only_windows_of_the_known_series_resolve_on_a_spot_price(slug: str, asset: str | None) -> None:
    assert asset_of(slug) == asset


def test_nothing_waits_for_the_oracle() -> None:
    assert "oracle" not in (*CRITICAL, *SERVICES)
