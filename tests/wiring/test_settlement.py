"""Merging, splitting and redeeming by a whole bot: paid once, known to the ledger, whatever is lost or dies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from actors.market.report import MarketReport
from actors.model.conversion import Kind, Spare, of_pairs
from actors.model.limit_settings import LimitSettings, WindowSettings
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Size
from actors.model.order import Settlement
from actors.model.settings import MarketSettings, Settings
from actors.model.settle_settings import SettleSettings
from actors.model.trading import Order, Trading
from actors.records import Batch, Note
from actors.shared.asides import Wish
from actors.shared.control import CommandRefused
from actors.shared.settling import SettlementState
from adapters.polymarket.contracts import calls_of, calls_text
from tests.depth import examples
from tests.wiring.lives import console, life, quoted, status
from tests.wiring.relays import MemoryRelay, Mishap
from tests.wiring.world import ALPHA, SIMPLE, World, order, until, virtually, world

MERGES = SettleSettings(merge_above=Size(20 * SHARE))


def settling(settle: SettleSettings = MERGES) -> World:
    made = world(ALPHA, settings=Settings((MarketSettings("alpha"),), settle=settle, strategy=SIMPLE))
    made.relay = MemoryRelay(made.venue, made.journal.holds_batch)
    return made


def relay(of: World) -> MemoryRelay:
    assert of.relay is not None
    return of.relay


@asynccontextmanager
async def with_pairs(of: World) -> AsyncIterator[World]:
    """A bot that holds 40 YES and 40 NO, of which its quotes sell half of each."""
    async with life(of) as running:
        await buy_pairs(running)
        yield running


async def buy_pairs(running: World) -> None:
    for _ in range(2):
        await quoted(running)
        for resting in running.live():
            running.venue.fill(resting.order_id, resting.size, sure=False)
        await trio.sleep(0.5)
    for trade in running.venue.trades_:
        running.venue.settle(trade.trade_id, Settlement.CONFIRMED)
    await until(lambda: running.report().position.yes.confirmed >= 40 * SHARE, within=5.0)


def state(of: World) -> SettlementState:
    return of.board.last(SettlementState) or SettlementState()


def agrees(of: World) -> bool:
    """Whether ledger and chain say the same."""
    ours, theirs = of.report().position, of.venue.ledger(ALPHA).position
    same = (ours.yes.size, ours.no.size, ours.merged, ours.redeemed) == (
        theirs.yes.size,
        theirs.no.size,
        relay(of).paid(Kind.MERGE) + relay(of).paid(Kind.SPLIT),
        relay(of).paid(Kind.REDEEM),
    )
    return same and of.report().known and not ours.unsettled


async def merged(of: World, *, within: float = 30.0) -> None:
    """Until the tracker (perhaps one that still starts) knows of a merge that is final."""
    await until(lambda: of.board.last(MarketReport, "alpha") is not None, within=5.0)
    await until(lambda: of.report().position.merged > 0 and of.report().position.unsettled == 0, within=within)


async def test_idle_pairs_become_cash_and_those_that_are_for_sale_stay(autojump_clock: MockClock) -> None:
    of = settling()
    async with with_pairs(of) as running:
        spent = running.report().position.spent
        await merged(running)
        position = running.report().position
        assert (position.yes.size, position.no.size, position.merged) == (20 * SHARE, 20 * SHARE, 20 * PUSD)
        assert position.realised == 20 * PUSD - spent // 2
        await quoted(running)
        assert sum(o.size for o in running.live() if o.side is Side.SELL) == 40 * SHARE
        await trio.sleep(20.0)
        assert len(relay(of).submits) == 1
        assert relay(of).breaches == running.venue.breaches == []
        assert agrees(running)
        assert state(running) == SettlementState(last="merge 20 pairs of alpha: 20 pUSD")


@pytest.mark.parametrize("mishap", Mishap)
async def test_whatever_becomes_of_a_submit_it_pays_once(mishap: Mishap, autojump_clock: MockClock) -> None:
    of = settling()
    relay(of).mishaps.append(mishap)
    async with with_pairs(of) as running:
        await merged(running, within=120.0)
        assert agrees(running)
        assert relay(of).paid(Kind.MERGE) == 20 * PUSD
        assert relay(of).breaches == running.venue.breaches == []
        signed = [row for row in of.journal.rows if isinstance(row, Batch)]
        keys = {row.conversion.key for row in signed}
        assert len(keys) == (2 if mishap in (Mishap.BUSY, Mishap.REVERTS) else 1)


@pytest.mark.parametrize("mishap", [Mishap.FINE, Mishap.LOST_ANSWER, Mishap.LOST, Mishap.REVERTS])
@pytest.mark.parametrize("after", [0.0, 0.03, 1.0])
async def test_a_kill_between_intent_and_answer_neither_pays_twice_nor_forgets(
    mishap: Mishap, after: float, autojump_clock: MockClock
) -> None:
    of = settling()
    relay(of).mishaps.append(mishap)
    async with with_pairs(of):
        await until(lambda: bool(relay(of).submits), within=10.0)
        await trio.sleep(after)
    async with life(of) as running:
        await merged(running, within=200.0)
        await trio.sleep(30.0)
        assert agrees(running)
        assert relay(of).paid(Kind.MERGE) == 20 * PUSD
        assert relay(of).breaches == running.venue.breaches == []


async def test_what_a_dead_tracker_had_set_aside_never_leaves(autojump_clock: MockClock) -> None:
    of = settling()
    async with with_pairs(of) as running:
        await until(lambda: bool(relay(of).signed), within=10.0)
        running.box("alpha", "tracker").crash("a drill")
        await merged(running)
        first, second = relay(of).signed
        assert relay(of).submits == [second]
        ended = [row.conversion for row in of.journal.rows if isinstance(row, Batch)]
        assert [c.settlement for c in ended if c.key == first] == [Settlement.MATCHED, Settlement.FAILED]
        assert agrees(running)


async def test_while_a_merge_is_under_way_its_shares_are_not_for_sale(autojump_clock: MockClock) -> None:
    of = settling()
    relay(of).mined_after = 40.0
    async with with_pairs(of) as running:
        await until(lambda: bool(relay(of).submits), within=10.0)
        await trio.sleep(20.0)
        position = running.report().position
        assert (position.yes.sellable, position.merged, position.unsettled) == (20 * SHARE, 20 * PUSD, 1)
        assert sum(o.size for o in running.live() if o.side is Side.SELL) <= 40 * SHARE
        assert running.report().settling
        assert state(running).under_way == "merge 20 pairs of alpha"


async def test_a_resolved_market_is_redeemed_and_a_disputed_one_waits(autojump_clock: MockClock) -> None:
    of = settling(SettleSettings())
    async with with_pairs(of) as running:
        held = running.report().position.yes.size
        running.venue.relist(evolve(ALPHA, accepting=False, standing="disputed", won=Outcome.YES))
        await trio.sleep(60.0)
        assert relay(of).submits == []
        running.venue.relist(evolve(ALPHA, accepting=False, standing="resolved", won=Outcome.YES))
        for order in running.live():
            running.venue._end(order.order_id, "CANCELED_MARKET_RESOLVED")
        await until(lambda: relay(of).paid(Kind.REDEEM) > 0, within=60.0)
        await trio.sleep(10.0)
        position = running.report().position
        assert (position.yes.size, position.no.size, position.redeemed) == (0, 0, held)
        assert len(relay(of).submits) == 1
        assert agrees(running)
        assert not running.report().holding


async def test_a_payout_that_the_balances_do_not_show_is_told(autojump_clock: MockClock) -> None:
    of = settling()
    relay(of).cheats = True
    async with with_pairs(of) as running:
        await merged(running)
        await until(lambda: bool(state(running).problem), within=5.0)
        assert state(running).problem == "alpha: the venue's balances show 40 YES, 40 NO"


async def test_a_redemption_waits_while_the_wallet_holds_less_than_our_trades_say(autojump_clock: MockClock) -> None:
    of = settling(SettleSettings())
    async with with_pairs(of) as running:
        running.venue.converted.append(of_pairs(Kind.MERGE, "by hand", ALPHA, 10 * SHARE, 0.0))
        running.venue.relist(evolve(ALPHA, accepting=False, standing="resolved", won=Outcome.YES))
        for resting in running.live():
            running.venue._end(resting.order_id, "CANCELED_MARKET_RESOLVED")
        await until(lambda: "balances show 30 YES and 30 NO alone" in state(running).problem, within=60.0)
        await trio.sleep(5.0)
        assert relay(of).signed == []
        assert running.report().position.redeemed == 0


async def test_shares_that_somebody_sells_by_hand_are_not_taken(autojump_clock: MockClock) -> None:
    of = settling()
    async with with_pairs(of) as running:
        foreign = running.venue.foreign(ALPHA, size=15 * SHARE)
        running.venue.orders[foreign] = evolve(running.venue.orders[foreign], side=Side.SELL)
        running.venue.tell(running.venue.orders[foreign])
        await trio.sleep(20.0)
        spare = running.board.last(Spare, "alpha")
        assert spare is not None
        assert (spare.pairs, relay(of).submits) == (5 * SHARE, [])


async def test_a_split_is_made_on_demand_and_stays_within_the_budget(autojump_clock: MockClock) -> None:
    of = settling(SettleSettings())
    async with life(of) as running:
        await quoted(running)
        running.shared("settlement").tell(Wish(Kind.SPLIT, "alpha", 1_000 * SHARE))
        await until(lambda: "per_market" in state(running).problem, within=5.0)
        assert relay(of).submits == []
        running.shared("settlement").tell(Wish(Kind.SPLIT, "alpha", 30 * SHARE))
        await until(lambda: running.report().position.yes.confirmed == 30 * SHARE, within=30.0)
        assert agrees(running)
        spare = running.board.last(Spare, "alpha")
        assert spare is not None
        assert spare.pairs < 30 * SHARE  # some are for sale by now
        running.shared("settlement").tell(Wish(Kind.MERGE, "alpha", 31 * SHARE))
        await until(lambda: "pairs are free of orders" in state(running).problem, within=5.0)


async def test_no_more_is_handed_to_the_relayer_than_it_takes_in_a_minute(autojump_clock: MockClock) -> None:
    await no_more_than_the_relayer_takes()


async def no_more_than_the_relayer_takes() -> None:
    of = settling(SettleSettings())
    of.settings = evolve(of.settings, limits=LimitSettings(share=1.0, windows=WindowSettings(relayer=2)))
    async with life(of) as running:
        await quoted(running)
        for number in range(1, 4):
            running.shared("settlement").tell(Wish(Kind.SPLIT, "alpha", 5 * SHARE))
            await trio.sleep(15.0)
            assert len(relay(of).submits) == min(number, 2)
        assert "the relayer takes no more for" in state(running).problem
        assert "limits.windows.relayer" in state(running).problem
        slowed = [row.body for row in of.journal.rows if isinstance(row, Note) and row.kind == "slowed"]
        assert slowed == [
            "rate_limit: limits.windows.relayer: POST /submit of the relayer waits: 2 in 60 s (limits.share 1)"
        ]
        assert relay(of).signed == relay(of).submits, "nothing is signed that may not be sent"
        await trio.sleep(30.0)
        running.shared("settlement").tell(Wish(Kind.SPLIT, "alpha", 5 * SHARE))
        await until(lambda: running.report().position.yes.confirmed >= 15 * SHARE, within=15.0)
        assert agrees(running)


async def test_the_commands_check_what_is_held_and_do_what_they_say(autojump_clock: MockClock) -> None:
    of = settling(SettleSettings())
    async with with_pairs(of) as running:
        await quoted(running)
        await trio.sleep(1.0)
        obey = console(running).obey
        for command, args, refusal in (
            ("merge", {"amount": "21"}, "20 of 40 pairs of alpha are neither for sale nor unsettled"),
            ("merge", {"amount": "0"}, "no idle pair"),
            ("split", {"amount": "a lot"}, "AMOUNT"),
            ("split", {"amount": "-1"}, "AMOUNT"),
            ("redeem", {}, "cannot be redeemed now: it is still traded"),
        ):
            with pytest.raises(CommandRefused, match=refusal):
                obey(command, {"market": "alpha", **args})
        with pytest.raises(CommandRefused, match="needs a market"):
            obey("merge", {})
        assert "merge 20 pairs of alpha, 20 pUSD" in obey("merge", {"market": "alpha"})["done"]
        await merged(running)
        assert agrees(running)
        shown = status(running)
        assert shown["settlement"] == {"under_way": "", "last": "merge 20 pairs of alpha: 20 pUSD", "problem": ""}
        assert (shown["markets"][0]["merged"], shown["markets"][0]["redeemed"]) == (20.0, 0.0)


async def test_a_market_that_is_left_merges_its_pairs_and_sells_what_is_over(autojump_clock: MockClock) -> None:
    of = settling(SettleSettings())
    async with with_pairs(of) as running:
        running.venue.fill(running.live()[0].order_id, 8 * SHARE)
        await trio.sleep(0.5)
        began, held = trio.current_time(), running.report().position
        order(running, Order.FLATTEN)
        await until(lambda: running.report().trading is Trading.PAUSED, within=20.0)
        assert not running.report().settling
        assert running.report().position.merged == min(held.yes.size, held.no.size)
        sold = [call.draft for call in running.venue.since(began, "place") if call.draft is not None]
        assert {(draft.side, draft.type, draft.size) for draft in sold} == {(Side.SELL, "FAK", 8 * SHARE)}
        assert not running.report().holding
        assert agrees(running)


async def test_pairs_whose_merge_does_not_come_are_sold_after_all(autojump_clock: MockClock) -> None:
    of = settling(SettleSettings())
    relay(of).mute = True
    async with with_pairs(of) as running:
        order(running, Order.FLATTEN)
        await until(lambda: not (running.report().holding or running.report().settling), within=25.0)
        assert (running.report().position.merged, relay(of).submits) == (0, [])


async def test_a_plain_key_is_shown_the_calls_and_nothing_is_sent(autojump_clock: MockClock) -> None:
    listed = evolve(ALPHA, condition_id="0x" + "ab" * 32, yes="5" * 70, no="7" * 70)
    of = world(listed)
    of.calls = calls_text
    async with life(of) as running:
        await until(lambda: running.board.last(Spare, "alpha") is not None, within=5.0)
        shown = console(running).obey("split", {"market": "alpha", "amount": "7.5"})["done"].splitlines()
        expected = calls_of(of_pairs(Kind.SPLIT, "", listed, 7_500_000, 0.0), listed)
        assert shown[1:-1] == [f"  to {call.to} data 0x{call.data.hex()}" for call in expected]
        assert status(running)["settlement"] is None
        assert "settlement" not in status(running)["services"]


@settings(max_examples=examples(25), deadline=None)
@given(
    crashes=st.lists(
        st.tuples(
            st.floats(0.0, 12.0),
            st.sampled_from(["settlement", "gateway", "journal", "budget", "tracker", "quoter"]),
        ),
        max_size=5,
    ),
    mishaps=st.lists(st.sampled_from(Mishap), max_size=2),
    kill_at=st.one_of(st.none(), st.floats(0.0, 8.0)),
)
def test_no_crash_pays_twice_loses_a_fact_or_locks_shares_up(
    crashes: list[tuple[float, str]], mishaps: list[Mishap], kill_at: float | None
) -> None:
    async def main() -> None:
        of = settling()
        relay(of).mishaps.extend(mishaps)
        async with with_pairs(of) as running:
            async with trio.open_nursery() as nursery:
                for at, name in crashes if kill_at is None else []:
                    nursery.start_soon(_crash, running, at, name)
                await trio.sleep(13.0 if kill_at is None else kill_at)
            if kill_at is None:
                await _settled(running)
        if kill_at is not None:
            async with life(of) as running:
                for at, name in crashes:
                    await _crash(running, at / 4, name)
                await _settled(running)

    virtually(main)


async def _crash(of: World, at: float, name: str) -> None:
    await trio.sleep(at)
    box = of.box("alpha", name) if name in ("tracker", "quoter") else of.shared(name)
    box.crash("a drill")


async def _settled(of: World) -> None:
    await until(lambda: relay(of).paid(Kind.MERGE) > 0 and agrees(of), within=900.0)
    await trio.sleep(90.0)
    assert agrees(of)
    assert relay(of).breaches == of.venue.breaches == []
    free = of.board.last(Spare, "alpha")
    assert free is not None
    assert free.pairs < 20 * SHARE
