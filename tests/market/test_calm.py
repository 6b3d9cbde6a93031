"""What a tracker leaves out would have come to nothing: whole lives, in which each pass that was to be left out is made."""

from __future__ import annotations

import pytest
from attrs import evolve

from actors.market.calm import Calm
from actors.market.tracker import Tracker
from actors.market.work import Work
from actors.model.quote import Targets
from actors.wiring.evaluation import Lived, evaluate
from actors.wiring.evaluations import Contest, Entrant
from adapters.simulated.family import FAMILIES
from adapters.simulated.path import path

SECONDS = 120


def life(family: str, strategy: str) -> Lived:
    whole, entrant = path(FAMILIES[family], 3), Entrant(strategy)
    short = evolve(whole.until(SECONDS), family=evolve(whole.family, horizon=SECONDS))
    return evaluate(short, Contest(family, 3, 1, (entrant,)).settings(entrant))


@pytest.mark.parametrize(
    ("family", "strategy", "least"),
    [("calm", "maker", SECONDS / 2), ("event", "maker", SECONDS / 2), ("crypto", "bands", 10)],
    ids=["calm-maker", "event-maker", "crypto-bands"],
)
def test_a_pass_that_is_left_out_would_have_moved_nothing_and_told_nobody(
    family: str, strategy: str, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out, due = list[float](), dict[int, Calm]()
    holds, act, of = Calm.holds, Tracker._act, Calm.of

    def made_all_the_same(self: Calm, work: Work, targets: Targets | None, now: float) -> bool:
        if holds(self, work, targets, now):
            due[id(work)] = self
        return False

    def as_it_was(work: Work, targets: Targets | None, until: float) -> Calm | None:
        """A pass that is left out leaves the calm of the last one that was made, however long ago."""
        return due.pop(id(work), None) or of(work, targets, until)

    async def checked(self: Tracker, work: Work, now: float) -> bool:
        waiting = [box._waiting for box in (self.gateway, self.feed, self.risk)]
        acted = await act(self, work, now)
        if id(work) in due:
            left_out.append(now)
            assert not acted
            assert not work.dirty
            assert work.governor.held is None
            assert waiting == [box._waiting for box in (self.gateway, self.feed, self.risk)]
        return acted

    shipped = life(family, strategy)
    monkeypatch.setattr(Calm, "holds", made_all_the_same)
    monkeypatch.setattr(Calm, "of", as_it_was)
    monkeypatch.setattr(Tracker, "_act", checked)
    made = life(family, strategy)
    assert len(left_out) > least
    assert made.performance == shipped.performance
    assert made.venue.acts == shipped.venue.acts
