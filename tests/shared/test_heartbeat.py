"""The dead-man switch beats only while trackers and gateway move, and its loss is never shrugged off (I18)."""

from __future__ import annotations

from itertools import pairwise

import trio

from actors.model.settings import MarketSettings, RestartSettings, Settings
from actors.shared.gateway import Progress
from tests.wiring.world import ALPHA, BETA, SIMPLE, World, bot, quoting, until, world


def beats(of: World, since: float = 0.0) -> list[float]:
    return [call.at for call in of.venue.since(since, "beat")]


async def test_it_beats_every_five_seconds_from_before_the_first_order(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(61.0)
        at = beats(running)
        assert at[0] < running.venue.placed[0].at
        assert all(4.9 <= later - earlier <= 5.1 for earlier, later in pairwise(at))
        assert len(at) >= 12


async def test_it_falls_silent_when_a_tracker_stops_moving(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        stuck = trio.current_time()
        await running.tree("alpha").children["tracker"].stop()
        await trio.sleep(60.0)
        assert max(beats(running)) < stuck + 21.0
        assert not running.spine.admission.is_open


async def test_one_market_that_cannot_read_the_venue_does_not_silence_it(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.broken.add("read 0xalpha")
        running.tree("alpha").drill("tracker", 1)
        await trio.sleep(60.0)
        assert len(beats(running, since=40.0)) >= 3
        assert len(running.live("beta")) == 2


async def test_a_failed_beat_is_repeated_before_the_venue_gives_up_on_us(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep_until(4.91)
        running.venue.broken.add("beat")
        await trio.sleep(1.0)
        running.venue.broken.clear()
        await trio.sleep(1.0)
        at = beats(running)
        assert len(at) == 3
        assert at[2] - at[1] < 1.2


async def test_lost_beats_stop_orders_until_the_trackers_have_read_theirs(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("beat")
        await trio.sleep(16.0)
        assert "dead-man switch" in running.spine.admission.down
        running.users.tamper = lambda _: ()
        await running.venue.cancel_all()  # the venue's switch fired, and no event says so
        back = trio.current_time()
        running.venue.broken.clear()
        await until(lambda: len(running.live()) == 2, within=4.0)
        read = next(c.at for c in running.venue.since(back, "open orders") if c.ids == ("0xalpha",))
        assert all(call.at > read for call in running.venue.since(back, "place")), "read first, then place"


async def test_its_crash_while_beats_are_lost_does_not_close_the_gate_for_ever(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("beat")
        await trio.sleep(16.0)
        running.shared("heartbeat").crash("drill")
        await trio.sleep(1.0)
        assert not running.spine.admission.is_open
        running.venue.broken.clear()
        await until(lambda: running.spine.admission.is_open, within=3.0)


async def test_after_its_own_crash_every_tracker_reads_its_orders_again(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        at = trio.current_time()
        running.shared("heartbeat").crash("drill")
        await until(lambda: len(running.venue.since(at, "open orders")) >= 2, within=1.0)


async def test_before_the_first_accepted_beat_no_order_leaves(autojump_clock: object) -> None:
    silent = world(ALPHA)
    silent.venue.broken.add("beat")

    async def mend() -> None:
        await trio.sleep(7.0)
        silent.venue.broken.clear()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(mend)
        async with bot(silent) as running:
            assert trio.current_time() >= 7.0
            await until(lambda: len(running.live()) == 2, within=2.0)
            assert min(call.at for call in running.venue.placed) > 7.0


async def test_a_gateway_that_comes_back_after_a_long_pause_is_not_taken_for_one_that_is_stuck(
    autojump_clock: object,
) -> None:
    """Its last sign of life may be nearly as old as what counts as stuck by then."""
    slow = RestartSettings(crashes=100, backoff=16.0, backoff_cap=16.0)
    settings = Settings((MarketSettings("alpha"),), strategy=SIMPLE, restarts=slow)
    async with quoting(ALPHA, settings=settings) as running:
        await trio.sleep(19.9 - trio.current_time())
        running.shared("gateway").crash("a test")
        await until(lambda: not running.services["gateway"].up, within=1.0)
        await until(lambda: running.services["gateway"].up, within=15.0)
        back = trio.current_time()
        await trio.sleep(12.0)
    assert 32.0 < back < 35.0, "between two signs of life, and before the next beat"
    assert beats(running, since=back + 0.5)[0] < 35.1


async def test_progress_of_the_gateway_counts_as_well(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        await trio.sleep(2.0)
        await running.services["gateway"].stop()
        running.shared("heartbeat").put(Progress("alpha", trio.current_time()), about="alpha")
        await trio.sleep(15.0)
        assert not running.spine.admission.is_open


async def test_a_chain_of_beats_that_was_broken_makes_every_tracker_read_its_orders(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        began = trio.current_time()
        running.venue.breaks = 1
        await trio.sleep(7.0)
        assert {call.ids for call in running.venue.since(began, "open orders")} >= {("0xalpha",), ("0xbeta",)}
        assert running.spine.admission.is_open
