"""The account actor: the user channel, routing of our fills and order updates, cash, and the proof of having no orders.

It never books anything itself: a market's money belongs to its tracker.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import ClassVar

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.ask import Ask
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.messages import Fill, OrderUpdate, Reconsider
from actors.model.numbers import Cash
from actors.model.outcome import Unread
from actors.ports import Disconnected, UserChannel
from actors.shared.board import Board
from actors.shared.requests import AccountRead, ReadAccount

_READ_EVERY = 30.0
_RETRY_FIRST, _RETRY_CAP = 0.5, 30.0


@frozen
class Prove:
    """What does the venue show of this account, in a read begun after this question? Shares only of `tokens`."""

    tokens: tuple[str, ...] = ()


@frozen
class Proof:
    """Every open order of the account, and the shares asked for (size units); or why they could not be read."""

    orders: tuple[OrderUpdate, ...] | Unread
    shares: Mapping[str, int | Unread] = field(factory=dict)


@frozen
class Funds:
    """Free collateral (cash units) as last read, for the board (state)."""

    cash: int


def free_balance(board: Board) -> Cash | None:
    """Free collateral as last read; None before the first read."""
    funds = board.last(Funds)
    return None if funds is None else Cash(funds.cash)


@define(eq=False)
class _Desk:
    """Questions that wait for the next read of the account, with when they were asked."""

    waiting: list[tuple[float, Ask[Prove, Proof]]] = field(factory=list)
    linked: trio.Event = field(factory=trio.Event)


@frozen
class Account:
    """`trackers` by condition id. Ready once the user channel is open and the account has been read; without the
    channel it still answers what the venue shows."""

    rank: ClassVar[int] = 3
    mailbox: Mailbox[object]
    channel: UserChannel
    gateway: Mailbox[object]
    trackers: Mapping[str, Mailbox[object]]
    board: Board
    random: Random

    async def run(self, ready: Ready) -> None:
        desk = _Desk()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._listen, desk.linked, name="user channel")
            await self._serve(desk, ready)

    # ── reads ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _serve(self, desk: _Desk, ready: Ready) -> None:
        self.gateway.tell(ReadAccount())
        read_at, started = trio.current_time() + 5.0, False
        while True:
            for letter in await self.mailbox.read(until=read_at):
                match letter:
                    case AccountRead():
                        started = self._heard(letter, desk, ready, started)
                    case Gap():  # whatever the user channel said to a former life is lost
                        self._in_doubt(letter.why)
                    case Ask() if letter.open:
                        desk.waiting.append((trio.current_time(), letter))
                        self.gateway.tell(ReadAccount(letter.question.tokens))
            if trio.current_time() >= read_at:
                self.gateway.tell(ReadAccount())
                read_at = trio.current_time() + (_READ_EVERY if started else 2.0)

    def _heard(self, read: AccountRead, desk: _Desk, ready: Ready, started: bool) -> bool:
        """Pass a read on to whoever waits for one begun after their question; True once the account was read."""
        for asked_at, ask in list(desk.waiting):
            if read.asked_at >= asked_at and read.shares.keys() >= set(ask.question.tokens):
                desk.waiting.remove((asked_at, ask))
                if ask.open:
                    ask.reply(Proof(read.orders, read.shares))
        if isinstance(read.cash, int):
            self.board.put(Funds(read.cash))
        if isinstance(read.orders, Unread) or isinstance(read.cash, Unread):
            failed = read.orders if isinstance(read.orders, Unread) else read.cash
            logger.warning("the account could not be read: {}", failed.why if isinstance(failed, Unread) else failed)
            return started
        if not started and desk.linked.is_set():
            ready()
        return desk.linked.is_set()

    # ── the user channel ──────────────────────────────────────────────────────────────────────────────────────────

    async def _listen(self, linked: trio.Event) -> None:
        """Reconnect for ever; after every reconnect the trackers read orders and trades, since nothing is replayed."""
        pause = _RETRY_FIRST
        while True:
            try:
                async with self.channel.connect() as events:
                    if linked.is_set():
                        self._in_doubt("the user channel was down")
                    else:
                        linked.set()
                        self.gateway.tell(ReadAccount())
                    async for batch in events:
                        pause = _RETRY_FIRST
                        self._route(batch)
            except* Disconnected as group:
                logger.warning("user channel: {}", group.exceptions[0])
            await trio.sleep(pause * self.random.uniform(0.5, 1.0))
            pause = min(pause * 2, _RETRY_CAP)

    def _route(self, batch: object) -> None:
        assert isinstance(batch, tuple | list)
        for event in batch:
            assert isinstance(event, OrderUpdate | Fill)
            tracker = self.trackers.get(event.condition_id)
            if tracker is not None:
                tracker.tell(event)

    def _in_doubt(self, why: str) -> None:
        for tracker in self.trackers.values():
            tracker.tell(Reconsider(why))
