"""The audit trail's actor: one JSON row for all that happens to money. A sink: nobody waits for it, it asks nobody.

It hears what the journal has made durable, and what the gateway does in the instant in which it does it. The journal
remains the truth: what a `kill -9` keeps from this file are rows of the last moment, and the next run begins with every
order of which the journal does not know the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from math import inf
from typing import ClassVar

import trio
from attrs import frozen
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.messages import Place
from actors.model.numbers import Price, Size, format_price, format_size
from actors.model.outcome import Cancelled, Unread
from actors.ports import TrailStore, WallClock
from actors.shared.entries import Happened, entry

_MOST_WAITING = 20_000  # rows kept for a disk that does not take them; the oldest go first
_AGAIN = 5.0  # s before a file that could not be written is tried again
_WRITTEN_WITHIN = 0.8  # s for a write; two of them fit into the time that a stop gives an actor


@frozen
class Scribe:
    """Tells the trail what happens at the gateway. Never waits."""

    trail: Mailbox[object]
    wall: WallClock

    def order(self, event: str, place: Place, **more: object) -> None:
        """Something that became of an order; `more` is shown as it is."""
        draft = place.draft
        what = {
            "key": f"{place.key.generation}/{place.key.counter}",
            "token": draft.token,
            "side": draft.side.value,
            "price": format_price(Price(draft.price)),
            "size": format_size(Size(draft.size)),
            "type": draft.type,
        }
        self.trail.tell(Happened("order", event, place.market, self.wall(), what | more))

    def cancel(self, what: Sequence[str] | Cancelled | Unread, market: str = "") -> None:
        """Ids that are about to be cancelled, or how that ended; no market for those of the whole account."""
        match what:
            case Cancelled():
                event, told = "answered", {"done": what.done, "refused": dict(what.refused)}
            case Unread():
                event, told = "unknown", {"why": what.why[:200]}
            case _:
                event, told = "asked", {"orders": what}
        self.trail.tell(Happened("cancel", event, market, self.wall(), told))


@frozen
class Trail:
    """Writes what is told to its mailbox; `outcomes` by token, of those markets that are traded."""

    rank: ClassVar[int] = 6
    mailbox: Mailbox[object]
    store: TrailStore
    outcomes: Mapping[str, str]
    wall: WallClock

    async def run(self, ready: Ready) -> None:
        """Until stopped; then what waits is written. A file that cannot be written is told once and tried again."""
        waiting: deque[str] = deque(maxlen=_MOST_WAITING)
        again_at = -inf  # later than that only while the file is ill
        ready()
        try:
            while True:
                waiting.extend(self._rows(await self.mailbox.read(until=again_at if waiting else inf)))
                if trio.current_time() >= again_at:
                    done = await self._written(waiting, told=again_at > -inf)
                    again_at = -inf if done else trio.current_time() + _AGAIN
        finally:
            waiting.extend(self._rows(self.mailbox.read_nowait()))
            await self._written(waiting, told=again_at > -inf)

    def _rows(self, letters: Sequence[object]) -> list[str]:
        return [row for letter in letters if (row := entry(letter, self.outcomes, self.wall)) is not None]

    async def _written(self, waiting: deque[str], *, told: bool) -> bool:
        failure = await self._append(list(waiting)) if waiting else ""
        if not failure:
            waiting.clear()
        elif not told:
            logger.error("the audit trail cannot be written, its rows wait: {}", failure)
        return not failure

    async def _append(self, lines: list[str]) -> str:
        """Why it failed. A stop waits for it, for the end of a run is a row, too; not for long."""
        with trio.move_on_after(_WRITTEN_WITHIN, shield=True):
            try:
                await self.store.append(lines)
            except OSError as problem:
                return str(problem)
            return ""
        return f"its disk has not answered within {_WRITTEN_WITHIN:g} s"
