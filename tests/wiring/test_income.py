"""Makers' income in a whole bot: what status, proof and audit say of it, over the end of a day and a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from attrs import evolve

from actors.commands.status import _lines
from actors.ending import Ending, Exit
from actors.model.income import Takings
from actors.model.market import FeeSchedule
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.rewards import Rewards
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.proof import proof
from tests.wiring.world import ALPHA, World, bot, until, world

TODAY, BEFORE = 20_400, 150.0  # the UTC day, and how many seconds of it are left
CONDITION = ALPHA.condition_id
PAYING = evolve(
    ALPHA,
    fees=FeeSchedule(700, rebate=2_000),
    rewards=Rewards(Cash(144 * PUSD), Size(20 * SHARE), Price(450), min_age=10.0),
)


@asynccontextmanager
async def late(of: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A bot that has its quotes resting shortly before midnight (UTC)."""
    monkeypatch.setattr("tests.venue.START", (TODAY + 1) * 86_400.0 - BEFORE - trio.current_time())
    monkeypatch.setattr("actors.shared.till._PAID_BY", 60.0)
    async with bot(of) as running:
        await until(lambda: len(running.live()) == 2, within=3.0)
        yield running


def status(of: World) -> dict[str, Any]:
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    shown: dict[str, Any] = console.obey("status", {})
    return shown


async def test_every_resting_order_shows_its_score_and_the_market_our_part_of_the_pool(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    async with late(world(PAYING), monkeypatch) as running:
        await trio.sleep(5.0)
        assert [o["score"] for o in status(running)["markets"][0]["resting"]] == [0.0, 0.0], "too young"
        await trio.sleep(10.0)
        shown, orders = (status(running)["markets"][0][key] for key in ("rewards", "resting"))
        assert (shown["per_day"], shown["min_size"], shown["max_spread"]) == (144.0, 20.0, 0.045)
        assert {(o["side"], o["price"], o["size"]) for o in orders} == {("bid", 0.48, 20), ("ask", 0.52, 20)}
        assert [o["score"] for o in orders] == [pytest.approx(20 * (2.5 / 4.5) ** 2, abs=1e-4)] * 2
        assert [o["rebate"] for o in orders] == [0.069888, 0.069888], "once they are filled"
        assert shown["share"] == pytest.approx(20 / 1_000, abs=1e-3), (
            "as the venue in memory shows 1,000 and none of ours"
        )


async def test_a_market_without_a_programme_shows_none(autojump_clock: object) -> None:
    async with bot(world(ALPHA)) as running:
        await trio.sleep(1.0)
        shown = status(running)["markets"][0]
        assert shown["rewards"] is None
        assert [(o["score"], o["rebate"]) for o in shown["resting"]] == [(0.0, 0.0)] * 2


async def test_a_makers_fill_brings_its_rebate_and_a_day_is_compared_when_it_is_paid(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    async with late(world(PAYING), monkeypatch) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(100.0)
        income, rebate = status(running)["income"], PAYING.fees.maker_rebate(4_800, 20 * SHARE)
        assert income["rebates"] == [rebate / PUSD] * 2
        assert income["markets"]["alpha"]["rebates"] == rebate / PUSD == 0.069888
        assert income["markets"]["alpha"]["samples"] >= 1
        assert any("expected income of 2025-11-08: rebates 0.07" in line for line in _lines(status(running)))
        running.venue.rewarded[TODAY] = {CONDITION: Cash(2 * PUSD), "0xother": Cash(90 * PUSD)}
        running.venue.rebated[TODAY] = {CONDITION: Cash(70_000)}
        await until(lambda: status(running)["income"]["paid"] is not None, within=400.0)
        paid = status(running)["income"]["paid"]
        assert (paid["date"], paid["rebates"]["paid"], paid["differs"]) == ("2025-11-08", 0.07, [])
        assert paid["rewards"]["paid"] == 2.0
        assert status(running)["income"]["date"] == "2025-11-09"
        await trio.sleep(1.0)
        assert [row["text"][:10] for row in running.trail.rows(kind="income")] == ["2025-11-08"]


@pytest.mark.slow
async def test_a_payment_far_off_is_told_in_status_once_it_is_late(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    monkeypatch.setattr("actors.shared.till._LATE", 60.0)
    async with late(world(PAYING), monkeypatch) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        running.venue.rebated[TODAY] = {CONDITION: Cash(900 * PUSD)}
        await until(lambda: status(running)["income"]["paid"] is not None, within=400.0)
        assert status(running)["income"]["paid"]["differs"] == ["rebates"]
        assert any(line == "rebates of 2025-11-08: 900 paid, 0.07 expected" for line in _lines(status(running)))


async def test_a_venue_that_does_not_say_what_it_paid_leaves_the_day_waiting(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    async with late(world(PAYING), monkeypatch) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        running.venue.broken.add("income")
        await trio.sleep(BEFORE + 200.0)
        shown = status(running)["income"]
        assert (shown["paid"], shown["awaited"]["date"]) == (None, "2025-11-08")
        assert len(running.live()) == 2


async def test_a_new_process_goes_on_with_the_day_and_reads_no_rebate_twice(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    of = world(PAYING)
    async with late(of, monkeypatch) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(70.0)
        before = status(running)["income"]
    async with bot(of) as again:
        await until(lambda: len(again.live()) == 2, within=5.0)
        await trio.sleep(60.0)
        after = status(again)["income"]
        assert after["rebates"] == before["rebates"] != [0.0, 0.0]
        assert after["markets"]["alpha"]["samples"] > before["markets"]["alpha"]["samples"]


async def test_the_proof_names_what_may_still_be_paid(monkeypatch: pytest.MonkeyPatch, autojump_clock: object) -> None:
    async with late(world(PAYING), monkeypatch) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(100.0)
        ending = Ending(Exit.DONE, (), (), (running.report(),), {}, takings=running.board.last(Takings))
        assert "expected besides for 2025-11-08: rebates 0.069888, rewards 0" in proof(ending)
        assert "expected besides" not in proof(evolve(ending, takings=Takings()))
