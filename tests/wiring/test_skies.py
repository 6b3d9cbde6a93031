"""What the whole bot does in the venue's storms: nothing new leaves, cancels go on, and it comes back by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio
from attrs import evolve

from actors.ending import Exit
from actors.model.market import Side
from actors.model.numbers import SHARE
from actors.model.outcome import Sign, Storm, Unread
from actors.model.rates import Lane
from actors.model.trading import Order
from actors.shared.limiter import Usage
from actors.shared.requests import CancelAll
from actors.shared.weather import Slow
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.proof import proof
from tests.venue import Fate
from tests.wiring.test_shutdown import leave
from tests.wiring.world import ALPHA, BETA, World, bot, move, order, quoting, until, world

BACK_WITHIN = 90.0  # I22


def status(of: World) -> dict[str, object]:
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    shown: dict[str, object] = console.obey("status", {})
    return shown


def explained(of: World) -> dict[str, object]:
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    told: dict[str, object] = console.obey("explain", {"market": "alpha"})
    return told


def breaks(of: World, storm: Storm, asks: float = 0.0) -> float:
    """The storm begins, and the market moves so that orders and cancels meet it; when."""
    of.venue.storm, of.venue.asks = storm, asks
    move(of, 4500)
    return trio.current_time()


def ends(of: World) -> float:
    of.venue.storm = None
    return trio.current_time()


def at(of: World, kind: str, since: float) -> list[float]:
    return [call.at for call in of.venue.since(since, kind)]


def both(of: World) -> bool:
    return all(len(of.live(m.slug)) == 2 for m in of.venue.markets)


# ── 425 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_restart_stops_every_market_while_cancels_and_heartbeats_go_on(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        began = breaks(running, Storm.RESTART)
        await until(lambda: "venue restart" in running.spine.admission.down, within=3.0)
        order(running, Order.PAUSE, "beta")
        order(running, Order.RESUME, "beta")
        closed = trio.current_time()
        await trio.sleep(40.0)
        assert at(running, "place", closed + 0.1) == []
        assert len(at(running, "beat", began)) >= 8
        cancels = [c.at for c in running.venue.since(closed, "cancel") if running.live()[0].order_id in c.ids]
        assert cancels, "the order that nobody could cancel is asked for again"
        assert all(1.0 <= later - earlier <= 2.6 for earlier, later in pairwise(cancels))
        probes = at(running, "probe", began)
        assert all(4.9 <= later - earlier <= 6.5 for earlier, later in pairwise(probes))


async def test_after_a_restart_everything_is_read_before_one_post_only_order_tries(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        breaks(running, Storm.RESTART)
        await trio.sleep(20.0)
        back = ends(running)
        probe = next(p for p in (*at(running, "probe", back), back) if p)
        await until(lambda: running.spine.admission.is_open, within=10.0)
        running.venue.latency["place"] = 0.5
        opened = trio.current_time()
        await until(lambda: bool(at(running, "place", opened)), within=10.0)
        first = running.venue.since(opened, "place")
        assert [c.draft.post_only for c in first if c.draft] == [True], "one alone, and not a taker"
        for market in (ALPHA, BETA):
            reads = [c.at for c in running.venue.since(probe, "open orders") if c.ids == (market.condition_id,)]
            assert reads
            assert reads[0] < first[0].at
        await trio.sleep(0.9)
        assert len(at(running, "place", opened)) == 1, "the others wait for it"
        await until(lambda: both(running), within=BACK_WITHIN)


async def test_an_order_that_met_the_restart_is_told_apart_from_a_refused_one(autojump_clock: object) -> None:
    async with bot(world(ALPHA)) as running:
        running.venue.storm = Storm.RESTART
        await until(lambda: len(running.venue.placed) > 0, within=3.0)
        await trio.sleep(0.1)
        sent = len(running.venue.placed)
        await trio.sleep(30.0)
        assert len(running.venue.placed) == sent
        ends(running)
        await until(lambda: both(running), within=BACK_WITHIN)
        assert running.venue.breaches == []


# ── 503 and post-only mode ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("storm", [Storm.CANCEL_ONLY, Storm.DISABLED])
@pytest.mark.parametrize("asks", [0.0, 30.0])
async def test_a_venue_that_takes_no_orders_is_asked_again_when_it_says_so(
    storm: Storm, asks: float, autojump_clock: object
) -> None:
    async with quoting(ALPHA, BETA) as running:
        breaks(running, storm, asks)
        name = f"venue {storm.code}"
        await until(lambda: name in running.spine.admission.down, within=5.0)
        assert explained(running)["reason"] == "admission_closed"
        assert name in explained(running)["inputs"]  # type: ignore[operator]
        closed = trio.current_time()
        await trio.sleep(120.0)
        looks = at(running, "place", closed + 0.1) + at(running, "probe", closed + 0.1)
        assert len(looks) <= 120.0 / max(asks, 5.0) + 1
        if asks:
            assert all(later - earlier >= asks for earlier, later in pairwise(sorted(looks)))
        ends(running)
        await until(lambda: both(running), within=BACK_WITHIN)


async def test_a_cancel_only_venue_gets_its_cancels(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        breaks(running, Storm.CANCEL_ONLY)
        await until(lambda: not running.live(), within=3.0)


async def test_a_disabled_venue_ends_in_exit_3_with_the_orders_named(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        resting = tuple(sorted(o.order_id for o in running.live()))
        running.venue.storm = Storm.DISABLED
        ending = await leave(running)
        assert (ending.code, ending.open_orders) == (Exit.ORDERS_REMAIN, resting)
        assert all(order_id in proof(ending) for order_id in resting)


async def test_post_only_mode_holds_back_a_sale_and_nothing_else(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        running.venue.storm, running.venue.asks = Storm.POST_ONLY, 12.0
        began = trio.current_time()
        order(running, Order.FLATTEN)
        await trio.sleep(11.0)
        sales = [c for c in running.venue.since(began, "place") if c.draft and c.draft.side is Side.SELL]
        assert len(sales) == 1, "it is not tried again before the venue said so"
        assert running.spine.admission.is_open
        assert "post_only" in status(running)["venue"]["storms"]  # type: ignore[index]
        move(running, 4700)
        await trio.sleep(1.0)
        assert len(running.live("beta")) == 2
        ends(running)
        await until(lambda: running.venue.ledger(ALPHA).position.yes.size == 0, within=20.0)


# ── 429 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_limited_account_waits_as_long_as_it_is_told(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        breaks(running, Storm.LIMITED, 7.0)
        await until(lambda: "venue limited" in running.spine.admission.down, within=3.0)
        closed = trio.current_time()
        await trio.sleep(60.0)
        tries = at(running, "place", closed + 0.1)
        assert 2 <= len(tries) <= 8
        assert all(later - earlier >= 7.0 for earlier, later in pairwise([closed, *tries]))
        ends(running)
        await until(lambda: both(running), within=BACK_WITHIN)


async def test_a_429_without_headers_leaves_the_order_in_doubt_and_stops_everybody_a_moment(
    autojump_clock: object,
) -> None:
    throttled = world(ALPHA, BETA)
    throttled.venue.fates.extend([Fate.THROTTLED] * 4)
    async with bot(throttled) as running:
        await until(lambda: "venue limited" in running.spine.admission.down, within=3.0)
        closed = trio.current_time()
        await until(lambda: running.spine.admission.is_open, within=3.0)
        assert trio.current_time() - closed >= 1.9
        await trio.sleep(10.0)
        assert len(running.venue.placed) == len(running.venue.live()) == 4, "none was placed again"


async def test_books_refused_for_their_rate_slow_reads_and_stop_no_order(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.limited_books = True
        await until(lambda: bool(running.venue.since(2.0, "books")), within=6.0)
        await trio.sleep(0.1)
        running.venue.limited_books = False
        await trio.sleep(2.0)
        usage = running.board.last(Usage)
        assert usage is not None
        assert {lane: use.part < 1 for lane, use in usage.lanes.items()} == {lane: lane is Lane.READS for lane in Lane}
        assert running.spine.admission.is_open


async def test_a_limited_cancel_waits_in_line_once(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.limited_cancels, running.venue.asks = True, 5.0
        began = trio.current_time()
        order(running, Order.PAUSE)
        await trio.sleep(30.0)
        cancels = at(running, "cancel", began)
        assert 4 <= len(cancels) <= 7
        assert all(later - earlier >= 5.0 for earlier, later in pairwise(cancels))
        running.venue.limited_cancels = False
        await until(lambda: not running.live(), within=7.0)


async def test_one_wait_of_ten_minutes_keeps_no_cancel_for_longer_than_thirty_seconds(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.limited_cancels, running.venue.asks = True, 600.0
        began = trio.current_time()
        order(running, Order.PAUSE, "alpha")
        await until(lambda: bool(at(running, "cancel", began)), within=1.0)
        running.venue.limited_cancels = False
        await until(lambda: not running.live("alpha"), within=31.0)
        assert len(running.live("beta")) == 2, "orders never waited"


@pytest.mark.parametrize("end", [Order.KILL, Order.DRAIN])
async def test_a_kill_and_the_end_try_to_cancel_every_two_seconds_in_any_weather(
    end: Order, autojump_clock: object
) -> None:
    async with quoting(ALPHA) as running:
        running.venue.limited_cancels, running.venue.asks = True, 600.0
        order(running, Order.PAUSE)
        await trio.sleep(5.0)
        began = trio.current_time()
        order(running, end)
        await trio.sleep(20.0)
        tries = [began, *at(running, "cancel", began)]
        assert len(tries) >= 8
        assert all(later - earlier <= 2.6 for earlier, later in pairwise(tries)), "those that waited hurry as well"
        running.venue.limited_cancels = False
        await until(lambda: not running.live(), within=2.6)


async def test_cancels_leave_as_soon_as_a_disabled_venue_answers_the_probe(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        breaks(running, Storm.DISABLED)
        await until(lambda: not running.spine.admission.is_open, within=3.0)
        skies, back = running.spine.skies, ends(running)
        await trio.sleep_until(skies.weather.next_look - 0.1)
        now = trio.current_time()
        skies.weather = evolve(skies.weather, lanes={Lane.CANCELS: Slow(Storm.DISABLED, now, now + 10.0, 5)})
        order(running, Order.PAUSE)
        await until(lambda: bool(at(running, "probe", back)) and not running.live(), within=1.0)


async def test_reads_come_back_within_thirty_seconds_of_a_wait_of_ten_minutes(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.spine.skies.heard(Unread("429", Sign(Storm.LIMITED, 600.0)), Lane.READS)
        running.users.cut()
        began = trio.current_time()
        await trio.sleep(23.0)
        assert at(running, "open orders", began) == [], "none is sent while the venue limits them"
        await until(lambda: bool(at(running, "open orders", began)) and both(running), within=BACK_WITHIN - 23.0)


async def test_cancel_all_goes_on_until_the_venue_can_do_it(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.foreign(ALPHA)
        running.venue.storm = Storm.RESTART
        order(running, Order.PAUSE)
        running.shared("gateway").tell(CancelAll())
        await trio.sleep(60.0)
        ends(running)
        await until(lambda: all(o.status != "LIVE" for o in running.venue.orders.values()), within=5.0)


# ── 403 and 401 ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_blocked_machine_tries_one_order_a_minute_and_no_more(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        breaks(running, Storm.BLOCKED)
        await until(lambda: "venue blocked" in running.spine.admission.down, within=3.0)
        closed = trio.current_time()
        assert not running.live("alpha"), "cancels go on"
        await trio.sleep(330.0)
        tries = [closed, *at(running, "place", closed + 0.1)]
        pauses = [later - earlier for earlier, later in pairwise(tries)]
        assert len(pauses) >= 4
        assert all(60.0 <= pause < 78.0 for pause in pauses)
        ends(running)
        await until(lambda: both(running), within=90.0)


async def test_a_401_on_everything_loses_no_order(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        began = breaks(running, Storm.LOGIN)
        await trio.sleep(100.0)
        assert "venue login" in running.spine.admission.down
        assert len(at(running, "derive", began)) == 1, "the key is looked up once, not with every refusal"
        assert len(running.venue.live()) == 4
        assert set(running.report().orders) == {o.order_id for o in running.live("alpha")}
        back = ends(running)
        await until(lambda: both(running) and trio.current_time() > back + 1, within=BACK_WITHIN)
        assert running.venue.breaches == []


@pytest.mark.parametrize("ours", [False, Unread("HTTP 400 Could not derive api key!")])
async def test_a_key_that_is_gone_is_an_alarm_and_stops_orders(ours: bool | Unread, autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.our_key = ours
        breaks(running, Storm.LOGIN)
        placed = len(running.venue.placed)
        await trio.sleep(240.0)
        assert len(running.venue.placed) == placed
        assert not running.spine.admission.is_open


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("skew", [-45.0, 3.5, 45.0])
async def test_a_clock_that_goes_wrong_is_noticed_within_a_minute(skew: float, autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.skew = skew
        await until(lambda: "clock" in running.spine.admission.down, within=61.0)
        assert explained(running)["reason"] == "admission_closed"
        placed = len(running.venue.placed)
        order(running, Order.PAUSE)
        order(running, Order.RESUME)
        await trio.sleep(30.0)
        assert len(running.venue.placed) == placed
        running.venue.skew = 0.0
        await until(lambda: both(running), within=8.0)


async def test_a_refused_signature_makes_the_clock_be_read_at_once(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(10.0)
        running.venue.skew = 45.0
        breaks(running, Storm.LOGIN)
        await until(lambda: "clock" in running.spine.admission.down, within=5.5)
        began = trio.current_time()
        await trio.sleep(60.0)
        assert at(running, "derive", began) == [], "the clock explains it"
        running.venue.skew = 0.0
        ends(running)
        await until(lambda: both(running), within=BACK_WITHIN)


async def test_a_look_at_what_is_explained_meanwhile_does_nothing(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        skies = running.spine.skies
        skies.heard(Unread("401", Sign(Storm.LOGIN)))
        await trio.sleep_until(skies.weather.next_look - 0.001)
        running.venue.skew = 45.0
        await trio.sleep_until(skies.weather.next_look)
        skies.skew(45.0, 2.0)
        await trio.sleep(1.0)
        assert running.services["gateway"].crashes.total == 0


async def test_a_clock_that_cannot_be_compared_changes_nothing(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("time")
        await trio.sleep(200.0)
        assert running.spine.admission.is_open
        assert len(running.live()) == 2


# ── stale balances ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_side_without_balance_waits_longer_each_time_and_the_venue_reads_again(autojump_clock: object) -> None:
    short = world(ALPHA)
    short.venue.fates.extend([Fate.SHORT] * 1000)
    async with bot(short) as running:
        await trio.sleep(301.0)
        tries = [call.at for call in running.venue.placed if call.draft and call.draft.token == "alpha-yes"]
        pauses = [later - earlier for earlier, later in pairwise(tries)]
        assert len(pauses) >= 7
        expected = (2, 4, 8, 16, 32, 60, 60)
        assert all(least <= pause < least + 5 for pause, least in zip(pauses, expected, strict=False))
        reads = at(running, "refresh", 0.0)
        assert 2 <= len(reads) <= 20
        assert all(later - earlier >= 15.0 for earlier, later in pairwise(reads))
        assert running.spine.admission.is_open
        running.venue.fates.clear()
        await until(lambda: both(running), within=70.0)
        running.venue.fates.append(Fate.SHORT)
        move(running, 4500)
        began = trio.current_time()
        await until(lambda: both(running) and len(at(running, "place", began)) >= 3, within=6.0)


# ── batches ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_quotes_of_a_moment_share_a_request_and_a_commit(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        ids = {call.ids[0] for call in running.venue.placed}
        assert {order_id for batch in running.venue.batches for order_id in batch} == ids
        for batch in running.venue.batches:
            assert 2 <= len(batch) <= 4
        assert running.venue.breaches == []


async def test_a_batch_with_mixed_ends_is_judged_order_by_order(autojump_clock: object) -> None:
    mixed = world(ALPHA)
    mixed.venue.fates.extend([Fate.REJECT, Fate.UNHEARD])
    async with bot(mixed) as running:
        await until(lambda: len(running.venue.placed) == 2, within=2.0)
        assert running.venue.batches == [tuple(call.ids[0] for call in running.venue.placed)]
        await until(lambda: both(running), within=5.0)
        assert len(running.venue.placed) == 3, "only the refused one is placed anew"
        assert running.venue.breaches == []


async def test_an_order_that_may_not_leave_any_more_is_left_out_of_its_batch(autojump_clock: object) -> None:
    both_markets = world(ALPHA, BETA)
    both_markets.journal.latency = 0.5
    async with bot(both_markets) as running:
        await until(lambda: running.venue.live() == [] and running.venue._numbers == 4, within=3.0)
        order(running, Order.PAUSE, "alpha")
        await trio.sleep(2.0)
        assert len(running.live("beta")) == 2
        assert running.live("alpha") == []
        sent = {call.ids[0] for call in running.venue.placed}
        unsent = [i.order_id for i in await running.journal.intents() if i.order_id not in sent]
        assert unsent == [], "what never left is noted as closed"
