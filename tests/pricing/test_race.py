"""Where a window stands, read from the stream: strike, average so far, time left; nothing where it was not heard."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.series import Window
from actors.model.spot import USD
from actors.model.stream import Stream
from actors.pricing.digital import Race
from actors.pricing.race import race

START = 1_763_627_400
WINDOW = Window("w", "s", float(START), float(START + 300))


def heard(first: int, last: int, *, without: frozenset[int] = frozenset()) -> Stream:
    """A dollar more a second, 1,000 at the start; from `first` to `last` seconds from the start."""
    seconds = [second for second in range(first, last + 1) if second not in without]
    times = tuple((START + second) * 1000 for second in seconds)
    return Stream("btc", times, tuple((1_000 + second) * USD for second in seconds))


def test_the_strike_is_the_price_of_the_very_start_or_the_mean_of_the_minute_up_to_it() -> None:
    assert race(heard(-100, 50), WINDOW, 0) == Race(1_050 * USD, 1_000 * USD, 250.0, 0, 1_050 * USD)
    averaged = race(heard(-100, 50), WINDOW, 60)
    assert averaged is not None
    assert averaged.strike == 970.5 * USD


def test_a_start_that_was_not_heard_leaves_no_strike() -> None:
    assert race(heard(1, 50), WINDOW, 0) is None
    assert race(heard(-100, 50, without=frozenset({0})), WINDOW, 0) is None, "the price before it is another strike"
    assert race(heard(-50, 50), WINDOW, 60) is None
    assert race(heard(-100, 50, without=frozenset({-20, -19, -18})), WINDOW, 60) is None
    assert race(heard(-100, 50, without=frozenset({-20, -19})), WINDOW, 60) is not None


def test_there_is_no_race_before_the_start() -> None:
    assert race(heard(-100, -1), WINDOW, 60) is None
    assert race(Stream("btc"), WINDOW, 60) is None


def test_the_average_so_far_is_of_the_seconds_that_have_passed_of_it() -> None:
    standing = race(heard(-100, 270), WINDOW, 60)
    assert standing is not None
    assert standing.known == 1_255.5 * USD
    assert (standing.left, standing.averaging) == (30.0, 60)
    assert race(heard(-100, 270, without=frozenset(range(250, 255))), WINDOW, 60) is None


def test_after_the_end_the_window_is_decided_by_what_it_settled_at() -> None:
    assert race(heard(-100, 310), WINDOW, 60) == Race(1_270 * USD + USD // 2, 970 * USD + USD // 2, 0.0)
    assert race(heard(-100, 310, without=frozenset({300})), WINDOW, 0) is None


@given(st.integers(-70, 320), st.integers(1, 400), st.sampled_from([0, 30, 60]))
def test_what_comes_later_changes_nothing_of_what_was_known(now: int, more: int, averaging: int) -> None:
    """No look-ahead: the race at `now` is the same whether or not the future is on the way."""
    known = heard(-100, now)
    later = heard(-100, now + more)
    cut = sum(at <= (START + now) * 1000 for at in later.times)
    assert race(evolve(later, times=later.times[:cut], prices=later.prices[:cut]), WINDOW, averaging) == race(
        known, WINDOW, averaging
    )
