"""What markets that have left the run earned: sums for status and proof, once their trackers are gone. Values only."""

from __future__ import annotations

from attrs import frozen

from actors.model.ledger import Position
from actors.model.numbers import Cash


@frozen
class Departed:
    """The sums of markets that were left flat, as in `Position`; posted by market, or by series once a window is over."""

    markets: int = 0
    trades: int = 0
    volume: Cash = Cash(0)
    spent: Cash = Cash(0)
    realised: Cash = Cash(0)
    fees: Cash = Cash(0)

    @property
    def pnl(self) -> Cash:
        return Cash(self.realised - self.fees)

    def plus(self, one: Position | Departed) -> Departed:
        """With a market more, or several."""
        return Departed(
            self.markets + (one.markets if isinstance(one, Departed) else 1),
            self.trades + one.trades,
            Cash(self.volume + one.volume),
            Cash(self.spent + one.spent),
            Cash(self.realised + one.realised),
            Cash(self.fees + one.fees),
        )


def summed(departed: tuple[Departed, ...]) -> Departed:
    """All together."""
    whole = Departed()
    for one in departed:
        whole = whole.plus(one)
    return whole
