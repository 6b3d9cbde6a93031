"""Leaving: quotes away, orders cancelled, positions sold, and the exit code proven by reading the venue.

Belief never ends in 0: an order that cannot be shown to be gone is named and the code is 3 (I5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import trio
from attrs import frozen

from actors.ending import Ending, Exit
from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.market.report import MarketReport
from actors.market.tree import Tree, TreeState
from actors.market.undertaker import Abandoned
from actors.model.book import Book
from actors.model.income import Takings
from actors.model.market import Market, Outcome
from actors.model.numbers import format_size
from actors.model.outcome import Unread
from actors.model.settings import ShutdownSettings
from actors.model.trading import Trading
from actors.shared.account import Proof, Prove
from actors.shared.board import Board
from actors.shared.departed import Departed, summed
from actors.shared.journal import Answer, Question, Recall
from actors.shared.requests import CancelAll
from actors.stop import Stop

_PROOF_WITHIN = 6.0
_READ_AGAIN = 0.5
_READS_AGREE = 2  # polymarket.md §4: consecutive reads without any order of ours


@frozen
class Leaving:
    """The shutdown of all markets. Every wait has a deadline.

    Open orders elsewhere on the account cannot be ours: a market with such in the journal is there, and one that was left
    had been proven empty.
    """

    trees: Mapping[str, Tree]
    markets: Mapping[str, Market]
    board: Board
    account: Desk[Prove, Proof]
    journal: Desk[Question, Answer]
    gateway: Mailbox[object]
    settings: ShutdownSettings
    stop: Stop
    flatten: bool

    async def run(self) -> Ending:
        """Cancel, sell, prove."""
        await self._close(positions=self._sells())
        await self._wait(lambda: not self._unreported() or self._hurried(2), self.settings.cancel_within)
        await self._wait(lambda: not self._own_orders() or self._hurried(3), self.settings.cancel_within)
        if self._sells():
            await self._wait(lambda: not self._selling() or not self._sells(), self.settings.grace)
        await self._close(positions=False)  # nothing may be placed any more while the proof is read
        await self._wait(lambda: not self._own_orders() or self._hurried(3), self.settings.cancel_within)
        if self._hurried(3):
            self.gateway.tell(CancelAll())
        return await self._ending()

    def _sells(self) -> bool:
        """Whether positions are still to be sold; a second signal, or a word to keep them, may come at any time."""
        return self._asked_flat() and not self._hurried(2)

    def _asked_flat(self) -> bool:
        return self.flatten and not self.stop.keep_positions

    async def _close(self, *, positions: bool) -> None:
        async with trio.open_nursery() as nursery:
            for tree in self.trees.values():
                nursery.start_soon(_closing, tree, positions)

    async def _wait(self, done: Callable[[], bool], within: float) -> None:
        with trio.move_on_after(within):
            while not done():
                await self.board.change()

    def _hurried(self, count: int) -> bool:
        return self.stop.count >= count

    def _reports(self) -> tuple[MarketReport, ...]:
        reports = (self.board.last(MarketReport, market) for market in self.trees)
        return tuple(report for report in reports if report is not None)

    def _own_orders(self) -> list[str]:
        """Orders of ours that are not proven dead, as trackers (or undertakers) know them."""
        known: list[str] = []
        for market in self.trees:
            abandoned = self.board.last(Abandoned, market)
            report = self.board.last(MarketReport, market)
            known += abandoned.orders if abandoned else report.orders if report else ()
        return known

    def _selling(self) -> bool:
        """Whether some market may still get flatter, barred neither by a kill nor the venue: it holds something, its last
        trades may still fail, or it has not read the venue since it was told to end."""
        live = (
            r for r in self._reports() if r.trading is not Trading.SAFE and not r.halted and not self._lost(r.market)
        )
        return any(r.holding or r.settling or not r.known or not r.ending or r.reconciling for r in live)

    async def _ending(self) -> Ending:
        foreign = {order for report in self._reports() for order in report.foreign}
        left, unproven = await self._prove(foreign)
        doubtful = await self._doubtful()
        held = self._asked_flat() and (bool(doubtful) or any(map(_held_or_settling, self._reports())))
        orders_remain = bool(left) or unproven is not None
        code = Exit.ORDERS_REMAIN if orders_remain else Exit.POSITIONS_REMAIN if held else Exit.DONE
        if code is Exit.DONE and (self.stop.killed or self.stop.fatal is not None):
            code = Exit.KILLED if self.stop.killed else Exit.CRASHED
        books = {market: self.board.last(Book, market) for market in self.trees}
        marks = {market: book.mid if book else None for market, book in books.items()}
        foreigners = tuple(sorted(foreign))
        gone = summed(self.board.all(Departed))
        told = (doubtful, unproven, self.stop.fatal, self.board.last(Takings), gone)
        return Ending(code, tuple(left), foreigners, self._reports(), marks, *told)

    async def _doubtful(self) -> tuple[str, ...]:
        """Positions of markets without a tracker that knows, and shares that one misses: by the venue's balances, dust
        left out."""
        missed = {report.market: report for report in self._reports() if _misses(report)}
        markets = [self.markets[name] for name in self.trees if name in missed or not self._vouched(name)]
        tokens = tuple(token for market in markets for token in market.tokens)
        if not tokens:
            return ()
        try:
            shares = (await self.account.ask(Prove(tokens))).shares
        except Unanswered as silence:
            return tuple(f"{market.slug}: not known: {silence}" for market in markets)
        lines = (_held(m, shares, missed.get(m.slug) if self._vouched(m.slug) else None) for m in markets)
        return tuple(line for each in lines for line in each)

    def _vouched(self, market: str) -> bool:
        """Whether a living tracker has read the venue and nothing is in doubt."""
        report = self.board.last(MarketReport, market)
        return report is not None and report.known and not report.reconciling and not self._lost(market)

    def _lost(self, market: str) -> bool:
        tree = self.board.last(TreeState, market)
        return tree is not None and tree.state == "lost"

    async def _prove(self, foreign: set[str]) -> tuple[Sequence[str], str | None]:
        """Our orders that the venue shows, or that may still appear there; and why that could not be read."""
        left: Sequence[str] = self._own_orders()
        agreeing, failure = 0, "the account was not read in time"
        with trio.move_on_after(_PROOF_WITHIN):
            while agreeing < _READS_AGREE:
                shown = await self._shown()
                if isinstance(shown, str):
                    failure = shown
                else:
                    failure = ""
                    left = sorted((shown - foreign) | set(self._own_orders()) | await self._untold())
                    agreeing = agreeing + 1 if not left else 0
                if failure or left:
                    await trio.sleep(_READ_AGAIN)
        return left, failure if agreeing < _READS_AGREE and failure else None

    async def _shown(self) -> set[str] | str:
        """Open orders of the account in our markets, or why they could not be read."""
        try:
            proof = await self.account.ask(Prove())
        except Unanswered as silence:
            return str(silence)
        if isinstance(proof.orders, Unread):
            return proof.orders.why
        conditions = {market.condition_id for market in self.markets.values()}
        return {order.order_id for order in proof.orders if order.condition_id in conditions}

    async def _untold(self) -> set[str]:
        """Orders in the journal of markets whose tracker has never got as far as a report: nobody looked after them."""
        untold: set[str] = set()
        for market in self._unreported():
            try:
                intents = await self.journal.ask(Recall(self.markets[market].condition_id))
            except Unanswered as silence:
                return {f"{market}: the journal could not be read: {silence}"}
            untold |= {intent.order_id for intent in intents}
        return untold

    def _unreported(self) -> list[str]:
        return [market for market in self.trees if self.board.last(MarketReport, market) is None]


def _held_or_settling(report: MarketReport) -> bool:
    return report.holding or report.settling


async def _closing(tree: Tree, positions: bool) -> None:
    await tree.close(positions=positions)


def _misses(report: MarketReport) -> bool:
    """Whether shares that were traded are not in the account any more: one last look is due before that is claimed."""
    return any(report.position.holding(outcome).gone for outcome in Outcome)


def _held(market: Market, shares: Mapping[str, int | Unread], report: MarketReport | None) -> list[str]:
    """What the balances say is held of a market, a line each; of one with a `report`, of what it misses, and no more than
    was traded: the rest is the user's own."""
    lines: list[str] = []
    for outcome in Outcome:
        size = shares.get(market.token(outcome), Unread("not read"))
        if report is not None:
            holding = report.position.holding(outcome)
            if not holding.gone:
                continue
            size = size if isinstance(size, Unread) else min(size, holding.size)
        if isinstance(size, Unread):
            lines.append(f"{market.slug} {outcome.value}: not known: {size.why}")
        elif size >= market.min_size:
            lines.append(f"{market.slug} {outcome.value} {format_size(size)} (by the venue's balance)")
    return lines
