"""Why the maker quotes where it does: it names what set each side's distance, with the key that is turned."""

from __future__ import annotations

import pytest
from attrs import evolve

from actors.model.maker_settings import MakerParameters
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.quote import View
from actors.model.rewards import Rewards
from tests.strategies.test_maker import TABLE, decided
from tests.strategies.views import MARKET, view


def told(seen: View, own: MakerParameters = TABLE) -> dict[str, str]:
    return dict(decided(seen, own).grounds())


@pytest.mark.parametrize(
    ("own", "named"),
    [
        (evolve(TABLE, h_min=Price(400)), "strategy.h_min"),
        (evolve(TABLE, k=2.0), "strategy.k)"),
        (evolve(TABLE, k_vol=100.0), "strategy.k_vol"),
    ],
)
def test_the_danger_that_asks_for_most_is_named_with_its_key(own: MakerParameters, named: str) -> None:
    said = told(view(4_600, 5_400), own)
    assert named in said["bid distance"]
    assert named in said["ask distance"]


def test_the_distance_told_is_the_one_quoted() -> None:
    said = told(view(4_600, 5_400), evolve(TABLE, h_min=Price(300)))
    assert said["fair"] == "0.5000"
    assert said["bid distance"].startswith("0.0300, ")
    assert "best prices" not in said


def test_a_lean_is_told_with_the_shares_it_is_for_and_without_shares_there_is_none() -> None:
    leaning = evolve(TABLE, skew_ticks_at_limit=10.0, limit=Size(120 * SHARE))
    assert "lean" not in told(view(4_600, 5_400), leaning)
    assert told(view(4_600, 5_400, yes=60), leaning)["lean"].startswith("-0.0498")
    assert " for +60 shares " in told(view(4_600, 5_400, yes=60), leaning)["lean"]


def test_where_rewards_earn_more_farther_out_that_is_said() -> None:
    """So near to the middle a fill loses more than it brings, and a tick farther out the order scores all the same."""
    near = evolve(TABLE, h_min=Price(10), k=5_000.0, gamma=0.001)
    paid = Rewards(min_size=Size(20 * SHARE), max_spread=Price(450), per_day=Cash(PUSD))
    seen = view(4_600, 5_400)
    assert "strategy.rewards" not in told(seen, near)["bid distance"]
    assert "strategy.rewards" in told(evolve(seen, market=evolve(MARKET, rewards=paid)), near)["bid distance"]


def test_a_maker_that_joins_the_others_says_so() -> None:
    assert "strategy.improve" in told(view(4_600, 5_400), evolve(TABLE, improve=False))["best prices"]
