"""What is known of a window before anything is computed, and the rules that it must pass: cheap and fatal ones first.

Rules about the bot as a whole (halts, breakers, losses, budgets, rates, approval) stand above every strategy and are not
repeated here.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt

from attrs import frozen

from actors.model.book import Depth
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Price, format_cash, format_price
from actors.model.quote import View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.series import Window
from actors.model.value_settings import ValueParameters
from actors.pricing.race import settled_at
from actors.pricing.toxicity import imbalance, worth
from actors.pricing.volatility import annual
from actors.strategies.signs import Signs
from actors.strategies.wager import Wager, stakes

_MOST_AHEAD = 0.25  # s by which the clock may be behind
_LEAST_RETURNS = 60.0
_BP = 1e-4


@frozen
class Scene:
    """All that is looked at before anything is computed: `depth` is the YES book without our own orders."""

    own: ValueParameters
    view: View
    window: Window
    depth: Depth
    signs: Signs

    @property
    def asset(self) -> str:
        return self.window.slug.partition("-")[0]

    def room(self, wager: Wager) -> int:
        """What the window may still cost (cash units)."""
        return min(stakes(self.own, self.view, wager, self.asset).values()) - self.view.position.inventory_cost

    @property
    def spread(self) -> int:
        """Price units; the book must be two-sided."""
        assert self.depth.best_bid is not None
        assert self.depth.best_ask is not None
        return self.depth.best_ask - self.depth.best_bid

    @property
    def sigma(self) -> float | None:
        """Per square root of a second, as far as it is believed; None before enough returns."""
        stream = self.view.stream
        if stream is None or stream.returns < _LEAST_RETURNS:
            return None
        return min(self.own.sigma_cap * _BP, max(self.own.sigma_floor * _BP, sqrt(stream.variance)))


Rule = Callable[[Scene], Refusal | None]


def _fees(scene: Scene) -> Refusal | None:
    return None if scene.view.market.fees.known else Refusal(Reason.FEES_UNKNOWN)


def _settlement(scene: Scene) -> Refusal | None:
    return None if scene.view.market.averaging is not None else Refusal(Reason.SETTLEMENT_UNKNOWN)


def _time(scene: Scene) -> Refusal | None:
    left, own = scene.view.ends_in, scene.own
    if left is not None and own.least_left <= left <= own.most_left:
        return None
    key = "least_left" if left is None or left < own.least_left else "most_left"
    inputs = (("left", "unknown" if left is None else f"{left:.0f} s"), (f"strategy.{key}", f"{getattr(own, key):g} s"))
    return Refusal(Reason.TIME_LEFT, inputs)


def _clock(scene: Scene) -> Refusal | None:
    ahead = scene.view.stream.ahead if scene.view.stream is not None else 0.0
    return Refusal(Reason.CLOCK_BEHIND, (("behind", f"{ahead:.2f} s"),)) if ahead > _MOST_AHEAD else None


def _stream(scene: Scene) -> Refusal | None:
    stream = scene.view.stream
    age = inf if stream is None else stream.age(scene.view.now)
    if age <= scene.own.stream_stale:
        return None
    shown = "missing" if age == inf else f"{age:.1f} s"
    return Refusal(Reason.STALE_STREAM, (("price", shown), ("strategy.stream_stale", f"{scene.own.stream_stale:g} s")))


def _strike(scene: Scene) -> Refusal | None:
    """Fatal for the whole window: what was not heard when it opened cannot be heard later."""
    stream, averaging = scene.view.stream, scene.view.market.averaging
    if stream is None or averaging is None or settled_at(stream, scene.window.starts_at, averaging) is None:
        return Refusal(Reason.STRIKE_UNKNOWN)
    return None


def _book_age(scene: Scene) -> Refusal | None:
    age, most = scene.view.book.age(scene.view.now), scene.own.book_stale
    if age <= most:
        return None
    return Refusal(Reason.BOOK_TOO_OLD, (("age", f"{age:.1f} s"), ("strategy.book_stale", f"{most:g} s")))


def _two_sided(scene: Scene) -> Refusal | None:
    if scene.depth.best_bid is None or scene.depth.best_ask is None:
        return Refusal(Reason.ONE_SIDED)
    return Refusal(Reason.CROSSED) if scene.depth.crossed else None


def _spread(scene: Scene) -> Refusal | None:
    if scene.spread <= scene.own.max_spread:
        return None
    shown, most = format_price(scene.spread), format_price(scene.own.max_spread)
    inputs = (("spread", shown), ("strategy.max_spread", most))
    return Refusal(Reason.SPREAD_TOO_WIDE, inputs, Hint("strategy.max_spread", shown))


def _depth(scene: Scene) -> Refusal | None:
    """Of both sides: a bid is what the other outcome is bought at."""
    asks = worth(scene.depth.asks)
    bids = sum((PRICE_ONE - price) * size for price, size in scene.depth.bids) / (PRICE_ONE * SHARE)
    least = min(asks, bids)
    if least * PUSD >= scene.own.min_depth:
        return None
    inputs = (("offered", f"{least:.2f}"), ("strategy.min_depth", format_cash(scene.own.min_depth)))
    return Refusal(Reason.THIN_BOOK, inputs, Hint("strategy.min_depth", f"{least:.2f}") if least >= 0.01 else None)


def _one_sided_depth(scene: Scene) -> Refusal | None:
    found = abs(imbalance(scene.depth)) * 100
    if found <= scene.own.max_imbalance:
        return None
    inputs = (("imbalance", f"{found:.0f} %"), ("strategy.max_imbalance", f"{scene.own.max_imbalance} %"))
    return Refusal(Reason.IMBALANCED, inputs)


def _move(scene: Scene) -> Refusal | None:
    move = Price(round(scene.signs.move))
    if move <= scene.own.max_move:
        return None
    inputs = (("move", format_price(move)), ("strategy.max_move", format_price(scene.own.max_move)))
    return Refusal(Reason.MOVING, inputs)


def _flow(scene: Scene) -> Refusal | None:
    vpin = scene.signs.vpin.value
    if vpin is None or vpin * 100 <= scene.own.max_vpin:
        return None
    return Refusal(Reason.TOXIC_FLOW, (("vpin", f"{vpin:.2f}"), ("strategy.max_vpin", f"{scene.own.max_vpin} %")))


def _markout(scene: Scene) -> Refusal | None:
    lost = scene.signs.lost(scene.view.now)
    if lost * PRICE_ONE <= scene.own.max_markout:
        return None
    inputs = (("lost a share", f"{lost:.3f}"), ("strategy.max_markout", format_price(scene.own.max_markout)))
    return Refusal(Reason.BAD_MARKOUT, inputs)


def _volatility(scene: Scene) -> Refusal | None:
    stream = scene.view.stream
    if scene.sigma is None or stream is None:
        return Refusal(Reason.VOLATILITY_UNKNOWN)
    found = annual(sqrt(stream.variance)) * 100
    if found <= scene.own.max_volatility:
        return None
    inputs = (("a year", f"{found:.0f} %"), ("strategy.max_volatility", f"{scene.own.max_volatility} %"))
    return Refusal(Reason.TOO_VOLATILE, inputs)


BEFORE: tuple[Rule, ...] = (
    _fees,
    _settlement,
    _time,
    _clock,
    _stream,
    _strike,
    _book_age,
    _two_sided,
    _spread,
    _depth,
    _one_sided_depth,
    _move,
    _flow,
    _markout,
    _volatility,
)
