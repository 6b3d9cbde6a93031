"""A whole bot under the governor: storms of frames move no storm of orders, and what protects leaves all the same."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.limit_settings import LimitSettings
from actors.model.numbers import Price
from actors.model.settings import MarketSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings
from actors.model.trading import Order
from actors.records import Note
from tests.depth import examples
from tests.wiring.test_status import alpha, explained
from tests.wiring.world import ALPHA, SIMPLE, World, move, order, quoting, until, virtually

LIFE = LimitSettings().min_life
_ON_THE_WAY = 0.06  # s that an order may take from its tracker to the venue: a commit of the journal
WALKS = (4800, 4700, 4850, 4950, 4750, 4600)


def paced(**limits: float) -> Settings:
    return Settings((MarketSettings("alpha"),), limits=LimitSettings(**limits), strategy=SIMPLE)  # type: ignore[arg-type]


async def storm(of: World, frames: int = 48) -> None:
    """Half a second of late frames, each of another book."""
    for number in range(frames):
        move(of, WALKS[number % len(WALKS)])
        await trio.sleep(0.5 / frames)


async def test_a_burst_of_late_frames_moves_each_quote_once(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await trio.sleep(10.0)
        began = trio.current_time()
        await storm(running)
        assert len(running.venue.since(began, "place")) <= 4
        assert len(running.venue.since(began, "cancel")) <= 6
        await until(lambda: {o.price for o in running.live()} == {4600, 5000}, within=3.0)
        assert running.venue.breaches == []


async def test_without_a_governor_the_same_burst_is_a_storm_of_orders(autojump_clock: object) -> None:
    async with quoting(ALPHA, settings=paced(min_life=0.0, dedupe=0.0)) as running:
        await trio.sleep(10.0)
        began = trio.current_time()
        await storm(running)
        assert len(running.venue.since(began, "place")) > 20


async def test_in_the_middle_of_a_storm_a_pause_pulls_everything_at_once(autojump_clock: object) -> None:
    async with quoting(ALPHA, settings=paced(min_life=60.0, dedupe=60.0)) as running:
        await storm(running)
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=0.2)


async def test_a_book_that_turns_stale_has_young_orders_pulled(autojump_clock: object) -> None:
    async with quoting(ALPHA, settings=paced(min_life=60.0)) as running:
        running.venue.broken.add("books")
        await until(lambda: not running.live(), within=4.1)


@pytest.mark.parametrize("dedupe", [0.0, 3.0])
async def test_an_order_that_was_filled_at_once_is_not_placed_again_within_the_window(
    dedupe: float, autojump_clock: object
) -> None:
    still = StrategySettings("simple", SimpleParameters(skew_max=Price(0)))
    async with quoting(ALPHA, settings=evolve(paced(min_life=0.0, dedupe=dedupe), strategy=still)) as running:
        first = running.buy()
        running.venue.fill(first.order_id, first.size)
        await until(lambda: any(o.price == first.price and o.token == first.token for o in running.live()), within=4.0)
        drafts = [(call.at, call.draft) for call in running.venue.placed if call.draft]
        same = [at for at, d in drafts if (d.token, d.price, d.size) == (first.token, first.price, first.size)]
        assert (same[1] - same[0] > 2.9) is (dedupe > 0)


async def test_an_order_that_grows_old_is_replaced_by_its_like(autojump_clock: object) -> None:
    async with quoting(ALPHA, settings=paced(order_ttl=30.0)) as running:
        first = {o.order_id: o.price for o in running.live()}
        await trio.sleep(29.0)
        assert {o.order_id for o in running.live()} == set(first)
        await trio.sleep(2.0)
        assert sorted(o.price for o in running.live()) == sorted(first.values())
        assert not {o.order_id for o in running.live()} & set(first)


STORMS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.004, 0.05, 0.4, 1.5]), st.integers(44, 52).map(lambda cents: cents * 100)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=examples(20), deadline=None)
@given(STORMS)
def test_whatever_the_book_does_no_side_is_filled_twice_in_a_minimum_life(frames: list[tuple[float, int]]) -> None:
    """As the venue sees it; and once the book rests both quotes do."""

    async def main() -> None:
        async with quoting(ALPHA) as running:
            for pause, bid in frames:
                await trio.sleep(pause)
                move(running, bid)
            await until(lambda: len(running.report().resting) == 2, within=6.0)
            placed = [(call.draft.token, call.draft.side, call.at) for call in running.venue.placed if call.draft]
            for token, side, at in placed:
                later = [t for other, way, t in placed if (other, way) == (token, side) and t > at]
                assert all(t - at > LIFE - _ON_THE_WAY for t in later)
            assert running.venue.breaches == []

    virtually(main)


async def test_a_market_that_has_used_up_its_actions_keeps_what_rests_and_says_so(autojump_clock: object) -> None:
    async with quoting(ALPHA, settings=paced(min_life=0.0, dedupe=0.0, actions_per_minute=8)) as running:
        for bid in (4900, 5000, 5100):
            await trio.sleep(1.0)
            move(running, bid)
        await trio.sleep(1.0)
        assert len(running.venue.placed) + len(running.venue.since(0.0, "cancel")) <= 10
        assert len(running.live()) == 2 or explained(running)["reason"] == "churn"
        assert alpha(running)["held"] == "churn"
        assert "limits.actions_per_minute 8" in alpha(running)["held_text"]
        told = [row.body for row in running.journal.rows if isinstance(row, Note) and row.kind == "refused"]
        assert [text.partition(":")[0] for text in told] == ["churn"], "once a minute"
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=0.2)
