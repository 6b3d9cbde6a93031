"""The limiter: nothing above the rates, cancels out of their own share, and no free burst after a crash (I14)."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.model.limit_settings import LimitSettings, WindowSettings
from actors.model.rates import Call, Lane, Quota
from actors.shared.board import Board
from actors.shared.limiter import Haste, Limited, Limiter, Permit, Usage, permitted
from actors.shared.tidings import Slowed
from tests.shared.life import crash, living, reborn
from tests.wiring.world import virtually

LIMITS = LimitSettings(
    order_rate=10, order_burst=5, cancel_rate=10, cancel_burst=5, cancel_reserve=0, read_rate=10, read_burst=5
)


def limiter(limits: LimitSettings = LIMITS) -> tuple[Limiter, Desk[Permit, float]]:
    actor = Limiter(Mailbox("limiter"), limits, Board(), Slowed(Mailbox("journal"), lambda: 0.0))
    return actor, Desk("limiter", 1, actor.mailbox)


async def taken(desk: Desk[Permit, float], call: Call, haste: Haste = Haste.NORMAL) -> int:
    """How many permits can be had at once."""
    count = 0
    while await desk.ask(Permit(call, haste=haste)) == 0:
        count += 1
    return count


async def test_cancels_are_not_queued_behind_orders(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await taken(desk, Call.PLACE) == 5
        assert await desk.ask(Permit(Call.PLACE)) > 0
        assert await taken(desk, Call.CANCEL) == 5


async def test_a_restart_gives_orders_no_second_burst_and_keeps_the_cancels(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await taken(desk, Call.PLACE) == 5
        await crash(actor)
        await reborn()
        assert await taken(desk, Call.PLACE) <= 3  # the bucket fills at its rate from empty while it waits
        assert await taken(desk, Call.CANCEL) == 5


async def test_no_window_holds_more_orders_than_burst_and_rate_allow(autojump_clock: object) -> None:
    actor, desk = limiter()
    given: list[float] = []
    async with living(actor):
        while trio.current_time() < 5.0:
            if await desk.ask(Permit(Call.PLACE)) == 0:
                given.append(trio.current_time())
            await trio.sleep(0.013)
    for first in given:
        assert sum(first <= at <= first + 1.0 for at in given) <= 5 + 10
    assert len(given) >= 50


async def test_more_ids_than_the_burst_are_let_through_and_waited_off(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await desk.ask(Permit(Call.CANCEL, 15)) == 0
        assert await desk.ask(Permit(Call.CANCEL)) > 1.0


async def test_requotes_leave_the_reserve_to_cancels_that_protect(autojump_clock: object) -> None:
    actor, desk = limiter(evolve(LIMITS, cancel_burst=10, cancel_reserve=4))
    async with living(actor):
        assert await taken(desk, Call.CANCEL, Haste.PATIENT) == 6
        assert await taken(desk, Call.CANCEL) == 4


async def test_cancelling_everything_never_waits_and_is_paid_by_the_cancels_after_it(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await desk.ask(Permit(Call.CANCEL_ALL, 25, Haste.AT_ONCE)) == 0
        assert await desk.ask(Permit(Call.CANCEL)) > 2.0


async def test_a_window_of_one_address_holds_calls_back_whatever_the_tokens_say(autojump_clock: object) -> None:
    """A batch counts once, however many orders travel in it; reads count each."""
    windows = WindowSettings(refresh=10, place_many=10)
    actor, desk = limiter(LimitSettings(share=0.5, windows=windows))
    async with living(actor):
        assert await taken(desk, Call.REFRESH) == 5
        assert 9.0 < await desk.ask(Permit(Call.REFRESH)) <= 10.2
        assert await desk.ask(Permit(Call.BALANCE)) == 0
        assert [await desk.ask(Permit(Call.PLACE_MANY, 2)) for _ in range(5)] == [0.0] * 5
        assert await desk.ask(Permit(Call.PLACE_MANY, 2)) > 9.0
        assert await desk.ask(Permit(Call.PLACE)) == 0


async def test_a_lane_that_was_refused_goes_on_slower_and_recovers(autojump_clock: object) -> None:
    """The others go on as before; refusals of requests that were under way together count as one."""
    actor, desk = limiter()

    async def rate(call: Call) -> int:
        await taken(desk, call)
        began, count = trio.current_time(), 0
        while trio.current_time() < began + 2.0:
            count += await desk.ask(Permit(call)) == 0
            await trio.sleep(0.01)
        return count

    async with living(actor):
        for _ in range(5):
            actor.mailbox.put(Limited(Lane.ORDERS, trio.current_time()), about=Lane.ORDERS)
            await trio.sleep(0.05)
        assert await desk.ask(Permit(Call.PLACE, 3)) > 0, "nothing is saved up"
        assert 9 <= await rate(Call.PLACE) <= 12
        assert 18 <= await rate(Call.ORDER) <= 22
        await trio.sleep(300.0)
        assert 18 <= await rate(Call.PLACE) <= 22


def left(lane: Lane, tokens: float, *, resets_in: float = 0.0, tier: str = "standard", warned: bool = False) -> Quota:
    return Quota(lane, tokens, resets_in, trio.current_time(), tier, warned)


async def test_no_more_is_used_than_the_venue_says_is_left(autojump_clock: object) -> None:
    """It may count what another program of the account sends; each lane has its own word."""
    actor, desk = limiter()
    async with living(actor):
        actor.mailbox.put(left(Lane.ORDERS, 2), about=("left", Lane.ORDERS))
        await trio.sleep(0.001)
        assert await taken(desk, Call.PLACE) == 2
        assert await taken(desk, Call.CANCEL) == 5
        await trio.sleep(10.0)
        assert await taken(desk, Call.PLACE) == 5, "and it fills again at our rate"


async def test_where_nothing_is_left_nothing_is_sent_before_the_next_token_comes(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        actor.mailbox.put(left(Lane.ORDERS, 0, resets_in=3.0), about=("left", Lane.ORDERS))
        await trio.sleep(0.001)
        assert 2.9 < await desk.ask(Permit(Call.PLACE)) < 3.1
        await trio.sleep(3.0)
        assert await taken(desk, Call.PLACE) == 1


@given(tokens=st.floats(-1e9, 1e9), resets_in=st.floats(0, 1e9))
def test_whatever_the_venue_says_it_never_widens_our_table_nor_stops_us_for_long(
    tokens: float, resets_in: float
) -> None:
    async def run() -> None:
        actor, desk = limiter()
        async with living(actor):
            actor.mailbox.put(left(Lane.CANCELS, max(tokens, -20.0), resets_in=resets_in), about=("left", Lane.CANCELS))
            await trio.sleep(0.001)
            assert await taken(desk, Call.CANCEL) <= 5
            await trio.sleep(12.5)
            assert await taken(desk, Call.CANCEL) == 5

    virtually(run)


async def test_the_tier_that_the_venue_names_is_shown_and_an_old_word_changes_nothing(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        old = left(Lane.ORDERS, 1, tier="gold", warned=True)
        await trio.sleep(60.0)
        actor.mailbox.put(old, about=("left", Lane.ORDERS))
        await trio.sleep(0.001)
        assert await taken(desk, Call.PLACE) == 5
        await trio.sleep(1.1)
        usage = actor.board.last(Usage)
        assert usage is not None
        assert usage.shown()["tier"] == "gold"


@pytest.mark.parametrize(("tier", "rate"), [("standard", 36), ("copper", 54), ("elite", 100), ("unheard", 100)])
async def test_a_lower_tier_than_the_settings_are_made_for_is_kept_to(
    tier: str, rate: int, autojump_clock: object
) -> None:
    actor, desk = limiter(evolve(LIMITS, order_rate=100, order_burst=100))
    async with living(actor):
        actor.mailbox.put(left(Lane.ORDERS, 1_000, tier=tier), about=("left", Lane.ORDERS))
        await trio.sleep(0.001)
        await taken(desk, Call.PLACE)
        await trio.sleep(1.0)
        assert await taken(desk, Call.PLACE) == rate


async def test_the_limiter_shows_what_is_used_and_who_waits(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        await taken(desk, Call.REFRESH)
        await desk.ask(Permit(Call.REFRESH, 100))
        await trio.sleep(1.1)
        usage = actor.board.last(Usage)
        assert usage is not None
        assert usage.windows["refresh"] == (5, 45, 10.0)
        assert usage.lanes[Lane.READS].waiting == 1
        assert usage.lanes[Lane.ORDERS].left == 5


async def test_everybody_who_waits_is_served_in_time_and_asks_a_few_times_only(autojump_clock: object) -> None:
    actor, desk = limiter()
    took: list[float] = []
    served: list[float] = []
    counted = Desk[Permit, float]("limiter", 1, actor.mailbox, took=took.append)

    async def reading() -> None:
        await permitted(counted, Permit(Call.TRADES))
        served.append(trio.current_time())

    async with living(actor):
        await taken(desk, Call.TRADES)
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for _ in range(100):
                nursery.start_soon(reading)
        assert 9.5 <= served[-1] - began <= 11.0, "at the rate of ten a second"
        assert len(took) <= 400


async def test_the_check_of_a_book_goes_before_what_is_read_in_routine(autojump_clock: object) -> None:
    """Of a hundred that wait, and a quarter of a burst is always left for it."""
    actor, desk = limiter(evolve(LIMITS, read_burst=20))
    async with living(actor), trio.open_nursery() as nursery:
        for _ in range(100):
            nursery.start_soon(permitted, desk, Permit(Call.TRADES, haste=Haste.PATIENT))
        await trio.sleep(1.0)
        assert 5 <= await taken(desk, Call.BOOKS) <= 6
        began = trio.current_time()
        await permitted(desk, Permit(Call.BOOKS, 2))
        assert trio.current_time() - began <= 0.3
        nursery.cancel_scope.cancel()
