"""Avellaneda-Stoikov on the logit scale, with a horizon or without one (Guéant-Lehalle-Fernandez-Tapia); strategies.md §3.

`variance` is that of the belief per second; `n` the inventory in units, long above 0. Distances are in logits.
"""

from __future__ import annotations

from math import inf, log, sqrt

from actors.pricing.logit import slope


def reservation(x: float, n: float, gamma: float, variance: float, tau: float) -> float:
    """The logit at which we do not mind whether the next fill is a purchase or a sale."""
    return x - n * gamma * variance * tau


def half_spread(gamma: float, k: float, variance: float, tau: float) -> float:
    """What bears the risk of holding until `tau` and what flow that dies off as e^(-k d) pays for."""
    return gamma * variance * tau / 2 + log(1 + gamma / k) / k


def half_spreads_without_horizon(
    n: float, gamma: float, k: float, arrival: float, variance: float
) -> tuple[float, float]:
    """(of the bid, of the ask), from the fitted rate of fills `arrival` × e^(-k d) a second; both may be below 0."""
    risk = sqrt(variance * gamma / (2 * k * arrival) * (1 + gamma / k) ** (1 + k / gamma))
    flow = log(1 + gamma / k) / gamma
    return flow + (1 + 2 * n) / 2 * risk, flow + (1 - 2 * n) / 2 * risk


def gamma_for_skew(shift: float, limit: float, variance: float, tau: float) -> float:
    """The gamma that moves the reservation by `shift` logits at an inventory of `limit` units."""
    risk = limit * variance * tau
    return shift / risk if risk > 0 else inf


def skew_in_logits(ticks: float, tick: float, p: float) -> float:
    """So many ticks of price as a shift in logits around `p`."""
    return ticks * tick / slope(p)
