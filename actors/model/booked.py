"""One fill as a ledger books it. Owns no sums."""

from __future__ import annotations

from attrs import frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import Cash, Price, Size
from actors.model.order import Settlement


@frozen
class Booked:
    """One fill as booked; `fee` is what a taker pays, 0 for a maker, `rebate` what a maker may get of it later."""

    trade_id: str
    order_id: str
    outcome: Outcome
    side: Side
    price: Price
    size: Size
    fee: Cash
    settlement: Settlement
    at: float = 0.0
    rebate: Cash = Cash(0)

    @property
    def key(self) -> tuple[str, str]:
        return self.trade_id, self.order_id

    @property
    def void(self) -> bool:
        return self.settlement is Settlement.FAILED
