"""What one life of risk has in hand: standings, losses, counts, breakers, stakes, and the ramp."""

from __future__ import annotations

from attrs import define

from actors.model.trading import Standing
from actors.shared.breakers import Breakers
from actors.shared.counts import Counts
from actors.shared.losses import Losses
from actors.shared.ramping import Ramping
from actors.shared.stakes import Stakes
from actors.shared.tidings import Unenforced


@define(eq=False)
class Held:
    """`standings` also of markets that are not traded now, and of all as a whole."""

    standings: dict[str, Standing]
    losses: Losses
    counts: Counts
    breakers: Breakers
    stakes: Stakes
    unenforced: Unenforced
    look_at: float
    ramping: Ramping
