"""What one life of risk watches over time: the day's loss, the tally of hours and streaks, the breakers. Moves no market."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define

from actors.model.numbers import Cash
from actors.model.risk_settings import RiskSettings
from actors.model.trading import Trip
from actors.shared.breakers import Breakers
from actors.shared.counts import Counts
from actors.shared.losses import Losses


@define(eq=False)
class Watches:
    """All of them by the same limits."""

    losses: Losses
    counts: Counts
    breakers: Breakers

    def look(
        self, limits: RiskSettings, now: float, worth: Callable[[], Cash | None], balance: Cash | None
    ) -> list[Trip]:
        """What trips at `now` (trio time) by the limits in force."""
        before = self.losses.day
        self.losses.limit, self.counts.limits = limits.max_daily_loss, limits
        self.breakers = self.breakers.retuned(limits)
        trips = self.losses.look(now)
        trips += self.counts.look(now, before, self.losses.day, worth)
        return trips + self.breakers.look(now, balance)

    def begin_anew(self, market: str | None, *, kills: bool) -> None:
        """A person has resumed knowing what had happened: limits count from here."""
        self.breakers.clear()
        self.ease(market, kills=kills)
        if kills:
            self.losses.forgive()
        self.keep()

    def ease(self, market: str | None, *, kills: bool) -> None:
        """Limits that were hit are granted anew from here."""
        self.counts.ease(self.losses.day, kills=kills, market=market)

    def keep(self) -> None:
        """Hand all that is remembered to the journal."""
        self.losses.keep()
        self.counts.keep()
