"""The universe actor with its parts, and what it begins with. Starts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import trio

from actors.kernel.ask import Desk
from actors.kernel.errands import Errands
from actors.kernel.mailbox import Mailbox
from actors.model.market import Market
from actors.model.series import series_of
from actors.model.settings import Settings
from actors.model.tenure import Origin, Tenure
from actors.ports import WallClock
from actors.shared.limiter import Permit
from actors.shared.roll import Roll
from actors.shared.rolling import Rolling
from actors.shared.seating import Seating
from actors.shared.skies import Skies
from actors.shared.survey import Paced, Survey
from actors.shared.switching import Switch, Switched, Switching
from actors.shared.tuning import Tuning
from actors.shared.universe import Universe
from actors.wiring.forest import Forest
from actors.wiring.plots import Plot, plot
from actors.wiring.spine import UNIVERSE
from actors.wiring.venue import Ports

_SWITCHED_WITHIN = 4.0  # s for the venue to say what a name means; shorter than the client's patience


def universe(
    boxes: Mapping[str, Mailbox[object]], roll: Roll, forest: Forest, tuning: Tuning, wall: WallClock
) -> Universe:
    """Over the roll and the forest of a run."""
    return Universe(
        mailbox=boxes[UNIVERSE],
        gateway=boxes["gateway"],
        seating=Seating(roll, forest, tuning),
        rolling=Rolling(roll, forest, tuning, wall),
        switching=Switching(roll, forest, tuning, wall),
    )


def survey(
    boxes: Mapping[str, Mailbox[object]],
    ports: Ports,
    permits: Desk[Permit, float],
    skies: Skies,
    tuning: Tuning,
    nursery: trio.Nursery,
) -> Survey:
    """The gateway's part."""
    box, paced = boxes[UNIVERSE], Paced(ports.public, permits, skies)
    return Survey(Errands(nursery, box), paced, tuning, box, ports.wall)


def switches(boxes: Mapping[str, Mailbox[object]]) -> Desk[Switch, Switched]:
    """Where `markets on` and `off` are asked."""
    return Desk(UNIVERSE, Universe.rank, boxes[UNIVERSE], _SWITCHED_WITHIN)


def begin(
    forest: Forest, settings: Settings, named: Iterable[Market], plots: Iterable[Plot], tenures: Iterable[Tenure]
) -> None:
    """Plant what a run begins with; which series roll on, and what a person has switched, the journal remembers."""
    forest.plant(*(plot(market, Origin.NAMED) for market in named), *plots)
    configured = (series_of(each.market.strip()) for each in settings.markets)
    added = (series_of(tenure.market) for tenure in tenures if not tenure.leaving)
    roll = forest.soil.roll
    roll.series |= {series.name: series for series in (*configured, *added) if series is not None}
    roll.away |= {tenure.market: tenure for tenure in tenures if tenure.off}
