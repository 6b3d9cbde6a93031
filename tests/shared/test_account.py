"""What the user channel says reaches its tracker, and what it may have said in between is read (I11, I12, F14)."""

from __future__ import annotations

import trio

from actors.messages import Reconsider
from actors.model.numbers import SHARE
from actors.model.outcome import Unread
from actors.shared.account import Funds, Prove
from tests.wiring.world import ALPHA, BETA, World, bot, quoting, until, world


def reads(of: World, condition: str, since: float) -> int:
    return len([c for c in of.venue.since(since, "open orders") if c.ids == (condition,)])


async def test_a_fill_reaches_the_market_it_belongs_to_and_no_other(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.fill(running.buy("beta").order_id, 20 * SHARE)
        await until(lambda: running.report("beta").position.yes.size == 20 * SHARE, within=0.1)
        assert running.report("alpha").position.trades == 0


async def test_every_market_reads_its_orders_after_a_reconnect(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.users.tamper = lambda _: ()
        filled = running.buy("alpha").order_id
        running.venue.fill(filled, 20 * SHARE)
        await trio.sleep(1.0)
        assert running.report("alpha").position.trades == 0
        cut = trio.current_time()
        running.users.cut()
        await until(lambda: running.report("alpha").position.yes.size == 20 * SHARE, within=2.0)
        assert reads(running, "0xbeta", cut) == 1


async def test_after_its_own_crash_every_market_reads_its_orders_too(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        crashed = trio.current_time()
        running.shared("account").crash("drill")
        await trio.sleep(0.01)
        running.venue.fill(running.buy("alpha").order_id, 20 * SHARE)
        await until(lambda: running.report("alpha").position.yes.size == 20 * SHARE, within=2.0)
        assert reads(running, "0xbeta", crashed) >= 1


async def test_it_is_not_ready_before_the_channel_is_open_and_the_account_read(autojump_clock: object) -> None:
    shut = world()
    shut.users.down = True
    shut.venue.broken.add("read")

    async def mend() -> None:
        await trio.sleep(5.0)
        shut.users.down = False
        await trio.sleep(10.0)
        shut.venue.broken.clear()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(mend)
        async with bot(shut, trees=False) as running:
            assert trio.current_time() >= 15.0
            assert running.board.last(Funds) is not None


async def test_a_proof_is_a_read_begun_after_the_question(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.latency["read"] = 1.0
        asked = trio.current_time()
        proof = await running.spine.prove.ask(Prove())
        assert not isinstance(proof.orders, Unread)
        assert {o.order_id for o in proof.orders} == {o.order_id for o in running.live()}
        assert running.venue.since(asked, "open orders")
        assert trio.current_time() >= asked + 1.0


async def test_an_unreadable_account_proves_nothing_and_says_why(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("read")
        proof = await running.spine.prove.ask(Prove())
        assert proof.orders == Unread("500")


async def test_a_reconnect_does_not_disturb_resting_orders(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        resting = running.live()
        running.users.cut()
        await trio.sleep(20.0)
        assert running.live() == resting
        assert running.users.connections == 2


async def test_foreign_orders_are_counted_named_and_left_alone(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        foreign = running.venue.foreign(ALPHA, price=3000, size=10 * SHARE)
        await trio.sleep(1.0)
        assert running.report().foreign == (foreign,)
        assert running.report().exposure == 19_200_000 + 3_000_000
        running.box("alpha", "tracker").tell(Reconsider("test"))
        await trio.sleep(35.0)
        assert running.venue.orders[foreign].status == "LIVE"
        assert all(foreign not in call.ids for call in running.venue.calls if call.kind == "cancel")


async def test_a_doubt_that_lasts_pulls_the_quotes(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("read 0xalpha")
        placed = len(running.venue.placed)
        running.users.cut()
        await until(lambda: not running.live(), within=4.5)
        await trio.sleep(10.0)
        assert len(running.venue.placed) == placed
        running.venue.broken.clear()
        await until(lambda: len(running.live()) == 2, within=4.0)
