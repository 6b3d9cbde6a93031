"""What one strategy did on one simulated path, in integers that add up. Owns no statistics."""

from __future__ import annotations

from attrs import frozen

from actors.model.numbers import Cash


@frozen
class Performance:
    """`spread` is what trades were better than the middle of their instant, `inventory` what the middle did to the position
    afterwards, to its worth at the end; both before `fees`. `rebates` and `rewards` are estimates, told apart.

    `luck` is what the truth did to the position from each trade to the end, a part of spread and inventory: it is a martingale,
    so without it a result means the same and varies less. `drawdown` is the largest fall from a peak, `inventory_mean` and `inventory_most` sizes of the net position. `markout` is
    what filled shares were worth 30 s later, in cash units against their price, of `marked` shares; `notional` what changed
    hands in cash units; `actions` orders placed and cancelled in `seconds`.
    """

    seed: int
    spread: Cash
    inventory: Cash
    luck: Cash
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

    @property
    def skill(self) -> Cash:
        """The result without its luck: each trade against the truth of its instant, after fees, with rebates and rewards."""
        return Cash(self.pnl - self.luck)
