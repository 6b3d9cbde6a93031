"""Short forms of `make kills`: a few kills, one storm, and what a second bot hears."""

from __future__ import annotations

import pytest

from tests.process.chain import MOMENTS
from tests.process.kills import run_chain
from tests.process.perils import PERILS, suffer
from tests.process.storm import rage

pytestmark = pytest.mark.process


def test_after_kills_at_any_moment_every_order_is_recorded_once_and_nothing_is_left() -> None:
    moments = [moment for moment in MOMENTS if moment.name in ("recovery", "fill", "shutdown")]
    told = run_chain(2, moments, patient=False)
    assert told.faults == ()
    assert told.orders >= 10, "there was something to lose"
    assert len(told.reconciled) >= 2


def test_a_storm_of_crashes_ends_flat_with_exit_0() -> None:
    storm = rage(30, 20.0, seed=3)
    assert storm.faults == ()
    assert storm.crashes >= 30


def test_a_second_bot_of_the_account_is_refused_and_the_first_goes_on() -> None:
    (peril,) = (peril for peril in PERILS if peril.name == "a second bot")
    assert suffer(peril, 1).faults == ()
