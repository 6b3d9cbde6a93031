"""The forest: market trees that come and go while the bot runs. Plants, drains and uproots; decides nothing.

A tree runs in the root's inner nursery under a scope of its own. What the journal must know of it is told before its
actors can ask for anything, so that a kill finds every market in which something may have been left.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import trio
import trio.lowlevel
from attrs import define, evolve, field

from actors.kernel.mailbox import Mailbox
from actors.market.report import MarketReport
from actors.market.tree import Tree
from actors.model.market import Market
from actors.model.numbers import Cash
from actors.model.series import window_of
from actors.model.tenure import Origin, Tenure
from actors.shared.departed import Departed
from actors.wiring.grove import Grove, Soil
from actors.wiring.plots import Plot

_SLICE = 50  # trees started at once: 5,000 in one go stall the loop for half a second (architecture.md §10)


@define(eq=False)
class Forest:
    """`trees` by slug. Implements `shared.woods.Woods`."""

    soil: Soil
    journal: Mailbox[object]
    random: Callable[[str], Random]
    trees: dict[str, Tree] = field(factory=dict)
    _scopes: dict[str, trio.CancelScope] = field(factory=dict)
    _running: set[str] = field(factory=set)
    _nursery: trio.Nursery | None = None

    async def start(self, nursery: trio.Nursery) -> None:
        """From here on trees run, in `nursery`; in slices, so that a thousand markets do not stall the loop."""
        self._nursery, trees = nursery, list(self.trees.values())
        for start in range(0, len(trees), _SLICE):
            for tree in trees[start : start + _SLICE]:
                if tree is self.trees.get(tree.market):
                    self._grow(tree, nursery)
            await trio.lowlevel.checkpoint()

    def plant(self, *plots: Plot) -> None:
        """Give markets a tree each, which starts at once if trees run. All are on the roll before the first is planted."""
        for plot, grove in [(plot, self._enter(plot)) for plot in plots]:
            slug = grove.market.slug
            tree = self.trees[slug] = grove.plant(self.soil, self.random(slug))
            if plot.tenure.leaving:
                tree.drain(positions=self.soil.tuning.settings.on_leave == "sell")
            if self._nursery is not None:
                self._grow(tree, self._nursery)

    def _enter(self, plot: Plot) -> Grove:
        grove, tenure = Grove.of(self._timed(plot.market), plot.read_at), plot.tenure
        if tenure.origin is not Origin.NAMED or tenure.leaving:
            self.record(tenure)
        self.soil.roll.enter(grove.entry(self.soil.tuning.whole, plot.share), tenure)
        self.soil.board.forget(("departed", tenure.market))  # its tracker reads all of its trades again
        if plot.seat is not None:
            self.soil.roll.seats[tenure.market] = plot.seat
        return grove

    def add(self, market: Market, tenure: Tenure, share: Cash | None = None) -> None:
        """Start trading a market."""
        self.plant(Plot(market, tenure, share))

    def leave(self, slug: str, why: str) -> None:
        """Custody: cancel, sell if that is wanted, follow what settles, until nothing is held."""
        self._stand(evolve(self.soil.roll.tenures[slug], leaving=why))
        self.trees[slug].drain(positions=self.soil.tuning.settings.on_leave == "sell")

    def keep(self, slug: str, origin: Origin) -> None:
        """Trade after all what was being left."""
        self._stand(evolve(self.soil.roll.tenures[slug], origin=origin, leaving=""))
        self.trees[slug].reopen()

    def empty(self, slug: str) -> bool:
        """Whether nothing of ours is left there, by a living tracker that knows it is to leave and doubts nothing."""
        tree, report = self.trees[slug], self.soil.board.last(MarketReport, slug)
        if report is None or tree.state not in ("leaving", "parked") or not tree.children["tracker"].up:
            return False
        sure = report.closing and report.known and not report.reconciling
        current = report.generation == self.soil.fences.generation(slug)
        return sure and current and not (report.orders or report.holding or report.settling or report.foreign)

    def uproot(self, slug: str) -> None:
        """The market's tree is done; what it earned stays on the board."""
        tree, board, soil = self.trees.pop(slug), self.soil.board, self.soil
        soil.fences.raise_to(slug, soil.generations())
        if (scope := self._scopes.pop(slug, None)) is not None:
            scope.cancel()
        report = board.last(MarketReport, slug)
        board.forget(slug)
        if report is not None and report.position.trades:
            about = ("departed", self._series(slug) or slug)
            board.put((board.last(Departed, about) or Departed()).plus(report.position), about=about)
        tree.forget()
        tenure = soil.roll.strike(slug)
        if not tenure.off:
            self.record(evolve(tenure, over=True))

    def runs(self, slug: str) -> bool:
        """Whether a tree of the market runs, be it one that has been uprooted and is about to end."""
        return slug in self._running

    def tied(self, slug: str) -> Cash:
        """What the market ties up now; its whole cap while its tracker has not spoken."""
        report = self.soil.board.last(MarketReport, slug)
        if report is not None and report.known:
            return report.exposure
        return self.soil.roll.caps.get(slug, self.soil.tuning.whole.budget.per_market)

    def charges(self, slug: str) -> bool:
        """Whether its fees are known, by the newest terms; of a market that has left nobody knows any."""
        terms = self.soil.board.last(Market, slug) or self.soil.roll.markets.get(slug)
        return terms is not None and terms.fees.known

    def over(self, slug: str) -> str:
        """Why the market will not be traded again, "" while it may be."""
        market, wall = self.soil.board.last(Market, slug) or self.soil.roll.markets[slug], self.soil.wall()
        if market.hours is not None and wall >= market.hours[1]:
            return "its window is over"
        if market.ends_at is not None and wall >= market.ends_at:
            return "it has ended"
        return f"the market is {market.standing}" if market.standing and not market.accepting else ""

    def record(self, tenure: Tenure) -> None:
        """As a state while it holds, so that a crash of the journal cannot lose it."""
        about = ("tenure", tenure.market)  # a standing of the market is another state about it
        self.journal.forget(about)
        if tenure.over:
            self.journal.tell(tenure)
        else:
            self.journal.put(tenure, about=about)

    def _series(self, slug: str) -> str:
        """The series of a window that is over, which never comes back: its windows are counted together."""
        window = window_of(slug)
        return window.series if window is not None and self.soil.wall() >= window.ends_at else ""

    def _stand(self, tenure: Tenure) -> None:
        self.soil.roll.stand(tenure)
        self.record(evolve(tenure, over=tenure.origin is Origin.NAMED and not tenure.leaving))

    def _timed(self, market: Market) -> Market:
        window = window_of(market.slug)
        return market if window is None else evolve(market, hours=window.hours(self.soil.settings.series))

    def _grow(self, tree: Tree, nursery: trio.Nursery) -> None:
        scope = self._scopes[tree.market] = trio.CancelScope()
        self._running.add(tree.market)

        async def grow() -> None:
            try:
                with scope:
                    await tree.run()
            finally:
                self._running.discard(tree.market)

        nursery.start_soon(grow, name=f"tree {tree.market}")
