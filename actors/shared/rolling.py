"""The windows of 5- and 15-minute series: which are to run, which are over. Keeps nothing of its own but what it has said."""

from __future__ import annotations

from attrs import define, field
from loguru import logger

from actors.model.outcome import Unread
from actors.model.series import window_of
from actors.model.tenure import Origin, Tenure
from actors.ports import WallClock
from actors.shared.roll import Roll
from actors.shared.survey import Described
from actors.shared.tuning import Tuning
from actors.shared.woods import Woods

_OVER, _UNWANTED = "its window is over", "its series is switched off"


@define(eq=False)
class Rolling:
    """Reads the roll; a window that cannot be read is not traded, and asked for again."""

    roll: Roll
    woods: Woods
    tuning: Tuning
    wall: WallClock
    _told: str = field(default="", init=False)

    def tend(self) -> tuple[str, ...]:
        """Leave windows that are over; the slugs of those that are to be started."""
        wanted = self._wanted()
        for tenure in self.roll.traded():
            if tenure.origin is Origin.SERIES and tenure.market not in wanted:
                self.woods.leave(tenure.market, _OVER if self._going(tenure.market) else _UNWANTED)
        new = wanted - self.roll.markets.keys() - self.roll.away.keys()
        return tuple(sorted(slug for slug in new if not self.woods.runs(slug)))

    def open(self, letter: Described) -> None:
        """Start a window that was asked for, if it is wanted still."""
        if letter.name not in self.tend():
            return
        why = letter.found.why if isinstance(letter.found, Unread) else "" if letter.found else "it is not listed"
        if isinstance(letter.found, Unread) or why:
            if letter.name != self._told:
                self._told = letter.name
                logger.warning("{} is not started: {}", letter.name, why)
            return
        (market,) = letter.found
        if not market.standing:
            logger.info("{}: the window that comes next, quoted once it has opened", market.slug)
            self.woods.add(market, Tenure(market.slug, market.condition_id, Origin.SERIES))

    def is_window(self, slug: str) -> bool:
        """Whether it is one of a series that this run trades."""
        window = window_of(slug)
        return window is not None and window.series in self.roll.series

    def _going(self, slug: str) -> bool:
        window = window_of(slug)
        return window is not None and window.series in self.roll.series and window.series not in self.roll.away

    def _wanted(self) -> set[str]:
        wall, hours = self.wall(), self.tuning.settings.series
        going = (series for name, series in self.roll.series.items() if name not in self.roll.away)
        return {window.slug for series in going for window in series.wanted(wall, hours)}
