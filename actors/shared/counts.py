"""The tally in the hands of one life of risk: loss limits over hour, day and peak, and streaks of losing trades.

It follows the day's results as they are read, and is handed to the journal in the same step as they are: a restart finds
both as they were together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from operator import is_

from attrs import define, evolve, field
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.messages import Inventory
from actors.model.day import Day
from actors.model.ledger import Position
from actors.model.loss_limit import tallied
from actors.model.numbers import Cash, format_cash
from actors.model.reason import Reason
from actors.model.risk_settings import RiskSettings
from actors.model.tally import BALANCE, DAILY, DRAWDOWN, HOURLY, Gauge, Tally
from actors.model.trading import Order, Trip
from actors.ports import WallClock
from actors.shared.kept import Kept

_CAUSES = {
    HOURLY: Reason.HOURLY_LOSS,
    DAILY: Reason.DAILY_LOSS,
    DRAWDOWN: Reason.DRAWDOWN,
    BALANCE: Reason.BALANCE_LOSS,
}
_SAID = {HOURLY: "the hour's loss", DAILY: "the day's loss", DRAWDOWN: "the drawdown", BALANCE: "the day's loss"}
_DOES = {Order.HOLD: "all markets pause", Order.KILL: "everything is killed"}


@define(eq=False)
class Counts:
    """`limits` are the settings; the day's kill is not among them, it is the day's own."""

    limits: RiskSettings
    journal: Mailbox[object]
    wall: WallClock
    tally: Tally
    _kept: Kept[Tally] = field(init=False)
    _closed: dict[str, Position] = field(factory=dict)
    _lost: list[str] = field(factory=list)
    _judged: tuple[Tally, Day, RiskSettings] | None = None

    def __attrs_post_init__(self) -> None:
        self._kept = Kept(self.journal, self.tally)

    def hear(self, inventory: Inventory) -> None:
        """Count what trades since the last position have realised; the first one only says from where."""
        market, now = inventory.market, inventory.position
        before, self._closed[market] = self._closed.get(market), now
        if before is None or now.trades <= before.trades:
            return
        gain = (now.realised - now.fees) - (before.realised - before.fees)
        if gain and now.realised != before.realised:
            streak = self.tally.streaks.get(market, 0) + 1 if gain < 0 else 0
            self.tally = evolve(self.tally, streaks={**self.tally.streaks, market: streak})
            limit = self.limits.breakers.loss_streak
            if limit is not None and streak >= limit:
                self._lost.append(market)

    def forget(self, market: str) -> None:
        """It has left: with windows that come by the hundred a day the tally would only grow."""
        self._closed.pop(market, None)
        if market in self.tally.streaks:
            streaks = {name: count for name, count in self.tally.streaks.items() if name != market}
            self.tally = evolve(self.tally, streaks=streaks)

    def look(self, now: float, before: Day, day: Day, worth: Callable[[], Cash | None]) -> list[Trip]:
        """Read the day at `now` (trio time). `worth` is that of the whole account, None while it is not known."""
        self.tally = self.tally.on(before, day).read(day, int(self.wall() // 60))
        if self.tally.base == 0 and (balance := worth()) is not None:
            self.tally = evolve(self.tally, base=balance)
        trips = [*self._judge(day), *self._streaks()]
        self.keep(now)
        return trips

    def ease(self, day: Day, *, kills: bool, market: str | None) -> None:
        """A person has resumed: limits that were hit are granted anew from here, those that kill if that is acknowledged."""
        losses = self.tally.losses(day)
        gauges = {
            name: gauge.eased(losses[name.split()[1]]) if kills or name.startswith("pause") else gauge
            for name, gauge in self.tally.gauges.items()
        }
        streaks = {name: count for name, count in self.tally.streaks.items() if market not in (None, name)}
        self.tally = evolve(self.tally, gauges=gauges, streaks=streaks)

    def keep(self, now: float = inf) -> None:
        """Hand the tally to the journal: its course at once, a newer peak or minute now and then; without `now` those, too."""
        self._kept.keep(self.tally, now)

    def _judge(self, day: Day) -> Iterator[Trip]:
        """By the tally and the day as read just now; what has been judged already says nothing new."""
        if self._judged is not None and all(map(is_, self._judged, (self.tally, day, self.limits))):
            return
        losses, gauges = self.tally.losses(day), dict(self.tally.gauges)
        for limit in tallied(self.limits, self.tally.base):
            loss, before = losses[limit.measure], gauges.get(limit.name, Gauge())
            now = gauges[limit.name] = before.read(loss, limit.amount)
            said = f"{_SAID[limit.measure]} of {format_cash(loss)} pUSD"
            if now.hit and not before.hit:
                why = f"{said} has reached {limit.key} ({format_cash(limit.amount)})"
                yield Trip(limit.order, _CAUSES[limit.measure], why)
            elif now.warned and not before.warned:
                at = format_cash(now.granted + limit.amount)
                logger.warning("{}: {} at {} ({})", said, _DOES[limit.order], at, limit.key)
        if gauges != self.tally.gauges:
            self.tally = evolve(self.tally, gauges=gauges)
        self._judged = self.tally, day, self.limits

    def _streaks(self) -> Iterator[Trip]:
        lost, self._lost = dict.fromkeys(self._lost), []
        for market in lost:
            count = self.tally.streaks.get(market, 0)
            why = f"{count} closing trades in a row lost (risk.breakers.loss_streak)"
            yield Trip(Order.HOLD, Reason.LOSS_STREAK, why, market)
