"""Sets of a neg-risk event, by numbers that can be checked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import Level
from actors.model.market import FeeSchedule
from actors.model.numbers import SHARE, Price, Size
from actors.pricing.exclusive import Leg, annual, buy_all_no, buy_all_yes, convert, sets


def test_every_yes_of_an_event_pays_1_in_all() -> None:
    assert buy_all_yes([0.30, 0.25, 0.40], 0.01) == pytest.approx(0.04)


def test_every_no_of_an_event_pays_all_but_one() -> None:
    assert buy_all_no([0.68, 0.73, 0.55], 0.01) == pytest.approx(0.03)


def test_no_of_some_markets_become_cash_and_yes_of_the_others() -> None:
    assert convert([0.68, 0.73], [0.42], 0.01) == pytest.approx(0.0)
    assert convert([0.60, 0.70], [0.42], 0.02) == pytest.approx(0.10)


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=8))
def test_converting_all_of_them_is_buying_every_no(asks: list[float]) -> None:
    assert convert(asks, [], 0.0) == pytest.approx(buy_all_no(asks, 0.0))


def test_capital_that_is_locked_has_its_edge_a_year_at_which_it_earns() -> None:
    assert annual(0.02, days=36.5) == pytest.approx(0.2)
    assert annual(0.001, days=0) == annual(0.001, days=1 / 24), "what resolves within the hour is divided by an hour"


def leg(slug: str, yes: tuple[int, int], no_ask: int, *, rate: int = 0, size: int = 10) -> Leg:
    """Bid and ask of YES and the ask of NO, in cents."""
    bid, ask, no = (Level(Price(cents * 100), Size(size * SHARE)) for cents in (*yes, no_ask))
    return Leg(slug, ask, bid, no, FeeSchedule(rate))


EVENT = (leg("a", (28, 30), 68, size=7), leg("b", (22, 25), 73), leg("c", (42, 46), 55))


def test_the_sets_of_an_event_are_told_with_what_there_is_of_the_scarcest_leg() -> None:
    found = {one.kind: one for one in sets(EVENT)}
    assert found["every YES"].edge == pytest.approx(-0.01)
    assert found["every NO"].edge == pytest.approx(0.04)
    assert {one.size for one in found.values()} == {7 * SHARE}


def test_a_conversion_buys_no_where_that_brings_more_than_selling_yes() -> None:
    """1 - 0.68 > 0.28 and 1 - 0.73 > 0.22 and 1 - 0.55 > 0.42: rather every NO; dearer ones are not bought."""
    cheap, dear = leg("a", (28, 30), 68), leg("b", (22, 25), 79)
    found = next(one for one in sets((cheap, dear, leg("c", (42, 46), 60))) if one.kind == "NO converted")
    assert found.no_of == ("a",)
    assert found.edge == pytest.approx(convert([0.68], [0.22, 0.42], 0.0))


def test_fees_of_every_leg_are_taken_off() -> None:
    free, charged = (next(sets([leg("a", (28, 30), 70, rate=r), leg("b", (60, 62), 40, rate=r)])) for r in (0, 500))
    assert free.edge - charged.edge == pytest.approx(0.05 * (0.3 * 0.7 + 0.62 * 0.38))


def test_a_set_with_an_outcome_that_nobody_offers_is_none() -> None:
    bare = Leg("d", None, None, None, FeeSchedule())
    assert list(sets((*EVENT, bare))) == []
