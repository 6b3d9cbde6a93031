"""What earlier runs have left: orders nobody looks after, shares that trades and conversions do not account for. Reads only.

The journal knows which orders are ours and what was converted; the venue knows what is there (architecture.md §4).
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from actors.messages import Fill, OrderUpdate
from actors.model.booked import Booked
from actors.model.ledger import Ledger
from actors.model.market import Market, Outcome
from actors.model.numbers import SHARE, Cash, Price, Size, format_price, format_size
from actors.model.outcome import Unread
from actors.ports import JournalStore, Trading
from actors.records import Batch
from actors.wiring.venue import PreflightFailed, check_journal

_MOST_NAMED = 3
_DUST = SHARE // 100  # amounts on the chain differ from the book's by rounding (polymarket.md §5.5)


@frozen
class Residue:
    """One look. `journal` is None where no run of this account has left one, `running` says that a bot trades it now."""

    trading: Trading
    journal: JournalStore | None
    path: str
    running: bool

    async def orders(self, markets: Sequence[Market]) -> str:
        """What of the account's open orders is whose. Raises PreflightFailed with what to do."""
        live = await self.trading.open_orders()
        if isinstance(live, Unread):
            raise PreflightFailed(f"the open orders could not be read: {live.why}; try again")
        intents = await self.journal.intents() if self.journal else ()
        if self.journal is not None and markets and not self.running:
            await check_journal(self.journal, markets, self.path)
        ours = {intent.order_id for intent in intents}
        told = [*_foreign([order for order in live if order.order_id not in ours])]
        adrift = [order for order in live if order.order_id in ours]
        if self.running:
            return _whole(told, f"{len(adrift)} open orders are the running bot's")
        told += _adrift(adrift)
        unknown = len(intents) - len(adrift)
        return _whole(told, f"none is open{_unsure(unknown)}")

    async def positions(self, markets: Sequence[Market]) -> str:
        """The balances of the markets' tokens against what came in and went. Raises PreflightFailed with what to do."""
        told: list[str] = []
        for market in markets:
            ledger = await self._ledger(market)
            for outcome in Outcome:
                held = await self.trading.shares(market.token(outcome))
                if isinstance(held, Unread):
                    raise PreflightFailed(f"{market.slug}: the {outcome.value} balance could not be read: {held.why}")
                told += _apart(f"{market.slug} {outcome.value}", ledger.on_chain(outcome), held)
        return _whole(told, f"the balances of {len(markets)} markets are what trades and conversions have left there")

    async def _ledger(self, market: Market) -> Ledger:
        fills = await self.trading.trades(market.condition_id)
        if isinstance(fills, Unread):
            raise PreflightFailed(f"{market.slug}: its trades could not be read: {fills.why}; try again")
        batches: Sequence[Batch] = await self.journal.batches(market.condition_id) if self.journal else ()
        ledger = Ledger(market.slug)
        for fill in fills:
            ledger.book(_booked(market, fill))
        for batch in batches:
            ledger.convert(batch.conversion)
        return ledger


def _booked(market: Market, fill: Fill) -> Booked:
    price, size = Price(fill.price), Size(fill.size)
    outcome = market.outcome(fill.token)
    return Booked(
        fill.trade_id, fill.order_id, outcome, fill.side, price, size, Cash(0), fill.settlement, fill.matched_at
    )


def _foreign(orders: Sequence[OrderUpdate]) -> list[str]:
    if not orders:
        return []
    return [
        f"{len(orders)} open orders are in no journal of this bot: {_named(orders)}: they tie up money and are left "
        "alone; cancel them on polymarket.com, or with `cancel-all` once the bot runs"
    ]


def _adrift(orders: Sequence[OrderUpdate]) -> list[str]:
    if not orders:
        return []
    return [
        f"{len(orders)} orders of an earlier run are open and nobody looks after them: {_named(orders)}: start the bot, "
        "which takes them over, or with `--set orphans=cancel` cancels them"
    ]


def _unsure(unknown: int) -> str:
    return f"; how {unknown} earlier ones ended is looked up at the next start" if unknown > 0 else ""


def _named(orders: Sequence[OrderUpdate]) -> str:
    named = [
        f"{o.side.value} {format_size(Size(o.size - o.matched))} at {format_price(Price(o.price))} ({o.order_id})"
        for o in orders[:_MOST_NAMED]
    ]
    more = len(orders) - _MOST_NAMED
    return ", ".join([*named, *([f"and {more} more"] if more > 0 else [])])


def _apart(name: str, expected: int, held: int) -> list[str]:
    """Shares that are missing: what came on top by other ways is no concern of the bot."""
    if held >= expected - _DUST:
        return []
    should = format_size(Size(max(0, expected)))
    return [
        f"{name}: {should} by trades and conversions, {format_size(Size(held))} in the account: moved, sold or merged by "
        "hand? Bring them back; else the bot offers only what is there and goes on counting what the rest cost"
    ]


def _whole(told: Sequence[str], fine: str) -> str:
    if told:
        raise PreflightFailed("; ".join(told))
    return fine
