"""Settlement's parts of a spine: the actor that decides, the trackers' parts, the gateway's errands. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.market.converting import Converting
from actors.model.settings import Settings
from actors.shared.admission import Admission, Fences
from actors.shared.board import Board
from actors.shared.budget import Grant, Reserve
from actors.shared.journal import Conversions, Journal
from actors.shared.limiter import Limiter
from actors.shared.settlement import Settlement
from actors.shared.transactions import Bench, Transactions
from actors.wiring.venue import Ports

SETTLEMENT = "settlement"  # only where somebody sends our wallet's transactions; nothing waits for it


@frozen
class Settling:
    """What all parts share."""

    settings: Settings
    ports: Ports
    boxes: Mapping[str, Mailbox[object]]
    admission: Admission
    fences: Fences
    bench: Bench

    @property
    def conversions(self) -> Conversions:
        return Desk("journal", Journal.rank, self.boxes["journal"], max(2.0, self.settings.ask.timeout))

    def converting(self, budget: Desk[Reserve, Grant]) -> Converting:
        """A tracker's part."""
        relays = self.ports.relay is not None
        return Converting(budget, self.conversions, self.bench, self.boxes[SETTLEMENT], relays)

    def transactions(self) -> Transactions | None:
        """None where nobody but the wallet's owner can send its transactions."""
        if (relay := self.ports.relay) is None:
            return None
        return Transactions(
            relay=relay,
            venue=self.ports.trading,
            permits=Desk("limiter", Limiter.rank, self.boxes["limiter"], self.settings.ask.timeout),
            journal=self.conversions,
            admission=self.admission,
            fences=self.fences,
            bench=self.bench,
            settlement=self.boxes[SETTLEMENT],
        )

    def actor(
        self, trackers: Mapping[str, Mailbox[object]], board: Board, generations: Callable[[], int]
    ) -> Settlement:
        return Settlement(
            mailbox=self.boxes[SETTLEMENT],
            settings=self.settings.settle,
            journal=self.conversions,
            gateway=self.boxes["gateway"],
            trackers=trackers,
            bench=self.bench,
            board=board,
            wall=self.ports.wall,
            lives=generations,
        )
