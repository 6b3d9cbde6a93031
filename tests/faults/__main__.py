"""Replays one simulated run and tells it: `python -m tests.faults --seed N [--plan FILE] [--log]`.

Without a plan the one that the sweep draws for this seed is run. `--save FILE` writes it, to be cut down by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from loguru import logger

from tests.faults.plan import Plan
from tests.faults.sweep import plan_of
from tests.faults.timeline import timeline
from tests.faults.world import simulate


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plan", type=Path, help="a plan as JSON, as --save writes it")
    parser.add_argument("--save", type=Path, help="write the plan here")
    parser.add_argument("--log", action="store_true", help="what the bot logged, in between")
    options = parser.parse_args()
    plan = Plan.from_json(json.loads(options.plan.read_text())) if options.plan else plan_of(options.seed)
    if options.save:
        options.save.write_text(json.dumps(plan.as_json(), indent=1) + "\n")
    logger.remove()
    world = simulate(plan, keep=True, log=options.log)
    print(json.dumps(plan.as_json()))
    for line in timeline(world.trace.events, breaches=world.breaches):
        print(line)
    print(f"trace {world.trace.digest}")
    sys.exit(bool(world.breaches))


if __name__ == "__main__":
    main()
