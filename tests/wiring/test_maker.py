"""The `maker` in a whole bot: what it decides reaches the venue, and what the venue does reaches it."""

from __future__ import annotations

import trio
from attrs import evolve

from actors.model.maker_settings import MakerParameters
from actors.model.numbers import SHARE, Price
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from actors.stop import Stop
from actors.wiring.console import Console
from tests.venue import START
from tests.wiring.world import ALPHA, move, quoting, until

OWN = MakerParameters(profile="long", h_min=Price(100), cool=6.0, jump_z=3.0)
MAKING = Settings((MarketSettings("alpha"),), strategy=StrategySettings("maker", OWN))


async def test_both_outcomes_are_quoted_and_a_fill_is_leant_against(autojump_clock: object) -> None:
    async with quoting(settings=MAKING) as running:
        before = {order.token: order.price for order in running.live()}
        assert set(before) == {"alpha-yes", "alpha-no"}
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await until(lambda: running.report().position.net == 20 * SHARE, within=2.0)
        await until(lambda: len(running.live()) == 2, within=5.0)


async def test_explain_says_what_set_the_prices_of_a_market_that_quotes(autojump_clock: object) -> None:
    async with quoting(settings=MAKING) as running:
        console = Console(running.spine, Stop(running.board), MAKING, running.services, {}, 0.0)
        told = console.obey("explain", {"market": "alpha"})
        assert told["reason"] is None
        assert set(told["inputs"]) >= {"fair", "bid distance", "ask distance"}


async def test_a_jump_pulls_everything_and_quotes_come_back_once_it_has_cooled(autojump_clock: object) -> None:
    async with quoting(settings=MAKING) as running:
        await trio.sleep(12.0)
        move(running, 5_800)
        await until(lambda: not running.live(), within=1.0)
        pulled = trio.current_time()
        move(running, 5_800)
        await until(lambda: len(running.live()) == 2, within=30.0)
        assert trio.current_time() - pulled >= 5.5


async def test_before_the_end_nothing_is_opened(autojump_clock: object) -> None:
    soon = evolve(ALPHA, ends_at=START + 60.0)
    late = evolve(MAKING, strategy=StrategySettings("maker", evolve(OWN, stop=50.0, ramp=1.0)))
    async with quoting(soon, settings=late) as running:
        await until(lambda: not running.live(), within=15.0)
        await trio.sleep(20.0)
        assert running.live() == []


async def test_a_quoter_that_crashes_starts_cold_and_quotes_again(autojump_clock: object) -> None:
    async with quoting(settings=MAKING) as running:
        running.tree("alpha").drill("quoter", 1)
        await trio.sleep(6.0)
        assert len(running.live()) == 2
