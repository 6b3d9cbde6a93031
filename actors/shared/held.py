"""What one life of risk has in hand: standings, losses, counts, breakers, stakes, the ramp, and which markets it has met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve, field

from actors.kernel.mailbox import Mailbox
from actors.model.risk_settings import RiskSettings
from actors.model.trading import ALL, Standing, Trading
from actors.shared.breakers import Breakers
from actors.shared.counts import Counts
from actors.shared.losses import Losses
from actors.shared.ramping import Ramping
from actors.shared.roll import Called
from actors.shared.stakes import Stakes
from actors.shared.tidings import Unenforced

Audience = Mapping[str, tuple[Mailbox[object], ...]]


@define(eq=False)
class Held:
    """`standings` also of markets that are not traded now, and of all as a whole."""

    standings: dict[str, Standing]
    losses: Losses
    counts: Counts
    breakers: Breakers
    stakes: Stakes
    unenforced: Unenforced
    look_at: float
    ramping: Ramping
    _met: dict[str, tuple[Mailbox[object], ...]] = field(factory=dict, init=False)

    def keep(self) -> None:
        """Hand to the journal what it does not have yet."""
        self.losses.keep()
        self.counts.keep()

    def retune(self, limits: RiskSettings) -> None:
        """Look by these from now on."""
        self.losses.limit, self.counts.limits = limits.max_daily_loss, limits
        self.breakers = self.breakers.retuned(limits)

    def called(self, letters: Sequence[object], audience: Audience) -> list[Standing]:
        """As `meet`, if one of the letters says that the roll has changed."""
        return self.meet(audience) if any(isinstance(letter, Called) for letter in letters) else []

    def meet(self, audience: Audience) -> list[Standing]:
        """Markets come and go: what those that have come are to be told.

        One that comes stands as it was left, or as all do by now, not as a start would have it.
        """
        self.stakes.follow()
        for name in self._met.keys() - audience.keys():
            self.counts.forget(name)
            if self.standings[name].trading is Trading.RUNNING:
                del self.standings[name]
        come = [name for name, boxes in audience.items() if self._met.get(name) is not boxes]
        for name in come:
            self.standings.setdefault(name, evolve(self.standings[ALL], market=name))
        self._met = dict(audience)
        return [self.standings[name] for name in come]
