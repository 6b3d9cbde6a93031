"""Markets that a person switches off and on in bad weather: nothing is lost, nothing is forgotten, and all quote again."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from tests.faults.draws import Dice, draw_plan
from tests.faults.plan import Act, Plan
from tests.faults.test_plans import told
from tests.faults.world import simulate

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def switching(number: int) -> Plan:
    """A drawn plan in which markets are switched off, too, now and then shortly before a kill."""
    random = Random(f"switch/{number}")
    plan = draw_plan(Dice(Random(number)), seed=number, weather=150, quiet=95, kills=1, flows=("quiet",))
    offs = [
        Act("switch", random.uniform(5, 120), market=random.choice(plan.markets), seconds=random.uniform(0.1, 60))
        for _ in range(3)
    ]
    kills = [Act("kill", off.at + random.uniform(0.01, 10)) for off in offs[:1]]
    return evolve(plan, acts=(*plan.acts, *offs, *kills))


@pytest.mark.parametrize(
    "number", [3_000_001, *(pytest.param(n, marks=pytest.mark.slow) for n in range(3_000_002, 3_000_005))]
)
def test_markets_that_are_switched_off_in_bad_weather_break_no_invariant(number: int) -> None:
    plan = switching(number)
    world = simulate(plan)
    assert not world.breaches, told(plan, world.breaches)
    assert world.met["posts"] > 0
