"""The audit trail of a whole bot: every order, cancel, fill, command and stop has its rows, and no order waits for it."""

from __future__ import annotations

import json

import trio

from actors.kernel.mailbox import Mailbox
from actors.model.limit_settings import LimitSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.trading import Order
from actors.records import Note
from actors.shared.journal import Settle
from actors.shared.trail import Trail
from tests.shared.life import living
from tests.venue import wall
from tests.wiring.links import MemoryTrail
from tests.wiring.world import SIMPLE, World, bot, order, quoting, until, world


def events(of: World, order_id: str) -> list[str]:
    return [row["event"] for row in of.trail.rows(order=order_id)]


async def test_an_order_is_asked_sent_and_accepted_in_this_order(autojump_clock: object) -> None:
    async with quoting() as of:
        for resting in of.live():
            assert events(of, resting.order_id) == ["asked", "sent", "accepted"]
        asked = of.trail.rows(event="asked")[0]
        assert (asked["kind"], asked["market"], asked["side"]) == ("order", "alpha", "BUY")
        assert asked["outcome"] in ("YES", "NO")
        assert asked["price"].startswith("0.")


async def test_a_cancel_is_asked_and_answered_and_its_order_is_over(autojump_clock: object) -> None:
    async with quoting() as of:
        ids = {resting.order_id for resting in of.live()}
        order(of, Order.PAUSE)
        await until(lambda: not of.live(), within=2.0)
        await trio.sleep(3.0)
        cancels = of.trail.rows(kind="cancel")
        assert {i for row in cancels if row["event"] == "asked" for i in row["orders"]} == ids
        assert {i for row in cancels if row["event"] == "answered" for i in row["done"]} == ids
        assert all(events(of, order_id)[-1] == "over" for order_id in ids)
        assert of.trail.rows(kind="risk", event="paused", market="alpha")


async def test_a_fill_has_its_price_size_trade_and_order(autojump_clock: object) -> None:
    async with quoting() as of:
        bought = of.buy()
        of.venue.fill(bought.order_id, bought.size)
        await until(lambda: bool(of.trail.rows(kind="fill")), within=3.0)
        fill = of.trail.rows(kind="fill")[0]
        assert (fill["order"], fill["side"], fill["outcome"]) == (bought.order_id, "BUY", "YES")
        assert fill["trade"]
        assert fill["event"] == "confirmed"


async def test_a_command_stands_in_it_with_its_arguments(autojump_clock: object) -> None:
    async with quoting() as of:
        body = json.dumps({"command": "pause", "args": {"market": "alpha"}})
        of.shared("journal").tell(Note("command", "", body, wall()))
        await of.spine.journal.ask(Settle())
        await trio.sleep(0.1)
        assert of.trail.rows(kind="command")[0]["args"] == {"market": "alpha"}


async def test_an_order_that_is_withheld_says_why_and_was_never_sent(autojump_clock: object) -> None:
    one = Settings((MarketSettings("alpha"),), limits=LimitSettings(max_open_orders=1), strategy=SIMPLE)
    async with bot(world(settings=one)) as of:
        await trio.sleep(3.0)
        withheld = of.trail.rows(event="withheld")
        assert {row["why"] for row in withheld} == {"order_ceiling"}
        assert not {row["key"] for row in withheld} & {row["key"] for row in of.trail.rows(event="sent")}


async def test_a_full_disk_delays_rows_and_nothing_else(autojump_clock: object) -> None:
    of = world()
    of.trail.full = True
    async with bot(of):
        await until(lambda: len(of.live()) == 2, within=3.0)
        assert of.trail.lines == []
        assert of.services["audit"].crashes.total == 0
        of.trail.full = False
        await trio.sleep(6.0)
        assert [events(of, o.order_id) for o in of.live()] == [["asked", "sent", "accepted"]] * 2


async def test_a_crash_of_the_trail_is_a_row_and_hides_nothing_that_comes_later(autojump_clock: object) -> None:
    async with quoting() as of:
        of.shared("audit").crash("drill")
        await trio.sleep(1.0)
        order(of, Order.PAUSE)
        await until(lambda: bool(of.trail.rows(kind="cancel", event="answered")), within=3.0)
        assert of.trail.rows(kind="audit", event="gap")
        assert of.spine.admission.is_open


async def test_what_waits_is_written_when_the_trail_is_stopped(autojump_clock: object) -> None:
    store, box = MemoryTrail(), Mailbox[object]("audit")
    trail = Trail(box, store, {}, wall)
    async with living(trail):
        box.tell(Note("ended", "", "exit 0", wall()))
    assert store.rows(kind="run", event="ended")
