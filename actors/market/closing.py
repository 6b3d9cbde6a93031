"""What a tree tells its tracker about the end: that the market is to be left, or that it is parked. Values only."""

from __future__ import annotations

from attrs import frozen

from actors.model.trading import Trading


@frozen
class Closing:
    """The market is to be left: cancel everything, and with `positions` sell what is held (state).

    `dropped` while the bot goes on. Not `on` once it is wanted again after all.
    """

    positions: bool
    dropped: bool = False
    on: bool = True

    def sells(self, trading: Trading) -> bool:
        """After a kill nothing is placed, not even to get out; a pause means to stay away, but not when the run ends."""
        return self.positions and trading is not Trading.SAFE and not (self.dropped and trading is Trading.PAUSED)


@frozen
class Custody:
    """The market is parked: no targets count until `on` is False again (state)."""

    on: bool
