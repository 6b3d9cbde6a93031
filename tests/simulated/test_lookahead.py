"""Nothing that the bot decides depends on what has not happened yet, and equal paths are traded equally."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import Draft
from actors.strategies.registry import STRATEGIES
from actors.wiring.evaluation import Lived
from adapters.simulated.family import BASE
from tests.depth import seeded
from tests.simulated.lives import short, shuffled, traded

_CUT = 40.0
_FAMILIES, _STRATEGIES = [family.name for family in BASE], sorted(STRATEGIES)


def _until(lived: Lived, time: float) -> list[tuple[float, Draft | str]]:
    return [act for act in lived.venue.acts if act[0] <= time]


@pytest.mark.parametrize("family", ["newsy", "crypto", "event"])
def test_a_future_that_is_cut_off_or_replaced_changes_no_decision_before_it(family: str) -> None:
    life = short(family, 5)
    acts = _until(traded(life), _CUT)
    assert acts
    assert _until(traded(life.until(_CUT)), _CUT) == acts
    assert _until(traded(life.grafted(_CUT, short(family, 6))), _CUT) == acts


@given(
    family=st.sampled_from(_FAMILIES),
    strategy=st.sampled_from(_STRATEGIES),
    seed=st.integers(0, 9_999),
    cut=st.floats(1.0, 59.0),
    order=st.integers(0, 99),
)
@seeded(24)
def test_no_strategy_sees_what_is_shuffled_or_cut_off_after_any_time_of_any_path(
    family: str, strategy: str, seed: int, cut: float, order: int
) -> None:
    life = short(family, seed)
    acts = _until(traded(life, strategy), cut)
    assert _until(traded(shuffled(life, cut, Random(order)), strategy), cut) == acts
    assert _until(traded(life.until(cut), strategy), cut) == acts


def test_the_same_seed_is_traded_the_same_way_to_the_last_order() -> None:
    first, second = traded(short("crypto", 7)), traded(short("crypto", 7))
    assert first.venue.acts == second.venue.acts
    assert first.performance == second.performance
