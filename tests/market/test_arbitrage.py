"""A whole bot on `arbitrage`: both legs, or the way back; whoever dies between two legs trades none of them twice."""

from __future__ import annotations

import pytest
import trio

from actors.messages import BookSnapshot
from actors.model.arbitrage_settings import ArbitrageParameters
from actors.model.market import Side
from actors.model.numbers import SHARE
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from tests.wiring.lives import life
from tests.wiring.world import World, until, world

PAIRS = 30 * SHARE
OWN = ArbitrageParameters(max_pairs=PAIRS)  # type: ignore[arg-type]


def arbitrage() -> World:
    """30 shares of YES are offered at 0.52."""
    settings = Settings((MarketSettings("alpha"),), strategy=StrategySettings("arbitrage", OWN))
    of = world(settings=settings)
    of.venue.books_["alpha"] = (((4800, 1000 * SHARE),), ((5200, PAIRS),))
    return of


def cheap_no(of: World) -> None:
    """NO is said to be offered at 0.46, though nobody does: 0.98 with the YES."""
    of.sockets.say(BookSnapshot("alpha-no", ((4400, 1000 * SHARE),), ((4600, 1000 * SHARE),), 100))


def moves(of: World) -> None:
    """The market moves to where NO is offered at 0.46 once the first leg has traded."""
    if not of.venue.trades_ or of.venue.books_["alpha"][0][0][0] == 5400:
        return
    of.venue.books_["alpha"] = (((5400, 1000 * SHARE),), ((5600, 1000 * SHARE),))
    of.sockets.say(*(of.venue.snapshot(token) for token in ("alpha-yes", "alpha-no")))


def posts(of: World) -> list[tuple[str, Side, int, int, str]]:
    drafts = [call.draft for call in of.venue.placed if call.draft is not None]
    return [(draft.token, draft.side, draft.price, draft.size, draft.type) for draft in drafts]


def held(of: World) -> tuple[int, int]:
    return of.report().position.yes.size, of.report().position.no.size


FIRST = ("alpha-yes", Side.BUY, 5200, PAIRS, "FOK")
SECOND = ("alpha-no", Side.BUY, 4600, PAIRS, "FAK")


async def begun(of: World) -> None:
    """The first leg is on its way."""
    await trio.sleep(2.0)
    assert posts(of) == []
    cheap_no(of)
    await until(lambda: posts(of)[:1] == [FIRST], within=1.5)


async def test_both_legs_are_bought_and_nothing_more(autojump_clock: object) -> None:
    of = arbitrage()
    of.venue.watch = lambda: moves(of)
    async with life(of):
        await begun(of)
        await until(lambda: held(of) == (PAIRS, PAIRS), within=2.0)
        await trio.sleep(10.0)
        assert posts(of) == [FIRST, SECOND]
        assert of.venue.breaches == []


async def test_a_leg_whose_other_one_is_gone_is_closed_soon_after_its_timeout(autojump_clock: object) -> None:
    """NO was never offered at 0.46; leaving the YES costs 4 cents a share either way, twice what is allowed at once."""
    of = arbitrage()
    of.venue.watch = lambda: of.sockets.say(of.venue.snapshot("alpha-no")) if of.venue.trades_ else None
    async with life(of):
        await begun(of)
        began = trio.current_time()
        await until(lambda: held(of) == (PAIRS, 0), within=1.0)
        await until(lambda: held(of)[0] == held(of)[1], within=5.0)
        waited = trio.current_time() - began
        assert OWN.leg_timeout <= waited <= OWN.leg_timeout + 0.1
        await trio.sleep(5.0)
        assert of.report().position.trades == 2


@pytest.mark.parametrize("actor", ["quoter", "tracker"])
@pytest.mark.parametrize("after", [0.0, 0.3, 0.7, 1.1, 1.6])
async def test_whoever_dies_between_the_legs_trades_each_of_them_once(
    actor: str, after: float, autojump_clock: object
) -> None:
    of = arbitrage()
    of.venue.latency["place"] = 0.5  # there, and as long back
    of.venue.watch = lambda: moves(of)
    async with life(of):
        await begun(of)
        await trio.sleep(after)
        of.tree("alpha").drill(actor, 1)
        await until(lambda: held(of) == (PAIRS, PAIRS), within=30.0)
        await trio.sleep(10.0)
        assert [(token, side, size) for token, side, _, size, _ in posts(of)] == [
            ("alpha-yes", Side.BUY, PAIRS),
            ("alpha-no", Side.BUY, PAIRS),
        ]


async def test_a_process_killed_between_the_legs_is_followed_by_one_that_closes_the_open_one(
    autojump_clock: object,
) -> None:
    of = arbitrage()
    of.venue.latency["place"] = 0.5
    of.venue.watch = lambda: moves(of)
    of.venue.tell = lambda _: None  # the news of the fill comes too late
    async with life(of):
        await begun(of)
        await until(lambda: bool(of.venue.trades_), within=1.0)
    assert len(posts(of)) == 1
    of.venue.tell = of.users.say
    async with life(of):
        await trio.sleep(2.0)
        await until(lambda: held(of) == (PAIRS, PAIRS), within=20.0)
        await trio.sleep(10.0)
        assert [(token, size) for token, _, _, size, _ in posts(of)] == [("alpha-yes", PAIRS), ("alpha-no", PAIRS)]
