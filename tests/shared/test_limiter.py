"""The limiter: nothing above the rates, cancels out of their own share, and no free burst after a crash (I14)."""

from __future__ import annotations

import trio

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.model.limit_settings import LimitSettings
from actors.shared.limiter import Lane, Limiter, Permit
from tests.shared.life import crash, living, reborn

LIMITS = LimitSettings(order_rate=10, order_burst=5, cancel_rate=10, cancel_burst=5, read_rate=10, read_burst=5)


def limiter() -> tuple[Limiter, Desk[Permit, float]]:
    actor = Limiter(Mailbox("limiter"), LIMITS)
    return actor, Desk("limiter", 1, actor.mailbox)


async def taken(desk: Desk[Permit, float], lane: Lane) -> int:
    """How many permits can be had at once."""
    count = 0
    while await desk.ask(Permit(lane)) == 0:
        count += 1
    return count


async def test_cancels_are_not_queued_behind_orders(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await taken(desk, Lane.ORDERS) == 5
        assert await desk.ask(Permit(Lane.ORDERS)) > 0
        assert await taken(desk, Lane.CANCELS) == 5


async def test_a_restart_gives_orders_no_second_burst_and_keeps_the_cancels(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await taken(desk, Lane.ORDERS) == 5
        await crash(actor)
        await reborn()
        assert await taken(desk, Lane.ORDERS) <= 3  # the bucket fills at its rate from empty while it waits
        assert await taken(desk, Lane.CANCELS) == 5


async def test_no_window_holds_more_orders_than_burst_and_rate_allow(autojump_clock: object) -> None:
    actor, desk = limiter()
    given: list[float] = []
    async with living(actor):
        while trio.current_time() < 5.0:
            if await desk.ask(Permit(Lane.ORDERS)) == 0:
                given.append(trio.current_time())
            await trio.sleep(0.013)
    for first in given:
        assert sum(first <= at <= first + 1.0 for at in given) <= 5 + 10
    assert len(given) >= 50


async def test_more_ids_than_the_burst_are_let_through_and_waited_off(autojump_clock: object) -> None:
    actor, desk = limiter()
    async with living(actor):
        assert await desk.ask(Permit(Lane.CANCELS, 15)) == 0
        assert await desk.ask(Permit(Lane.CANCELS)) > 1.0
