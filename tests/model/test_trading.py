"""A market's standing: a kill is left only knowingly, draining never, and only running quotes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from actors.model.trading import REASONS, Order, Trading, after

ORDERS = st.lists(st.sampled_from(Order), max_size=10)
STATES = st.sampled_from(Trading)


def led_to(state: Trading, orders: Sequence[Order]) -> Trading:
    for order in orders:
        state = after(state, order) or state
    return state


@given(ORDERS)
def test_safe_is_left_only_by_an_acknowledged_resume_not_even_by_the_end(orders: list[Order]) -> None:
    harmless = [order for order in orders if order is not Order.ACK_KILL]
    assert led_to(Trading.SAFE, harmless) is Trading.SAFE
    assert led_to(Trading.SAFE, [*harmless, Order.ACK_KILL]) is Trading.RUNNING


@given(ORDERS)
def test_draining_is_left_only_by_a_kill(orders: list[Order]) -> None:
    others = [order for order in orders if order is not Order.KILL]
    assert led_to(Trading.DRAINING, others) is Trading.DRAINING
    assert after(Trading.DRAINING, Order.KILL) is Trading.SAFE


@given(STATES)
def test_kill_works_from_everywhere_and_the_end_from_everywhere_but_safe(state: Trading) -> None:
    assert after(state, Order.KILL) is Trading.SAFE
    assert after(state, Order.DRAIN) is (None if state is Trading.SAFE else Trading.DRAINING)


@given(STATES, ORDERS)
def test_running_is_reached_only_by_a_resume(state: Trading, orders: list[Order]) -> None:
    quiet = [order for order in orders if order not in (Order.RESUME, Order.ACK_KILL)]
    if state is not Trading.RUNNING:
        assert led_to(state, quiet) is not Trading.RUNNING


def test_a_flatten_ends_paused_and_only_a_flatten_can_report_flat() -> None:
    assert after(Trading.FLATTENING, Order.FLAT) is Trading.PAUSED
    assert [state for state in Trading if after(state, Order.FLAT)] == [Trading.FLATTENING]


def test_every_standing_but_running_has_a_reason_not_to_quote() -> None:
    assert set(REASONS) == set(Trading) - {Trading.RUNNING}
