"""Open orders and trades for the trackers that ask: a read for each market, or one of the account for all that wait.

In routine the account is read once for everybody. What is in doubt is read at once and alone while there are permits to
spare; once there are none, whoever asks first speaks for all that follow. Two reads of each of two hundred markets take
twenty seconds, in which each would ask ten times more, and three seconds of doubt cost a market its quotes. What a market
must read by itself, as all its trades at the start, lets others pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf

import trio
from attrs import define, evolve, field

from actors.kernel.alarm import A_STEP
from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox, tell
from actors.messages import Fill, OrderUpdate, Reconcile, Snapshot, SnapshotFailed
from actors.model.outcome import Unread
from actors.model.rates import Call
from actors.ports import Trading
from actors.shared.limiter import Haste, Permit, permitted
from actors.shared.skies import Skies

_ROUTINE_WITHIN = 1.0  # s in which routine reads of orders and trades are collected into one


@define(eq=False)
class Reconciles:
    """Errands of the gateway. A market that waits already is read once, after its last question; where it is being read
    already, since a time (`_reading`) that answers the question, it is not read again.

    A single unreadable row of a market, even of one that is not ours, spoils a read of the account for all: then each market
    is read alone the next time (`apart`).
    """

    venue: Trading
    permits: Desk[Permit, float]
    skies: Skies
    trackers: Mapping[str, Mailbox[object]]
    _routine: list[Reconcile] = field(factory=list, init=False)
    _waiting: dict[str, Reconcile] = field(factory=dict, init=False)
    _reading: dict[str, float] = field(factory=dict, init=False)
    _apart: set[str] = field(factory=set, init=False)
    _spoken_for: bool = field(default=False, init=False)

    async def read(self, asked: Reconcile) -> None:
        """Open orders first, then trades: what filled between the two reads shows in the second."""
        if self._reading.get(asked.market, -inf) >= asked.since:
            return
        if asked.market in self._apart:
            self._apart.discard(asked.market)
            await permitted(self.permits, _permit(Call.OPEN_ORDERS))
            await permitted(self.permits, _permit(Call.TRADES))
            await self._read_alone(asked)
        elif asked.routine:
            await self._read_in_time(asked)
        else:
            await self._read_soon(asked)

    async def _read_in_time(self, asked: Reconcile) -> None:
        """Once for everyone who asks within a second."""
        self._routine.append(asked)
        if len(self._routine) == 1:
            await trio.sleep(_ROUTINE_WITHIN)
            await permitted(self.permits, _permit(Call.OPEN_ORDERS))
            together, self._routine = self._routine, []
            await self._read_all(together)

    async def _read_soon(self, asked: Reconcile) -> None:
        market, before = asked.market, self._waiting.get(asked.market)
        after = asked.after if before is None else min(before.after, asked.after)
        self._waiting[market] = evolve(asked, after=after)
        if before is not None or self._spoken_for:
            return
        at_hand = await self._spare(Call.OPEN_ORDERS)
        if at_hand and await self._spare(Call.TRADES):
            if (mine := self._waiting.pop(market, None)) is not None:
                await self._read_alone(mine)
        elif not self._spoken_for:
            await self._speak(at_hand=at_hand)

    async def _spare(self, call: Call) -> bool:
        """Take a permit if there is one to spare."""
        try:
            return await self.permits.ask(_permit(call)) == 0
        except Unanswered:
            return True

    async def _speak(self, *, at_hand: bool) -> None:
        """For everybody who waits, by the time it is our turn unless a permit is at hand."""
        self._spoken_for = True
        try:
            if not at_hand:
                await permitted(self.permits, Permit(Call.OPEN_ORDERS))
        finally:
            asked, self._spoken_for = list(self._waiting.values()), False
            self._waiting.clear()
        if len(asked) == 1:
            await permitted(self.permits, Permit(Call.TRADES))
            await self._read_alone(asked[0])
        elif asked:
            await self._read_all(asked)

    async def _read_alone(self, asked: Reconcile) -> None:
        """With both permits."""
        with self._begun([asked]) as asked_at:
            orders = await self.skies.read(lambda: self.venue.open_orders(asked.condition_id))
            if isinstance(orders, Unread):
                self._fail([asked], orders)
            else:
                await self._read_fills(asked, orders, asked_at)

    async def _read_all(self, asked: Sequence[Reconcile]) -> None:
        """The account's open orders for all, and its trades for those that want the newest only: those of all its life
        may be more than can be read."""
        with self._begun(asked) as asked_at:
            orders = await self.skies.read(self.venue.open_orders)
            if isinstance(orders, Unread):
                self._fail(asked, orders, apart=True)
                return
            async with trio.open_nursery() as nursery:
                for one in asked:
                    if not one.after:
                        nursery.start_soon(self._read_trades, one, orders, asked_at)
                if late := [one for one in asked if one.after]:
                    nursery.start_soon(self._read_late_trades, late, orders, asked_at)

    async def _read_trades(self, asked: Reconcile, orders: Sequence[OrderUpdate], asked_at: float) -> None:
        await permitted(self.permits, _permit(Call.TRADES))
        await self._read_fills(asked, orders, asked_at)

    async def _read_fills(self, asked: Reconcile, orders: Sequence[OrderUpdate], asked_at: float) -> None:
        fills = await self.skies.read(lambda: self.venue.trades(asked.condition_id, asked.after))
        if isinstance(fills, Unread):
            self._fail([asked], fills)
        else:
            self._tell(asked, _part(asked, orders, fills, asked_at))

    async def _read_late_trades(
        self, asked: Sequence[Reconcile], orders: Sequence[OrderUpdate], asked_at: float
    ) -> None:
        await permitted(self.permits, Permit(Call.TRADES))
        fills = await self.skies.read(lambda: self.venue.trades(None, min(one.after for one in asked)))
        if isinstance(fills, Unread):
            self._fail(asked, fills, apart=True)
            return
        for number, one in enumerate(asked, 1):
            self._tell(one, _part(one, orders, fills, asked_at))
            if number % A_STEP == 0:
                await trio.lowlevel.checkpoint()

    def _fail(self, asked: Sequence[Reconcile], unread: Unread, *, apart: bool = False) -> None:
        self._apart.update(one.market for one in asked if apart)
        for one in asked:
            self._tell(one, SnapshotFailed(unread.why))

    @contextmanager
    def _begun(self, asked: Sequence[Reconcile]) -> Iterator[float]:
        """These are being read, as of the time of now."""
        now = trio.current_time()
        self._reading.update((one.market, now) for one in asked)
        try:
            yield now
        finally:
            for one in asked:
                if self._reading.get(one.market) == now:
                    del self._reading[one.market]

    def _tell(self, asked: Reconcile, answer: Snapshot | SnapshotFailed) -> None:
        self._reading.pop(asked.market, None)
        tell(self.trackers, asked.market, answer)


def _part(asked: Reconcile, orders: Sequence[OrderUpdate], fills: Sequence[Fill], asked_at: float) -> Snapshot:
    """What concerns the market, as if it alone had been read."""
    own_orders = tuple(order for order in orders if order.condition_id == asked.condition_id)
    own_fills = (fill for fill in fills if fill.condition_id == asked.condition_id)
    return Snapshot(own_orders, tuple(fill for fill in own_fills if fill.matched_at >= int(asked.after)), asked_at)


def _permit(call: Call) -> Permit:
    return Permit(call, haste=Haste.PATIENT)
