"""The weather as a value: whatever is heard, nothing slips through a closed way, and every way opens again by itself."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import Draft, Place
from actors.model.market import Side
from actors.model.order import Key
from actors.model.outcome import Sign, Storm
from actors.model.rates import Lane
from actors.shared.weather import RULES, Weather, holds

ACCOUNT_LEVEL = {Storm.BLOCKED, Storm.BARRED, Storm.CLOSED_ONLY}
HEARD = [storm for storm in Storm if storm is not Storm.CLOCK]


def place(number: int = 1, *, taker: bool = False) -> Place:
    """A quote, or a sale that reduces what is held."""
    side = Side.SELL if taker else Side.BUY
    draft = Draft("yes", False, side, 4000, 10, type="FAK" if taker else "GTC", post_only=not taker)
    return Place("alpha", "0xalpha", Key(1, number), draft, reduces=taker)


QUOTE, SALE = place(1), place(2, taker=True)


def heard(storm: Storm, wait: float = 0.0, lane: Lane = Lane.ORDERS, now: float = 0.0) -> Weather:
    return Weather().heard(Sign(storm, wait), lane, now)


@pytest.mark.parametrize("storm", HEARD)
def test_a_sign_closes_the_way_for_what_it_concerns(storm: Storm) -> None:
    weather = heard(storm)
    assert weather.forbids(QUOTE, 1e9) is (storm if storm is not Storm.POST_ONLY else None)
    assert weather.forbids(SALE, 1e9) is (storm if storm is not Storm.CLOSED_ONLY else None)


@pytest.mark.parametrize("storm", HEARD)
def test_once_the_time_is_over_it_is_looked_at_and_one_order_tries(storm: Storm) -> None:
    weather, tries = heard(storm), SALE if storm is Storm.POST_ONLY else QUOTE
    assert weather.due(weather.next_look - 0.01) == ()
    now = weather.next_look
    assert weather.due(now) == (storm,)
    weather = weather.looked(storm, now).cleared(storm, now)
    assert weather.forbids(tries, now) is None
    weather = weather.leaves(tries, now)
    second = place(3, taker=storm is Storm.POST_ONLY)
    assert weather.forbids(second, now) is storm, "the first has to come through"
    assert weather.returned(tries, now, through=True).forbids(second, now) is None


def test_an_order_that_never_comes_back_keeps_the_others_for_ten_seconds_only() -> None:
    weather = heard(Storm.LIMITED).cleared(Storm.LIMITED, 2.0).leaves(QUOTE, 2.0)
    assert weather.forbids(place(3), 11.9) is Storm.LIMITED
    assert weather.forbids(place(3), 12.0) is None


def test_an_order_of_unknown_end_lets_the_next_one_try() -> None:
    weather = heard(Storm.LIMITED).cleared(Storm.LIMITED, 2.0).leaves(QUOTE, 2.0)
    weather = weather.returned(QUOTE, 3.0, through=False)
    assert Storm.LIMITED in weather.closures
    assert weather.forbids(place(3), 3.0) is None


def test_each_try_that_fails_doubles_the_wait_up_to_a_bound() -> None:
    weather, waits, now = Weather(), list[float](), 0.0
    for _ in range(7):
        weather = weather.heard(Sign(Storm.CANCEL_ONLY), Lane.ORDERS, now)
        waits.append(weather.next_look - now)
        now = weather.next_look
        weather = weather.cleared(Storm.CANCEL_ONLY, now)
    assert waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0]


def test_no_storm_that_may_pass_keeps_a_market_from_quoting_for_longer_than_a_minute() -> None:
    """I22 leaves T_late + 30 s for the way back; what a person must mend is looked at more seldom."""
    mended_by_hand = {Storm.CLOSED_ONLY, Storm.BARRED, Storm.CLOCK}
    assert all(rule.longest <= 60.0 for storm, rule in RULES.items() if storm not in mended_by_hand)


def test_many_answers_of_one_storm_count_once() -> None:
    weather = heard(Storm.LOGIN)
    for at in range(4):
        weather = weather.heard(Sign(Storm.LOGIN), Lane.READS, float(at))
    assert (weather.closures[Storm.LOGIN].times, weather.next_look) == (1, 5.0)


def test_the_venues_own_word_goes_before_ours_up_to_a_minute() -> None:
    assert heard(Storm.CANCEL_ONLY, wait=42.0).next_look == 42.0
    assert heard(Storm.CANCEL_ONLY, wait=1e9).next_look == 60.0
    again = heard(Storm.CANCEL_ONLY).heard(Sign(Storm.CANCEL_ONLY, 1e9), Lane.ORDERS, 1.0)
    assert again.next_look == 61.0
    assert heard(Storm.BARRED, wait=1e9).next_look == 600.0, "what a person must mend is looked at as seldom as ever"


@given(
    storm=st.sampled_from(HEARD),
    lane=st.sampled_from([Lane.CANCELS, Lane.READS]),
    wait=st.floats(0.0, 1e9),
    stretch=st.floats(1.0, 1.25),
    times=st.integers(1, 12),
)
def test_whatever_wait_the_venue_names_cancels_and_reads_try_again_within_thirty_seconds(
    storm: Storm, lane: Lane, wait: float, stretch: float, times: int
) -> None:
    weather, now = Weather(), 0.0
    for _ in range(times):
        weather = weather.heard(Sign(storm, wait), lane, now, stretch)
        assert weather.slow_until(lane) - now <= (30.0 if storm is Storm.LIMITED else 10.0)
        assert weather.slow_until(lane, hurries=True) - now <= 2.0 + 1e-6
        now = max(now, weather.slow_until(lane))


def test_a_cancel_in_a_hurry_that_is_served_opens_the_way_for_all() -> None:
    weather = heard(Storm.LIMITED, wait=600.0, lane=Lane.CANCELS)
    assert weather.answered(Lane.CANCELS, 1.9).slow_until(Lane.CANCELS) == 24.0, "that one had left before"
    assert weather.answered(Lane.CANCELS, 2.0).slow_until(Lane.CANCELS) == -inf


def test_an_engine_that_answers_lets_cancels_leave_unless_they_are_too_many() -> None:
    for storm in (Storm.DISABLED, Storm.RESTART):
        assert heard(storm, wait=600.0, lane=Lane.CANCELS).engine_answered().slow_until(Lane.CANCELS) == -inf
    limited = heard(Storm.LIMITED, wait=600.0, lane=Lane.CANCELS)
    assert limited.engine_answered() == limited


def test_only_refused_orders_close_the_way_for_orders_when_requests_are_limited() -> None:
    for lane in (Lane.CANCELS, Lane.READS):
        weather = heard(Storm.LIMITED, wait=3.0, lane=lane)
        assert weather.forbids(QUOTE, 0.0) is None
        assert weather.slow_until(lane) == 3.0
        assert weather.answered(lane, 1.9).slow_until(lane) == 3.0, "that one had left before"
        assert weather.answered(lane, 3.0).slow_until(lane) == -inf
    assert heard(Storm.LIMITED, wait=3.0).slow_until(Lane.CANCELS) == -inf


def test_cancels_are_tried_again_within_two_seconds_during_a_restart() -> None:
    weather, now = Weather(), 0.0
    for _ in range(10):
        weather = weather.heard(Sign(Storm.RESTART), Lane.CANCELS, now, stretch=1.25)
        assert 1.0 <= weather.slow_until(Lane.CANCELS) - now <= 2.0 + 1e-6
        now = weather.slow_until(Lane.CANCELS)


def test_after_a_restart_a_post_only_order_goes_first() -> None:
    weather = heard(Storm.RESTART).cleared(Storm.RESTART, 90.0)
    assert weather.forbids(SALE, 90.0) is Storm.POST_ONLY
    assert weather.forbids(QUOTE, 90.0) is None
    assert weather.due(95.0) == (Storm.POST_ONLY,), "a bot that only sells is not kept for ever"
    weather = weather.looked(Storm.POST_ONLY, 95.0).cleared(Storm.POST_ONLY, 95.0)
    assert set(weather.closures) == {Storm.RESTART}, "nobody has said that takers are refused"


def test_a_wrong_clock_explains_every_401() -> None:
    weather = heard(Storm.LOGIN).skewed("40 s off").heard(Sign(Storm.LOGIN), Lane.READS, 1.0)
    assert set(weather.closures) == {Storm.CLOCK}
    assert weather.due(1e9) == (), "it ends when the clock is right, not before"
    assert weather.over(Storm.CLOCK).forbids(QUOTE, 1.0) is None


signs = st.builds(Sign, st.sampled_from(HEARD), st.sampled_from([0.0, 0.5, 30.0, 1e9]))
steps = st.tuples(
    st.floats(0.0, 30.0),
    st.one_of(
        st.tuples(st.just("heard"), signs, st.sampled_from([*Lane, None])),
        st.tuples(st.just("look"), st.just(None), st.just(None)),
        st.tuples(st.just("try"), st.sampled_from([QUOTE, SALE, place(5), place(6, taker=True)]), st.booleans()),
    ),
)


@given(plan=st.lists(steps, max_size=40))
def test_nothing_passes_a_closed_way_and_every_way_opens_by_itself(
    plan: list[tuple[float, tuple[str, object, object]]],
) -> None:
    weather, now = Weather(), 0.0
    for pause, (what, one, other) in plan:
        now += pause
        if what == "heard":
            assert isinstance(one, Sign)
            assert other is None or isinstance(other, Lane)
            weather = weather.heard(one, other, now)
            closes = one.storm is not Storm.LIMITED or other is Lane.ORDERS
            assert not closes or all(weather.forbids(p, now) for p in (QUOTE, SALE) if holds(one.storm, p))
        elif what == "look":
            weather = _looked(weather, now)
        else:
            assert isinstance(one, Place)
            if weather.forbids(one, now) is None:
                assert not any(holds(s, one) and not c.trying for s, c in weather.closures.items())
                weather = weather.leaves(one, now).returned(one, now, through=bool(other))
        for storm, closure in weather.closures.items():
            assert closure.trying or closure.until - now <= max(60.0, RULES[storm].longest) + 1e-6, (
                "every wait has an end"
            )
    _comes_back(weather, now)


def _looked(weather: Weather, now: float) -> Weather:
    for storm in weather.due(now):
        weather = weather.looked(storm, now).cleared(storm, now)
    return weather


def _comes_back(weather: Weather, now: float) -> None:
    """Nothing more is heard: looks and tries alone make it fair again."""
    for number in range(100, 140):
        if not weather.closures:
            return
        now = max(now, min(weather.next_look, now + 700.0)) + 0.1
        weather = _looked(weather, now)
        for taker in (False, True):
            tries = place(number, taker=taker)
            assert weather.forbids(tries, now) is None or weather.next_look < inf
            if weather.forbids(tries, now) is None:
                weather = weather.leaves(tries, now).returned(tries, now, through=True)
    raise AssertionError(f"never fair again: {weather}")


@pytest.mark.parametrize("storm", [storm for storm in HEARD if storm not in ACCOUNT_LEVEL])
def test_our_own_waits_are_short_enough_to_quote_again_within_ninety_seconds(storm: Storm) -> None:
    assert RULES[storm].longest * 1.25 < 90.0
