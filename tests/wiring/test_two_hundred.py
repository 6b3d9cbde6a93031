"""Two hundred markets at once, in simulated time: they start within the limits, read little, and leave none behind."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve

from actors.model.limit_settings import LimitSettings
from actors.model.numbers import PUSD, Cash
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.shared.limiter import Usage
from actors.stop import Stop
from actors.wiring.narrator import line
from actors.wiring.status import Status
from tests.venue import market
from tests.wiring.world import SIMPLE, World, bot, until, world

MARKETS = tuple(market(f"m{number:03}") for number in range(200))
SETTINGS = Settings(
    tuple(MarketSettings(one.slug) for one in MARKETS),
    budget=BudgetSettings(Cash(30 * PUSD), Cash(6_000 * PUSD)),
    limits=LimitSettings(max_open_orders=1_000),
    strategy=SIMPLE,
)
READS = ("open orders", "trades", "find", "books", "query")


def reads(of: World, since: float) -> int:
    return sum(len(of.venue.since(since, kind)) for kind in READS)


@pytest.mark.slow
async def test_they_all_quote_soon_on_the_reads_and_orders_of_the_lowest_tier(autojump_clock: object) -> None:
    async with bot(world(*MARKETS, settings=SETTINGS)) as running:
        took = await until(lambda: all(len(running.live(one.slug)) == 2 for one in MARKETS), within=30.0)
        assert took < 16.0, "400 orders at 36 a second, and the trades of 200 markets at 20 a second"
        own = SETTINGS.limits
        assert reads(running, 0.0) <= own.read_burst + own.read_rate * (took + 1.0)
        began = trio.current_time()
        await trio.sleep(31.0)
        assert reads(running, began) <= 31.0 * own.read_rate / 2, "half of them are left for what happens"
        assert running.venue.breaches == []
        usage = running.board.last(Usage)
        assert usage is not None
        assert all(used <= most for used, most, _ in usage.windows.values())


@pytest.mark.slow
async def test_when_all_are_in_doubt_they_quote_again_within_seconds(autojump_clock: object) -> None:
    """A reconnect of the user channel; no quote is pulled for it."""
    async with bot(world(*MARKETS, settings=SETTINGS)) as running:
        await until(lambda: all(len(running.live(one.slug)) == 2 for one in MARKETS), within=30.0)
        await trio.sleep(5.0)
        began = trio.current_time()
        running.users.cut()
        await trio.sleep(1.0)
        await until(lambda: not any(running.report(one.slug).reconciling for one in MARKETS), within=3.0)
        pulled = sum(len(running.live(one.slug)) < 2 for one in MARKETS)
        assert pulled <= 10, "but for what a query had to settle"
        assert len(running.venue.since(began, "open orders")) <= 40


async def test_one_line_tells_how_many_do_not_quote_and_why(autojump_clock: object) -> None:
    slow = evolve(SETTINGS, limits=evolve(SETTINGS.limits, read_rate=1.0, read_burst=1))
    async with bot(world(*MARKETS, settings=slow)) as running:
        await trio.sleep(5.0)
        told = line(Status(running.spine, slow, Stop(running.board), running.services, {}, 0.0).everything())
    assert len(told) < 300
    assert "not quoted: all reconciling" in told or "reconciling, " in told, told
