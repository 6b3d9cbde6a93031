"""The one gate: what may pass, what may never pass, and what is not cut short when the gate falls."""

from __future__ import annotations

from typing import NoReturn

import pytest
import trio
from attrs import evolve

from actors.messages import Cancel, Draft, Outcome, Place, Query, Refused, Sent
from actors.model.limit_settings import LimitSettings
from actors.model.market import Side
from actors.model.numbers import SHARE, Cash
from actors.model.order import Key
from actors.model.outcome import Accepted
from actors.model.settings import MarketSettings, Settings
from actors.shared.account import Prove
from actors.shared.budget import Restate
from actors.shared.limiter import Usage
from actors.shared.requests import CancelAll, ReadTerms
from actors.wiring.spine import CRITICAL
from tests.venue import Venue
from tests.wiring.world import ALPHA, BETA, SIMPLE, World, bot, quoting, until, world

SETTINGS = Settings((MarketSettings("alpha"),), strategy=SIMPLE)


def place(of: World, counter: int = 1, generation: int | None = None) -> Key:
    """Hand the gateway an order, as a tracker would; its answers can be read in the tracker's mailbox."""
    generation = of.spine.trees["alpha"].fences.generation("alpha") if generation is None else generation
    key = Key(generation, counter)
    draft = Draft("alpha-yes", False, Side.BUY, 4000, 10 * SHARE)
    of.shared("gateway").tell(Place("alpha", "0xalpha", key, draft))
    return key


def answers(of: World) -> list[object]:
    return [a for a in of.box("alpha", "tracker").read_nowait() if isinstance(a, Sent | Refused | Outcome)]


async def test_an_order_is_journalled_announced_sent_and_answered_in_this_order(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.venue.latency["place"] = 0.5
        key = place(running)
        await trio.sleep(0.1)
        assert answers(running) == [Sent(key, "0x0001")]
        await trio.sleep(2.0)
        assert answers(running) == [Outcome(key, Accepted("0x0001", "live"))]
        assert running.journal.commits[0] <= running.venue.placed[0].at
        assert running.venue.breaches == []


@pytest.mark.parametrize("illness", ["hang", "fail"])
async def test_nothing_is_sent_without_a_durable_intent(illness: str, autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.journal.ill = illness
        key = place(running)
        await trio.sleep(5.0)
        assert [type(a) for a in answers(running)] == [Refused]
        assert running.venue.placed == []
        running.shared("gateway").tell(Cancel("alpha", ("0x0001",)))
        await trio.sleep(1.0)
        assert len(running.venue.since(5.0, "cancel")) == 1, key


async def test_an_intent_that_became_durable_too_late_is_noted_as_never_sent(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.journal.latency = 2.2
        keys = [place(running, counter) for counter in (1, 2)]
        await trio.sleep(10.0)
        assert answers(running) == [Refused(key, "ask_unanswered") for key in keys]
        assert running.venue.placed == []
        assert await running.journal.intents() == (), "recovery does not look for it"


async def test_orders_of_one_moment_share_a_permit_a_commit_and_a_request(autojump_clock: object) -> None:
    settings = evolve(SETTINGS, limits=LimitSettings(order_rate=1, order_burst=20))
    async with bot(world(settings=settings), trees=False) as running:
        commits = len(running.journal.commits)
        keys = [place(running, counter) for counter in range(1, 18)]
        await trio.sleep(1.0)
        assert sorted(len(batch) for batch in running.venue.batches) == [2, 15]
        assert len(running.journal.commits) == commits + 1
        heard = [a.key for a in answers(running) if isinstance(a, Outcome)]
        assert sorted(heard) == sorted(keys)
        for counter in range(18, 24):
            place(running, counter)
        await trio.sleep(1.0)
        refused = [a for a in answers(running) if isinstance(a, Refused)]
        assert [a.why for a in refused] == ["rate_limit"] * 6, "a batch takes as many tokens as it has orders"


async def test_a_cancel_that_protects_overtakes_a_requote_of_the_same_order_that_waits(autojump_clock: object) -> None:
    settings = evolve(SETTINGS, limits=LimitSettings(cancel_rate=1, cancel_burst=4, cancel_reserve=3))
    async with bot(world(settings=settings), trees=False) as running:
        gateway = running.shared("gateway")
        gateway.tell(Cancel("alpha", ("0x0001",), requote=True))
        await trio.sleep(0.1)
        gateway.tell(Cancel("alpha", ("0x0002", "0x0003"), requote=True))
        await trio.sleep(0.1)
        assert [call.ids for call in running.venue.since(0.0, "cancel")] == [("0x0001",)]
        gateway.tell(Cancel("alpha", ("0x0002",)))
        await trio.sleep(0.1)
        assert [call.ids for call in running.venue.since(0.0, "cancel")][1:] == [("0x0002",)]
        await trio.sleep(10.0)
        assert [call.ids for call in running.venue.since(0.0, "cancel")][2:] == [("0x0003",)]


async def test_every_request_of_a_bot_counts_against_the_venues_limits(autojump_clock: object) -> None:
    async with quoting() as running:
        await trio.sleep(70.0)
        usage = running.board.last(Usage)
        assert usage is not None
        asked = {call.kind for call in running.venue.calls}
        sent = sum(call.at > trio.current_time() - 10.0 for call in running.venue.calls)
        assert {"place", "books"} <= asked
        assert usage.windows["everything"][0] >= sent > 0


@pytest.mark.parametrize("down", CRITICAL)
async def test_while_a_shared_actor_is_down_cancels_leave_and_orders_do_not(down: str, autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.shared(down).crash("drill")
        await trio.sleep(0.001)
        assert list(running.spine.admission.down) == [down]
        place(running)
        running.shared("gateway").tell(Cancel("alpha", ("0x0001",)))
        await trio.sleep(0.05)
        assert running.venue.placed == []
        if down != "gateway":
            assert len(running.venue.since(0, "cancel")) == 1
        await until(lambda: running.spine.admission.is_open, within=1.0)
        await trio.sleep(0.1)  # a limiter starts without tokens
        place(running, 2)
        await until(lambda: len(running.venue.placed) >= 1, within=0.5)
        assert len(running.venue.since(0, "cancel")) == 1


async def test_a_shared_actor_that_dies_between_signing_and_sending_stops_the_order(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.journal.latency = 0.5
        place(running)
        await trio.sleep(0.2)
        running.spine.admission.close("risk", "down")
        await trio.sleep(2.0)
        assert running.venue.placed == []
        assert await running.journal.intents() == (), "an intent that never left is not recovered"


async def test_what_a_dead_tracker_queued_is_refused(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        fences, tree = running.tree("alpha").fences, running.tree("alpha")
        old = fences.generation("alpha")
        fences.raise_to("alpha", tree.generations())
        key = place(running, generation=old)
        await trio.sleep(1.0)
        assert answers(running) == [Refused(key, "reconciling")]
        assert running.venue.placed == []


@pytest.mark.parametrize("also_down", [False, True])
async def test_a_dead_trackers_order_in_flight_is_cancelled_once_known(also_down: bool, autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.venue.latency["place"] = 0.5
        key = place(running)
        await trio.sleep(0.2)
        running.tree("alpha").fences.raise_to("alpha", running.tree("alpha").generations())
        if also_down:
            running.spine.admission.close("test", "down")
        await trio.sleep(3.0)
        assert Outcome(key, Accepted("0x0001", "live")) in answers(running), "the next incarnation hears of it"
        assert running.live() == []


async def test_a_crash_of_the_gateway_cuts_no_request_short(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.venue.latency |= {"place": 2.0, "query": 2.0}
        key = place(running)
        running.shared("gateway").tell(Query("alpha", "0x0001"))
        await trio.sleep(0.1)
        running.shared("gateway").crash("drill", 1)
        await trio.sleep(5.0)
        assert running.services["gateway"].crashes.total == 1
        assert Outcome(key, Accepted("0x0001", "live")) in answers(running)
        assert [o.order_id for o in running.live()] == ["0x0001"]


async def broken(_: Venue, order_id: str) -> NoReturn:
    raise LookupError(order_id)


async def test_a_request_that_fails_unforeseen_crashes_the_gateway_alone(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with quoting(ALPHA) as running:
        monkeypatch.setattr(Venue, "order", broken)
        running.shared("gateway").tell(Query("alpha", "0x0001"))
        await trio.sleep(2.0)
        totals = {name: service.crashes.total for name, service in running.services.items()}
        assert totals == {name: int(name == "gateway") for name in totals}
        assert len(running.live()) == 2
        assert running.spine.admission.is_open


@pytest.mark.parametrize("ceiling", [1, 2, 3])
async def test_the_ceiling_lets_exactly_so_many_orders_rest(ceiling: int, autojump_clock: object) -> None:
    settings = evolve(SETTINGS, limits=LimitSettings(max_open_orders=ceiling))
    async with bot(world(ALPHA, BETA, settings=settings)) as running:
        await until(lambda: len(running.venue.live()) == ceiling, within=0.5)
        await trio.sleep(10.0)
        assert len(running.venue.live()) == len(running.venue.placed) == ceiling


async def test_cancel_all_reaches_the_venue_while_everything_else_is_refused(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.spine.admission.close("test", "down")
        running.venue.foreign(ALPHA)
        running.shared("gateway").tell(CancelAll())
        await trio.sleep(1.0)
        assert [o for o in running.venue.orders.values() if o.status == "LIVE"] == []


async def test_what_was_asked_while_the_gateway_was_down_is_done_but_orders_are_refused(autojump_clock: object) -> None:
    async with bot(world(), trees=False) as running:
        running.shared("gateway").crash("drill")
        await trio.sleep(0.001)
        key = place(running)
        running.shared("gateway").tell(Query("alpha", "0x0001"))
        await trio.sleep(1.0)
        assert answers(running) == [Refused(key, "admission_closed")]
        assert len(running.venue.since(0, "query")) == 1


async def test_an_order_restated_before_it_is_let_through_is_not_counted_twice(autojump_clock: object) -> None:
    settings = evolve(SETTINGS, limits=LimitSettings(max_open_orders=2))
    async with bot(world(settings=settings), trees=False) as running:
        keys = [place(running, counter) for counter in (1, 2, 3)]
        state = Restate("alpha", 1, dict.fromkeys(keys, Cash(0)), Cash(0))
        running.shared("gateway").put(state, about="alpha")
        await trio.sleep(1.0)
        assert len(running.live()) == 2
        assert [a.why for a in answers(running) if isinstance(a, Refused)] == ["order_ceiling"]


async def test_an_order_that_waits_to_be_asked_for_is_not_asked_for_twice(autojump_clock: object) -> None:
    async with bot(
        world(settings=evolve(SETTINGS, limits=LimitSettings(read_rate=1, read_burst=1))), trees=False
    ) as of:
        await trio.sleep(10.0)
        for _ in range(5):
            of.shared("gateway").tell(Query("alpha", "0x0001"))
            await trio.sleep(0.01)
        await trio.sleep(10.0)
        assert 1 <= len(of.venue.since(10.0, "query")) <= 2


async def test_the_account_is_read_at_once_however_many_other_reads_wait(autojump_clock: object) -> None:
    """The proof at the end has five seconds: it must not stand behind what hundreds of markets want to know."""
    async with bot(
        world(settings=evolve(SETTINGS, limits=LimitSettings(read_rate=1, read_burst=1))), trees=False
    ) as of:
        await trio.sleep(10.0)
        for number in range(50):
            of.shared("gateway").tell(Query("alpha", f"0x{number:04d}"))
        await trio.sleep(1.0)
        proof = await of.spine.prove.ask(Prove())
        assert proof.orders == ()
        assert trio.current_time() < 11.5


async def test_terms_that_wait_to_be_read_are_not_asked_for_twice(autojump_clock: object) -> None:
    """A feed asks again after eight seconds: with hundreds of markets that doubled what was waiting, for ever."""
    async with bot(
        world(settings=evolve(SETTINGS, limits=LimitSettings(read_rate=1, read_burst=1))), trees=False
    ) as of:
        await trio.sleep(10.0)
        for number in range(10):
            of.shared("gateway").tell(Query("alpha", f"0x{number:04d}"))
        for _ in range(5):
            of.shared("gateway").tell(ReadTerms("alpha", "0xalpha"))
            await trio.sleep(0.2)
        await trio.sleep(30.0)
        assert len(of.venue.since(10.0, "find")) == 1
