"""A ramp rises by its steps alone, and no part of a limit is ever more than that part of it."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.config_changes import changes
from actors.model.numbers import PUSD, SHARE, Cash, Size
from actors.model.ramp import Ramp, limited, ramp_of, slimmed
from actors.model.risk_settings import RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings

PARTS = st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True).map(lambda parts: (*sorted(parts), 100))


@given(PARTS, st.floats(1.0, 3600.0), st.lists(st.floats(0.1, 7200.0), max_size=30))
def test_it_never_rises_before_its_time_nor_by_more_than_a_step(
    parts: tuple[int, ...], every: float, pauses: list[float]
) -> None:
    ramp, now, raised_at = Ramp(parts, every).begun(0.0), 0.0, 0.0
    for pause in pauses:
        now += pause
        after = ramp.after(now)
        if after != ramp:
            assert now >= raised_at + every
            assert parts.index(after.part) == ramp.step + 1
            raised_at = now
        ramp = after


def test_a_halted_one_never_rises_and_begins_anew_at_its_first_step() -> None:
    halted = evolve(Ramp((10, 50, 100), 60.0).begun(0.0).after(60.0), halted="alpha: paused")
    assert (halted.part, halted.after(1e9)) == (50, halted)
    assert halted.begun(1e9).part == 10


@given(st.integers(1, 99), st.integers(1, 10**12), st.integers(1, 10**12))
def test_no_limit_is_more_than_its_part(part: int, money: int, shares: int) -> None:
    risk = RiskSettings(mode="log_only", max_order_size=Size(shares), max_order_notional=Cash(money))
    budget = BudgetSettings(per_market=Cash(money), total=Cash(money))
    own = (MarketSettings("alpha", budget=Cash(money)),)
    now = limited(Settings(own, risk=risk, budget=budget), part)
    amounts = (now.budget.per_market, now.budget.total, now.risk.max_order_notional, now.markets[0].budget)
    assert all(1 <= amount <= max(1, money * part / 100) for amount in amounts if amount is not None)
    assert 1 <= now.risk.max_order_size <= max(1, shares * part / 100)
    assert now.risk.enforced, "what is only logged would limit nothing"


def test_what_is_lost_is_limited_as_ever() -> None:
    old = Settings((MarketSettings("alpha"),), risk=RiskSettings(max_daily_loss=Cash(5 * PUSD)))
    changed = {change.key for change in changes(old, limited(old, 10))}
    assert changed == {
        *("budget.per_market", "budget.total"),
        *("risk.max_order_size", "risk.max_order_notional", "risk.max_position"),
    }
    assert limited(old, 100) is old


def test_a_strategy_is_not_slimmed_below_what_the_market_takes() -> None:
    strategy = StrategySettings("simple", SimpleParameters(size=Size(20 * SHARE), limit=Size(100 * SHARE)))
    sizes = [slimmed(strategy, part, Size(5 * SHARE)).parameters.size for part in (1, 10, 50, 100)]
    assert sizes == [5 * SHARE, 5 * SHARE, 10 * SHARE, 20 * SHARE]
    assert slimmed(strategy, 10, Size(5 * SHARE)).parameters.limit == 10 * SHARE
    tiny = StrategySettings("simple", SimpleParameters(size=Size(2 * SHARE)))
    assert slimmed(tiny, 10, Size(5 * SHARE)).parameters.size == 2 * SHARE, "never more than was asked for"


def test_a_size_that_is_left_to_the_strategy_begins_small_as_well() -> None:
    sizes = [slimmed(StrategySettings("maker"), part, Size(5 * SHARE)).parameters.size for part in (10, 50, 100)]
    assert sizes == [5 * SHARE, 25 * SHARE, None]


@pytest.mark.parametrize(
    ("parts", "every", "says"),
    [
        ("10%,5%,100%", 60.0, "parts must rise and end with 100%"),
        ("10%,50%", 60.0, "parts must rise and end with 100%"),
        ("0%,100%", 60.0, "whole percents from 1% to 100%"),
        ("ten,100%", 60.0, "whole percents from 1% to 100%"),
        ("", 60.0, "whole percents from 1% to 100%"),
        ("10%,100%", 0.5, "--every must be from 1 s"),
        ("10%,100%", float("nan"), "--every must be from 1 s"),
        (",".join(map(str, range(70, 101))), 60.0, "at most 20"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_write(parts: str, every: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ramp_of(parts, every)
