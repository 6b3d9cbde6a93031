"""Whether there was somebody to sell to while the bot ended: what nobody bids for cannot be sold, by the best of bots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import trio
from attrs import define, field

from adapters.emulator.listings import Listing

_EVERY = 0.5  # s
_TOO_LONG = 10.0  # s of the grace of 20 without a bid: a sale after that may not be confirmed in time


@define(eq=False)
class Buyers:
    """Looked for until it is cancelled; the bot itself bids for nothing any more."""

    listings: Sequence[Listing]
    _missing: Counter[str] = field(factory=Counter)

    async def look(self) -> None:
        while True:
            for listing in self.listings:
                if listing.book.bids.best is None or listing.book.asks.best is None:
                    self._missing[listing.market.slug] += 1
            await trio.sleep(_EVERY)

    @property
    def missed(self) -> set[str]:
        """Markets where one of the outcomes had no buyer for too long."""
        return {slug for slug, looks in self._missing.items() if looks * _EVERY >= _TOO_LONG}
