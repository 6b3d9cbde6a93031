"""The NoTradeGate: every rule that must hold before a window is bet on, in order (strategies.md §6).

The first rule that does not hold is the reason, and what comes after it is not even computed.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from actors.model.numbers import PRICE_ONE, format_cash, format_price, format_size
from actors.model.purse import Bet
from actors.model.reason import Hint, Reason, Refusal
from actors.pricing.correlation import correlation
from actors.strategies.scene import BEFORE, Scene
from actors.strategies.wager import Wager, bankroll, size_for, stakes

_EXACT = 0.01  # price units, a millionth: what floats may be off by

WagerRule = Callable[[Scene, Wager], Refusal | None]


def first_refusal(scene: Scene) -> Refusal | None:
    """Why nothing may be computed on this scene, or None."""
    for rule in BEFORE:
        if (refusal := rule(scene)) is not None:
            return refusal
    return None


def second_refusal(scene: Scene, wager: Wager) -> Refusal | None:
    """Why this wager is not made, or None."""
    for rule in AFTER:
        if (refusal := rule(scene, wager)) is not None:
            return refusal
    return None


def _other_side(scene: Scene, wager: Wager) -> Refusal | None:
    """A bid that rests goes on until its bet is whole; the other outcome beside it would only lock in what both cost."""
    other = wager.outcome.other
    held = scene.view.position.holding(other).size
    return Refusal(Reason.BET_HELD, ((other.value, format_size(held)),)) if held else None


def _gap(scene: Scene, wager: Wager) -> Refusal | None:
    """Where the book says something else altogether it is we who are wrong."""
    if abs(wager.gap) * PRICE_ONE <= scene.own.max_gap:
        return None
    inputs = (("model less mid", f"{wager.gap:+.3f}"), ("strategy.max_gap", format_price(scene.own.max_gap)))
    return Refusal(Reason.MODEL_OFF, inputs)


def _edge(scene: Scene, wager: Wager) -> Refusal | None:
    """Compared to a millionth: a gain of just the least is one."""
    least = max(scene.own.min_edge, 2 * wager.error * PRICE_ONE)
    if wager.odds.value * PRICE_ONE >= least - _EXACT:
        return None
    inputs = (
        ("bet", f"{wager.outcome.value} at {format_price(wager.price)}"),
        ("chance", f"{wager.odds.chance:.3f}"),
        ("gain a share", f"{wager.odds.value:+.4f}"),
        ("least", format_price(ceil(least))),
    )
    return Refusal(Reason.EDGE_TOO_SMALL, inputs)


def _edge_to_fee(scene: Scene, wager: Wager) -> Refusal | None:
    fee, before = wager.odds.fee, wager.odds.chance - wager.odds.price
    if fee <= 0 or before >= scene.own.edge_to_fee * fee:
        return None
    inputs = (
        ("before the fee", f"{before:+.4f}"),
        ("fee", f"{fee:.4f}"),
        ("strategy.edge_to_fee", f"{scene.own.edge_to_fee:g}"),
    )
    return Refusal(Reason.EDGE_BELOW_FEES, inputs)


def _balance(scene: Scene, wager: Wager) -> Refusal | None:
    return Refusal(Reason.BALANCE_UNKNOWN) if bankroll(scene.view) is None else None


def _offered(scene: Scene, wager: Wager) -> Refusal | None:
    """Half of what the best ask has must be an order of its own: the rest is for those who are faster."""
    part, least = wager.offered * scene.own.touch_share // 100, scene.view.market.min_size
    if scene.own.entry == "make" or part >= least:
        return None
    inputs = (("offered", format_size(wager.offered)), ("strategy.touch_share", f"{scene.own.touch_share} %"))
    return Refusal(Reason.ASK_TOO_SMALL, inputs)


def _room(scene: Scene, wager: Wager) -> Refusal | None:
    """The tightest bound, less what the window has cost already, must pay for an order."""
    bounds = stakes(scene.own, scene.view, wager, scene.asset)
    key = min(bounds, key=lambda name: bounds[name])
    if size_for(scene.room(wager), wager, scene.own) >= scene.view.market.min_size:
        return None
    held = scene.view.position.inventory_cost
    inputs = (
        (f"strategy.{key} allows", format_cash(bounds[key])),
        ("held", format_cash(held)),
        ("smallest order", format_size(scene.view.market.min_size)),
    )
    return Refusal(Reason.BET_LIMIT, inputs)


def _alike(scene: Scene, wager: Wager) -> Refusal | None:
    """Last, for it is the dearest: bets that win and lose together are one bet. Opposite ones hedge."""
    for bet in scene.view.purse.bets:
        alike = _alikeness(scene, bet, wager.way)
        if alike * 100 > scene.own.max_correlation:
            inputs = (("with", bet.market), ("correlation", f"{alike:.2f}"))
            hint = Hint("strategy.max_correlation", f"{min(100, int(alike * 100) + 1)}")
            return Refusal(Reason.CORRELATED, inputs, hint)
    return None


def _alikeness(scene: Scene, bet: Bet, way: int) -> float:
    """How much that bet and one of `way` win together; where a way or a stream is not known, as much as can be."""
    if bet.stream is None or scene.view.stream is None:
        return 1.0
    found = correlation(scene.view.stream, bet.stream)
    return found * bet.way * way if bet.way else abs(found)


AFTER: tuple[WagerRule, ...] = (_other_side, _gap, _edge, _edge_to_fee, _balance, _offered, _room, _alike)
