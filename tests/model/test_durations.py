"""How long things took, of late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.model.durations import Durations


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300), st.floats(0, 1))
def test_no_more_than_the_rest_is_longer(seconds: list[float], share: float) -> None:
    durations = Durations()
    for each in seconds:
        durations.add(each)
    at = durations.at(share)
    assert at in seconds
    assert sum(each > at for each in seconds) <= (1 - share) * len(seconds)
    assert (durations.at(1.0), durations.count) == (max(seconds), len(seconds))


def test_before_the_first_there_is_nothing_to_say() -> None:
    assert Durations().at(0.99) is None


def test_what_was_slow_long_ago_is_forgotten() -> None:
    durations = Durations()
    durations.add(5.0)
    for _ in range(10_000):
        durations.add(0.001)
    assert (durations.at(1.0), durations.count) == (0.001, 10_001)
