"""The whole budget is divided, never more than that, however markets come and go."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.mailbox import Mailbox
from actors.model.discover_settings import DiscoverSettings
from actors.model.numbers import PUSD, Cash
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.model.tenure import Origin, Tenure
from actors.shared.portions import portions
from actors.shared.roll import Entry, Roll
from actors.shared.stakes import Group
from tests.venue import market

MONEY = st.integers(1, 500).map(lambda pusd: Cash(pusd * PUSD))
PLACES = st.tuples(
    st.sampled_from((Origin.NAMED, Origin.DISCOVERED, Origin.LEFT)),
    st.integers(0, 300).map(lambda pusd: Cash(pusd * PUSD)),
    st.floats(-5, 50, allow_nan=False),
)


@given(st.lists(PLACES, max_size=12), MONEY, MONEY, st.sampled_from(("equal", "score")))
def test_the_parts_and_what_all_others_may_tie_up_are_never_more_than_the_whole(
    places: list[tuple[Origin, Cash, float]], total: Cash, cap: Cash, split: str
) -> None:
    settings = Settings(
        (MarketSettings("x"),),
        budget=BudgetSettings(per_market=cap, total=total),
        discover=DiscoverSettings(split=split),
    )
    roll, tied, scores = Roll(), dict[str, Cash](), dict[str, float]()
    for number, (origin, money, score) in enumerate(places):
        one = evolve(market(f"m{number}"), condition_id=f"0x{number}")
        box: Mailbox[object] = Mailbox(one.slug)
        leaving = "of an earlier run" if origin is Origin.LEFT else ""
        entry = Entry(one, box, box, box, Group.of(one, "simple", cap))
        roll.enter(entry, Tenure(one.slug, one.condition_id, origin, leaving))
        tied[one.slug] = money
        if origin is Origin.DISCOVERED:
            scores[one.slug] = score
    parts = portions(roll, scores, settings, tied.__getitem__)
    others = sum(tied[slug] if tenure.leaving else cap for slug, tenure in roll.tenures.items() if slug not in scores)
    assert parts.keys() == scores.keys()
    assert all(0 <= part <= cap for part in parts.values())
    assert sum(parts.values()) <= max(0, total - others)
