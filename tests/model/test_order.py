"""The life of an order and the settlement of a fill: two tables, in which nothing comes back to life."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import Outcome, Side
from actors.model.numbers import Price, Size
from actors.model.order import LIFE, SETTLEMENT, Key, Life, Order, Settlement, settle

LIVES = st.lists(st.sampled_from(Life), max_size=12)
DEAD = {Life.FILLED, Life.CANCELLED, Life.EXPIRED, Life.REJECTED}
ORDER = Order(Key(1, 1), Outcome.YES, Side.BUY, Price(4_800), Size(100), 0.0)


def after(lives: list[Life], order: Order = ORDER) -> Order:
    for life in lives:
        order = order.become(life)
    return order


@given(LIVES, LIVES)
def test_dead_is_final(before: list[Life], heard: list[Life]) -> None:
    order = after(before)
    if order.life.dead:
        assert after(heard, order) == order


def test_dead_means_filled_cancelled_expired_or_rejected_and_nothing_else() -> None:
    assert {life for life in Life if life.dead} == DEAD
    assert {life for life in Life if not LIFE[life]} == DEAD


@given(LIVES)
def test_no_order_moves_backwards(heard: list[Life]) -> None:
    """However often the venue repeats itself or answers late, no state is entered twice."""
    entered = [ORDER.life]
    for life in heard:
        now = after([life], evolve(ORDER, life=entered[-1])).life
        if now is not entered[-1]:
            assert now not in entered
            entered.append(now)


@given(LIVES)
def test_an_order_counts_as_at_the_venue_only_after_it_was_sent(heard: list[Life]) -> None:
    reached = after(heard).life
    if Life.SENT not in heard:
        assert reached in (Life.PENDING, Life.REJECTED)


@given(LIVES)
def test_an_order_of_unknown_fate_is_dead_only_once_the_venue_says_so(heard: list[Life]) -> None:
    order = after(heard, evolve(ORDER, life=Life.UNKNOWN))
    assert order.open or order.life in set(heard) & DEAD


STATUSES = st.lists(st.sampled_from(Settlement), max_size=10)


@given(st.sampled_from(Settlement), STATUSES)
def test_confirmed_and_failed_are_final(first: Settlement, heard: list[Settlement]) -> None:
    now = first
    for status in heard:
        before, now = now, settle(now, status)
        assert before not in (Settlement.CONFIRMED, Settlement.FAILED) or now is before


@given(STATUSES)
def test_a_fill_is_never_unmatched_again(heard: list[Settlement]) -> None:
    now = Settlement.MINED
    for status in heard:
        now = settle(now, status)
        assert now is not Settlement.MATCHED


def test_only_a_failing_status_leads_to_failed_and_every_open_one_can_confirm() -> None:
    open_ones = (Settlement.MATCHED, Settlement.MINED, Settlement.RETRYING)
    assert all({Settlement.CONFIRMED, Settlement.FAILED} <= SETTLEMENT[status] for status in open_ones)


SIZES = st.integers(0, 100)


@given(st.sampled_from(Life), SIZES, SIZES, st.booleans())
def test_money_stays_reserved_for_whatever_may_still_turn_into_shares(
    life: Life, filled: int, venue_filled: int, final: bool
) -> None:
    order = evolve(ORDER, life=life, filled=Size(filled), venue_filled=Size(venue_filled), final=final)
    if order.life.dead and final:
        assert order.at_risk == max(0, venue_filled - filled), "what the venue says was filled, less the trades heard"
    else:
        assert order.at_risk == order.size - filled, "a cancel that is only acknowledged may hide a fill"
    assert order.settled == (order.life.dead and final and order.at_risk == 0)


@given(st.integers(0, 300))
def test_an_overfill_leaves_nothing_remaining(filled: int) -> None:
    assert evolve(ORDER, filled=Size(filled)).remaining == max(0, 100 - filled)
