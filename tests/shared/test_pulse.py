"""Whoever looks often enough sees every stall, once, and nothing else (F24, F33)."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from actors.shared.pulse import EVERY, Pulse, Stalled

STEPS = st.lists(st.floats(0.0, EVERY) | st.floats(1.0, 3600.0), min_size=2, max_size=30)


@given(STEPS)
def test_a_pause_of_the_loop_is_a_stall_from_the_last_look_on(steps: list[float]) -> None:
    pulse, now = Pulse(), 100.0
    assert pulse.look(now, now) is None
    for step in steps:
        stalled = pulse.look(now + step, now + step)
        assert (stalled is not None) == (step >= 1.0)
        assert stalled is None or abs(stalled.before - now) < 1e-6
        now += step


@given(STEPS)
def test_sleep_of_the_machine_counts_though_the_loops_clock_stood_still(steps: list[float]) -> None:
    pulse, walls = Pulse(), [5000.0]
    for step in steps:
        walls.append(walls[-1] + step)
    pulse.look(100.0, walls[0])
    for before, wall in pairwise(walls):
        asleep = wall - before
        assert pulse.look(100.0, wall) == (Stalled(100.0 - asleep) if asleep > 0.75 else None)


def test_a_wall_clock_set_back_is_no_stall() -> None:
    pulse = Pulse()
    pulse.look(100.0, 5000.0)
    assert pulse.look(100.25, 1000.0) is None
    assert pulse.look(100.5, 1000.25) is None


@given(STEPS, st.data())
def test_what_a_beat_has_seen_is_told_by_the_next_look_and_only_by_it(steps: list[float], data: st.DataObject) -> None:
    pulse, now, untold = Pulse(), 100.0, False
    pulse.look(now, now)
    for step in steps:
        now += step
        untold |= step >= 1.0
        if data.draw(st.booleans()):
            assert pulse.beat(now, now) == untold
        else:
            assert (pulse.look(now, now) is not None) == untold
            untold = False
