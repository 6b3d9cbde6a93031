"""The fair price of an up/down window: the book's, and the model's beside it where that can be trusted."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.maker_settings import MakerParameters
from actors.model.numbers import Cash
from actors.model.quote import View
from actors.pricing.logit import expit, logit
from actors.strategies.informed import informed, modelled
from actors.strategies.maker import Maker
from tests.strategies.views import prices, view
from tests.strategies.windows import MARKET, NOW, STRIKE, stream


def window(spot: float, left: float = 300.0, bid: int = 4_900, ask: int = 5_100) -> View:
    seen = view(bid, ask)
    return evolve(seen, market=MARKET, now=NOW, ends_in=left, stream=stream(spot, left))


def test_half_of_the_fair_price_is_the_models() -> None:
    seen = window(STRIKE + 30)
    model = modelled(seen)
    assert model is not None
    assert 0.55 < model < 0.65
    assert informed(0.5, seen, 0.5) == pytest.approx(expit(logit(model) / 2))
    assert informed(0.5, seen, 0.0) == 0.5
    assert informed(0.5, seen, 1.0) == pytest.approx(model)


@pytest.mark.parametrize(
    "seen",
    [
        view(),
        evolve(window(STRIKE + 30), stream=None),
        evolve(window(STRIKE + 30), now=NOW + 10.0),
        evolve(window(STRIKE + 30), market=evolve(MARKET, averaging=None)),
        evolve(window(STRIKE + 30), market=evolve(MARKET, slug="btc-updown-15m-1763700000")),
        window(STRIKE + 500),
    ],
    ids=["no window", "no prices", "old prices", "nobody says how it settles", "strike unknown", "far from the book"],
)
def test_without_a_price_to_trust_the_book_stands_alone(seen: View) -> None:
    assert informed(0.5, seen, 0.5) == 0.5


def test_quotes_follow_the_price_that_decides_the_window() -> None:
    maker = Maker(MakerParameters(thin_depth=Cash(0), k_vol=0.0, improve=True))
    level, higher = (window(STRIKE + more, bid=4_700, ask=5_300) for more in (0, 30))
    found = [prices(maker.step(maker.start(), seen)[1]) for seen in (level, higher)]
    assert found[1][0] > found[0][0]
    assert found[1][1] > found[0][1]


@given(st.floats(-2_000, 2_000), st.floats(1, 899), st.floats(0.01, 0.99), st.floats(0, 1))
def test_the_informed_price_lies_between_the_books_and_the_models(
    more: float, left: float, fair: float, weight: float
) -> None:
    seen = window(STRIKE + more, left)
    model = modelled(seen)
    assert model is not None
    assert min(fair, model) - 1e-9 <= informed(fair, seen, weight) <= max(fair, model) + 1e-9
