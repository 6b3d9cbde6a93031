"""What losses are counted from: the hour slides, the peak stays, the day ends, and a resume counts from where it was."""

from __future__ import annotations

from itertools import pairwise

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.day import Day
from actors.model.numbers import Cash
from actors.model.tally import BALANCE, DAILY, DRAWDOWN, HOURLY, Gauge, Tally

LIMIT = Cash(100)
PNLS = st.lists(st.integers(-500, 500), min_size=1, max_size=90)


def at(pnl: int, number: int = 7) -> Day:
    """A day whose one market has earned `pnl`."""
    return Day(number).read({"a": Cash(0)}).read({"a": Cash(pnl)})


def after(pnls: list[int], *, number: int = 7, since: Tally | None = None) -> Tally:
    """A look a minute."""
    tally = (since or Tally()).on(Day(), at(0, number))
    for minute, pnl in enumerate(pnls):
        tally = tally.read(at(pnl, number), minute)
    return tally


@given(PNLS)
def test_losses_are_those_since_the_oldest_minute_of_the_hour_and_since_the_highest_ever(pnls: list[int]) -> None:
    losses = after(pnls).losses(at(pnls[-1]))
    assert losses[HOURLY] == pnls[-60:][0] - pnls[-1]
    assert losses[DRAWDOWN] == max(0, *pnls) - pnls[-1]
    assert losses[DAILY] == losses[BALANCE] == -pnls[-1]


@given(PNLS, st.integers(-500, 500))
def test_midnight_changes_neither_the_hours_loss_nor_the_drawdown(pnls: list[int], more: int) -> None:
    last, today = at(pnls[-1]), at(more, 8)
    tally = after(pnls)
    over = tally.on(last, Day(8)).read(today, len(pnls))
    same = tally.read(at(pnls[-1] + more), len(pnls))
    assert (over.losses(today)[HOURLY], over.losses(today)[DRAWDOWN]) == (
        same.losses(at(pnls[-1] + more))[HOURLY],
        same.losses(at(pnls[-1] + more))[DRAWDOWN],
    )
    assert over.losses(today)[DAILY] == -more


def test_a_new_day_forgets_what_counts_within_a_day() -> None:
    hit = Gauge(hit=True)
    before = evolve(
        after([0]),
        base=Cash(9),
        gauges={"pause daily": hit, "kill balance": hit, "kill drawdown": hit, "pause hourly": hit},
    )
    now = before.on(at(0), Day(8))
    assert (now.base, set(now.gauges)) == (0, {"kill drawdown", "pause hourly"})


def test_a_clock_that_jumps_back_forgets_no_minute() -> None:
    tally = after([0, -10, -20])
    back = tally.read(at(-30), -5)
    assert back.hour == tally.hour


@given(st.lists(st.integers(-300, 300), min_size=2, max_size=40))
def test_a_limit_is_hit_once_it_is_reached_and_stays_hit_until_it_is_eased(losses: list[int]) -> None:
    gauges = [Gauge()]
    for loss in losses:
        gauges.append(gauges[-1].read(Cash(loss), LIMIT))
    assert [gauge.hit for gauge in gauges[1:]] == [
        any(loss >= LIMIT for loss in losses[: length + 1]) for length in range(len(losses))
    ]
    assert not any(before.hit and not now.hit for before, now in pairwise(gauges))


@given(st.integers(100, 1000), st.integers(-300, 1300))
def test_a_resume_grants_the_limit_anew_from_the_loss_of_then(lost: int, later: int) -> None:
    eased = Gauge().read(Cash(lost), LIMIT).eased(Cash(lost))
    assert eased.read(Cash(later), LIMIT).hit == (later >= lost + LIMIT or later - min(lost, max(0, later)) >= LIMIT)


def test_what_a_loss_recedes_by_is_not_granted_a_second_time() -> None:
    eased = Gauge().read(Cash(150), LIMIT).eased(Cash(150))
    receded = eased.read(Cash(20), LIMIT)
    assert (receded.granted, receded.hit) == (20, False)
    assert receded.read(Cash(120), LIMIT).hit


def test_four_fifths_are_warned_of_once_until_things_are_calm_again() -> None:
    warned, gauge = [], Gauge()
    for loss in (79, 80, 70, 85, 39, 80):
        before, gauge = gauge, gauge.read(Cash(loss), LIMIT)
        warned.append(gauge.warned and not before.warned)
    assert warned == [False, True, False, False, False, True]
