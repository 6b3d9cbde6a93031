"""Plans that Hypothesis draws, and so can shrink: the same table as the sweep's, fed by its choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from attrs import frozen
from hypothesis import strategies as st

from tests.faults.draws import draw_plan
from tests.faults.plan import MARKETS, Plan

T = TypeVar("T")


@frozen
class Drawn:
    """Choices of one Hypothesis example."""

    draw: st.DrawFn
    markets: tuple[str, ...] = MARKETS[:2]

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def one(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(list(choices)))


@st.composite
def plans(draw: st.DrawFn, *, weather: int = 30, most: int = 4) -> Plan:
    """A plan that shrinks to no faults, no acts, seed 0 and the first of every choice."""
    seed = draw(st.integers(0, 2**32))
    return draw_plan(Drawn(draw), seed=seed, weather=weather, quiet=0, faults=(0, most), acts=(0, most))
