"""The windows of a series are told from the time alone, and there is always one to trade or to make ready."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.naming import Kind, name_of
from actors.model.series import Series, series_of, window_of
from actors.model.series_settings import SeriesSettings

FIVE = Series("btc-updown-5m", 300)
SETTINGS = st.builds(SeriesSettings, st.floats(0, 120), st.floats(0, 120), st.floats(0, 120))
WALLS = st.floats(1.7e9, 2.2e9)


@pytest.mark.parametrize("text", ["btc-updown-5m", "btc-up-or-down-5m", " btc-updown-5m "])
def test_a_series_goes_by_the_slugs_of_its_windows_or_by_its_own(text: str) -> None:
    assert (name_of(text).kind, name_of(text).value) == (Kind.SERIES, "btc-updown-5m")


@pytest.mark.parametrize(
    "text", ["btc-updown-1h", "btc-updown-5m-", "updown-5m", "btc-updown-5m-1773307200", "demo-cup"]
)
def test_nothing_else_is_a_series(text: str) -> None:
    assert series_of(text) is None


def test_the_venues_own_example_is_found_by_its_time() -> None:
    window = FIVE.at(1_773_307_200 + 17.0)  # polymarket.md §9.4
    assert (window.slug, window.ends_at - window.starts_at) == ("btc-updown-5m-1773307200", 300.0)
    assert window_of(window.slug) == window


@given(WALLS, SETTINGS)
def test_there_is_always_a_window_to_trade_or_the_next_one_to_make_ready(wall: float, settings: SeriesSettings) -> None:
    wanted = FIVE.wanted(wall, settings)
    assert 1 <= len(wanted) <= 2
    for window in wanted:
        begins, ends = window.hours(settings)
        assert window.starts_at <= begins < ends <= window.ends_at
        assert wall < ends
        assert begins - wall <= 300.0 + settings.skip_first
