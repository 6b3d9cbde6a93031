"""The oracle for "a spread must cover informed flow" (Glosten-Milgrom, strategies.md §8): break-even quotes, and ours against them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.breaker import Caught
from actors.model.numbers import PRICE_ONE, SHARE
from actors.pricing.markout import MarkoutAverage
from actors.pricing.spread import Danger, half_spread


def break_even(p: float, informed: float) -> tuple[float, float]:
    """(bid, ask) at which a maker earns nothing: informed takers know the outcome, the others toss a coin."""
    bid = p * (1 - informed) / (p * (1 - informed) + (1 - p) * (1 + informed))
    ask = p * (1 + informed) / (p * (1 + informed) + (1 - p) * (1 - informed))
    return bid, ask


@pytest.mark.parametrize(
    ("p", "informed", "bid", "ask"), [(0.5, 0.2, 0.4, 0.6), (0.9, 0.2, 0.857143, 0.931034), (0.5, 0.0, 0.5, 0.5)]
)
def test_t_the_break_even_quotes_of_the_reference(p: float, informed: float, bid: float, ask: float) -> None:
    assert break_even(p, informed) == pytest.approx((bid, ask), abs=1e-6)


def sold_at(ask: float, p: float, informed: float) -> float:
    """What a share sold at `ask` earns on average, held to the end."""
    buys = p * (1 + informed) / 2 + (1 - p) * (1 - informed) / 2
    return ask - p * (1 + informed) / 2 / buys


@given(st.floats(0.05, 0.95), st.floats(0.0, 0.9))
def test_a_maker_at_the_break_even_quotes_earns_nothing_and_one_inside_them_loses(p: float, informed: float) -> None:
    bid, ask = break_even(p, informed)
    assert bid <= p + 1e-12
    assert ask >= p - 1e-12
    assert sold_at(ask, p, informed) == pytest.approx(0.0, abs=1e-9)
    assert sold_at(ask - 0.01, p, informed) < 0 < sold_at(ask + 0.01, p, informed)


def learnt(informed: float, distance: float, fills: int = 60) -> float:
    """The half-spread that fills at `distance` around 0.5 teach where each is worth its average later on; k_tox is 1."""
    later = 0.5 + informed / 2  # of a YES that somebody has just bought
    average, price = MarkoutAverage(after=1.0, half_life=1e9), round((0.5 + distance) * PRICE_ONE)
    for number in range(fills):
        fill = Caught(str(number), False, price, SHARE, float(number))
        average = average.heard((fill,)).looked(number + 1.0, later)
    danger = Danger(0.0, average.by(fills), 0.0, 1.0, distance)
    return half_spread(0.5, 0.0, danger, tick=0.1)


@pytest.mark.parametrize("informed", [0.05, 0.1, 0.2, 0.3])
def test_fills_inside_the_break_even_spread_teach_the_maker_to_quote_at_it(informed: float) -> None:
    ask = break_even(0.5, informed)[1]
    assert learnt(informed, 0.01) == pytest.approx(ask - 0.5, abs=1e-4)


def test_fills_at_a_spread_that_covers_the_informed_do_not_widen_it() -> None:
    assert learnt(0.1, 0.06) == pytest.approx(0.06)
