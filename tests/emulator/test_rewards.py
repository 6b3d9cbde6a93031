"""Liquidity rewards and maker rebates: who earns what, when it is sampled, and when it is paid."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.numbers import PUSD, SHARE
from adapters.emulator.accounts import Account
from adapters.emulator.events import Paid
from adapters.emulator.notifications import REWARDED
from adapters.emulator.payouts import DAY, day_of
from adapters.emulator.reward_scores import Quality, least, qualities
from adapters.emulator.settlement import Fate
from adapters.emulator.terms import Rewards
from tests.emulator.floor import BUY, CENT, NO, SELL, START, YES, Floor, listing, open_floor, with_terms

TERMS = Rewards(per_day=120 * PUSD, min_size=50 * SHARE, max_spread=450, min_age=30)
TODAY = day_of(START)
ONE = (2 * TERMS.max_spread) ** 2 * SHARE  # what a score is divided by to be S × shares


def quoted(*quotes: tuple[str, int, int], internal: str = "") -> Floor:
    """Everybody's orders: (name, cents, shares); a negative price is an ask, made as a bid on the other token."""
    floor = open_floor([with_terms(listing(), rewards=TERMS)])
    for name, cents, shares in quotes:
        account = floor.exchange.accounts.get(f"0x{name}") or floor.account(name, 10**12, internal=name == internal)
        outcome, price = (YES, cents) if cents > 0 else (NO, 100 + cents)
        floor.place(account, outcome, BUY, price * CENT, shares * SHARE)
    floor.pass_time(60)
    return floor


def scored(floor: Floor) -> tuple[int, dict[str, Quality]]:
    found = qualities(floor.listings[0].book, TERMS, lambda order: True)
    assert found is not None
    return found


def of(floor: Floor, name: str) -> Account:
    return floor.exchange.accounts.by_address[f"0x{name}"]


MARKET = listing().market.condition_id


def test_the_worked_example_of_the_reference() -> None:
    """v 4.5 cents, midpoint 0.50: a bid of 100 at 0.49 scores 60.4938, an ask of 100 at 0.52 scores 30.8642."""
    floor = quoted(("ann", 49, 100), ("ann", -52, 100), ("bob", 48, 50), ("bob", -51, 50))
    mid, found = scored(floor)
    assert mid == 2 * 50 * CENT
    assert Fraction(found["0xann"].one, ONE) == Fraction(100) * Fraction(35, 45) ** 2
    assert round(float(Fraction(found["0xann"].one, ONE)), 4) == 60.4938
    assert round(float(Fraction(found["0xann"].two, ONE)), 4) == 30.8642
    assert round(float(Fraction(least(found["0xann"], mid), 3 * ONE)), 4) == 30.8642


@pytest.mark.parametrize(
    ("cents", "expected"), [(50, 60), (10, 60), (90, 60), (9, 0), (91, 0), (12, 60)], ids=lambda value: str(value)
)
def test_one_sided_quotes_are_worth_a_third_but_nothing_near_the_edges(cents: int, expected: int) -> None:
    assert least(Quality(60, 0), 2 * cents * CENT) == expected
    assert least(Quality(0, 60), 2 * cents * CENT) == expected
    assert least(Quality(60, 30), 2 * cents * CENT) == 90


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 9_999))
def test_qmin_is_the_formula(one: int, two: int, mid: int) -> None:
    inside = 2_000 <= 2 * mid <= 18_000
    formula = max(Fraction(min(one, two)), Fraction(max(one, two), 3)) if inside else Fraction(min(one, two))
    assert Fraction(least(Quality(one, two), 2 * mid), 3) == formula


def test_orders_below_the_minimum_size_neither_score_nor_move_the_midpoint() -> None:
    floor = quoted(("ann", 49, 50), ("ann", -51, 50), ("bob", 50, 49))
    mid, found = scored(floor)
    assert (mid, set(found)) == (2 * 50 * CENT, {"0xann"})


def test_an_order_at_the_full_spread_scores_nothing_and_one_within_it_does() -> None:
    floor = quoted(("ann", 49, 50), ("ann", -51, 50), ("bob", 46, 50), ("cid", 45, 50))
    assert set(scored(floor)[1]) == {"0xann", "0xbob"}


def test_without_orders_on_both_sides_there_is_no_midpoint_and_no_score() -> None:
    floor = quoted(("ann", 49, 100))
    assert qualities(floor.listings[0].book, TERMS, lambda order: True) is None
    floor.rewards.sample()
    assert floor.rewards.earnings(of(floor, "ann"), TODAY) == {}


def test_an_ask_scores_alike_as_a_sale_of_yes_and_as_a_bid_for_no() -> None:
    floor = quoted(("ann", 49, 50), ("bob", -51, 50))
    cid = floor.account("cid", 10**12)
    floor.chain.split(cid, floor.listings[0], 50 * PUSD)
    floor.place(cid, YES, SELL, 51 * CENT, 50 * SHARE)
    _, found = scored(floor)
    assert found["0xbob"] == found["0xcid"]
    assert found["0xann"].two == 0


def test_an_order_must_have_rested_long_enough() -> None:
    floor = quoted(("ann", 49, 50), ("ann", -51, 50))
    late = floor.place(of(floor, "ann"), YES, BUY, 48 * CENT, 50 * SHARE)
    early = next(floor.exchange.tickets.open_of(of(floor, "ann")))
    floor.pass_time(29.9)
    assert (floor.rewards.scores(early), floor.rewards.scores(late)) == (True, False)
    floor.pass_time(0.2)
    assert floor.rewards.scores(late)


def test_scoring_ends_with_the_order_its_size_its_distance_and_its_market() -> None:
    floor = quoted(("ann", 49, 60), ("ann", -51, 60), ("bob", 45, 60), ("bob", 49, 40))
    orders = {t.order.price: t for t in floor.exchange.tickets.open_of(of(floor, "bob"))}
    assert not floor.rewards.scores(orders[45 * CENT])
    assert not floor.rewards.scores(orders[49 * CENT])
    mine = next(floor.exchange.tickets.open_of(of(floor, "ann")))
    assert floor.rewards.scores(mine)
    floor.lifecycle.close(floor.listings[0])
    assert not floor.rewards.scores(mine)
    floor.exchange.cancel(mine, "test")
    assert not floor.rewards.scores(mine)


def test_a_market_without_rewards_scores_nothing() -> None:
    floor = open_floor()
    assert not floor.rewards.scores(floor.place(floor.account("ann"), YES, BUY, 49 * CENT, 50 * SHARE))


def test_books_are_sampled_once_in_every_minute_at_a_random_moment() -> None:
    floor = open_floor()
    moments = list[float]()
    floor.rewards.start()
    for _ in range(3_600):
        floor.pass_time(1)
        moments += [floor.hand.now - 0.5] * (floor.rewards.samples - len(moments))
    minutes = [int(moment // 60) for moment in moments]
    assert minutes == list(range(minutes[0], minutes[0] + len(minutes)))
    assert len(minutes) in (59, 60)
    seconds = {int(moment % 60) for moment in moments}
    assert len(seconds) > 25


def test_the_pool_of_a_day_is_shared_by_the_sum_of_samples_and_paid_at_midnight() -> None:
    """Ann alone for two samples, then with Bob's equal quotes for two more: three quarters and one."""
    floor = quoted(("ann", 49, 100), ("ann", -51, 100))
    floor.rewards.sample()
    floor.rewards.sample()
    bob = floor.account("bob", 10**12)
    floor.place(bob, YES, BUY, 49 * CENT, 100 * SHARE)
    floor.place(bob, NO, BUY, 49 * CENT, 100 * SHARE)
    floor.pass_time(60)
    floor.rewards.sample()
    floor.rewards.sample()
    assert floor.rewards.earnings(of(floor, "ann"), TODAY) == {MARKET: 90 * PUSD}
    assert floor.rewards.earnings(bob, TODAY) == {MARKET: 30 * PUSD}
    assert floor.rewards.percentages(bob) == {MARKET: 5_000}
    assert floor.rewards.pay() == 120 * PUSD
    assert (of(floor, "ann").cash, bob.cash) == (10**12 + 90 * PUSD, 10**12 + 30 * PUSD)
    assert floor.rewards.earnings(bob, TODAY) == {MARKET: 30 * PUSD}  # now as history
    assert floor.rewards.pay() == 0
    assert floor.exchange.accounts.total == 2 * 10**12


def test_a_started_day_is_paid_at_midnight_utc_and_told() -> None:
    floor = quoted(("ann", 49, 100), ("ann", -51, 100))
    floor.rewards.start()
    floor.pass_time((TODAY + 1) * DAY - floor.hand.now - 0.5)
    assert floor.events(Paid) == []
    floor.pass_time(1)
    (paid,) = floor.events(Paid)
    assert (paid.account.name, paid.kind, paid.cash, paid.day) == ("ann", "reward", 120 * PUSD, TODAY)
    note = floor.notifications.of(of(floor, "ann"))[0]
    assert (note.type, note.payload["reward"], note.payload["txnHash"]) == (REWARDED, "120", paid.hash)
    (line,) = [json.loads(row) for row in floor.diary.getvalue().splitlines() if '"kind":"reward"' in row]
    assert (line["address"], line["cash"], line["markets"]) == ("0xann", "120", {MARKET: "120"})
    floor.pass_time(DAY)
    assert [event.day for event in floor.events(Paid)] == [TODAY, TODAY + 1]


def test_less_than_a_dollar_a_day_is_not_paid() -> None:
    floor = quoted(("ann", 49, 10_000), ("ann", -51, 10_000), ("bob", 49, 50), ("bob", -51, 50))
    floor.rewards.sample()
    earned = floor.rewards.earnings(of(floor, "bob"), TODAY)
    assert 0 < earned[MARKET] < PUSD
    assert floor.rewards.pay() == 120 * PUSD - earned[MARKET] - 1
    assert of(floor, "bob").cash == 10**12
    assert floor.rewards.earnings(of(floor, "bob"), TODAY) == earned


def test_the_exchanges_own_flow_earns_its_share_and_is_never_paid() -> None:
    floor = quoted(("ann", 49, 100), ("ann", -51, 100), ("flow", 49, 100), ("flow", -51, 100), internal="flow")
    floor.rewards.sample()
    assert floor.rewards.pay() == 60 * PUSD


def filled(floor: Floor, maker: str, price: int, shares: int) -> None:
    """The maker's bid of YES is taken by Tom."""
    tom = floor.exchange.accounts.get("0xtom") or floor.account("tom", 10**12)
    account = floor.exchange.accounts.get(f"0x{maker}") or floor.account(maker, 10**12)
    floor.place(account, YES, BUY, price * CENT, shares * SHARE)
    floor.place(tom, NO, BUY, (100 - price) * CENT, shares * SHARE)


def rebated() -> Floor:
    """Fees of 0.07 × shares × p × (1 - p): 100 at 0.50 from Ann is 1.75, 300 at 0.50 from Bob 5.25."""
    floor = open_floor([with_terms(listing(rate=700), rebate=5_000)])
    filled(floor, "ann", 50, 100)
    filled(floor, "bob", 50, 300)
    floor.pass_time(2)
    return floor


def test_makers_share_the_rebate_part_of_the_fees_by_fee_equivalent() -> None:
    floor = rebated()
    assert floor.exchange.accounts.fees == 7 * PUSD
    assert floor.rebates.of(of(floor, "ann"), TODAY) == {MARKET: 875_000}
    assert floor.rebates.of(of(floor, "bob"), TODAY) == {MARKET: 2_625_000}
    filled(floor, "ann", 10, 1_000)  # worth 6.30 of fees: a price near the edge counts less per share
    floor.pass_time(2)
    assert floor.rebates.of(of(floor, "ann"), TODAY) == {MARKET: (7_000_000 + 6_300_000) // 2 * 805 // 1_330}


def test_rebates_come_out_of_the_fees_from_one_dollar_a_day() -> None:
    floor = rebated()
    before = of(floor, "bob").cash
    assert floor.rebates.pay() == 2_625_000  # Ann's 0.875 is less than a dollar
    assert of(floor, "bob").cash - before == 2_625_000
    assert floor.exchange.accounts.fees == 7 * PUSD - 2_625_000
    assert floor.exchange.accounts.total == 3 * 10**12
    assert floor.rebates.pay() == 0
    assert floor.rebates.of(of(floor, "bob"), TODAY) == {MARKET: 2_625_000}


def test_rebates_are_paid_at_midnight_utc() -> None:
    floor = rebated()
    floor.rebates.start()
    floor.pass_time((TODAY + 1) * DAY - floor.hand.now - 1)
    assert floor.events(Paid) == []
    floor.pass_time(2)
    assert [(event.account.name, event.kind, event.day) for event in floor.events(Paid)] == [("bob", "rebate", TODAY)]


def test_takers_markets_without_fees_and_failed_trades_bring_no_rebate() -> None:
    floor = rebated()
    assert floor.rebates.of(of(floor, "tom"), TODAY) == {}
    free = open_floor()
    filled(free, "ann", 50, 100)
    free.pass_time(2)
    assert free.rebates.of(of(free, "ann"), TODAY) == {}
    failing = open_floor(rates=700)
    failing.exchange.settlement.fate = lambda trade: Fate(fails=True)
    filled(failing, "ann", 50, 100)
    failing.pass_time(5)
    assert failing.rebates.pools == {}
