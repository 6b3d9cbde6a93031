"""Everything the judge knows at a moment, shared by its rules. Holds, decides nothing."""

from __future__ import annotations

from attrs import define, field

from tests.faults.chain import Chain
from tests.faults.evidence import Evidence
from tests.faults.holdings import Holdings
from tests.faults.markets import Markets
from tests.faults.orders import Orders
from tests.faults.posts import Posts


@define(eq=False)
class Case:
    evidence: Evidence
    markets: Markets = field(factory=Markets)
    orders: Orders = field(factory=Orders)
    holdings: Holdings = field(factory=Holdings)
    posts: Posts = field(factory=Posts)
    chain: Chain = field(factory=Chain)

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self.evidence.clock()
