"""A market's standing: a kill is left only knowingly, draining never, and only running quotes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from actors.model.trading import ALL, REASONS, Order, Standing, Trading, after, restored

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


# ── over a restart ──────────────────────────────────────────────────────────────────────────────────────────────────

FREEDOM = {Trading.RUNNING: 2, Trading.FLATTENING: 1, Trading.PAUSED: 1, Trading.SAFE: 0, Trading.DRAINING: 2}


@given(STATES, st.sampled_from([Trading.RUNNING, Trading.PAUSED]))
def test_a_market_never_starts_freer_than_it_was_left_or_than_it_is_to_start(left: Trading, initial: Trading) -> None:
    now = restored("alpha", initial, {"alpha": Standing("alpha", left, "looks wrong", 7.0)})
    assert FREEDOM[now.trading] == min(FREEDOM[left], FREEDOM[initial])
    assert now.trading in (Trading.RUNNING, Trading.PAUSED, Trading.SAFE)


def test_a_kill_keeps_its_reason_and_its_time() -> None:
    left = Standing("alpha", Trading.SAFE, "looks wrong", 7.0)
    assert restored("alpha", Trading.RUNNING, {"alpha": left}) == left


def test_a_kill_of_all_binds_a_market_that_was_not_there() -> None:
    remembered = {
        ALL: Standing(ALL, Trading.SAFE, "looks wrong", 7.0),
        "beta": Standing("beta", Trading.RUNNING, since=8.0),
    }
    assert restored("gamma", Trading.RUNNING, remembered) == Standing("gamma", Trading.SAFE, "looks wrong", 7.0)
    assert restored("beta", Trading.RUNNING, remembered).trading is Trading.RUNNING


def test_a_flatten_that_was_cut_short_is_paused() -> None:
    left = {"alpha": Standing("alpha", Trading.FLATTENING, since=7.0)}
    assert restored("alpha", Trading.RUNNING, left) == Standing("alpha", Trading.PAUSED, since=7.0)
