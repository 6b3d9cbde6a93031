"""The till against an exchange that counts by itself: samples, fees and payments are its own, and both must agree."""

from __future__ import annotations

import pytest

from actors.model.income import Compared, Kind, Takings
from actors.shared import till
from tests.faults import watch, world
from tests.faults.plan import Plan

DAY, TODAY = 86_400.0, 20_400


def paid(plan: Plan, before: float, monkeypatch: pytest.MonkeyPatch) -> Compared:
    """How the day came out that ends `before` seconds after the start."""
    for module in (world, watch):
        monkeypatch.setattr(module, "START", (TODAY + 1) * DAY - before)
    monkeypatch.setattr(till, "_PAID_BY", 30.0)
    monkeypatch.setattr(till, "_LATE", 0.0)
    found = world.simulate(plan)
    assert found.breaches == []
    takings = found.lives[-1].board.last(Takings)
    assert takings is not None
    assert takings.compared is not None
    assert takings.compared.number == TODAY
    return takings.compared


@pytest.mark.slow
def test_rewards_of_half_a_calm_hour_are_paid_about_as_they_were_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchange pays the whole pool for its few samples, so the upper figure is the one to meet. It and we look at
    random moments of half an hour only: over six seeds it paid 0.8 to 2.3 times as much."""
    plan = Plan(seed=2, weather=1930.0, quiet=0.0, flow="calm", markets=("demo-election",))
    expected, cash = paid(plan, 1800.0, monkeypatch).rows[Kind.REWARDS]
    assert 0 < expected.least < cash
    assert expected.most / 3 < cash < expected.most * 3


@pytest.mark.slow
def test_rebates_are_paid_to_the_last_unit_but_for_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(
        seed=1, weather=530.0, quiet=0.0, markets=("demo-election", "demo-bitcoin"), per_market=400, total=1_000
    )
    compared = paid(plan, 400.0, monkeypatch)
    expected, cash = compared.rows[Kind.REBATES]
    assert expected.least > 100_000
    assert abs(expected.least - cash) < 20
    assert compared.differs == ()
