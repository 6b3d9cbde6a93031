"""A market's standing: a kill is left only knowingly, draining never, and only running quotes."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.reason import Reason
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
def test_running_is_reached_only_by_a_resume_or_when_risk_lifts_what_it_ordered(
    state: Trading, orders: list[Order]
) -> None:
    quiet = [order for order in orders if order not in (Order.RESUME, Order.ACK_KILL, Order.LIFT)]
    if state is not Trading.RUNNING:
        assert led_to(state, quiet) is not Trading.RUNNING


def test_a_hold_of_risk_interrupts_no_flatten_and_a_reduction_frees_nothing() -> None:
    assert after(Trading.FLATTENING, Order.HOLD) is None
    assert [state for state in Trading if after(state, Order.REDUCE)] == [Trading.RUNNING, Trading.REDUCING]


def test_a_hold_that_lifts_by_itself_yields_to_a_longer_one_and_to_a_pause_of_a_person() -> None:
    held = Standing("alpha", Trading.PAUSED, "slow", 7.0, Reason.SLOW_RATE, until=60.0)
    assert held.yields(evolve(held, until=61.0))
    assert held.yields(Standing("alpha", Trading.PAUSED, "lunch", 8.0))
    assert not held.yields(evolve(held, until=59.0))
    assert not Standing("alpha", Trading.PAUSED, "lunch", 8.0).yields(held)


def test_a_flatten_ends_paused_and_only_a_flatten_can_report_flat() -> None:
    assert after(Trading.FLATTENING, Order.FLAT) is Trading.PAUSED
    assert [state for state in Trading if after(state, Order.FLAT)] == [Trading.FLATTENING]


def test_every_standing_but_running_has_a_reason_not_to_quote() -> None:
    assert set(REASONS) == set(Trading) - {Trading.RUNNING}


# ── over a restart ──────────────────────────────────────────────────────────────────────────────────────────────────

FREEDOM = {
    Trading.RUNNING: 3,
    Trading.REDUCING: 2,
    Trading.FLATTENING: 1,
    Trading.PAUSED: 1,
    Trading.SAFE: 0,
    Trading.DRAINING: 3,
}


@given(STATES, st.sampled_from([Trading.RUNNING, Trading.PAUSED]))
def test_a_market_never_starts_freer_than_it_was_left_or_than_it_is_to_start(left: Trading, initial: Trading) -> None:
    now = restored("alpha", initial, {"alpha": Standing("alpha", left, "looks wrong", 7.0)})
    assert FREEDOM[now.trading] == min(FREEDOM[left], FREEDOM[initial])
    assert now.trading in (Trading.RUNNING, Trading.REDUCING, Trading.PAUSED, Trading.SAFE)


def test_where_a_start_waits_for_a_resume_nothing_is_lifted_by_itself() -> None:
    left = Standing("alpha", Trading.REDUCING, "picked off", 7.0, Reason.PICKED_OFF, until=60.0)
    assert restored("alpha", Trading.RUNNING, {"alpha": left}) == left
    paused = Standing("alpha", Trading.PAUSED, "picked off", 7.0)
    assert restored("alpha", Trading.PAUSED, {"alpha": left}) == paused


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
