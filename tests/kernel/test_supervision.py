"""Supervision: crash loops end, the owner hears of every death in its own instant, a stop waits, nothing escapes."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
import trio
from hypothesis import example, given
from hypothesis import strategies as st

from actors.kernel.errors import Hopeless, RestartLimit
from actors.kernel.restarts import CrashLog, RestartRule
from actors.kernel.supervisor import Ready, cause
from tests.kernel.virtual import live, schedules, supervised

RULES = st.builds(
    RestartRule,
    crashes=st.integers(0, 6),
    window=st.floats(0.5, 40.0),
    backoff=st.floats(0.01, 2.0),
    backoff_cap=st.floats(2.0, 10.0),
)
LIFETIMES = st.lists(st.one_of(st.just(0.0), st.floats(0.01, 40.0)), max_size=25)


async def lived(lifetimes: list[float], rule: RestartRule) -> tuple[list[float], list[float], bool]:
    """Births and deaths of a child with these lifetimes, and whether it was given up."""
    births: list[float] = []
    deaths: list[float] = []

    async def run(ready: Ready) -> None:
        births.append(trio.current_time())
        if len(births) > len(lifetimes):
            await trio.sleep_forever()
        await trio.sleep(lifetimes[len(births) - 1])
        raise ValueError("drawn")

    child = supervised(run, rule=rule, on_down=lambda _: deaths.append(trio.current_time()))
    with trio.move_on_after(10_000):
        try:
            await child.run()
        except RestartLimit:
            return births, deaths, True
    return births, deaths[:-1], False


@given(schedule=schedules(), lifetimes=LIFETIMES, rule=RULES)
@example(schedule=None, lifetimes=[0.0] * 25, rule=RestartRule())
def test_a_crash_loop_is_bounded(schedule: object, lifetimes: list[float], rule: RestartRule) -> None:
    """No window holds more crashes than the rule forgives, and the one that would is the last."""
    births, deaths, given_up = live(lambda: lived(lifetimes, rule))

    def recent(end: float, until: int) -> int:
        return sum(end - rule.window < death <= end for death in deaths[:until])

    crowded = [n for n, death in enumerate(deaths, start=1) if recent(death, n) > rule.crashes]
    assert crowded == ([len(deaths)] if given_up else [])
    assert len(births) == len(deaths) + (not given_up)


@given(schedule=schedules(), lifetimes=LIFETIMES, rule=RULES)
def test_no_restart_comes_without_its_back_off(schedule: object, lifetimes: list[float], rule: RestartRule) -> None:
    births, deaths, _ = live(lambda: lived(lifetimes, rule))
    for number, (death, birth) in enumerate(zip(deaths, births[1:], strict=False), start=1):
        crashes = sum(death - rule.window < earlier <= death for earlier in deaths[:number])
        full = min(rule.backoff_cap, rule.backoff * 2 ** (crashes - 1))
        assert full / 2 - 1e-9 <= birth - death <= full + 1e-9


@given(count=st.integers(1, 3_000), rule=st.builds(RestartRule, st.just(100_000), st.just(1e6), st.floats(1e-3, 60.0)))
def test_a_pause_is_a_time_however_often_a_rule_forgives(count: int, rule: RestartRule) -> None:
    log = CrashLog(rule, Random(1))
    pauses = [log.pause_after(0.0) for _ in range(count)]
    assert all(pause is not None and 0 < pause <= rule.backoff_cap for pause in pauses)


def test_a_forgiven_child_may_crash_as_often_again() -> None:
    log = CrashLog(RestartRule(crashes=2), Random(1))
    for _ in range(2):
        assert log.pause_after(0.0) is not None
    log.forgive()
    assert [log.pause_after(0.0) is None for _ in range(3)] == [False, False, True]
    assert log.total == 5


def test_a_child_that_knows_no_life_would_help_is_past_its_limit_at_once() -> None:
    births: list[float] = []

    async def run(ready: Ready) -> None:
        births.append(trio.current_time())
        raise Hopeless("the key is wrong")

    async def world() -> None:
        child = supervised(run, name="signer", rule=RestartRule(crashes=5))
        with pytest.raises(RestartLimit, match="signer gave up: the key is wrong"):
            await child.run()
        assert len(births) == 1
        assert not child.up

    live(world)


def test_the_given_up_child_is_down_and_its_owner_hears_each_death_once() -> None:
    downs: list[str] = []

    async def run(ready: Ready) -> None:
        ready()
        raise ValueError(f"life {len(downs) + 1}")

    async def world() -> None:
        child = supervised(run, name="poison", rule=RestartRule(crashes=2), on_down=downs.append)
        with pytest.raises(RestartLimit, match="poison crashed 3 times"):
            await child.run()
        assert not child.up

    live(world)
    assert downs == ["ValueError: life 1", "ValueError: life 2", "ValueError: life 3"]


@given(schedule=schedules(), others=st.integers(1, 4))
def test_the_owner_hears_of_a_death_before_anything_else_runs(schedule: object, others: int) -> None:
    events: list[str] = []

    async def run(ready: Ready) -> None:
        await trio.lowlevel.checkpoint()
        events.append("dies")
        raise ValueError("drawn")

    async def run_about() -> None:
        while True:
            events.append("something else")
            await trio.lowlevel.checkpoint()

    async def world() -> None:
        child = supervised(run, rule=RestartRule(crashes=0), on_down=lambda _: events.append("down"))
        async with trio.open_nursery() as nursery:
            for _ in range(others):
                nursery.start_soon(run_about)
            with pytest.raises(RestartLimit):
                await child.run()
            nursery.cancel_scope.cancel()

    live(world)
    assert ("dies", "down") in list(pairwise(events))


@given(schedule=schedules(), tidying=st.integers(0, 5), stopped_at=st.integers(0, 5))
def test_stop_waits_for_the_childs_end(schedule: object, tidying: int, stopped_at: int) -> None:
    events: list[tuple[str, float]] = []

    async def run(ready: Ready) -> None:
        ready()
        try:
            await trio.sleep_forever()
        finally:
            with trio.move_on_after(10, shield=True):
                await trio.sleep(tidying)
            events.append(("ended", trio.current_time()))

    async def world() -> None:
        child = supervised(run, on_down=lambda why: events.append((why, trio.current_time())))
        async with trio.open_nursery() as nursery:
            await nursery.start(child.run)
            await trio.sleep(stopped_at)
            await child.stop()
            events.append(("stop returned", trio.current_time()))
            assert not child.up

    live(world)
    end = stopped_at + tidying
    assert events == [("ended", end), ("stopped", end), ("stop returned", end)]


def test_stopping_a_child_that_waits_to_be_born_again_ends_it() -> None:
    births: list[float] = []

    async def run(ready: Ready) -> None:
        births.append(trio.current_time())
        raise ValueError("drawn")

    async def world() -> None:
        child = supervised(run, rule=RestartRule(backoff=5.0))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child.run)
            await trio.sleep(1)
            await child.stop()
            await trio.sleep(100)

    live(world)
    assert births == [0.0]


def test_stopping_a_child_that_does_not_run_does_nothing() -> None:
    async def run(ready: Ready) -> None:
        raise AssertionError("never")

    live(supervised(run).stop)


@given(schedule=schedules(), stops=st.booleans(), nested=st.booleans())
def test_a_child_that_fails_while_being_cancelled_does_not_escape_and_its_siblings_live_on(
    schedule: object, stops: bool, nested: bool
) -> None:
    """With a nursery of its own the error arrives mixed with Cancelled, which `except Exception` would miss."""
    ticks: list[float] = []
    downs: list[str] = []

    async def fail_in_the_end() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise ValueError("clean-up failed")

    async def run(ready: Ready) -> None:
        ready()
        if not nested:
            await fail_in_the_end()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail_in_the_end)
            nursery.start_soon(trio.sleep_forever)

    async def tick(ready: Ready) -> None:
        ready()
        while True:
            ticks.append(trio.current_time())
            await trio.sleep(1)

    async def world() -> None:
        async with trio.open_nursery() as market:
            await market.start(supervised(tick).run)
            child = supervised(run, on_down=downs.append)
            await market.start(child.run)
            if stops:
                await child.stop()
            await trio.sleep(3.5)
            market.cancel_scope.cancel()

    live(world)
    assert ticks == [0.0, 1.0, 2.0, 3.0]
    assert downs == ["ValueError: clean-up failed"]


def test_a_crash_and_the_clean_up_error_it_caused_both_surface() -> None:
    downs: list[str] = []

    async def fail_in_the_end() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise OSError("clean-up failed")

    async def run(ready: Ready) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail_in_the_end)
            await trio.sleep(1)
            raise ValueError("crash")

    async def world() -> None:
        with pytest.raises(RestartLimit):
            await supervised(run, rule=RestartRule(crashes=0), on_down=downs.append).run()

    live(world)
    assert sorted(downs[0].split("; ")) == ["OSError: clean-up failed", "ValueError: crash"]


def test_a_cause_names_the_innermost_errors_in_one_line() -> None:
    group = ExceptionGroup("a", [ExceptionGroup("b", [ValueError("1")]), KeyError("2")])
    assert cause(group) == "ValueError: 1; KeyError: '2'"


def test_a_cancelled_world_cancels_its_children_and_is_not_counted_as_a_crash() -> None:
    async def run(ready: Ready) -> None:
        await trio.sleep_forever()

    async def world() -> int:
        child = supervised(run)
        with trio.move_on_after(5) as scope:
            await child.run()
        assert scope.cancelled_caught
        return child.crashes.total

    assert live(world) == 0


def test_a_start_is_complete_when_the_first_life_is_ready_even_if_that_takes_a_restart() -> None:
    lives: list[float] = []

    async def run(ready: Ready) -> None:
        lives.append(trio.current_time())
        await trio.sleep(2)
        if len(lives) == 1:
            raise ValueError("drawn")
        ready()
        await trio.sleep_forever()

    async def world() -> None:
        child = supervised(run)
        async with trio.open_nursery() as nursery:
            await nursery.start(child.run)
            assert child.up
            assert trio.current_time() == lives[1] + 2
            nursery.cancel_scope.cancel()

    live(world)


def test_a_child_that_ends_by_itself_is_not_run_again() -> None:
    lives: list[float] = []

    async def run(ready: Ready) -> None:
        lives.append(trio.current_time())

    live(supervised(run).run)
    assert lives == [0.0]
