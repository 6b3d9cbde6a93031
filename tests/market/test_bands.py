"""A whole bot on `bands` and on `amm`: what rests is what the bands say, and a fill is no reason to move anything else."""

from __future__ import annotations

import trio

from actors.model.amm_settings import AmmParameters
from actors.model.bands_settings import BandsParameters
from actors.model.limit_settings import LimitSettings
from actors.model.numbers import PUSD, SHARE, Cash
from actors.model.parameters import Parameters
from actors.model.risk_settings import RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from tests.wiring.world import World, bot, move, until, world

BANDS = {(f"alpha-{token}", cents * 100): 20 * SHARE for token in ("yes", "no") for cents in (49, 48, 47)}


def settings(name: str, parameters: Parameters) -> Settings:
    return Settings(
        (MarketSettings("alpha"),),
        strategy=StrategySettings(name, parameters),
        budget=BudgetSettings(per_market=Cash(400 * PUSD)),
        risk=RiskSettings(max_orders_per_market=40),
        limits=LimitSettings(actions_per_minute=1_000),
    )


def resting(of: World) -> dict[tuple[str, int], int]:
    """Of each order: token and price, and what of it is left."""
    return {(o.token, o.price): o.size - o.matched for o in of.live()}


async def test_three_bands_of_both_outcomes_rest_and_stay(autojump_clock: object) -> None:
    async with bot(world(settings=settings("bands", BandsParameters()))) as running:
        await until(lambda: resting(running) == BANDS, within=3.0)
        asked = len(running.venue.calls)
        await trio.sleep(5.0)
        placed = [call for call in running.venue.calls[asked:] if call.kind in ("place", "cancel")]
        assert placed == []


async def test_a_fill_that_leaves_enough_in_its_band_is_not_refilled(autojump_clock: object) -> None:
    async with bot(world(settings=settings("bands", BandsParameters()))) as running:
        await until(lambda: resting(running) == BANDS, within=3.0)
        await trio.sleep(2.0)
        first = next(o for o in running.live() if (o.token, o.price) == ("alpha-yes", 4900))
        running.venue.fill(first.order_id, 8 * SHARE)
        await trio.sleep(3.0)
        assert resting(running) == BANDS | {("alpha-yes", 4900): 12 * SHARE}


async def test_a_band_that_a_fill_leaves_too_little_in_is_refilled_to_its_average(autojump_clock: object) -> None:
    async with bot(world(settings=settings("bands", BandsParameters()))) as running:
        await until(lambda: resting(running) == BANDS, within=3.0)
        await trio.sleep(2.0)
        first = next(o for o in running.live() if (o.token, o.price) == ("alpha-yes", 4900))
        running.venue.fill(first.order_id, first.size)
        await until(lambda: resting(running).get(("alpha-yes", 4900)) == 20 * SHARE, within=3.0)


async def test_when_the_book_moves_orders_still_in_a_band_keep_their_place(autojump_clock: object) -> None:
    async with bot(world(settings=settings("bands", BandsParameters()))) as running:
        await until(lambda: resting(running) == BANDS, within=3.0)
        before = {order.order_id: order.price for order in running.live() if order.token == "alpha-yes"}
        await trio.sleep(2.0)
        move(running, 4900)
        await until(lambda: ("alpha-yes", 5000) in resting(running), within=4.0)
        kept = {order.order_id for order in running.live()} & before.keys()
        assert {before[order_id] for order_id in kept} == {4900, 4800}


async def test_the_ladders_of_the_amm_rest_and_stay(autojump_clock: object) -> None:
    async with bot(world(settings=settings("amm", AmmParameters()))) as running:
        await until(lambda: len(running.live()) == 8, within=3.0)
        asked = running.venue.calls[-1].at
        await trio.sleep(5.0)
        assert running.venue.since(asked + 0.1, "place") == []
