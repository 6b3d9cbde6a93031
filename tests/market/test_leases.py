"""Quotes are leases: renewed by the books that come, by a timer where none does, and never let go while the book is fresh."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.model.quote import Targets
from actors.model.settings import QuoterSettings
from tests.wiring.world import ALPHA, World, quoting


@given(st.floats(0.01, 60.0), st.floats(0.001, 0.999))
def test_the_timer_renews_before_the_lease_lapses_however_they_are_set(lease: float, part: float) -> None:
    settings = QuoterSettings(lease=lease, renew=lease * part)
    assert settings.renew < settings.late < settings.lease


async def renewals(of: World, every: float, seconds: float = 20.0) -> list[float]:
    """When targets were renewed while the venue confirms the book so often."""
    ends = set[float]()
    stop = trio.current_time() + seconds
    while trio.current_time() < stop:
        of.sockets.say(of.venue.snapshot("alpha-yes"), of.venue.snapshot("alpha-no"))
        for _ in range(20):
            await trio.sleep(every / 20)
            targets = of.board.last(Targets, "alpha")
            assert targets is not None
            ends.add(targets.valid_until - of.settings.quoter.lease)
    return sorted(ends)


@pytest.mark.parametrize("every", [0.1, 0.45, 0.97])
async def test_where_books_come_often_enough_each_renewal_is_a_decision_on_one(
    every: float, autojump_clock: object
) -> None:
    async with quoting(ALPHA) as running:
        moments = await renewals(running, every)
        gaps = [later - earlier for earlier, later in pairwise(moments[1:])]
        assert min(gaps) >= 0.5 - 1e-6, "not with every book"
        assert max(gaps) <= running.settings.quoter.late + 1e-6
        assert all(abs(gap / every - round(gap / every)) < 1e-6 for gap in gaps), "the timer never rang"
