"""How each key is unplugged: a patch of the line that heeds it, as if whoever edited it had forgotten the key.

`risk.mode` and other keys that only say how another one counts are among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from attrs import evolve

from actors.market.blotter import Blotter
from actors.messages import Place
from actors.model import rates
from actors.model.breaker import Markouts, Rate
from actors.model.governor import Governor
from actors.model.limit_settings import WindowSettings
from actors.model.limits import Caps
from actors.model.loss_limit import LossLimit, tallied
from actors.model.numbers import Cash
from actors.model.plan import Plan
from actors.model.rates import WINDOWS, Lane, Window
from actors.model.reason import Reason
from actors.model.risk_settings import RiskSettings
from actors.shared import counts, limiter
from actors.shared.breakers import Breakers, Posted, _Share
from actors.shared.budget import Budget, Grant, Reserve, _Books
from actors.shared.counts import Counts
from actors.shared.gateway import Gateway
from actors.shared.losses import Losses
from actors.wiring import root
from tests.faults.planting import Patch

Unplug = Callable[[Patch], None]
_NO_END = 10**15


def cap(patch: Patch, name: str, lifted: int | None = None) -> None:
    """A cap of orders, markets, events and the whole: risk and gateway read them all here."""
    honest, values = Caps.of, {name: lifted}

    def of(limits: RiskSettings) -> Caps:
        return evolve(honest(limits), **values)  # type: ignore[arg-type]

    patch.setattr(Caps, "of", of)


def loss_limit(patch: Patch, key: str) -> None:
    def limits(own: RiskSettings, base: Cash) -> tuple[LossLimit, ...]:
        return tuple(limit for limit in tallied(own, base) if limit.key != key)

    patch.setattr(counts, "tallied", limits)


def daily_kill(patch: Patch) -> None:
    patch.setattr(Losses, "_judge", lambda self: None)


def rate(patch: Patch, name: str) -> None:
    honest = Breakers._share

    def share(self: Breakers, key: str, *rest: Any) -> Iterator[_Share]:  # noqa: ANN401 - passed on
        return iter(()) if key == name else honest(self, key, *rest)

    patch.setattr(Breakers, "_share", share)


def error_streak(patch: Patch) -> None:
    honest = Breakers.posted

    def posted(self: Breakers, posted: Posted, now: float) -> None:
        self._streak = None
        honest(self, posted, now)

    patch.setattr(Breakers, "posted", posted)


def loss_streak(patch: Patch) -> None:
    patch.setattr(Counts, "_streaks", lambda self: iter(()))


def markout(patch: Patch) -> None:
    patch.setattr(Breakers, "struck", lambda self, struck: None)


def floor(patch: Patch) -> None:
    patch.setattr(Breakers, "_floor", lambda self, balance: iter(()))


def unknown_orders(patch: Patch) -> None:
    patch.setattr(Blotter, "unknown", 0)


def budget(patch: Patch, reason: Reason) -> None:
    """What the budget would refuse for this is granted."""
    honest = Budget._reserve

    def reserve(self: Budget, ask: Reserve, books: _Books) -> Grant:
        answer = honest(self, ask, books)
        return None if getattr(answer, "reason", None) is reason else answer

    patch.setattr(Budget, "_reserve", reserve)


def own_budget(patch: Patch) -> None:
    patch.setattr(Budget, "_cap", lambda self, market: self.caps.per_market)


def shrinking(patch: Patch) -> None:
    honest = Budget._reserve

    def reserve(self: Budget, ask: Reserve, books: _Books) -> Grant:
        return honest(self, evolve(ask, least=None), books)

    patch.setattr(Budget, "_reserve", reserve)


def ceiling(patch: Patch) -> None:
    honest = Gateway._refusal

    def refusal(self: Gateway, place: Place, traffic: Any) -> Reason | None:  # noqa: ANN401 - the gateway's own
        found = honest(self, place, traffic)
        return None if found is Reason.ORDER_CEILING else found

    patch.setattr(Gateway, "_refusal", refusal)


def order_rate(patch: Patch) -> None:
    honest = limiter._Account.take

    def take(self: Any, permit: Any, now: float) -> float:  # noqa: ANN401 - the limiter's own
        waits = honest(self, permit, now)
        return 0.0 if permit.call.lane is Lane.ORDERS else waits

    patch.setattr(limiter._Account, "take", take)


def table(patch: Patch, **lifted: float) -> None:
    """The limiter's rates, bursts, reserve and share are other ones than the keys say."""
    honest = limiter.Limiter.run

    async def run(self: limiter.Limiter, ready: Any) -> None:  # noqa: ANN401 - passed on
        await honest(evolve(self, limits=evolve(self.limits, **lifted)), ready)  # type: ignore[arg-type]

    patch.setattr(limiter.Limiter, "run", run)


def window(patch: Patch, name: str) -> None:
    """The venue's window is not looked at."""
    honest = rates.windows

    def windows(settings: WindowSettings, share: float) -> tuple[Window, ...]:
        return honest(evolve(settings, **{name: 10**6}), share)

    patch.setattr(limiter, "windows", windows)


def governor(patch: Patch, **pace: float) -> None:
    """The market's own pace is another one than the key says."""
    honest = Governor.govern

    def govern(self: Governor, *given: Any) -> Plan:  # noqa: ANN401 - passed on
        self.pace = evolve(self.pace, **pace)  # type: ignore[arg-type]
        return honest(self, *given)

    patch.setattr(Governor, "govern", govern)


# ── keys that say how another one counts ──────────────────────────────────────────────────────────────────────────────


def mode(patch: Patch) -> None:
    patch.setattr(RiskSettings, "enforced", True)


def on_kill(patch: Patch) -> None:
    patch.setattr(root, "_killed", lambda spine, stop: None)


def rates_with(patch: Patch, **terms: float) -> None:
    """All rates look this far back, or begin with this many orders."""
    honest = Breakers._share

    def share(self: Breakers, *given: Any) -> Iterator[_Share]:  # noqa: ANN401 - passed on
        for made in honest(self, *given):
            own = {"window": made.rate.window, "least": made.rate.least, "limit": made.rate.limit}
            yield evolve(made, rate=Rate(**{**own, **terms}))  # type: ignore[arg-type]

    patch.setattr(Breakers, "_share", share)


def cool_down(patch: Patch) -> None:
    honest = Breakers._tripped
    patch.setattr(Breakers, "_tripped", lambda self, now: (evolve(t, cool=1.0) for t in honest(self, now)))


def slow_after(patch: Patch) -> None:
    patch.setattr(Breakers, "_late", lambda self, posted: posted.took > 0.0)


def markouts_with(patch: Patch, **terms: float) -> None:
    """Every mean is taken this much later, or over this many fills."""
    honest = Markouts.look

    def look(self: Markouts, now: float, mid: int | None) -> None:
        for name, value in terms.items():
            setattr(self, name, value)
        honest(self, now, mid)

    patch.setattr(Markouts, "look", look)


UNPLUGGED: dict[str, Unplug] = {
    "risk.max_order_size": partial(cap, name="max_order_size", lifted=_NO_END),
    "risk.max_order_notional": partial(cap, name="max_order_notional", lifted=_NO_END),
    "risk.max_order_share": partial(cap, name="max_order_share"),
    "risk.max_position": partial(cap, name="max_position", lifted=_NO_END),
    "risk.max_orders_per_market": partial(cap, name="max_orders_per_market", lifted=_NO_END),
    "risk.max_event_loss": partial(cap, name="max_event_loss"),
    "risk.max_strategy_notional": partial(cap, name="max_strategy_notional"),
    "risk.max_total_notional": partial(cap, name="max_total_notional"),
    "risk.min_balance": floor,
    "risk.max_unknown": unknown_orders,
    "risk.pause_hourly_loss": partial(loss_limit, key="risk.pause_hourly_loss"),
    "risk.max_hourly_loss": partial(loss_limit, key="risk.max_hourly_loss"),
    "risk.pause_daily_loss": partial(loss_limit, key="risk.pause_daily_loss"),
    "risk.max_daily_loss": daily_kill,
    "risk.pause_drawdown": partial(loss_limit, key="risk.pause_drawdown"),
    "risk.max_drawdown": partial(loss_limit, key="risk.max_drawdown"),
    "risk.max_balance_loss": partial(loss_limit, key="risk.max_balance_loss"),
    "risk.breakers.error_rate": partial(rate, name="error_rate"),
    "risk.breakers.error_streak": error_streak,
    "risk.breakers.reject_rate": partial(rate, name="reject_rate"),
    "risk.breakers.slow_rate": partial(rate, name="slow_rate"),
    "risk.breakers.loss_streak": loss_streak,
    "risk.breakers.markout": markout,
    "budget.per_market": partial(budget, reason=Reason.BUDGET_MARKET),
    "markets[].budget": own_budget,
    "budget.total": partial(budget, reason=Reason.BUDGET_TOTAL),
    "limits.max_open_orders": ceiling,
    "limits.order_rate": order_rate,
    "limits.min_life": partial(governor, min_life=0.0),
    "limits.dedupe": partial(governor, dedupe=0.0),
    "limits.actions_per_minute": partial(governor, actions=_NO_END),
    "risk.mode": mode,
    "risk.on_kill": on_kill,
    "risk.breakers.window": partial(rates_with, window=10**6),
    "risk.breakers.least": partial(rates_with, least=1),
    "risk.breakers.cool_down": cool_down,
    "risk.breakers.slow_after": slow_after,
    "risk.breakers.markout_after": partial(markouts_with, after=2.5),
    "risk.breakers.markout_fills": partial(markouts_with, fills=1),
    "budget.shrink": shrinking,
    "limits.order_ttl": partial(governor, ttl=float("inf")),
    "limits.order_burst": partial(table, order_burst=1000),
    "limits.cancel_rate": partial(table, cancel_rate=1000.0),
    "limits.cancel_burst": partial(table, cancel_burst=1000),
    "limits.cancel_reserve": partial(table, cancel_reserve=0),
    "limits.read_rate": partial(table, read_rate=1000.0),
    "limits.read_burst": partial(table, read_burst=1000),
    "limits.share": partial(table, share=1.0),
    **{f"limits.windows.{name}": partial(window, name=name) for name in WINDOWS},
}
