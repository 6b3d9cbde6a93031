"""Orders that trade at once, from a strategy through a whole bot: each once, whatever is lost, refused or dies."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from attrs import evolve

from actors.model.distribution import Distribution
from actors.model.market import FeeSchedule
from actors.model.numbers import PUSD, SHARE, Cash, Size
from actors.model.risk_settings import RiskSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from actors.model.taker_settings import TakerParameters
from actors.records import Note
from tests.venue import Fate
from tests.wiring.lives import console, life
from tests.wiring.world import ALPHA, World, until, world

_ALL = 10**6


def taking(risk: RiskSettings | None = None, **keys: Any) -> World:  # noqa: ANN401 - a settings value
    """A bot that buys 20 shares every ten seconds."""
    own: dict[str, Any] = {
        "quantity": Distribution("fixed", value=20.0),
        "interval": Distribution("fixed", value=10.0),
        "p_buy": 1.0,
        "max_spend": Cash(1000 * PUSD),
        "max_trades_per_minute": _ALL,
        **keys,
    }
    strategy = StrategySettings("taker", TakerParameters(**own))
    return world(ALPHA, settings=Settings((MarketSettings("alpha"),), strategy=strategy, risk=risk or RiskSettings()))


def posts(of: World) -> int:
    return len(of.venue.placed)


def held(of: World) -> int:
    position = of.report().position
    return position.yes.size + position.no.size


async def begun(of: World, orders: int = 1) -> None:
    await until(lambda: posts(of) == orders, within=15.0)


async def test_what_a_ramp_has_made_small_is_not_to_be_set_to_another_value(autojump_clock: object) -> None:
    """A tenth of `max_spend` is too little for one purchase: a hint of so many pUSD would lower the whole limit."""
    of = taking(max_spend=Cash(20 * PUSD))
    of.settings = evolve(of.settings, start_paused=True)
    async with life(of):
        console(of).obey("resume", {"ramp": "10%,100%", "every": "600"})
        await trio.sleep(15.0)
        told = console(of).obey("explain", {"market": "alpha"})
        assert told["reason"] == "spent", told
        assert told["hint"] is None
        assert told["remedy"].startswith("only 10 % of the limits count, by a ramp")


async def test_what_is_taken_is_bought_once_at_its_time_and_no_oftener_than_asked(autojump_clock: object) -> None:
    of = taking(iterations=3)
    async with life(of):
        for number in range(1, 4):
            await begun(of, number)
            await until(lambda bought=number: held(of) == bought * 20 * SHARE, within=3.0)  # type: ignore[misc]
        await trio.sleep(120.0)
        assert posts(of) == 3
        assert {call.draft.type for call in of.venue.placed if call.draft} == {"FOK"}
        assert console(of).obey("explain", {"market": "alpha"})["reason"] == "attempts_over"


@pytest.mark.parametrize("fate", [Fate.UNHEARD, Fate.LOST])
async def test_while_nobody_knows_what_became_of_one_no_other_leaves(fate: Fate, autojump_clock: object) -> None:
    of = taking(interval=Distribution("fixed", value=0.5))
    of.venue.fates.append(fate)
    async with life(of):
        await begun(of)
        while of.report().unknown or not held(of):
            assert posts(of) == 1
            if fate is Fate.LOST and not of.report().unknown and trio.current_time() > 70.0:
                break
            await trio.sleep(0.05)
        await begun(of, 2)
        assert trio.current_time() > 60.0 if fate is Fate.LOST else trio.current_time() < 15.0


@pytest.mark.parametrize("actor", ["quoter", "tracker"])
@pytest.mark.parametrize("after", [0.0, 0.4, 0.9, 1.3, 2.1, 3.0])
async def test_whoever_dies_while_one_is_under_way_repeats_nothing(
    actor: str, after: float, autojump_clock: object
) -> None:
    of = taking(iterations=1)
    of.venue.latency["place"] = 1.0  # there, and as long back
    async with life(of):
        await begun(of)
        await trio.sleep(after)
        of.tree("alpha").drill(actor, 1)
        await trio.sleep(30.0)
        assert posts(of) == 1
        assert held(of) == 20 * SHARE


async def test_one_killed_for_want_of_shares_costs_nothing_and_the_next_is_tried(autojump_clock: object) -> None:
    of = taking(iterations=2)
    of.venue.fates.append(Fate.REJECT)
    async with life(of):
        await begun(of, 2)
        await until(lambda: held(of) == 20 * SHARE, within=3.0)
        assert of.report().position.trades == 1


async def test_what_risk_refuses_is_told_and_used_up(autojump_clock: object) -> None:
    of = taking(RiskSettings(max_order_size=Size(10 * SHARE)), iterations=4)
    async with life(of):
        await trio.sleep(60.0)
        told = [row.body for row in of.journal.rows if isinstance(row, Note) and row.kind == "refused"]
        assert posts(of) == 0
        assert any(text.startswith("risk_order_size") for text in told)
        assert console(of).obey("explain", {"market": "alpha"})["reason"] == "attempts_over"


async def test_nothing_is_taken_while_paused_or_by_a_person_unapproved(autojump_clock: object) -> None:
    of = taking(manual_approval="always")
    async with life(of):
        await until(lambda: bool(console(of).obey("approvals", {})["proposals"]), within=5.0)
        await trio.sleep(5.0)
        assert posts(of) == 0
        (proposal,) = console(of).obey("approvals", {})["proposals"]
        assert (proposal["side"], proposal["size"]) == ("BUY", 20.0)
        console(of).obey("approve", {"number": proposal["number"]})
        await begun(of)
        console(of).obey("pause", {})
        await trio.sleep(40.0)
        assert posts(of) == 1


async def test_where_nobody_knows_the_fee_nothing_is_taken(autojump_clock: object) -> None:
    of = taking()
    of.venue.relist(evolve(ALPHA, fees=FeeSchedule(known=False)))
    async with life(of):
        await trio.sleep(30.0)
        assert posts(of) == 0


async def test_what_is_sold_is_held_and_confirmed(autojump_clock: object) -> None:
    of = taking(p_buy=0.0)
    async with life(of):
        await trio.sleep(60.0)
        assert posts(of) == 0
        assert console(of).obey("explain", {"market": "alpha"})["reason"] == "not_held"
