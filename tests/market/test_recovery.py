"""What a crash, a restart or an order to leave makes of the orders and shares of a market (I3, I7, I11, I13)."""

from __future__ import annotations

import pytest
import trio

from actors.model.numbers import SHARE
from actors.model.quote import Targets
from actors.model.settings import MarketSettings, RestartSettings, Settings
from actors.model.trading import Order, Trading
from tests.wiring.world import ALPHA, SIMPLE, bot, move, order, quoting, rate, until, world


async def test_a_tracker_that_comes_back_adopts_its_orders_and_doubles_none(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        resting = running.live()
        running.tree("alpha").drill("tracker", 1)
        await trio.sleep(5.0)
        assert running.live() == resting
        assert len(running.venue.placed) == 2
        assert running.report().orders == tuple(o.order_id for o in resting)
        assert running.report().exposure == 19_200_000


async def test_keys_are_never_used_twice_by_any_life_or_run(autojump_clock: object) -> None:
    again = world()
    for _ in range(2):
        async with bot(again) as running:
            await trio.sleep(3.0)
            for bid in (4500, 4800):
                running.tree("alpha").drill("tracker", 1)
                move(running, bid)
                await trio.sleep(6.0)
    keys = [row.key for row in again.journal.rows if hasattr(row, "key")]
    assert len(keys) >= 8
    assert len(set(keys)) == len(keys)
    assert again.venue.breaches == []


async def test_a_restarted_bot_adopts_what_the_last_run_left_open(autojump_clock: object) -> None:
    again = world()
    async with bot(again):
        await until(lambda: len(again.live()) == 2, within=3.0)
    left = again.live()
    again.board.put(Targets("alpha", (), 0.0), about="alpha")
    async with bot(again) as running:
        await trio.sleep(10.0)
        ids = {o.order_id for o in running.live()}
        assert len(running.live()) == 2
        assert running.report().foreign == ()
        assert ids == {o.order_id for o in left} or not ids & {o.order_id for o in left}


async def test_after_a_tracker_is_beyond_repair_its_orders_are_cancelled_by_their_ids(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        foreign = running.venue.foreign(ALPHA)
        running.tree("alpha").drill("tracker", 6)
        await until(lambda: running.tree("alpha").state == "lost", within=20.0)
        await until(lambda: not running.live(), within=5.0)
        assert running.venue.orders[foreign].status == "LIVE"
        placed = len(running.venue.placed)
        await trio.sleep(30.0)
        assert len(running.venue.placed) == placed
        assert running.spine.admission.is_open, "the others go on"


@pytest.mark.parametrize("actor", ["feed", "quoter"])
async def test_a_parked_market_keeps_no_order_and_quotes_again_on_resume(actor: str, autojump_clock: object) -> None:
    settings = Settings((MarketSettings("alpha"),), restarts=RestartSettings(retry_parked=600), strategy=SIMPLE)
    async with quoting(ALPHA, settings=settings) as running:
        running.tree("alpha").drill(actor, 6)
        await until(lambda: running.tree("alpha").state == "parked", within=10.0)
        await until(lambda: not running.live(), within=4.0)
        assert running.report().custody
        assert await rate(running, 30.0) == 0
        running.tree("alpha").resume()
        await until(lambda: len(running.live()) == 2, within=3.0)
        assert not running.report().custody


async def test_orders_that_nothing_could_cancel_are_cancelled_by_the_journal_in_the_end(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("cancel")
        running.tree("alpha").drill("tracker", 6)
        await until(lambda: running.tree("alpha").state == "lost", within=20.0)
        await trio.sleep(5.0)
        assert len(running.live()) == 2
        running.venue.broken.clear()
        await until(lambda: not running.live(), within=3.0)


async def test_an_overflow_that_loses_a_sent_does_not_make_our_order_foreign(autojump_clock: object) -> None:
    flooded = world()
    async with bot(flooded) as running:
        box = running.box("alpha", "tracker")

        def flood() -> None:
            running.venue.watch = lambda: None
            for _ in range(box.bound + 1):
                box.tell("noise")

        running.venue.watch = flood  # called when the first order's bytes leave, with its `Sent` not read yet
        await trio.sleep(10.0)
        assert running.report().foreign == ()
        assert set(running.report().orders) == {o.order_id for o in running.live()}


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_flatten_sells_what_is_confirmed_and_ends_paused(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        order(running, Order.FLATTEN)
        await until(lambda: running.report().trading is Trading.PAUSED, within=10.0)
        assert running.report().position.yes.size == 0
        assert running.live() == []
        assert running.venue.breaches == []


async def test_flatten_waits_for_shares_that_are_not_confirmed(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        fill = running.venue.fill(running.buy().order_id, 20 * SHARE, sure=False)
        await trio.sleep(1.0)
        order(running, Order.FLATTEN)
        await trio.sleep(10.0)
        assert running.report().trading is Trading.FLATTENING
        assert [c for c in running.venue.placed if c.draft and c.draft.type == "FAK"] == []
        running.venue.settle(fill.trade_id, type(fill.settlement).CONFIRMED)
        await until(lambda: running.report().trading is Trading.PAUSED, within=5.0)
        assert running.venue.breaches == []


async def test_a_parked_market_can_still_be_flattened(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        running.tree("alpha").drill("feed", 6)
        await until(lambda: running.tree("alpha").state == "parked", within=10.0)
        order(running, Order.FLATTEN)
        await until(lambda: running.report().position.yes.size == 0, within=10.0)
