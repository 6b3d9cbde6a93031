"""The day's loss: absolute, counted from midnight, and forgiven by nobody but a person or the next day."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from actors.model.day import Day, day_number, utc_text
from actors.model.numbers import PUSD, Cash

MARKETS = ("alpha", "beta")
LIMIT = Cash(100 * PUSD)
TODAY = 20_000

earnings = st.dictionaries(st.sampled_from(MARKETS), st.integers(-500 * PUSD, 500 * PUSD).map(Cash))
looks = st.lists(earnings, max_size=8)


def cash(**pusd: int) -> Mapping[str, Cash]:
    return {market: Cash(amount * PUSD) for market, amount in pusd.items()}


def seen(day: Day, readings: list[dict[str, Cash]]) -> Day:
    for earned in readings:
        day = day.read(earned)
    return day


@given(looks, earnings)
def test_reading_the_same_again_changes_nothing(readings: list[dict[str, Cash]], earned: dict[str, Cash]) -> None:
    once = seen(Day(TODAY), readings).read(earned)
    assert once.read(earned) == once


@given(looks, st.integers(-3, 0))
def test_a_clock_that_jumps_back_resets_nothing(readings: list[dict[str, Cash]], back: int) -> None:
    day = seen(Day(TODAY), readings)
    assert day.on(TODAY + back, MARKETS) == day


@given(looks, looks)
def test_only_the_first_and_the_last_look_of_a_day_count(
    before: list[dict[str, Cash]], after: list[dict[str, Cash]]
) -> None:
    """A restart in between, which reads every trade again, is one more look."""
    day = seen(Day(TODAY), [*before, *after])
    ends = [[earned[m] for earned in (*before, *after) if m in earned] for m in MARKETS]
    assert day.pnl == sum(each[-1] - each[0] for each in ends if each)


@given(looks, looks)
def test_a_new_day_never_counts_a_gain_made_before_it(
    yesterday: list[dict[str, Cash]], today: list[dict[str, Cash]]
) -> None:
    day = seen(seen(Day(TODAY), yesterday).on(TODAY + 1, MARKETS), today)
    firsts = [next((earned[m] for earned in today if m in earned), None) for m in MARKETS]
    lasts = [next((earned[m] for earned in reversed(today) if m in earned), None) for m in MARKETS]
    counted = sum(
        last - first for first, last in zip(firsts, lasts, strict=True) if first is not None and last is not None
    )
    assert day.pnl <= counted


def test_a_loss_made_while_the_bot_was_away_over_midnight_counts() -> None:
    evening = Day(TODAY).read(cash(alpha=10))
    assert evening.on(TODAY + 1, MARKETS).read(cash(alpha=4)).pnl == -6 * PUSD
    assert evening.on(TODAY + 1, MARKETS).read(cash(alpha=15)).pnl == 0


def test_a_market_that_is_no_longer_traded_counts_until_the_day_ends() -> None:
    day = Day(TODAY).read(cash(alpha=0, beta=0)).read(cash(beta=-70))
    assert day.read(cash(alpha=-20)).pnl == -90 * PUSD
    assert day.on(TODAY + 1, ("alpha",)).results.keys() == {"alpha"}


def test_the_limit_warns_at_four_fifths_and_breaks_at_the_whole() -> None:
    day = Day(TODAY).read(cash(alpha=0))
    losses = {lost: day.read(cash(alpha=-lost)) for lost in (79, 80, 99, 100)}
    assert {lost for lost, each in losses.items() if each.nears(LIMIT)} == {80, 99, 100}
    assert {lost for lost, each in losses.items() if each.breaks(LIMIT)} == {100}


def test_an_acknowledged_loss_grants_the_limit_anew_and_the_next_day_forgets_it() -> None:
    broken = Day(TODAY, breached=True, warned=True).read(cash(alpha=0)).read(cash(alpha=-103))
    going = broken.forgiven()
    assert (going.breaks(LIMIT), going.warned, going.floor(LIMIT)) == (False, False, -203 * PUSD)
    assert going.read(cash(alpha=-203)).breaks(LIMIT)
    assert going.on(TODAY + 1, MARKETS).floor(LIMIT) == -100 * PUSD


def test_days_change_at_midnight_utc() -> None:
    assert day_number(86_400 * 20_420 - 0.001) == 20_419
    assert day_number(86_400 * 20_420) == 20_420
    assert Day(20_420).date == "2025-11-28"
    assert utc_text(1_764_300_667.9) == "2025-11-28 03:31:07 UTC"
