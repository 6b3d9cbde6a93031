"""The limits on losses that `risk` sets: what each measures, how much it allows, what follows when it is reached."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from actors.model.day import Day
from actors.model.numbers import Cash
from actors.model.risk_settings import RiskSettings
from actors.model.tally import BALANCE, DAILY, DRAWDOWN, HOURLY, Gauge, Tally
from actors.model.trading import Order

DAY_KILL = "risk.max_daily_loss"


@frozen
class LossLimit:
    """One key that is set: `measure` is what it limits, `amount` what may be lost by that before `order` follows."""

    key: str
    measure: str
    order: Order
    amount: Cash

    @property
    def name(self) -> str:
        """Under which the tally keeps its gauge."""
        return f"{'kill' if self.order is Order.KILL else 'pause'} {self.measure}"

    def left(self, day: Day, tally: Tally) -> Cash:
        """What may still be lost from now on; what a person has acknowledged does not count."""
        loss = tally.losses(day)[self.measure]
        granted = day.acknowledged if self.key == DAY_KILL else tally.gauges.get(self.name, Gauge()).granted
        return Cash(max(0, self.amount + granted - loss))


def tallied(own: RiskSettings, base: Cash) -> tuple[LossLimit, ...]:
    """The limits that the tally judges; `base` is the balance with which the day began, 0 while it is not known."""
    share = Cash(base * own.max_balance_loss // 100) if base else None
    known = (
        ("risk.pause_hourly_loss", HOURLY, Order.HOLD, own.pause_hourly_loss),
        ("risk.max_hourly_loss", HOURLY, Order.KILL, own.max_hourly_loss),
        ("risk.pause_daily_loss", DAILY, Order.HOLD, own.pause_daily_loss),
        ("risk.pause_drawdown", DRAWDOWN, Order.HOLD, own.pause_drawdown),
        ("risk.max_drawdown", DRAWDOWN, Order.KILL, own.max_drawdown),
        ("risk.max_balance_loss", BALANCE, Order.KILL, share),
    )
    return tuple(LossLimit(key, measure, order, cash) for key, measure, order, cash in known if cash is not None)


def loss_limits(own: RiskSettings, base: Cash) -> Iterator[LossLimit]:
    """All that are set, the day's own kill first."""
    if own.max_daily_loss is not None:
        yield LossLimit(DAY_KILL, DAILY, Order.KILL, own.max_daily_loss)
    yield from tallied(own, base)
