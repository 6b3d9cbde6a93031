"""The drawn world: what is true, who comes, and that nobody's draws depend on another's."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from attrs import evolve

from actors.model.numbers import PRICE_ONE
from adapters.simulated.delays import Delays
from adapters.simulated.family import BASE, FAMILIES, STRESS, Family
from adapters.simulated.path import Informed, Minute, Noise, path
from adapters.simulated.quotes import Quoted
from adapters.simulated.truth import digital, truth

CALM, EVENT, CRYPTO = FAMILIES["calm"], FAMILIES["event"], FAMILIES["crypto"]


@pytest.mark.parametrize("family", BASE, ids=lambda family: family.name)
def test_events_are_in_order_and_within_the_horizon(family: Family) -> None:
    life = path(family, 4)
    times = [event.at for event in life.events]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < family.horizon


@pytest.mark.parametrize("family", [EVENT, CRYPTO], ids=lambda family: family.name)
def test_what_resolves_ends_in_zero_or_one(family: Family) -> None:
    assert {path(family, seed).worth for seed in range(12)} == {0, PRICE_ONE}


@pytest.mark.parametrize(("family", "within"), [(EVENT, 0.08), (CRYPTO, 0.08), (FAMILIES["newsy"], 0.02)])
def test_the_truth_is_a_martingale(family: Family, within: float) -> None:
    """From a third of the way to its end it moves nowhere on average, whatever it was."""
    lives = [truth(family, seed).fair for seed in range(200)]
    moves = [fair[-1] - fair[len(fair) // 3] for fair in lives]
    assert abs(fmean(moves)) < within


def test_the_event_gets_faster_towards_its_end() -> None:
    lives = [truth(EVENT, seed).fair for seed in range(40)]
    early = pstdev([fair[k + 1] - fair[k] for fair in lives for k in range(0, 300)])
    late = pstdev([fair[k + 1] - fair[k] for fair in lives for k in range(1400, 1700)])
    assert late > 1.3 * early


def test_seconds_of_the_spot_price_have_heavy_tails() -> None:
    returns: list[float] = []
    for seed in range(20):
        spot = truth(CRYPTO, seed).spot
        own = [b / a - 1 for a, b in pairwise(spot)]
        sd = pstdev(own)
        returns += [x / sd for x in own]
    assert fmean(x**4 for x in returns) > 4.5


def test_the_digital_knows_the_average_that_settles_it() -> None:
    """strategies.md §6: S 65050, K 65000, sigma 0.9e-4, average of 60 s."""
    prices = [65_050.0] * 901
    assert digital(prices, 600, 900, 65_000.0, 0.9e-4) == pytest.approx(0.701895, abs=1e-6)
    known = [64_990.0] * 870 + [65_050.0] * 31
    known[870] = 65_050.0
    assert digital([*known], 900, 900, 65_000.0, 0.9e-4) == 1.0


def test_a_part_that_is_added_or_changed_reshuffles_no_other() -> None:
    plain, busier = path(CALM, 9), path(evolve(CALM, noise=400.0, looks=0.5, depth=50.0), 9)
    assert [e for e in plain.events if isinstance(e, Quoted)] == [e for e in busier.events if isinstance(e, Quoted)]
    assert [e for e in plain.events if isinstance(e, Minute)] == [e for e in busier.events if isinstance(e, Minute)]
    assert plain.depths == busier.depths
    assert plain.worth == busier.worth


def test_noise_comes_as_often_as_the_family_says_and_informed_takers_gather_at_a_jump() -> None:
    lives = [path(EVENT, seed) for seed in range(30)]
    noise = fmean(sum(isinstance(e, Noise) for e in life.events) for life in lives)
    assert noise == pytest.approx(200, rel=0.05)
    at_jumps = looked = 0
    for seed, life in enumerate(lives):
        seconds = {int(e.at) for e in life.events if isinstance(e, Informed)}
        jumps = truth(EVENT, seed).jumps - {EVENT.horizon}
        at_jumps += len(jumps & seconds)
        looked += len(jumps)
    assert 0.6 < at_jumps / looked < 0.95


def test_a_delay_belongs_to_its_time_whoever_asks_and_however_often() -> None:
    first, second = Delays.of(3, 900), Delays.of(3, 900)
    late = first.order(700.0)
    assert [second.order(t) for t in (5.0, 900.0, 700.0, 5.1)][2] == late
    sample = sorted(Delays.of(3, 900).orders.at(t) for t in range(800))
    assert sample[400] == pytest.approx(0.06, rel=0.15)
    assert sample[720] == pytest.approx(0.16, rel=0.25)


def test_there_are_thirty_cells_of_stress() -> None:
    assert len(STRESS) == 30
    assert len({cell.name for cell in STRESS}) == 30
