"""Nothing that the bot decides depends on what has not happened yet, and equal paths are traded equally."""

from __future__ import annotations

import pytest

from actors.messages import Draft
from actors.wiring.evaluation import Lived
from tests.simulated.lives import short, traded

_CUT = 40.0


def _until(lived: Lived, time: float) -> list[tuple[float, Draft | str]]:
    return [act for act in lived.venue.acts if act[0] <= time]


@pytest.mark.parametrize("family", ["newsy", "crypto", "event"])
def test_a_future_that_is_cut_off_or_replaced_changes_no_decision_before_it(family: str) -> None:
    life = short(family, 5)
    acts = _until(traded(life), _CUT)
    assert acts
    assert _until(traded(life.until(_CUT)), _CUT) == acts
    assert _until(traded(life.grafted(_CUT, short(family, 6))), _CUT) == acts


def test_the_same_seed_is_traded_the_same_way_to_the_last_order() -> None:
    first, second = traded(short("crypto", 7)), traded(short("crypto", 7))
    assert first.venue.acts == second.venue.acts
    assert first.performance == second.performance
