"""What takers are charged, while it is known, while it is not, and when it changes (polymarket.md §11.1)."""

from __future__ import annotations

from typing import Any

import trio
from attrs import evolve

from actors.messages import Draft, Outcome, Place, Refused, Sent
from actors.model.ledger import Position
from actors.model.market import UNKNOWN_FEES, FeeSchedule, Market, Side
from actors.model.numbers import SHARE
from actors.model.order import Key
from actors.model.trading import Order
from actors.stop import Stop
from actors.wiring.console import Console
from tests.wiring.world import ALPHA, World, bot, order, quoting, until, world

POLLED = 16.0  # s within which every market's terms have been read again
CRYPTO = evolve(ALPHA, fees=FeeSchedule(rate=700, rebate=2_000))
UNCLEAR = evolve(ALPHA, fees=UNKNOWN_FEES)


def told(of: World, command: str = "explain") -> dict[str, Any]:
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    shown: dict[str, Any] = console.obey(command, {"market": "alpha"} if command == "explain" else {})
    return shown


def known(of: World) -> Market:
    market = of.board.last(Market, "alpha")
    assert market is not None
    return market


def position(of: World) -> Position:
    return of.report().position


async def sold_out(of: World) -> None:
    """Buy 20 as maker, then sell them as taker."""
    of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.0)
    order(of, Order.FLATTEN)
    await until(lambda: position(of).net == 0 and position(of).trades >= 2, within=6.0)


async def test_a_taker_is_charged_what_the_market_says_and_a_maker_nothing(autojump_clock: object) -> None:
    async with quoting(CRYPTO) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        assert position(running).fees == 0
        order(running, Order.FLATTEN)
        await until(lambda: position(running).net == 0, within=6.0)
        assert position(running).fees == CRYPTO.fees.taker_fee(4_800, 20 * SHARE)


async def test_a_fee_that_changes_is_what_later_fills_are_charged(autojump_clock: object) -> None:
    async with quoting(CRYPTO) as running:
        running.venue.relist(evolve(ALPHA, fees=FeeSchedule(rate=400)))
        await until(lambda: known(running).fees.rate == 400, within=POLLED)
        assert told(running, "status")["markets"][0]["fees"]["rate"] == 0.04
        await sold_out(running)
        assert position(running).fees == FeeSchedule(400).taker_fee(4_800, 20 * SHARE)


async def test_where_the_fee_is_not_known_makers_quote_what_reduces_may_leave_and_explain_says_so(
    autojump_clock: object,
) -> None:
    async with quoting(UNCLEAR) as running:
        assert told(running)["takers"]["reason"] == "fees_unknown"
        assert told(running)["reason"] is None, "who rests pays nothing"
        await sold_out(running)
        assert position(running).fees == UNKNOWN_FEES.taker_fee(4_800, 20 * SHARE), "never less than it may be"


async def taken(of: World, *, reduces: bool) -> list[object]:
    """What becomes of an order that takes."""
    key = Key(of.tree("alpha").fences.generation("alpha"), 1 + reduces)
    draft = Draft("alpha-yes", False, Side.BUY, 5200, 10 * SHARE, "FAK", post_only=False)
    of.shared("gateway").tell(Place("alpha", "0xalpha", key, draft, reduces=reduces))
    await trio.sleep(1.0)
    return [a for a in of.box("alpha", "tracker").read_nowait() if isinstance(a, Sent | Refused | Outcome)]


async def test_the_gateway_lets_no_taker_pass_while_its_fee_is_not_known_but_one_that_reduces(
    autojump_clock: object,
) -> None:
    async with bot(world(UNCLEAR), trees=False) as running:
        (refused,) = await taken(running, reduces=False)
        assert isinstance(refused, Refused)
        assert refused.why == "fees_unknown"
        assert running.venue.placed == []
        assert [type(a) for a in await taken(running, reduces=True)] == [Sent, Outcome]
        running.board.put(CRYPTO, about="alpha")
        assert [type(a) for a in await taken(running, reduces=False)] == [Sent, Outcome]
