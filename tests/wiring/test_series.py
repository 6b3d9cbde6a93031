"""A 5-minute series rolls to its next window by itself, and none is quoted at its ends."""

from __future__ import annotations

import trio
from attrs import evolve

from actors.model.market import Market
from actors.model.numbers import SHARE
from actors.model.settings import MarketSettings, Settings
from actors.model.tenure import Origin
from actors.wiring.selection import select
from tests.venue import START, market, wall
from tests.wiring.lives import console, status
from tests.wiring.test_universe import places, started, switch
from tests.wiring.world import SIMPLE, World, until, world

NAME = "btc-updown-5m"
assert START % 300 == 0


def window(number: int) -> Market:
    start = START + 300 * number
    return evolve(market(f"{NAME}-{int(start)}"), ends_at=start + 300)


WINDOWS = tuple(window(number) for number in range(5))
SLUGS = tuple(each.slug for each in WINDOWS)


def rolling(*names: str) -> World:
    return world(*WINDOWS, settings=Settings(tuple(MarketSettings(name) for name in names or (NAME,)), strategy=SIMPLE))


def quoted(of: World) -> list[int]:
    """The numbers of the windows with a quote."""
    return [number for number, slug in enumerate(SLUGS) if of.live(slug)]


async def test_a_series_is_quoted_from_half_a_minute_after_a_start_to_a_minute_before_an_end(
    autojump_clock: object,
) -> None:
    async with started(rolling()) as it:
        seen: dict[int, list[float]] = {}
        while trio.current_time() < 900.0:
            for number in quoted(it):
                seen.setdefault(number, []).append(trio.current_time() - 300 * number)
            await trio.sleep(0.25)
        assert list(seen) == [0, 1, 2]
        for times in seen.values():
            assert 30.0 <= min(times) < 31.0
            assert 239.5 <= max(times) < 240.5
            assert len(times) == sum(30.0 <= t <= 240.25 for t in times)
        assert it.spine.roll.tenures[SLUGS[3]].origin is Origin.SERIES


async def test_the_next_window_is_warm_before_it_opens(autojump_clock: object) -> None:
    async with started(rolling()) as it:
        assert list(it.spine.trees) == [SLUGS[0]]
        await until(lambda: SLUGS[1] in it.spine.trees, within=245.0)
        assert trio.current_time() >= 240.0
        await trio.sleep(5.0)
        (row,) = [row for row in status(it)["markets"] if row["market"] == SLUGS[1]]
        assert (row["reason"], row["feed_state"], row["best_bid"]) == ("outside_hours", "live", 0.48)


async def test_what_a_window_holds_is_sold_before_it_ends_or_redeemed_after(autojump_clock: object) -> None:
    async with started(rolling()) as it:
        await until(lambda: quoted(it) == [0], within=35.0)
        it.venue.fill(it.buy(SLUGS[0]).order_id, 20 * SHARE)
        await until(lambda: SLUGS[0] not in it.spine.trees, within=260.0)
        assert it.venue.ledger(WINDOWS[0]).position.net == 0
        assert trio.current_time() < 260.0


async def test_a_window_that_is_listed_late_is_asked_for_again(autojump_clock: object) -> None:
    of = rolling()
    late, of.venue.markets = of.venue.markets, WINDOWS[:1]
    async with started(of) as it:
        await trio.sleep(290.0)
        assert SLUGS[1] not in it.spine.trees
        it.venue.markets = late
        await until(lambda: SLUGS[1] in it.spine.trees, within=10.0)
        await until(lambda: quoted(it) == [1], within=60.0)


async def test_a_bot_that_starts_in_the_last_minute_of_a_window_begins_with_the_next(autojump_clock: object) -> None:
    await trio.sleep(250.0)
    of = rolling()
    assert [each.market.slug for each in (await select(of.ports, of.settings)).plots] == [SLUGS[1]]


async def test_a_window_that_is_named_itself_is_never_left_and_no_other_takes_its_place(autojump_clock: object) -> None:
    async with started(rolling(SLUGS[0])) as it:
        await trio.sleep(400.0)
        assert places(it) == {SLUGS[0]: ""}
        assert quoted(it) == []


async def test_a_person_names_the_window_that_is_traded_by_its_series(autojump_clock: object) -> None:
    of = rolling()
    of.settings = evolve(of.settings, on_leave="keep")
    async with started(of) as it:
        await until(lambda: quoted(it) == [0], within=35.0)
        it.venue.fill(it.buy(SLUGS[0]).order_id, 20 * SHARE)
        await until(lambda: quoted(it) == [1], within=310.0)
        assert set(places(it)) == {SLUGS[0], SLUGS[1]}
        assert console(it).obey("pause", {"market": NAME}) == {"done": f"pause: {SLUGS[1]}"}


async def test_a_series_is_switched_off_and_on(autojump_clock: object) -> None:
    async with started(rolling()) as it:
        await until(lambda: quoted(it) == [0], within=35.0)
        assert (await switch(it, "btc-up-or-down-5m", on=False)).done.startswith("off: btc-updown-5m")
        await until(lambda: not it.spine.trees, within=20.0)
        await trio.sleep(300.0)
        assert places(it) == {}
        assert (await switch(it, NAME, on=True)).done == "on: btc-updown-5m, from the window that runs or comes next"
        await until(lambda: quoted(it) == [1], within=20.0)
        assert START + 300 < wall() < START + 600


async def test_the_window_of_an_earlier_run_comes_back_to_be_left(autojump_clock: object) -> None:
    of = rolling()
    async with started(of) as it:
        await until(lambda: quoted(it) == [0], within=35.0)
    await trio.sleep(300.0)
    async with started(of) as it:
        assert set(places(it)) == {SLUGS[0], SLUGS[1]}
        await until(lambda: quoted(it) == [1], within=35.0)
        await until(lambda: SLUGS[0] not in it.spine.trees, within=90.0)
