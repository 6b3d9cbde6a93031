"""`value` in a whole bot: from the spot socket and the book to an order, and to the reason why there is none."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from attrs import evolve

from actors.model.market import FeeSchedule, Market
from actors.model.numbers import SHARE, Cash
from actors.model.series_settings import SeriesSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.spot import SpotPrice
from actors.model.strategy_settings import StrategySettings
from actors.model.value_settings import ValueParameters
from actors.stop import Stop
from actors.wiring.console import Console
from tests.shared.test_oracle import Sockets, btc, with_spot
from tests.venue import START, Fate, market
from tests.wiring.world import World, bot, until, world

OPENS = int(START) - 100
SLUG = f"btc-updown-5m-{OPENS}"
WINDOW = evolve(market(SLUG), ends_at=float(OPENS + 300), averaging=60, fees=FeeSchedule(rate=700, rebate=2_000))
STRIKE = 65_000.0


def betting(**changes: Any) -> Settings:  # noqa: ANN401 - any of its keys
    own = ValueParameters(**{"entry": "make", "max_bet": Cash(15_000_000), **changes})
    strategy = StrategySettings("value", own)
    return Settings((MarketSettings(SLUG),), strategy=strategy, series=SeriesSettings(skip_first=0.0, skip_last=0.0))


def stage(one: Market = WINDOW, **changes: Any) -> tuple[World, Sockets]:  # noqa: ANN401 - any key of the strategy
    """Up is bid at 0.48, and the price has since risen."""
    sockets = Sockets()
    of = world(one, settings=betting(**changes))
    of.venue.books_[SLUG] = (((4_800, 500 * SHARE),), ((5_000, 500 * SHARE),))
    return with_spot(of, sockets), sockets


def before() -> list[SpotPrice]:
    """The prices of the last minutes, one a second: the strike's minute, then 6 dollars more, in a calm market."""
    return [btc(STRIKE + (6 if second < 100 else second % 3), late=float(second)) for second in range(280, 0, -1)]


async def hear(of: World, sockets: Sockets, seconds: int, *, price: bool = True) -> None:
    """A word on the book each second, and a price."""
    for _ in range(seconds):
        of.sockets.say(*(of.venue.snapshot(token) for token in WINDOW.tokens))
        await sockets.say(*[btc(STRIKE + 6, late=0.5)] * price)
        await trio.sleep(0.999)


def explained(of: World) -> dict[str, Any]:
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    told: dict[str, Any] = console.obey("explain", {"market": SLUG})
    return told


async def test_an_edge_that_stands_becomes_an_order_and_a_stale_price_pulls_it(autojump_clock: object) -> None:
    of, sockets = stage()
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*before())
        await hear(running, sockets, 2)
        assert running.live(SLUG) == []
        assert explained(running)["reason"] == "edge_too_young"
        await hear(running, sockets, 6)
        (order,) = running.live(SLUG)
        assert (order.token, order.side.value, order.price) == (f"{SLUG}-yes", "BUY", 4_800)
        assert order.size * 4_800 // 10_000 <= 15_000_000
        await hear(running, sockets, 3, price=False)
        assert running.live(SLUG) == []
        told = explained(running)
        assert told["reason"] == "stale_stream"
        assert "reconnected" in told["remedy"]


async def test_a_window_whose_start_was_not_heard_is_left_alone(autojump_clock: object) -> None:
    of, sockets = stage()
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*(price for price in before() if price.at_ms > (OPENS - 30) * 1000))
        await hear(running, sockets, 8)
        assert running.live(SLUG) == []
        assert explained(running)["reason"] == "strike_unknown"


async def test_a_window_of_which_nobody_says_how_it_settles_is_left_alone(autojump_clock: object) -> None:
    of, sockets = stage(evolve(WINDOW, averaging=None))
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*before())
        await hear(running, sockets, 8)
        assert running.live(SLUG) == []
        assert explained(running)["reason"] == "settlement_unknown"


@pytest.mark.parametrize("name", ["oracle", "risk"])
async def test_a_crash_of_what_it_reads_costs_it_no_more_than_a_pause(name: str, autojump_clock: object) -> None:
    of, sockets = stage()
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*before())
        await hear(running, sockets, 6)
        running.shared(name).crash("drill")
        await hear(running, sockets, 8)
        assert len(running.live(SLUG)) == 1


def bought(of: World) -> list[tuple[str, str, int, int]]:
    drafts = [call.draft for call in of.venue.placed if call.draft is not None]
    return [(draft.type, draft.token, draft.price, draft.size) for draft in drafts]


async def test_a_bet_is_taken_once_and_held_to_the_end(autojump_clock: object) -> None:
    of, sockets = stage(entry="take")
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*before())
        await hear(running, sockets, 20)
        ((life, token, price, size),) = bought(running)
        assert (life, token, price) == ("FOK", f"{SLUG}-yes", 5_000)
        assert running.report(SLUG).position.yes.size == size
        assert running.report(SLUG).position.spent + running.report(SLUG).position.fees <= 15_000_000
        assert explained(running)["reason"] == "bet_held"


@pytest.mark.parametrize("fate", [Fate.UNHEARD, Fate.LOST, Fate.REJECT])
async def test_a_bet_of_which_nobody_knows_what_became_is_not_made_again(fate: Fate, autojump_clock: object) -> None:
    """One that was killed is: once an edge has stood anew."""
    of, sockets = stage(entry="take")
    of.venue.fates.append(fate)
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*before())
        await hear(running, sockets, 12)
        assert len(bought(running)) == (2 if fate is Fate.REJECT else 1)
        assert explained(running)["reason"] == ("take_open" if fate is Fate.LOST else "bet_held")


@pytest.mark.parametrize("actor", ["quoter", "tracker"])
async def test_whoever_dies_over_a_bet_makes_no_other(actor: str, autojump_clock: object) -> None:
    of, sockets = stage(entry="take")
    of.venue.latency["place"] = 1.0
    async with bot(of) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(*before())
        while not bought(running):
            await hear(running, sockets, 1)
        running.tree(SLUG).drill(actor, 1)
        await hear(running, sockets, 30)
        assert len(bought(running)) == 1
