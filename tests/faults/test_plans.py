"""Whatever goes wrong: no invariant breaks. Plans that Hypothesis draws and shrinks, seeds of the sweep, and found plans."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.faults.draws import Dice, draw_plan
from tests.faults.hypothetical import plans
from tests.faults.plan import Plan
from tests.faults.world import simulate

FOUND = {
    path.stem: Plan.from_json(json.loads(path.read_text(encoding="utf-8")))
    for path in sorted((Path(__file__).parent / "corpus").glob("*.json"))
}
_LONG = 0.1  # market-hours from which a found plan is left to the whole suite
CORPUS = [
    pytest.param(plan, id=name, marks=[pytest.mark.slow] if plan.market_hours > _LONG else [])
    for name, plan in FOUND.items()
]
# A killed life leaves generators behind in mid-flight, as a killed process would; nobody may finish them.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
NEW = "POLYACTORS_PLANS" in os.environ
_QUICK = (Phase.explicit, Phase.generate)  # shrinking takes minutes: `make sim` has them
_SHRINKING = (*_QUICK, Phase.shrink)
_WEATHER = 8  # s: long enough for every fault to bite, short enough for hundreds of plans
SHARDS = 8  # so that several workers share the examples
PLANS = int(os.environ.get("POLYACTORS_PLANS", "200"))  # `make sim` and `make sim-full` ask for more
_UNHURRIED = settings(
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.differing_executors],
)


def told(plan: Plan, breaches: list[str]) -> str:
    """What to print of a broken run, and how to see it again."""
    shown = "\n".join(breaches[:5])
    return f"{shown}\nreplay it: python -m tests.faults --plan FILE, with this in FILE:\n{json.dumps(plan.as_json())}"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_plan_breaks_an_invariant(shard: int) -> None:
    @settings(_UNHURRIED, max_examples=PLANS // SHARDS, database=None, phases=_SHRINKING if NEW else _QUICK)
    @given(plan=plans(weather=_WEATHER))
    def holds(plan: Plan) -> None:
        breaches = simulate(plan).breaches
        assert not breaches, told(plan, breaches)

    # Every commit meets the same plans, so that nobody is held up by what another has broken; the simulator draws new ones.
    (holds if NEW else seed(shard)(holds))()


@pytest.mark.parametrize("number", range(1_000_001, 1_000_021))
def test_no_seed_breaks_an_invariant_and_every_market_quotes_again(number: int) -> None:
    plan = draw_plan(Dice(Random(number)), seed=number, weather=205, quiet=95, kills=1, flows=("quiet",))
    world = simulate(plan)
    assert not world.breaches, told(plan, world.breaches)
    assert world.met["posts"] > 0


@pytest.mark.parametrize("plan", CORPUS)
def test_a_plan_that_once_broke_something_no_longer_does(plan: Plan) -> None:
    world = simulate(plan)
    assert not world.breaches, told(plan, world.breaches)
