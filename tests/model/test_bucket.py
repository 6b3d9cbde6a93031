"""The token bucket: never more than burst plus rate times time, and a wait that is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.bucket import Bucket

RATES, BURSTS = st.floats(0.1, 10_000), st.floats(1, 1_000)
PAUSES = st.one_of(st.just(0.0), st.floats(0, 0.01), st.floats(0, 5))
TAKES = st.lists(st.tuples(PAUSES, st.integers(1, 30)), max_size=40)


def taken(bucket: Bucket, takes: list[tuple[float, int]], start: float) -> list[tuple[float, int]]:
    """What was granted, and when."""
    now, granted = start, []
    for pause, cost in takes:
        now += pause
        if bucket.take(cost, now) == 0:
            granted.append((now, cost))
    return granted


@given(RATES, BURSTS, TAKES, st.floats(0, 1e6))
def test_no_window_sees_more_than_burst_and_what_flows_in_meanwhile(
    rate: float, burst: float, takes: list[tuple[float, int]], start: float
) -> None:
    granted = taken(Bucket.full(rate, burst, start), takes, start)
    for first, (begin, _) in enumerate(granted):
        total = 0
        for end, cost in granted[first:]:
            total += cost
            room = max(burst, cost) + rate * (end - begin)  # more than a burst is granted from a full bucket only
            assert total <= room + 1e-6 * (1 + room)


@given(RATES, BURSTS, TAKES, st.integers(1, 2_000), st.floats(0, 1e7))
def test_waiting_as_long_as_it_says_is_enough(
    rate: float, burst: float, takes: list[tuple[float, int]], cost: int, start: float
) -> None:
    """A rounding error may cost a second wait, never an endless one; and a shorter wait is not enough."""
    bucket = Bucket.full(rate, burst, start)
    taken(bucket, takes, start)
    now = start + sum(pause for pause, _ in takes)
    wait = bucket.take(cost, now)
    if wait > 1e-3:
        assert bucket.take(cost, now + wait / 2) > 0
    for _ in range(5):
        if wait == 0:
            break
        assert now + wait > now, "time must pass between two questions"
        now += wait
        wait = bucket.take(cost, now)
    assert wait == 0


@given(RATES, BURSTS, st.integers(1, 2_000))
def test_a_refused_request_costs_nothing(rate: float, burst: float, cost: int) -> None:
    bucket = Bucket.full(rate, burst, 0.0)
    bucket.empty(0.0)
    assert bucket.take(cost, 0.0) == bucket.take(cost, 0.0) > 0


def test_more_than_a_burst_is_granted_from_a_full_bucket_and_waited_off_as_a_debt() -> None:
    bucket = Bucket.full(rate=10, burst=20, now=0.0)
    assert bucket.take(50, 0.0) == 0
    assert bucket.take(1, 0.0) == pytest.approx(3.1)
    assert bucket.take(1, 3.0) == pytest.approx(0.1)
    assert bucket.take(1, 3.1) == 0


def test_an_emptied_bucket_fills_at_its_rate() -> None:
    bucket = Bucket.full(rate=10, burst=20, now=0.0)
    bucket.empty(5.0)
    assert bucket.take(10, 5.0) == pytest.approx(1.0)
    assert bucket.take(10, 6.0) == 0


def test_no_more_than_a_burst_is_saved_up() -> None:
    bucket = Bucket.full(rate=10, burst=20, now=0.0)
    assert bucket.take(20, 1_000.0) == 0
    assert bucket.take(1, 1_000.0) == pytest.approx(0.1)
