"""Real `kill -9` of a real bot, at random moments: `python -m tests.process.kills [--runs 200] [--jobs 3] [--first N]`.

Chains of ten kills of one instance, each started again on the same journal and the same exchange, and at last a SIGTERM
that must end flat with exit 0. Judged on the exchange's ledger and the journal's file (`judge.py`). Then every fault of
reliability.md §3 that is met over real sockets (`ordeals.py`) or by a process (`perils.py`), three times and more.

Prints a line a kill, one a chain, and the verdict; exits with 1 on any violation. The short forms are in `test_kills.py`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from attrs import field, frozen

from actors.model.numbers import PUSD
from tests.process.chain import CAPS, MOMENTS, Chain, Moment
from tests.process.judge import ALL, Case
from tests.process.ordeals import ORDEALS, Endured, endure, named
from tests.process.perils import PERFORMED, PERILS, suffer
from tests.process.venue import MARKED, TAKER, exchange

LENGTH = 10  # kills a chain
LEAST = 3  # bites of each fault
FAULTS = sorted({*named(), *PERFORMED}, key=lambda name: (int(name.split()[0][1:]), name))
RECONCILED_WITHIN = 5.0  # s
_JOBS = 3  # bots mostly wait: three of them and their exchanges leave half of two processors free
_BUSY = 2.0  # takers of a processor


@frozen
class Told:
    """A chain, judged. `at_risk` is the most of all markets together, `in_a_market` the most of one (cash units); `load`
    the takers of a processor in the last minute."""

    seed: int
    reconciled: tuple[float, ...]
    lives: int
    orders: int
    fills: int
    at_risk: int
    in_a_market: int
    faults: tuple[str, ...]
    load: float = field(factory=lambda: os.getloadavg()[0] / (os.cpu_count() or 1))

    @classmethod
    def of(cls, seed: int, case: Case, faults: Sequence[str]) -> Told:
        risks = case.at_risk()
        total = risks.pop(ALL)
        reconciled = tuple(took for life in range(len(case.lives)) if (took := case.reconciled(life)) is not None)
        counts = (len(case.lives), len(case.orders), case.fills)
        return cls(seed, reconciled, *counts, total, max(risks.values()), (*faults, *case.violations()))

    @property
    def slow(self) -> list[str]:
        """Lives that were slow to reconcile. A processor that has more than two takers says nothing about the bot."""
        late = [took for took in self.reconciled if took > RECONCILED_WITHIN]
        return [f"a life took {took:.1f} s to reconcile" for took in late] if self.load <= _BUSY else []

    def line(self) -> str:
        return (
            f"{'BAD' if self.faults or self.slow else 'ok '} chain {self.seed}: {self.lives} lives, {self.orders} orders, {self.fills} fills, "
            f"at most {self.at_risk / PUSD:.2f} of {CAPS.total / PUSD:g} pUSD at risk, "
            f"{self.in_a_market / PUSD:.2f} of {CAPS.per_market / PUSD:g} in one market, "
            f"slowest to reconcile {max(self.reconciled, default=0):.2f} s"
        )


def run_chain(seed: int, moments: Sequence[Moment], *, patient: bool = True) -> Told:
    """One chain, each kill told as it happens; `patient` as in `Chain.last`."""
    script = [*MARKED, *TAKER]
    with (
        tempfile.TemporaryDirectory(prefix="pa") as home,
        exchange(Path(home), seed=seed, flow="busy", faults=script) as venue,
    ):
        chain = Chain(venue, Random(f"kills/{seed}"))
        for number, moment in enumerate(moments, 1):
            after = chain.killed(moment)
            print(f"    chain {seed} kill {number}: {moment.name}, {after:.2f} s after the start", flush=True)
        chain.last(patient=patient)
        return Told.of(seed, chain.case(), chain.faults)


def _moments(seed: int, kills: int) -> list[Moment]:
    """All of them in a drawn order, again and again."""
    random = Random(f"moments/{seed}")
    rounds = -(-kills // len(MOMENTS))
    return [moment for _ in range(rounds) for moment in random.sample(MOMENTS, len(MOMENTS))][:kills]


def run_kills(runs: int, jobs: int, first: int) -> bool:
    """So many kills, in chains; True if everything held."""
    begun = time.monotonic()
    lengths = [min(LENGTH, runs - done) for done in range(0, runs, LENGTH)]
    told: list[Told] = []
    with ThreadPoolExecutor(jobs) as pool:
        seeds = range(first, first + len(lengths))
        for chain in pool.map(run_chain, seeds, map(_moments, seeds, lengths)):
            told.append(chain)
            print(chain.line(), *chain.faults, *chain.slow, sep="\n    ", flush=True)
    _print_verdict(runs, told, time.monotonic() - begun)
    return not any(chain.faults or chain.slow for chain in told)


def run_faults(jobs: int, first: int) -> bool:
    """Every ordeal and every peril, and how often each fault has bitten; True if everything held, often enough."""
    ordeals: list[Callable[[], Endured]] = [partial(endure, ordeal, first) for ordeal in ORDEALS]
    perils = [partial(suffer, peril, first + time) for peril in PERILS for time in range(LEAST)]
    hits: Counter[str] = Counter(dict.fromkeys(FAULTS, 0))
    good = True
    with ThreadPoolExecutor(jobs) as pool:
        for ran in pool.map(lambda run: run(), (*ordeals, *perils)):
            hits += ran.hits
            good = good and not ran.faults
            print(
                f"{'BAD' if ran.faults else 'ok '} {ran.name}, {ran.seconds:.0f} s",
                *ran.faults,
                sep="\n    ",
                flush=True,
            )
    return _print_hits(hits) and good


def _print_hits(hits: Mapping[str, int]) -> bool:
    """The table; False if a fault has bitten too seldom to have shown anything."""
    for name in FAULTS:
        print(f"  {name:<48}{hits[name]:>6}{'' if hits[name] >= LEAST else f'   BAD: wanted at least {LEAST}'}")
    return all(hits[name] >= LEAST for name in FAULTS)


def _print_verdict(runs: int, told: Sequence[Told], took: float) -> None:
    reconciled = [seconds for chain in told for seconds in chain.reconciled]
    spread = (
        "of no life"
        if len(reconciled) < 2
        else (
            f"p50 {statistics.median(reconciled):.2f}, p99 {statistics.quantiles(reconciled, n=100, method='inclusive')[98]:.2f}, "
            f"max {max(reconciled):.2f} s over {len(reconciled)} lives (wanted: under {RECONCILED_WITHIN:g})"
        )
    )
    bad = sum(len(chain.faults) + len(chain.slow) for chain in told)
    orders, fills = sum(chain.orders for chain in told), sum(chain.fills for chain in told)
    print(f"{runs} kills in {len(told)} chains in {took:.0f} s, {orders} orders, {fills} fills: {bad} violations")
    print(f"reconciled, from the start of the process to the last market's read of orders and trades: {spread}")
    if any(chain.load > _BUSY for chain in told):
        print(
            f"  not judged where more than {_BUSY:g} processes wanted each processor: this machine was busy with other things"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Real kill -9, judged on the exchange's ledger and the journal.")
    parser.add_argument("--runs", type=int, default=200, help="kills; 0 for none")
    parser.add_argument("--jobs", type=int, default=_JOBS, help="chains at a time")
    parser.add_argument("--first", type=int, default=1, help="seed of the first chain")
    parser.add_argument("--no-faults", action="store_true", help="kills only")
    options = parser.parse_args()
    good = run_kills(options.runs, options.jobs, options.first) if options.runs else True
    good = (options.no_faults or run_faults(options.jobs, options.first)) and good
    print("every sentence held" if good else "BAD: see above")
    raise SystemExit(not good)


if __name__ == "__main__":
    main()
