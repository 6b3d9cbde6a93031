"""Whatever can befall the bot in the simulator really does: an act that strikes nobody would be a check that cannot fail."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from attrs import evolve

from tests.faults.draws import ACTS, Dice, act_at
from tests.faults.plan import MARKETS, Plan
from tests.faults.world import simulate

# A life that is killed leaves requests half read, as a process does; the collector says so.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

_MEANT: Mapping[str, Any] = {
    "kill at": {"point": "before-send"},
    "order": {"who": "pause"},
}  # of several that could be drawn
_QUICK = ("step", "flatten all")  # those that once struck nobody, or were counted as something else


@pytest.mark.parametrize("kind", [pytest.param(k, marks=() if k in _QUICK else pytest.mark.slow) for k in ACTS])
def test_every_act_of_the_table_strikes_and_is_counted_by_its_name(kind: str) -> None:
    act = evolve(act_at(8.0, Dice(Random(1), MARKETS[:2]), kind), nth=1)
    act = evolve(act, **_MEANT.get(kind, {}))
    world = simulate(Plan(1, weather=25.0, quiet=0.0, markets=MARKETS[:2], acts=(act,)))
    assert not world.breaches
    assert world.met[f"act {kind}"] >= 1
