"""What makers are expected to earn in a day, and when a payment is not what was expected (strategies.md §0, §7)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.model.income import LEAST_PAID, SAMPLES, Compared, Expected, Income, Kind, Stood, Takings
from actors.model.numbers import PUSD, Cash

WORTHS = st.lists(st.integers(0, 1_000 * PUSD), max_size=30)


def stood(*worths: int) -> Stood:
    """After so many looks."""
    one = Stood()
    for worth in worths:
        one = one.seen(worth)
    return one


def test_a_whole_day_looked_at_promises_one_figure_and_half_a_day_two() -> None:
    whole, half = stood(*[30 * PUSD] * SAMPLES), stood(*[30 * PUSD] * (SAMPLES // 2))
    assert (whole.least, whole.most) == (30 * PUSD, 30 * PUSD)
    assert (half.least, half.most) == (15 * PUSD, 30 * PUSD)
    assert (Stood().least, Stood().most) == (0, 0)


@given(WORTHS, WORTHS)
def test_whatever_becomes_of_the_minutes_that_nobody_looked_at_is_between_the_two(
    seen: list[int], un: list[int]
) -> None:
    """As long as they were no better than those that were: others share them, or nobody and they do not count."""
    worth = [min(one, max(seen, default=0)) for one in un]
    one = stood(*seen)
    assert 0 <= one.least <= one.most <= max([*seen, 0])
    assert one.least <= sum(seen + worth) // SAMPLES


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 100))
def test_a_payment_within_what_was_expected_is_no_difference(least: int, more: int, tolerance: int) -> None:
    expected = Expected(Cash(least), Cash(least + more))
    assert not expected.misses(expected.least, tolerance)
    assert not expected.misses(expected.most, tolerance)
    assert expected.misses(Cash(expected.most * (100 + tolerance) // 100 + LEAST_PAID + 1), tolerance)


def test_less_than_a_pusd_is_not_paid_and_not_missed() -> None:
    assert not Expected(Cash(999_999), Cash(999_999)).misses(Cash(0), 0)
    assert Expected(Cash(2 * PUSD), Cash(2 * PUSD)).misses(Cash(0), 25)


def test_the_sums_of_a_day_are_those_of_its_markets() -> None:
    income = Income(7).rebated("a", Cash(5)).rebated("b", Cash(6)).seen("a", SAMPLES * 10).seen("c", SAMPLES)
    assert income.expected(Kind.REBATES) == Expected(Cash(11), Cash(11))
    assert income.expected(Kind.REWARDS) == Expected(Cash(11), Cash(11 * SAMPLES))
    assert income.rebated("a", Cash(4)).expected(Kind.REBATES).least == 10, "a ledger's word replaces the one before"


def test_a_day_waits_for_its_payment_while_the_next_goes_on_and_a_clock_set_back_ends_none() -> None:
    takings = Takings().on(7).rebated("a", {7: Cash(5), 6: Cash(9)}).on(8).rebated("a", {7: Cash(4), 8: Cash(1)})
    assert takings.before == Income(7, {"a": Stood(Cash(4))}), "a fill of the day before has failed today"
    assert takings.today == Income(8, {"a": Stood(Cash(1))})
    assert takings.on(7) == takings
    assert takings.on(8) == takings
    assert Takings().on(7).on(8).before is None, "nothing was earned, nothing is awaited"


def test_rewards_of_a_day_of_which_little_was_seen_are_not_judged() -> None:
    told: dict[Kind, dict[str, Cash]] = {Kind.REBATES: {}, Kind.REWARDS: {"a": Cash(90 * PUSD)}}
    assert Compared.of(Income(7, {"a": Stood(looks=59)}), told, 25).differs == ()
    assert Compared.of(Income(7, {"a": Stood(looks=60)}), told, 25).differs == (Kind.REWARDS,)


def test_a_ledger_that_promises_nothing_leaves_no_market_to_compare() -> None:
    assert Takings().on(7).rebated("a", {}).today.markets == {}


def test_what_is_paid_for_markets_that_were_not_traded_is_left_out() -> None:
    income = Income(7, {"a": Stood(Cash(5 * PUSD), looks=60)})
    told = {Kind.REBATES: {"a": Cash(5 * PUSD), "other": Cash(70 * PUSD)}, Kind.REWARDS: {"a": Cash(3 * PUSD)}}
    compared = Compared.of(income, told, 10)
    assert compared.rows[Kind.REBATES] == (Expected(Cash(5 * PUSD), Cash(5 * PUSD)), Cash(5 * PUSD))
    assert compared.differs == (Kind.REWARDS,)
    assert compared.text(Kind.REWARDS) == "rewards 3 pUSD paid, 0 expected"
