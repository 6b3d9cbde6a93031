"""With `approval.orders: all` no quote reaches the venue before a person has said so; cancels and exits ask nobody."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from actors.model.approval_settings import ApprovalSettings
from actors.model.numbers import SHARE
from actors.model.settings import MarketSettings, Settings
from actors.model.trading import Order
from actors.shared.control import CommandRefused
from tests.wiring.lives import console
from tests.wiring.world import SIMPLE, World, bot, move, order, until, world


def asking(*, timeout: float = 30.0) -> World:
    return world(
        settings=Settings((MarketSettings("alpha"),), approval=ApprovalSettings("all", timeout), strategy=SIMPLE)
    )


def waiting(of: World) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = console(of).obey("approvals", {})["proposals"]
    return rows


async def approve_all(of: World) -> None:
    for row in waiting(of):
        console(of).obey("approve", {"number": row["number"]})
    await trio.sleep(2.5)


async def test_no_order_is_placed_before_it_is_approved_and_each_says_what_it_is(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(10.0)
        assert of.venue.placed == []
        rows = waiting(of)
        assert {(row["market"], row["side"], row["outcome"]) for row in rows} == {
            ("alpha", "BUY", "YES"),
            ("alpha", "BUY", "NO"),
        }
        assert all(row["cost"] == pytest.approx(row["price"] * row["size"]) for row in rows)
        assert console(of).obey("explain", {"market": "alpha"})["reason"] == "awaiting_approval"
        await approve_all(of)
        assert sorted(o.price for o in of.live()) == sorted(round(row["price"] * 10_000) for row in rows)
        assert waiting(of) == []
        assert len(of.trail.rows(kind="approval")) == 2


async def test_what_is_rejected_is_not_placed_nor_proposed_again_at_once(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(2.0)
        for row in waiting(of):
            console(of).obey("reject", {"number": row["number"]})
        await trio.sleep(20.0)
        assert (of.venue.placed, waiting(of)) == ([], [])
        await trio.sleep(12.0)
        assert len(waiting(of)) == 2


async def test_without_an_answer_an_order_is_rejected(autojump_clock: object) -> None:
    async with bot(asking(timeout=5.0)) as of:
        await until(lambda: len(of.trail.rows(kind="approval")) == 2, within=10.0)
        assert all("nobody has answered" in row["text"] for row in of.trail.rows(kind="approval"))
        assert of.venue.placed == []
        with pytest.raises(CommandRefused, match="no proposal 1"):
            console(of).obey("approve", {"number": 1})


async def test_an_order_approved_when_the_market_has_moved_on_never_leaves(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(2.0)
        rows = waiting(of)
        move(of, 3000)
        for row in rows:
            console(of).obey("approve", {"number": row["number"]})
        await trio.sleep(10.0)
        assert of.venue.placed == []
        assert {row["number"] for row in waiting(of)}.isdisjoint(row["number"] for row in rows)


async def test_an_order_approved_while_its_book_is_stale_never_leaves(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(2.0)
        rows = waiting(of)
        of.sockets.mute = of.sockets.down = True
        of.venue.latency["books"] = 1000.0
        of.sockets.cut()
        await trio.sleep(0.5)
        for row in rows:
            console(of).obey("approve", {"number": row["number"]})
        await trio.sleep(10.0)
        assert of.venue.placed == []


async def test_cancels_and_sales_on_a_flatten_ask_nobody(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(2.0)
        await approve_all(of)
        of.venue.fill(of.buy().order_id, 10 * SHARE)
        await trio.sleep(1.0)
        order(of, Order.FLATTEN)
        await until(lambda: of.live() == [], within=1.0)
        await until(lambda: any(c.draft and c.draft.side.value == "SELL" for c in of.venue.placed), within=5.0)


async def test_a_crash_of_the_approvals_approves_nothing(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(2.0)
        console(of).obey("approve", {"number": waiting(of)[0]["number"]})
        of.shared("approvals").crash("drill")
        await trio.sleep(5.0)
        assert of.venue.placed == []
        assert len(waiting(of)) == 2


async def test_the_asking_can_be_ended_while_it_runs(autojump_clock: object) -> None:
    async with bot(asking()) as of:
        await trio.sleep(2.0)
        of.spine.tuning.swap(Settings((MarketSettings("alpha"),), strategy=SIMPLE))
        await until(lambda: len(of.live()) == 2, within=5.0)
