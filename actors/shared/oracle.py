"""The oracle actor: one spot socket, the latest price of each symbol on the board. Tells no market to stop or to trade.

A dead oracle costs only the markets that read its marks: they grow old, and a missing one is infinitely old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import ClassVar

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.kernel.patience import Patience
from actors.kernel.supervisor import Ready
from actors.model.spot import STALE, Mark, SpotPrice, supersedes
from actors.ports import Disconnected, SpotChannel, SpotLink, WallClock
from actors.shared.board import Board
from actors.shared.streams import Oddities
from actors.shared.ticker import Ticker

_RETRY_FIRST, _RETRY_CAP = 1.0, 30.0
_MOST_AHEAD = 5.0  # s: a price later than our clock by more than that would block all true ones


@define(eq=False)
class _Trouble:
    """What was logged last, and what was refused so far, so that nothing is said every second."""

    why: str = ""
    oddities: dict[str, int] = field(factory=dict)
    ahead: int = 0


@frozen
class Oracle:
    """Wants `symbols`; any other price is ignored. Ready at once: nothing waits for it. `half_life` (s) as in `Ticker`."""

    rank: ClassVar[int] = 3
    mailbox: Mailbox[object]
    channel: SpotChannel
    symbols: Sequence[str]
    board: Board
    wall: WallClock
    random: Random
    half_life: float = 900.0

    async def run(self, ready: Ready) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep, name="spot socket")
            ready()
            while True:
                await self.mailbox.read()

    async def _keep(self) -> None:
        """One socket for ever: connect, read, reconnect with growing pauses."""
        pause, trouble, ticker = _RETRY_FIRST, _Trouble(), Ticker(self.board, self.half_life)
        while True:
            why, heard = f"no price for {STALE:g} s", trio.Event()
            try:
                async with self.channel.connect(self.symbols) as link:
                    await self._read(link, trouble, ticker, heard)
            except* Disconnected as group:
                why = str(group.exceptions[0])
            pause = _RETRY_FIRST if heard.is_set() else pause
            if why != trouble.why:
                logger.warning("spot prices: {}", why)
            trouble.why = why
            await trio.sleep(pause * self.random.uniform(0.5, 1.0))
            pause = min(pause * 2, _RETRY_CAP)

    async def _read(self, link: SpotLink, trouble: _Trouble, ticker: Ticker, heard: trio.Event) -> None:
        """Post prices until none has come for `STALE` seconds: a stalled socket stays open for ever (§8.1)."""
        with Patience(STALE) as patience:
            while True:
                if self._post(await link.read(), trouble, ticker):
                    patience.heard(trio.current_time())
                    heard.set()
                    if trouble.why:
                        logger.info("spot prices are back")
                        trouble.why = ""
                self._report(link, trouble)

    def _post(self, prices: Iterable[SpotPrice], trouble: _Trouble, ticker: Ticker) -> bool:
        """Put every price on the board that counts more than the one that is there; whether any was news.

        A price of the same time may be a correction, but it is no sign of life: stalled sources repeat themselves.
        """
        now, wall, news = trio.current_time(), self.wall(), False
        wanted = self._wanted(prices, wall, trouble)
        ticker.hear(wanted, now, wall)
        for price in wanted:
            late = wall - price.at_ms / 1000
            mark = self.board.last(Mark, price.symbol)
            if mark is None or supersedes(price, mark.price, wall * 1000):
                self.board.put(Mark(price, now - max(0.0, late)), about=price.symbol)
                news = news or mark is None or price.at_ms > mark.price.at_ms
        return news

    def _wanted(self, prices: Iterable[SpotPrice], wall: float, trouble: _Trouble) -> list[SpotPrice]:
        """Those of our symbols; what comes from the future is counted."""
        ours = [price for price in prices if price.symbol in self.symbols]
        wanted = [price for price in ours if wall - price.at_ms / 1000 >= -_MOST_AHEAD]
        trouble.ahead += len(ours) - len(wanted)
        return wanted

    def _report(self, link: SpotLink, trouble: _Trouble) -> None:
        """Each kind of refused frame is logged once and counted on the board."""
        seen = {**link.oddities, **({"price from the future": trouble.ahead} if trouble.ahead else {})}
        if seen == trouble.oddities:
            return
        for kind in seen.keys() - trouble.oddities.keys():
            logger.warning("spot frames refused: {} (counted from now on, logged once)", kind)
        trouble.oddities = seen
        self.board.put(Oddities(seen), about="oracle")
