"""The venue's table of limits: no window ever holds more than it may, every call counts somewhere, 429s slow and heal."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.limit_settings import WindowSettings
from actors.model.rates import WINDOWS, Call, Lane, Throttle, Window, windows

CALLS = frozenset({Call.BOOKS})
TAKES = st.lists(
    st.tuples(st.one_of(st.just(0.0), st.floats(0, 0.3), st.floats(0, 15)), st.integers(1, 4)), max_size=60
)


@given(st.integers(4, 12), st.sampled_from([1.0, 10.0, 600.0]), TAKES, st.floats(0, 1e7))
def test_no_window_ever_holds_more_calls_than_it_may(
    most: int, seconds: float, takes: list[tuple[float, int]], now: float
) -> None:
    window, granted = Window("books", CALLS, most, seconds), list[tuple[float, int]]()
    for pause, count in takes:
        now += pause * seconds / 10
        if window.wait(count, now) == 0:
            window.add(count, now)
            granted.append((now, count))
    for end, _ in granted:
        assert sum(count for at, count in granted if end - seconds < at <= end) <= most


@given(st.integers(4, 12), TAKES, st.integers(1, 20), st.floats(0, 1e7))
def test_waiting_as_long_as_a_window_says_is_enough(
    most: int, takes: list[tuple[float, int]], count: int, now: float
) -> None:
    window = Window("books", CALLS, most, 10.0)
    for pause, calls in takes:
        now += pause
        if window.wait(calls, now) == 0:
            window.add(calls, now)
    for _ in range(3):
        wait = window.wait(count, now)
        assert 0 <= wait <= 10.2
        if wait == 0:
            break
        now += wait
    assert wait == 0


def test_every_row_of_the_table_is_a_setting_with_its_meaning_and_every_call_counts_in_one_of_its_own() -> None:
    assert set(WINDOWS) == {row.name for row in attrs.fields(WindowSettings)}
    assert all(row.metadata["about"] for row in attrs.fields(WindowSettings))
    unlisted = {
        Call.BEAT,
        Call.TERMS,
        Call.TIME,
        Call.REWARDS,
        Call.REBATES,
    }  # the venue names no limit of theirs but the one of all calls
    counted = frozenset().union(*(calls for name, (calls, _) in WINDOWS.items() if name not in ("everything", "clob")))
    assert set(Call) - counted == unlisted


def test_only_a_share_of_a_window_is_used_and_a_row_can_be_overridden() -> None:
    table = {window.name: window for window in windows(WindowSettings(books=100), 0.9)}
    assert table["books"].most == 90
    assert table["place"].most == 4_500


@pytest.mark.parametrize(
    ("call", "lane"), [(Call.PLACE_MANY, Lane.ORDERS), (Call.BEAT, Lane.CANCELS), (Call.BOOKS, Lane.READS)]
)
def test_a_call_belongs_to_a_lane(call: Call, lane: Lane) -> None:
    assert call.lane is lane


@given(st.lists(st.floats(0, 30), max_size=30))
def test_however_often_a_lane_is_refused_it_goes_on_and_is_whole_again_five_minutes_later(pauses: list[float]) -> None:
    throttle, now = Throttle(), 0.0
    for pause in pauses:
        now += pause
        before = throttle.now(now)
        throttle = throttle.refused(now)
        assert 1 / 16 <= throttle.now(now) <= before
    assert throttle.now(now + 300.0) == 1.0
