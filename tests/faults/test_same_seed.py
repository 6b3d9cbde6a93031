"""A seed replays to the last byte, whatever Python's hash seed; and the trace would show it if it did not."""

from __future__ import annotations

from attrs import evolve

from tests.faults.gate import compare
from tests.faults.plan import Act, Plan
from tests.faults.world import simulate

PLAN = Plan(seed=7, weather=15.0, quiet=0.0, acts=(Act("kill", 6.0),))


def test_two_processes_with_different_hash_seeds_take_equal_steps() -> None:
    ours, theirs = compare(first=1, seeds=4, weather=20)
    assert ours == theirs
    assert len({line.split()[1] for line in ours}) == 4
    assert all(int(line.split()[2]) > 100 for line in ours)


def test_another_seed_gives_another_trace() -> None:
    traces = [simulate(evolve(PLAN, seed=seed)).trace.digest for seed in (7, 7, 8)]
    assert traces[0] == traces[1] != traces[2]


def test_a_plan_survives_its_json() -> None:
    plan = evolve(PLAN, faults=({"kind": "hang", "path": "/order", "at": 3, "for": 2},))
    assert Plan.from_json(plan.as_json()) == plan
