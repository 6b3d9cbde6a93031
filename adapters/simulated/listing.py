"""How a simulated market is listed, and what time it is there."""

from __future__ import annotations

import trio

from actors.model.market import Market
from actors.model.numbers import SHARE, Price, Size
from adapters.simulated.family import Family
from adapters.simulated.truth import AVERAGED

START = 1_763_627_400.0  # epoch s at second 0: where windows of 5 and of 15 minutes begin
_OPEN_FOR = 30 * 86_400.0  # s until the end of a market that outlasts its path
_MINIMUM = Size(5 * SHARE)
SYMBOL = "btc"


def wall() -> float:
    """Implements WallClock on trio's clock."""
    return START + trio.current_time()


def listing(family: Family) -> Market:
    """The market as it is listed before it opens."""
    ends_at = START + (family.horizon if family.resolves else _OPEN_FOR)
    slug = f"{SYMBOL}-updown-15m-{START:.0f}" if family.windowed else family.name.replace("/", "-")
    return Market(
        slug,
        "0x" + "51" * 32,
        "1",
        "2",
        Price(100),
        _MINIMUM,
        fees=family.fees,
        ends_at=ends_at,
        rewards=family.rewards,
        averaging=AVERAGED if family.windowed else None,
    )
