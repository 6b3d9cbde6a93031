"""Reservation price and half-spread on the logit scale: every T of strategies.md §3, and what must hold of them."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.pricing.avellaneda import (
    gamma_for_skew,
    half_spread,
    half_spreads_without_horizon,
    reservation,
    skew_in_logits,
)
from actors.pricing.logit import HIGHEST, LOWEST, expit, logit, slope
from actors.pricing.spread import Danger
from actors.pricing.spread import half_spread as in_price

VARIANCE, TAU, K = 0.0012**2, 1_800.0, 40.0
CALM = Danger(sigma=0.0012, markout=0.0, k_vol=0.0, k_tox=0.26, least=0.005)


def test_t_the_models_half_spread_at_gamma_03_is_000576_logits_and_the_least_one_wins() -> None:
    model = half_spread(0.3, K, VARIANCE, TAU)
    assert model == pytest.approx(0.000576, abs=1e-6)
    assert in_price(0.5, model, CALM, 0.01) == 0.005


def test_t_two_units_long_at_gamma_2_move_the_reservation_to_0497408() -> None:
    x = reservation(logit(0.5), 2.0, 2.0, VARIANCE, TAU)
    assert x == pytest.approx(-0.010368, abs=1e-6)
    assert expit(x) == pytest.approx(0.497408, abs=1e-6)


def test_t_one_unit_short_at_090_and_gamma_2_moves_it_to_0900466() -> None:
    assert expit(reservation(logit(0.9), -1.0, 2.0, VARIANCE, TAU)) == pytest.approx(0.900466, abs=1e-6)


def test_t_a_logit_is_the_logarithm_of_the_odds_and_is_clipped_at_the_ends() -> None:
    assert logit(0.75) == pytest.approx(log(3))
    assert (logit(0.0), logit(1.0)) == (logit(LOWEST), logit(HIGHEST))
    assert slope(0.9) == pytest.approx(0.09)


@given(st.floats(LOWEST, HIGHEST))
def test_the_inverse_of_a_logit_is_the_probability(p: float) -> None:
    assert expit(logit(p)) == pytest.approx(p, abs=1e-12)


@given(st.floats(-1e6, 1e6))
def test_any_logit_is_a_probability(x: float) -> None:
    assert 0.0 <= expit(x) <= 1.0


@given(st.floats(0.01, 5), st.floats(1, 100), st.floats(1e-8, 1e-3), st.floats(1, 3_600))
def test_more_risk_is_quoted_wider(gamma: float, k: float, variance: float, tau: float) -> None:
    assert 0 < half_spread(gamma, k, variance, tau) < half_spread(gamma, k, 2 * variance, tau)


@given(st.floats(1, 10), st.floats(1e-8, 1e-3), st.floats(1, 3_600), st.floats(0.05, 0.95))
def test_the_gamma_of_two_ticks_at_the_limit_shifts_the_reservation_by_them(
    limit: float, variance: float, tau: float, p: float
) -> None:
    shift = skew_in_logits(2, 0.001, p)
    gamma = gamma_for_skew(shift, limit, variance, tau)
    assert reservation(logit(p), limit, gamma, variance, tau) == pytest.approx(logit(p) - shift)
    assert expit(logit(p) - shift) == pytest.approx(p - 0.002, abs=2e-4)


def test_without_a_horizon_a_flat_book_is_quoted_evenly_and_a_long_one_leans_down() -> None:
    flat = half_spreads_without_horizon(0.0, 0.3, K, 0.02, VARIANCE)
    bid, ask = half_spreads_without_horizon(2.0, 0.3, K, 0.02, VARIANCE)
    assert flat[0] == flat[1]
    assert bid > flat[0] > ask
    assert bid + ask == pytest.approx(sum(flat)), "the inventory moves the quotes, not their width"


def test_t_without_a_horizon_by_the_formula_itself() -> None:
    gamma, arrival = 0.3, 0.02
    risk = (VARIANCE * gamma / (2 * K * arrival) * (1 + gamma / K) ** (1 + K / gamma)) ** 0.5
    bid, ask = half_spreads_without_horizon(1.0, gamma, K, arrival, VARIANCE)
    assert bid == pytest.approx(log(1 + gamma / K) / gamma + 1.5 * risk, abs=1e-12)
    assert ask == pytest.approx(log(1 + gamma / K) / gamma - 0.5 * risk, abs=1e-12)


def test_a_half_spread_is_the_widest_of_its_reasons() -> None:
    volatile = Danger(sigma=0.02, markout=0.0, k_vol=1.6, k_tox=0.26, least=0.002)
    assert in_price(0.5, 0.0, volatile, 0.01) == pytest.approx(1.6 * 0.25 * 0.02 * 6**0.5)
    assert in_price(0.5, 0.4, volatile, 0.01) == pytest.approx(0.1)
    assert in_price(0.99, 0.0, volatile, 0.01) == 0.002


@given(st.floats(-1, 1), st.floats(0, 10))
def test_bad_fills_widen_by_three_ticks_at_most_and_good_ones_not_at_all(markout: float, k_tox: float) -> None:
    danger = Danger(0.0012, markout, 0.0, k_tox, 0.005)
    added = in_price(0.5, 0.0, danger, 0.01) - 0.005
    assert -1e-12 <= added <= 0.03 + 1e-12
    assert markout < 0 or added == pytest.approx(0, abs=1e-12)
