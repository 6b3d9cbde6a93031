"""The random taker: its table of strategies.md §1, its pace, and what it never does whatever the book."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from actors.model.distribution import Distribution
from actors.model.market import Side
from actors.model.numbers import CENTISHARE, PRICE_ONE, PUSD, SHARE, Cash, Price, cost
from actors.model.quote import View
from actors.model.reason import Reason
from actors.model.take import Take, Takes
from actors.model.taker_settings import TakerParameters
from actors.model.validity import Conflict
from actors.strategies.taker import Taker, TakerState
from tests.strategies.views import view

TWENTY = Distribution("fixed", value=20.0)


def seen(now: float = 0.0, takes: Takes | None = None, **book: Any) -> View:  # noqa: ANN401 - passed on
    """A book of both tokens; nothing under way."""
    made = view(**book)
    no = evolve(made.book.yes, bids=(), asks=())
    if made.book.yes.bids and made.book.yes.asks:
        mirrored = [
            [level._replace(price=Price(PRICE_ONE - level.price)) for level in side]
            for side in (made.book.yes.asks, made.book.yes.bids)
        ]
        no = evolve(no, bids=tuple(mirrored[0]), asks=tuple(mirrored[1]))
    return evolve(made, book=evolve(made.book, no=no), now=now, takes=takes or Takes(0, busy=False))


def taker(**keys: Any) -> Taker:  # noqa: ANN401 - a settings value
    own: dict[str, Any] = {
        "quantity": TWENTY,
        "interval": Distribution("fixed", value=10.0),
        "max_spend": Cash(10**12),
        **keys,
    }
    return Taker(TakerParameters(**own))


def test_an_attempt_meets_the_best_opposite_price_and_the_next_waits_its_pause() -> None:
    own = taker(p_buy=1.0)
    state, first = own.step(own.start(), seen())
    (take,) = first.takes
    assert (take.side, take.size, take.life) == (Side.BUY, 20 * SHARE, "FOK")
    assert take.price == 5_100, "of either token"
    state, again = own.step(state, seen(1.0))
    assert again == first, "until it has been acted on"
    state, waits = own.step(state, seen(2.0, Takes(1, busy=True)))
    assert (waits.takes, waits.refusal and waits.refusal.reason) == ((), Reason.TAKE_OPEN)
    state, waits = own.step(state, seen(11.9, Takes(1, busy=False)))
    assert (waits.takes, waits.refusal and waits.refusal.reason) == ((), Reason.NEXT_TAKE)
    _, second = own.step(state, seen(12.1, Takes(1, busy=False)))
    assert [take.number for take in second.takes] == [1]


@pytest.mark.parametrize(
    ("keys", "book", "reason"),
    [
        ({"quantity": Distribution("fixed", value=4.0)}, {}, Reason.SIZE_BELOW_MINIMUM),
        ({"p_buy": 0.0}, {}, Reason.NOT_HELD),
        ({"max_spend": Cash(2 * PUSD)}, {}, Reason.SPENT),
        ({}, {"bid": 9_400, "ask": 9_600}, Reason.PRICE_OUT_OF_RANGE),
        ({}, {"ask": None}, Reason.ONE_SIDED),
        ({"iterations": 1}, {}, Reason.ATTEMPTS_OVER),
    ],
)
def test_an_attempt_that_is_not_made_says_why(keys: dict[str, Any], book: dict[str, Any], reason: Reason) -> None:
    own = taker(**{"p_buy": 1.0, **keys})
    start = TakerState(tried=1, credited=0.0, credit=9.0) if reason is Reason.ATTEMPTS_OVER else own.start()
    _, decision = own.step(start, seen(**book))
    assert not decision.takes
    assert decision.refusal is not None
    assert decision.refusal.reason is reason


def test_a_quantity_below_the_minimum_can_be_raised_to_it() -> None:
    own = taker(quantity=Distribution("fixed", value=1.0), on_below_min="raise", p_buy=1.0)
    assert [take.size for take in own.step(own.start(), seen())[1].takes] == [5 * SHARE]


def test_in_pusd_a_buy_spends_what_is_drawn() -> None:
    own = taker(quantity=Distribution("fixed", value=10.0), unit="usdc", p_buy=1.0)
    (take,) = own.step(own.start(), seen())[1].takes
    assert abs(cost(take.price, take.size) - 10 * PUSD) <= take.price * CENTISHARE // PRICE_ONE


def test_the_pace_holds_back_what_the_interval_lets_through() -> None:
    own = taker(interval=Distribution("fixed", value=0.1), max_trades_per_minute=6, burst=2, p_buy=1.0)
    state, made, number = own.start(), 0, 0
    for tenth in range(600):
        state, decision = own.step(state, seen(tenth / 10, Takes(number, busy=False)))
        if decision.takes:
            made, number = made + 1, number + 1
    assert made in (7, 8), "two at once and six a minute"


def test_the_same_seed_draws_the_same_orders_and_another_market_others() -> None:
    def drawn(slug: str, seed: int) -> list[Take]:
        takes: list[Take] = []
        quantity, interval = Distribution("uniform", 5.0, 50.0), Distribution("fixed", value=1.0)
        own = taker(seed=seed, quantity=quantity, interval=interval, max_trades_per_minute=10_000, burst=100)
        state = own.start()
        for number in range(30):
            at = seen(10.0 * number, Takes(len(takes), busy=False), yes=500, no=500)
            state, decision = own.step(state, evolve(at, market=evolve(at.market, slug=slug)))
            takes += decision.takes
        return takes

    assert drawn("a", 1) == drawn("a", 1)
    assert drawn("a", 1) != drawn("b", 1) != drawn("b", 2)
    assert {take.side for take in drawn("a", 1)} == {Side.BUY, Side.SELL}


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"type": "uniform", "min": 1.0}, "max"),
        ({"type": "uniform", "min": 2.0, "max": 1.0}, "min"),
        ({"type": "normal", "mean": 1.0, "std": 1.0, "max": 2.0}, "max"),
        ({"type": "exponential"}, "mean"),
        ({"type": "fixed"}, "value"),
    ],
)
def test_a_distribution_with_wrong_keys_names_the_key(keys: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Conflict) as told:
        Distribution(**keys)
    assert told.value.key == wrong
