"""Caps: an order within all of them passes, the first one it breaks is named, and its hint lifts it."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.limits import Caps, Exposure, Whole, judge, judge_whole, too_large
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost, parse_cash, parse_size
from actors.model.quote import Quote
from actors.model.reason import Hint, Reason

CAPS = Caps(Size(200 * SHARE), Cash(100 * PUSD), Size(300 * SHARE), 8)
QUOTES = st.builds(
    Quote,
    st.sampled_from(Outcome),
    st.sampled_from(Side),
    st.integers(1, 9_999).map(Price),
    st.integers(1, 500 * SHARE).map(Size),
)
EXPOSURES = st.builds(Exposure, st.integers(0, 400 * SHARE), st.integers(0, 12))


def within(quote: Quote, exposure: Exposure, caps: Caps) -> bool:
    """All caps at once, as a person would check them."""
    reduces = quote.side is Side.SELL
    return exposure.orders + 1 <= caps.max_orders_per_market and (
        reduces
        or (
            quote.size <= caps.max_order_size
            and cost(quote.price, quote.size) <= caps.max_order_notional
            and exposure.shares + quote.size <= caps.max_position
        )
    )


@given(QUOTES, EXPOSURES)
def test_an_order_passes_exactly_when_it_is_within_every_cap(quote: Quote, exposure: Exposure) -> None:
    assert (judge(quote, exposure, CAPS) is None) == within(quote, exposure, CAPS)


def raised(caps: Caps, hint: Hint | None) -> Caps:
    """The caps after doing what the hint says."""
    assert hint is not None
    match hint.key:
        case "risk.max_order_size":
            return evolve(caps, max_order_size=parse_size(hint.value))
        case "risk.max_order_notional":
            return evolve(caps, max_order_notional=parse_cash(hint.value))
        case "risk.max_position":
            return evolve(caps, max_position=parse_size(hint.value))
    assert hint.key == "risk.max_orders_per_market"
    return evolve(caps, max_orders_per_market=int(hint.value))


@given(QUOTES, EXPOSURES)
def test_following_the_hints_lifts_each_cap_in_turn_until_the_order_passes(quote: Quote, exposure: Exposure) -> None:
    caps, seen = CAPS, set()
    while (refusal := judge(quote, exposure, caps)) is not None:
        assert refusal.reason not in seen
        seen.add(refusal.reason)
        caps = raised(caps, refusal.hint)


@pytest.mark.parametrize(
    ("size", "price", "shares", "orders", "reason"),
    [
        (201, 1_000, 0, 0, Reason.RISK_ORDER_SIZE),
        (200, 5_001, 0, 0, Reason.RISK_ORDER_NOTIONAL),
        (101, 5_000, 200, 0, Reason.RISK_POSITION),
        (100, 5_000, 200, 8, Reason.RISK_ORDER_COUNT),
        (100, 5_000, 200, 7, None),
    ],
)
def test_the_cap_that_is_broken_is_the_one_that_is_named(
    size: int, price: int, shares: int, orders: int, reason: Reason | None
) -> None:
    buy = Quote(Outcome.YES, Side.BUY, Price(price), Size(size * SHARE))
    refusal = judge(buy, Exposure(shares * SHARE, orders), CAPS)
    assert (refusal and refusal.reason) == reason


def test_a_sale_is_not_held_back_by_its_size() -> None:
    sale = Quote(Outcome.YES, Side.SELL, Price(9_000), Size(500 * SHARE))
    assert judge(sale, Exposure(500 * SHARE, 0), CAPS) is None


# ── beyond the market ─────────────────────────────────────────────────────────────────────────────────────────────────

AMOUNTS = st.integers(0, 400 * PUSD).map(Cash)
WHOLES = st.builds(Whole, st.none() | AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
WIDE = evolve(
    CAPS,
    max_order_share=50,
    max_event_loss=Cash(100 * PUSD),
    max_strategy_notional=Cash(200 * PUSD),
    max_total_notional=Cash(300 * PUSD),
)
BUYS = QUOTES.map(lambda quote: evolve(quote, side=Side.BUY))


@given(BUYS, WHOLES)
def test_a_buy_passes_the_whole_exactly_when_balance_event_strategy_and_total_allow_it(
    buy: Quote, whole: Whole
) -> None:
    fits = (
        2 * cost(buy.price, buy.size) <= (whole.balance or 0)
        and (whole.event <= 100 * PUSD or whole.event <= whole.event_now)
        and whole.strategy <= 200 * PUSD
        and whole.total <= 300 * PUSD
    )
    assert (judge_whole(buy, whole, WIDE) is None) == fits


@given(BUYS, WHOLES)
def test_what_no_cap_limits_passes(buy: Quote, whole: Whole) -> None:
    assert judge_whole(buy, whole, CAPS) is None


@given(BUYS)
def test_what_the_gateway_holds_back_is_what_risk_does_by_the_order_alone(buy: Quote) -> None:
    assert too_large(buy.price, buy.size, CAPS) == judge(buy, Exposure(-(500 * SHARE), 0), CAPS)


def test_a_balance_that_has_not_been_read_allows_nothing_and_no_share_lifts_it() -> None:
    buy = Quote(Outcome.YES, Side.BUY, Price(5_000), Size(10 * SHARE))
    refusal = judge_whole(buy, Whole(None, Cash(0), Cash(0), Cash(0), Cash(0)), WIDE)
    assert refusal is not None
    assert (refusal.reason, refusal.hint) == (Reason.RISK_ORDER_SHARE, None)
    lifted = judge_whole(buy, Whole(Cash(8 * PUSD), Cash(0), Cash(0), Cash(0), Cash(0)), WIDE)
    assert lifted is not None
    assert lifted.hint == Hint("risk.max_order_share", "63")
