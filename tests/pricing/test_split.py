"""Capital among chosen markets: never more than there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.pricing.split import by_score, equally


@pytest.mark.parametrize(
    ("scores", "shares"),
    [
        ([3.0, 1.0], (75, 25)),
        ([2.0, -1.0, 0.0], (100, 0, 0)),
        ([-1.0, -2.0], (50, 50)),
        ([1.0, 1.0, 1.0], (33, 33, 33)),
        ([], ()),
    ],
)
def test_a_market_gets_by_its_score_and_all_the_same_where_none_promises_anything(
    scores: list[float], shares: tuple[int, ...]
) -> None:
    assert by_score(100, scores) == shares


def test_equal_shares_are_equal() -> None:
    assert equally(100, 3) == (33, 33, 33)
    assert equally(100, 0) == ()


@given(st.integers(0, 10**15), st.lists(st.floats(-1e6, 1e6), max_size=20))
def test_shares_never_add_up_to_more_than_the_pool(pool: int, scores: list[float]) -> None:
    for shares in (by_score(pool, scores), equally(pool, len(scores))):
        assert sum(shares) <= pool
        assert all(share >= 0 for share in shares)
