"""`python -m tests.simulated.honesty`: what naive makers earn on the simulated families against what they earn on recorded days.

Results are taken against the truth of each trade, which is a martingale: the same mean as the result itself, a fraction of
its noise. The exit code is 1 while a bound of strategies.md §10 is missed. Tuning seeds.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from attrs import frozen

from adapters.simulated.family import FAMILIES
from tests.simulated.direct import Prices, edge_bps, played, touch, two_cents


@frozen
class Bound:
    """In 1/10,000 of what was traded, before rebates."""

    family: str
    prices: Prices
    wanted: float
    within: float

    def measure(self, seeds: Sequence[int]) -> tuple[float, float]:
        """(what it earned, the standard error of that)."""
        return edge_bps(played(FAMILIES[self.family], self.prices, range(seeds[0], seeds[-1] + 1)))


BOUNDS = (
    Bound("crypto", touch, 17.0, 15.0),
    Bound("crypto", two_cents, -57.0, 20.0),
    Bound("event", touch, 66.0, 20.0),
    Bound("event", two_cents, -57.0, 20.0),
)


def _measured(number: int, paths: int) -> tuple[float, float]:
    return BOUNDS[number].measure(range(paths))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulated.honesty", description=__doc__)
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    missed = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        measured = pool.map(_measured, range(len(BOUNDS)), [options.paths] * len(BOUNDS))
        for bound, (mean, error) in zip(BOUNDS, measured, strict=True):
            met = abs(mean - bound.wanted) <= bound.within
            missed += not met
            wanted = f"{bound.wanted:+.0f} ± {bound.within:.0f}"
            print(
                f"{bound.family:7} {bound.prices.__name__:10} wanted {wanted:9} measured {mean:+6.1f} ± {error:4.1f} bps: "
                f"{'met' if met else 'MISSED'}",
                flush=True,
            )
    print(f"{len(BOUNDS) - missed} of {len(BOUNDS)} bounds met, over {options.paths} paths")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
