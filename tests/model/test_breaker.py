"""Breakers say what a person would count: no more, no earlier, and nothing of what is over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.model.breaker import Caught, Markouts, Rate, Streak
from actors.model.numbers import SHARE

EVENTS = st.lists(st.tuples(st.floats(0.0, 5.0), st.booleans()), max_size=60)


@given(EVENTS, st.floats(1.0, 20.0), st.integers(1, 10), st.integers(1, 100))
def test_a_rate_trips_exactly_when_the_share_of_its_window_has_reached_the_limit(
    events: list[tuple[float, bool]], window: float, least: int, limit: int
) -> None:
    rate, now, seen = Rate(window, least, limit), 0.0, list[tuple[float, bool]]()
    for gap, bad in events:
        now += gap
        rate.note(now, bad=bad)
        seen = [(at, was) for at, was in [*seen, (now, bad)] if at > now - window]
        wrong = sum(was for _, was in seen)
        trips = len(seen) >= least and wrong / len(seen) >= limit / 100
        assert rate.trips(now) == ((wrong, len(seen)) if trips else None)


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 5))
def test_a_streak_trips_on_so_many_in_a_row(bads: list[bool], limit: int) -> None:
    streak = Streak(limit)
    for length in range(1, len(bads) + 1):
        streak.note(bad=bads[length - 1])
        assert streak.trips == (length >= limit and all(bads[length - limit : length]))


def markouts(*fills: tuple[bool, int, int]) -> Markouts:
    """Fills (bid, price, shares) of one second after the other, from 0 on."""
    found = Markouts(after=5.0, fills=2, limit=100)
    for second, (bid, price, size) in enumerate(fills):
        found.note(Caught(f"t{second}", bid, price, size * SHARE, float(second)))
    return found


def test_fills_are_weighed_by_their_size_and_judged_when_their_time_has_come() -> None:
    found = markouts((True, 5000, 30), (False, 4600, 10))
    found.look(5.0, 4800)
    assert found.mean is None, "the second fill is too young"
    found.look(6.0, 4800)
    assert found.mean == (-200 * 30 - 200 * 10) // 40
    assert found.trips


def test_gains_pay_for_losses_and_only_the_last_fills_count() -> None:
    found = markouts((True, 5000, 10), (False, 5200, 10), (False, 5200, 10))
    found.look(6.0, 4800)
    assert (found.mean, found.trips) == (100, False)
    found.look(7.0, 5500)
    assert found.mean == (400 - 300) // 2


def test_a_fill_told_twice_counts_once_and_one_that_never_finds_a_price_is_forgotten() -> None:
    found = markouts((True, 5000, 10))
    found.note(Caught("t0", True, 5000, 10 * SHARE, 0.0))
    found.look(5.0, None)
    found.look(10.0, None)
    found.look(11.0, 1000)
    assert found.mean is None
    found.note(Caught("t0", True, 5000, 10 * SHARE, 0.0))
    found.look(20.0, 1000)
    assert found.mean is None


@given(st.integers(1, 9999), st.integers(1, 9999), st.integers(1, 9999))
def test_a_buy_and_a_sale_of_one_size_at_the_mid_of_both_are_worth_their_spread(bid: int, ask: int, mid: int) -> None:
    found = markouts((True, bid, 10), (False, ask, 10))
    found.look(6.0, mid)
    assert found.mean == (ask - bid) // 2
