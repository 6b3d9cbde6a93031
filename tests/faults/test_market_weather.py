"""Whatever befalls the market data of the real bot: it quotes on no doubtful book, and again within seconds afterwards.

The real adapters and the whole bot, over the exchange's own faults (docs/faults.md), on virtual time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import trio
from attrs import frozen

from actors.market.report import MarketReport
from actors.market.tree import TreeState
from actors.messages import FeedState
from actors.model.book import Book
from actors.model.market import Market, Side
from actors.model.numbers import Price
from actors.model.quote import Quote
from tests.faults.plan import Plan
from tests.faults.world import World, simulate

MARKET = "demo-cup"
_LOOK = 0.25
_CALM, _ENDS = 27.0, 44.0  # s: when the weather is over, and when the bot is told to stop
_BACK_WITHIN = 15.0  # s after the last fault until both sides rest again; T_late + 30 s is what I22 allows
Fault = Mapping[str, Any]


@frozen
class Look:
    """The market at one instant, as everybody may read it off the board."""

    at: float
    resting: tuple[Quote, ...]
    book: Book
    feed: str
    market: Market
    tree: str
    halted: str

    @property
    def quoted(self) -> bool:
        return len(self.resting) >= 2 and self.book.live and not self.book.rest


async def _watch(world: World, looks: list[Look]) -> None:
    while trio.current_time() < _ENDS - _LOOK:
        await trio.sleep(_LOOK)
        if not world.lives:
            continue
        board = world.lives[-1].board
        report, book, feed = board.last(MarketReport, MARKET), board.last(Book, MARKET), board.last(FeedState, MARKET)
        market, tree = board.last(Market, MARKET), board.last(TreeState, MARKET)
        if report and book and feed and market and tree:
            looks.append(Look(trio.current_time(), report.resting, book, feed.state, market, tree.state, report.halted))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Look]:
    """What the board showed four times a second of the run that the test then starts."""
    seen: list[Look] = []
    run = World.run

    async def watched(world: World) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_watch, world, seen)
            await run(world)
            nursery.cancel_scope.cancel()

    monkeypatch.setattr(World, "run", watched)
    return seen


def befall(*faults: Fault) -> World:
    """Run the bot on one market through the faults, and beyond."""
    world = simulate(Plan(11, weather=_CALM, quiet=_ENDS - _CALM, markets=(MARKET,), faults=faults))
    assert world.breaches == []
    return world


def between(looks: list[Look], first: float, last: float) -> list[Look]:
    return [look for look in looks if first <= look.at < last]


def back_after(looks: list[Look], at: float) -> float:
    """Seconds from `at` until the market was quoted on both sides."""
    return next((look.at - at for look in looks if look.at >= at and look.quoted), float("inf"))


def window(kind: str, **keys: object) -> Fault:
    return {"kind": kind, "channel": "market", "at": 5, "for": 20, **keys}


CUT = {"kind": "disconnect", "channel": "market", "at": 6}
HURTS = {
    "the whole socket is silent": (window("silence"),),
    "one token is silent": (window("silence", token="no", market=MARKET),),
    "no snapshot comes": (window("no_snapshot"), window("silence", event="book"), CUT),
    "no snapshot of one token comes": (window("no_snapshot", token="yes"), CUT),
    "every frame is garbage": (window("garbage", instead=True),),
    "connections are refused": (window("refuse_socket"), CUT),
    "frames get lost, and then the connection": (window("gap"),),
    "a third of the frames get lost": (window("drop", probability=0.3),),
    "frames change places": (window("reorder"),),
    "the exchange finds us slow": (window("slow_reader", seconds=0.5),),
    "the connection breaks every few seconds": ({"kind": "disconnect", "channel": "market", "every": 6},),
}
HARMLESS = {
    "frames come twice": window("repeat", times=2),
    "frames come in parts": window("split"),
    "frames come together": window("join", size=4),
    "levels come in another order": {"kind": "shuffle", "at": 5, "for": 20},
    "frames of unknown types come between": window("unknown_type"),
    "garbage comes between": window("garbage"),
}


@pytest.mark.parametrize("faults", HURTS.values(), ids=HURTS.keys())
def test_a_market_whose_data_were_disturbed_is_quoted_again_within_seconds(
    faults: tuple[Fault, ...], looks: list[Look]
) -> None:
    world = befall(*faults)
    assert back_after(looks, _CALM) <= _BACK_WITHIN
    assert looks[-1].book.live
    assert world.met["exit 0"] == 1


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_changes_no_content_costs_no_quote(fault: Fault, looks: list[Look]) -> None:
    befall(fault)
    steady = [look.quoted for look in between(looks, 3.0, _ENDS - 2.0)]
    assert sum(steady) >= 0.95 * len(steady)


def test_while_the_socket_says_nothing_rest_stands_in_and_nothing_is_bought(looks: list[Look]) -> None:
    befall(window("silence"))
    stood_in = [look for look in between(looks, 17.0, 25.0) if look.book.rest]
    assert len(stood_in) >= 0.8 * len(between(looks, 17.0, 25.0))
    assert {look.feed for look in stood_in} == {"REST only: reduces only"}
    settled = stood_in[4:]
    assert all(quote.side is Side.SELL for look in settled for quote in look.resting)


@pytest.mark.parametrize("lost", [False, True])
def test_a_new_tick_is_quoted_on_its_grid_also_when_the_frame_that_tells_it_is_lost(
    lost: bool, looks: list[Look]
) -> None:
    unheard = {"kind": "drop", "channel": "market", "event": "tick_size_change", "at": 5, "for": 10}
    retick = {"kind": "retick", "market": MARKET, "tick": "0.001", "at": 10}
    befall(retick, *([unheard] if lost else []))
    assert looks[-1].market.tick == looks[-1].book.tick == Price(10)
    assert back_after([look for look in looks if look.book.tick == 10], 10.0) <= _BACK_WITHIN
    assert looks[-1].quoted


@pytest.mark.parametrize("kind", ["close_market", "propose", "resolve"])
def test_a_market_that_ends_is_left_and_the_exit_code_tells_what_is_held(kind: str, looks: list[Look]) -> None:
    quiet = {"kind": "drop", "channel": "market", "event": "market_resolved", "at": 0, "for": 25}
    world = befall({"kind": kind, "market": MARKET, "at": 8}, quiet)
    late = between(looks, 25.0, _ENDS)
    assert all(look.resting == () and look.halted for look in late)
    assert world.met["exit 0"] + world.met["exit 4"] == 1


def test_a_wrong_flag_parks_the_market_after_a_handful_of_orders(looks: list[Look]) -> None:
    world = befall({"kind": "wrong_neg_risk", "market": MARKET, "at": 0, "for": _ENDS})
    assert looks[-1].tree == "parked"
    assert 0 < world.met["posts"] <= 4
