"""What rests at the venue is what is wanted, for as long as it is wanted, and nothing else (I3, I4, I9, I10, I15)."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve

from actors.messages import BookSnapshot, TickChange
from actors.model.book import Book
from actors.model.numbers import Price
from actors.model.quote import Targets
from actors.model.risk_settings import RiskSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.trading import Order
from tests.venue import Fate
from tests.wiring.world import ALPHA, LEVEL, SIMPLE, bot, move, order, quoting, rate, until, world

# ── quotes live as long as their lease, their book and their permission ─────────────────────────────────────────────


async def test_quotes_rest_undisturbed_while_nothing_changes(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        resting = running.live()
        await trio.sleep(120.0)
        assert running.live() == resting
        assert len(running.venue.placed) == 2
        assert running.venue.breaches == []


async def test_the_orders_of_a_quoter_that_died_are_pulled_when_its_lease_lapses(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(10.0)
        await running.tree("alpha").children["quoter"].stop()
        waited = await until(lambda: not running.live(), within=3.1)
        assert waited > 1.9, "it had renewed its lease within the last second"
        assert await rate(running, 10.0) == 0


async def test_a_quoter_that_comes_back_finds_its_orders_where_they_were(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        resting = running.live()
        running.tree("alpha").drill("quoter", 1)
        await trio.sleep(10.0)
        assert running.live() == resting


async def test_nothing_is_placed_on_a_stale_book_and_what_rests_is_pulled(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("books")
        await until(lambda: not running.live(), within=4.1)
        assert await rate(running, 10.0) == 0
        running.venue.broken.clear()
        await until(lambda: len(running.live()) == 2, within=4.0)


async def test_targets_of_an_older_epoch_place_nothing(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        tracker = running.box("alpha", "tracker")
        targets, book = running.board.last(Targets, "alpha"), running.board.last(Book, "alpha")
        assert targets is not None
        assert book is not None
        await running.tree("alpha").children["quoter"].stop()
        await running.tree("alpha").children["feed"].stop()
        now = trio.current_time()
        tracker.put(evolve(book, epoch=book.epoch + 1, confirmed_at=now))
        tracker.put(evolve(targets, valid_until=now + 3.0))
        await until(lambda: not running.live(), within=0.2)
        assert await rate(running, 2.0) == 0
        now = trio.current_time()
        tracker.put(evolve(book, epoch=book.epoch + 1, confirmed_at=now))
        tracker.put(evolve(targets, valid_until=now + 3.0, epoch=book.epoch + 1))
        await until(lambda: len(running.live()) == 2, within=0.5)


async def test_a_tick_change_pulls_every_order_before_new_ones_are_placed(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.sockets.mute = True
        old = {o.order_id for o in running.live()}
        running.venue.relist(evolve(ALPHA, tick=Price(50)))
        running.sockets.say(TickChange("alpha-yes", 50), TickChange("alpha-no", 50))
        await until(lambda: not running.live(), within=0.5)
        running.sockets.say(
            BookSnapshot("alpha-yes", ((4850, LEVEL),), ((5250, LEVEL),), 50),
            BookSnapshot("alpha-no", ((4750, LEVEL),), ((5150, LEVEL),), 50),
        )
        await until(lambda: len(running.live()) == 2, within=2.0)
        assert not old & {o.order_id for o in running.live()}


async def test_pause_pulls_the_quotes_and_resume_brings_them_back(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=0.2)
        assert await rate(running, 10.0) == 0
        order(running, Order.RESUME)
        await until(lambda: len(running.live()) == 2, within=2.0)


async def test_quotes_follow_the_book_and_cancels_go_first(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        for bid in (4500, 4300, 4900, 5200):
            await trio.sleep(1.0)  # so that the governor has nothing against it
            began = trio.current_time()
            move(running, bid)
            await until(lambda b=bid: [o.price for o in running.live() if o.token == "alpha-yes"] == [b], within=3.0)  # type: ignore[misc]
            cancelled = running.venue.since(began, "cancel")[0].at
            assert all(call.at > cancelled for call in running.venue.since(began, "place"))
        assert running.venue.breaches == []


# ── refusals, unknowns, cancels that do not happen ──────────────────────────────────────────────────────────────────


async def test_a_post_only_refusal_is_tried_again_after_a_pause_and_never_as_a_storm(autojump_clock: object) -> None:
    refusing = world()
    refusing.venue.fates.extend([Fate.REJECT] * 100)
    async with bot(refusing) as running:
        assert 0 < await rate(running, 10.0) <= 2 / 0.25
        assert running.report().exposure == 0
        running.venue.fates.clear()
        await until(lambda: len(running.live()) == 2, within=2.0)


async def test_an_answer_that_was_lost_is_found_by_asking_and_not_by_sending_again(autojump_clock: object) -> None:
    unheard = world()
    unheard.users.tamper = lambda _: ()
    unheard.venue.fates.extend([Fate.UNHEARD] * 2)
    async with bot(unheard) as running:
        await trio.sleep(0.2)
        await until(lambda: len(running.report().resting) == 2, within=3.0)
        assert len(running.venue.placed) == 2


async def test_lost_orders_keep_their_money_and_their_place_until_it_is_too_late_for_them(
    autojump_clock: object,
) -> None:
    losing = world()
    losing.venue.fates.extend([Fate.LOST] * 2)
    async with bot(losing) as running:
        await trio.sleep(60.0)
        assert len(running.venue.placed) == 2
        assert (running.report().unknown, running.report().exposure) == (2, 19_200_000)
        await until(lambda: len(running.live()) == 2, within=10.0)
        assert running.report().exposure == 19_200_000


async def test_a_zombie_that_turns_up_late_is_ours_and_never_doubled(autojump_clock: object) -> None:
    haunted = world()
    haunted.venue.fates.extend([Fate.ZOMBIE] * 2)
    haunted.venue.late = 40.0
    async with bot(haunted) as running:
        await trio.sleep(39.0)
        assert len(running.venue.placed) == 2
        await until(lambda: len(running.report().resting) == 2, within=10.0)
        assert len(running.venue.placed) == 2
        assert running.report().foreign == ()


async def test_a_market_with_too_many_unknown_orders_places_no_more(autojump_clock: object) -> None:
    losing = world()
    losing.venue.fates.extend([Fate.LOST] * 10)
    async with bot(losing) as running:
        for bid in (4500, 4300, 4900, 5200):
            move(running, bid)
            await trio.sleep(3.0)
        assert len(running.venue.placed) == 2


async def test_one_unknown_order_stops_the_other_side_too_where_one_is_too_many(autojump_clock: object) -> None:
    losing = world(settings=Settings((MarketSettings("alpha"),), risk=RiskSettings(max_unknown=1), strategy=SIMPLE))
    losing.venue.fates.append(Fate.LOST)
    async with bot(losing) as running:
        await trio.sleep(1.0)
        for bid in (4300, 5300):  # whichever side is unknown, at one of them the other side could not meet it
            move(running, bid)
            await trio.sleep(10.0)
        assert len(running.venue.placed) == 2
        assert running.live() == []


async def test_a_cancel_that_is_refused_is_repeated_and_its_money_stays_reserved(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        stubborn = running.live()[0].order_id
        running.venue.uncancellable.add(stubborn)
        order(running, Order.PAUSE)
        began = trio.current_time()
        await trio.sleep(10.0)
        assert running.report().orders == (stubborn,)
        assert running.report().exposure == 9_600_000
        assert 3 <= len(running.venue.since(began, "cancel")) <= 12
        running.venue.uncancellable.clear()
        await until(lambda: running.report().orders == (), within=5.0)
        assert running.report().exposure == 0


async def test_a_cancel_without_an_answer_proves_nothing(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.users.tamper = lambda _: ()
        running.venue.broken |= {"cancel answer", "query"}
        order(running, Order.PAUSE)
        await trio.sleep(10.0)
        assert running.live() == []
        assert running.report().exposure == 19_200_000
        running.venue.broken.clear()
        await until(lambda: running.report().exposure == 0, within=6.0)


@pytest.mark.parametrize("fate", [Fate.ENGINE_DOWN, Fate.LOST])
async def test_once_the_venue_is_well_the_market_quotes_again(fate: Fate, autojump_clock: object) -> None:
    ill = world()
    ill.venue.fates.extend([fate] * 2)
    async with bot(ill) as running:
        await until(lambda: len(running.live()) == 2, within=90.0)
