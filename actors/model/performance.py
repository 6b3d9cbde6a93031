"""What one strategy did on one simulated path, in integers that add up. Owns no statistics."""

from __future__ import annotations

from attrs import frozen

from actors.model.numbers import Cash


@frozen
class Performance:
    """`spread` is what trades were better than the middle of their instant, `inventory` what the middle did to the position
    afterwards, to its worth at the end; both before `fees`. `rebates` and `rewards` are estimates, told apart.

    `drawdown` is the largest fall from a peak, `inventory_mean` and `inventory_most` sizes of the net position. `markout` is
    what filled shares were worth 30 s later, in cash units against their price, of `marked` shares; `notional` what changed
    hands in cash units; `actions` orders placed and cancelled in `seconds`.
    """

    seed: int
    spread: Cash
    inventory: Cash
    fees: Cash
    rebates: Cash
    rewards: Cash
    drawdown: Cash
    inventory_mean: int
    inventory_most: int
    markout: Cash
    marked: int
    placed: int
    filled: int
    trades: int
    notional: Cash
    actions: int
    seconds: int

    @property
    def pnl(self) -> Cash:
        return Cash(self.spread + self.inventory - self.fees + self.rebates + self.rewards)
