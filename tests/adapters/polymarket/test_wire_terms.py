"""What takers pay and makers are paid, as both descriptions of a market tell it."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.listing import ListedFees, ListedRewards
from actors.model.market import UNKNOWN_FEES, FeeSchedule, Market
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.rewards import NO_REWARDS, Rewards
from adapters.polymarket.wire_gamma import listing
from adapters.polymarket.wire_market import compact_market, full_market, listed_market, market_of
from adapters.polymarket.wire_terms import rewards_of
from tests.adapters.polymarket.gamma_samples import listed
from tests.adapters.polymarket.samples import compact, full

CRYPTO = {"exponent": 1, "rate": 0.07, "takerOnly": True, "rebateRate": 0.2}
PROGRAMME = {"rates": [{"rewards_daily_rate": 100}, {"rewards_daily_rate": 20.5}], "min_size": 50, "max_spread": 3.5}


def told(short: dict[str, object], whole: dict[str, object] | None = None) -> Market:
    """By the order book alone."""
    return market_of(full_market(json.dumps(whole or full()).encode()), compact_market(json.dumps(short).encode()))


def told_twice(short: dict[str, object], **gamma: object) -> Market:
    """By the order book and by Gamma."""
    found = listing(json.dumps(listed(**gamma)).encode())
    return listed_market(found, compact_market(json.dumps(short).encode()))


def test_no_schedule_is_no_fee() -> None:
    assert told({k: v for k, v in compact().items() if k != "fd"}).fees == FeeSchedule()


@pytest.mark.parametrize(
    "fee",
    [{"r": 0.07, "e": 3}, {"r": 0.07123, "e": 1}, {"r": -0.07, "e": 1}, {"r": 7, "e": 1}, {"r": "?", "e": 1}],
    ids=str,
)
def test_a_schedule_that_nobody_can_compute_with_is_unknown_and_no_reason_to_leave_the_market(
    fee: dict[str, object],
) -> None:
    market = told(compact(fd={**fee, "to": True}))
    assert market.fees is UNKNOWN_FEES
    assert market.accepting


def test_gamma_adds_the_makers_part() -> None:
    fees = told_twice(compact(), feesEnabled=True, feeSchedule=CRYPTO).fees
    assert fees == FeeSchedule(700, 1, rebate=2_000)
    assert fees.maker_rebate(5_000, 100 * SHARE) == 350_000


@pytest.mark.parametrize(
    ("short", "schedule"),
    [
        (compact(), {**CRYPTO, "rate": 0.05}),
        (compact(), {**CRYPTO, "exponent": 2}),
        ({k: v for k, v in compact().items() if k != "fd"}, CRYPTO),
    ],
    ids=["another rate", "another exponent", "none at the order book"],
)
def test_a_schedule_that_is_told_differently_by_the_two_is_unknown(
    short: dict[str, object], schedule: dict[str, object]
) -> None:
    assert told_twice(short, feesEnabled=True, feeSchedule=schedule).fees is UNKNOWN_FEES
    assert told_twice(short, feesEnabled=False, feeSchedule=schedule).fees.known


def test_an_unknown_fee_is_booked_at_the_highest_rate_ever_published() -> None:
    assert not UNKNOWN_FEES.known
    assert UNKNOWN_FEES.taker_fee(5_000, 100 * SHARE) == 1_750_000
    assert UNKNOWN_FEES.maker_rebate(5_000, 100 * SHARE) == 0


def test_a_programme_is_read_from_both_descriptions() -> None:
    rules = {"mi": 50, "ma": 4.5, "moas": 45}
    assert told(compact(r=rules), full(rewards=PROGRAMME)).rewards == Rewards(
        Cash(120_500_000), Size(50 * SHARE), Price(450), 45.0
    )
    assert told(compact(), full(rewards=PROGRAMME)).rewards == Rewards(Cash(120_500_000), Size(50 * SHARE), Price(350))


@pytest.mark.parametrize("odd", [{"rates": 7}, {"rates": [{}]}, "none", None, {"rates": None, "min_size": 0}], ids=str)
def test_a_programme_that_cannot_be_read_pays_nothing_and_is_no_reason_to_leave_the_market(odd: object) -> None:
    assert not told(compact(), full(rewards=odd)).rewards.paid
    assert not told(compact(r="none"), full(rewards=PROGRAMME)).rewards.paid


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["mi", "ma", "moas", "rates", "min_size", "max_spread", "rewards_daily_rate"]), inner
) | st.lists(inner, max_size=3)))  # fmt: skip
def test_no_programme_makes_its_reader_raise(odd: object) -> None:
    raw = msgspec.Raw(msgspec.json.encode(odd))
    for short, other in ((raw, raw), (raw, ListedRewards(per_day=Cash(PUSD))), (msgspec.Raw(), raw)):
        found = rewards_of(short, other)
        assert found == NO_REWARDS or found.min_age >= 0


def test_listed_fees_of_nothing_agree_with_no_schedule() -> None:
    free = {"exponent": 0, "rate": 0, "takerOnly": True, "rebateRate": 0.25}
    short = {k: v for k, v in compact().items() if k != "fd"}
    assert told_twice(short, feesEnabled=True, feeSchedule=free).fees == FeeSchedule(rebate=2_500)
    assert ListedFees(0, 0, True, 2_500).rebate == 2_500
