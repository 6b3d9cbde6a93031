"""`markets on` and `markets off`: what a person's word does to markets and series, and what it is answered with.

It outlasts the process, as a pause does: the journal keeps it until somebody says otherwise.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.market import Market
from actors.model.naming import called, name_of
from actors.model.numbers import PRICE_ONE, Cash, cost, format_cash
from actors.model.outcome import Unread
from actors.model.series import Series, series_of
from actors.model.tenure import OFF, Origin, Tenure
from actors.ports import WallClock
from actors.shared.roll import Roll
from actors.shared.survey import Described
from actors.shared.tuning import Tuning
from actors.shared.woods import Woods


@frozen
class Switch:
    """A person switches a market or series on or off (asked); `name` as in the configuration."""

    name: str
    on: bool


@frozen
class Switched:
    """What was done, or why nothing was."""

    done: str = ""
    refused: str = ""


@frozen
class Switching:
    """Reads and writes the roll."""

    roll: Roll
    woods: Woods
    tuning: Tuning
    wall: WallClock

    def on(self, name: str) -> Switched | None:
        """None if the venue is to be asked what goes by this name."""
        if (series := series_of(name)) is not None:
            return self._series_on(series)
        meant = called(name, self.roll.markets.values())
        if len(meant) > 1:
            return Switched(refused=_several(name, meant))
        if not meant:
            return None
        slug = meant[0].slug
        if not self.roll.tenures[slug].leaving:
            return Switched(refused=f"{slug} is traded already")
        self._back(slug)
        self.woods.keep(slug, self._origin(meant[0]))
        return Switched(done=f"on: {slug}, which was being left, is traded again")

    def started(self, letter: Described) -> Switched:
        """Start what the venue knows by the name, if it can be traded."""
        if isinstance(letter.found, Unread):
            return Switched(refused=f"{letter.name}: {letter.found.why}")
        if len(letter.found) != 1:
            why = _several(letter.name, letter.found) if letter.found else f"the venue lists no market {letter.name!r}"
            return Switched(refused=why)
        (market,) = letter.found
        if market.slug in self.roll.markets or self.woods.runs(market.slug):
            return Switched(refused=f"{market.slug} is here already: look at `status`, and try again in a moment")
        if why := market.unquotable(self.wall()) or self._poor(market):
            return Switched(refused=f"{market.slug}: {why}")
        self._back(market.slug)
        self.woods.add(market, Tenure(market.slug, market.condition_id, self._origin(market)))
        return Switched(done=f"on: {market.slug}")

    def off(self, name: str) -> Switched:
        if (series := series_of(name)) is not None:
            return self._series_off(series)
        meant = [m for m in called(name, self.roll.markets.values()) if not self.roll.tenures[m.slug].off]
        if len(meant) > 1:
            return Switched(refused=_several(name, tuple(meant)))
        if not meant:
            there = ", ".join(self.roll.markets) or "none"
            return Switched(refused=f"no market {name!r} is traded here, or it is off already; there are {there}")
        self._away(meant[0].slug)
        return Switched(done=f"off: {meant[0].slug}; {self._leaves()}")

    # ── series ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _series_on(self, series: Series) -> Switched:
        if series.name in self.roll.series and series.name not in self.roll.away:
            return Switched(refused=f"{series.name} is traded already")
        self._back(series.name)
        self.roll.series[series.name] = series
        if not self._configured(series.name):
            self.woods.record(Tenure(series.name, "", Origin.ADDED))
        return Switched(done=f"on: {series.name}, from the window that runs or comes next")

    def _series_off(self, series: Series) -> Switched:
        if series.name not in self.roll.series or series.name in self.roll.away:
            there = ", ".join(self.roll.series.keys() - self.roll.away.keys()) or "none"
            return Switched(refused=f"no series {series.name} is traded here; there are {there}")
        gone = Tenure(series.name, "", Origin.SERIES, OFF)
        if self._configured(series.name):
            self.roll.away[series.name] = gone
        else:
            del self.roll.series[series.name]
            gone = evolve(gone, over=True)
        self.woods.record(gone)
        return Switched(done=f"off: {series.name}; {self._leaves()}")

    def _configured(self, name: str) -> bool:
        names = (series_of(named.market.strip()) for named in self.tuning.settings.markets)
        return any(series is not None and series.name == name for series in names)

    # ── markets ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _away(self, slug: str) -> None:
        self.roll.seats.pop(slug, None)
        self.woods.leave(slug, OFF)
        self.roll.away[slug] = self.roll.tenures[slug]

    def _back(self, name: str) -> None:
        if (tenure := self.roll.away.pop(name, None)) is not None:
            self.woods.record(evolve(tenure, over=True))

    def _origin(self, market: Market) -> Origin:
        named = any(name_of(named.market).calls(market) for named in self.tuning.settings.markets)
        return Origin.NAMED if named else Origin.ADDED

    def _poor(self, market: Market) -> str:
        """Why there is no money for one order more."""
        total = self.tuning.settings.budget.total
        free, least = total - sum(map(self.woods.tied, self.roll.markets)), cost(PRICE_ONE, market.min_size)
        if free >= least:
            return ""
        return f"budget.total leaves {format_cash(Cash(max(0, free)))} pUSD, and its smallest order may need {format_cash(least)}"

    def _leaves(self) -> str:
        sells = self.tuning.settings.on_leave == "sell"
        return "what rests is cancelled, " + (
            "what is held is sold" if sells else "what is held is kept until it resolves"
        )


def _several(name: str, meant: tuple[Market, ...]) -> str:
    return f"{name} has several markets here, name one: {', '.join(market.slug for market in meant)}"
