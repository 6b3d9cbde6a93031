"""Whether markets are quoted, by what rests at the exchange: a bot that does nothing is safe, and useless (I22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import define, field

from tests.faults.case import Case
from tests.faults.orders import Arrived
from tests.faults.posts import T_LATE

WITHIN = T_LATE + 30.0


@define(eq=False)
class Liveness:
    """`quiet` is since when no fault is left (s of the run), None before; `_first` when a market was quoted after that."""

    case: Case
    quiet: float | None = None
    _last: dict[str, float] = field(factory=dict)
    _first: dict[str, float] = field(factory=dict)

    def rests(self, arrived: Arrived) -> None:
        if not arrived.immediate and self.quiet is not None:
            self._first.setdefault(arrived.order.market, self.case.now)

    def ended(self, arrived: Arrived) -> None:
        if arrived.own and not arrived.immediate:
            self._last[arrived.order.market] = self.case.now

    def quiet_since(self, at: float) -> None:
        self.quiet = at
        quoted = {market: self.quoted(market) for market in self.case.markets.by_id}
        self._first = {market: at for market, last in quoted.items() if last is not None and last >= at}

    def quoted(self, market: str) -> float | None:
        """When an own order of the market last rested: now, if one does."""
        listed = self.case.markets.find(market)
        if listed is None:
            return None
        if any(not one.immediate for one in self.case.orders.own_in(listed.id)):
            return self.case.now
        return self._last.get(listed.id)

    def dead(self, markets: Iterable[str], within: float) -> Iterator[str]:
        """A sentence for each of the markets that was not quoted within so many seconds of quiet."""
        if self.quiet is None or self.case.now - self.quiet < within:
            return
        for name in markets:
            listed = self.case.markets.find(name)
            first = self._first.get(listed.id) if listed else None
            if first is None or first - self.quiet > within:
                came = "never again" if first is None else f"only {first - self.quiet:.1f} s later"
                yield f"{name} was quoted {came} once the faults were over; {within:g} s are enough"
