"""Whether a market may trade: the states, the commands that move between them, and what a restart makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import evolve, frozen

from actors.model.reason import Reason

ALL = ""  # the "market" whose standing follows every order to all: where one starts that has none of its own


class Trading(Enum):
    """A market's standing. Only RUNNING quotes; FLATTENING also sells what is held, then ends in PAUSED."""

    RUNNING = "running"
    PAUSED = "paused"
    FLATTENING = "flattening"
    SAFE = "safe"
    DRAINING = "draining"


class Order(Enum):
    """What a person or the shutdown may order."""

    PAUSE = "pause"
    RESUME = "resume"
    ACK_KILL = "resume --ack-kill"
    FLATTEN = "flatten"
    FLAT = "flat"
    KILL = "kill"
    DRAIN = "drain"


# SAFE is left only by an acknowledged resume, not even by the end of the process; DRAINING only by a kill.
TRANSITIONS: dict[Trading, dict[Order, Trading]] = {
    Trading.RUNNING: {
        Order.PAUSE: Trading.PAUSED,
        Order.RESUME: Trading.RUNNING,
        Order.ACK_KILL: Trading.RUNNING,
        Order.FLATTEN: Trading.FLATTENING,
    },
    Trading.PAUSED: {
        Order.PAUSE: Trading.PAUSED,
        Order.RESUME: Trading.RUNNING,
        Order.ACK_KILL: Trading.RUNNING,
        Order.FLATTEN: Trading.FLATTENING,
    },
    Trading.FLATTENING: {
        Order.PAUSE: Trading.PAUSED,
        Order.FLAT: Trading.PAUSED,
        Order.FLATTEN: Trading.FLATTENING,
        Order.RESUME: Trading.RUNNING,
        Order.ACK_KILL: Trading.RUNNING,
    },
    Trading.SAFE: {Order.ACK_KILL: Trading.RUNNING},
    Trading.DRAINING: {Order.DRAIN: Trading.DRAINING},
}
for _state in Trading:
    TRANSITIONS[_state] |= {Order.KILL: Trading.SAFE}
for _state in (Trading.RUNNING, Trading.PAUSED, Trading.FLATTENING):
    TRANSITIONS[_state] |= {Order.DRAIN: Trading.DRAINING}

REASONS: dict[Trading, Reason] = {
    Trading.PAUSED: Reason.PAUSED,
    Trading.FLATTENING: Reason.FLATTENING,
    Trading.SAFE: Reason.SAFE,
    Trading.DRAINING: Reason.DRAINING,
}


def after(state: Trading, order: Order) -> Trading | None:
    """The state an order leads to; None if it is not allowed in `state`."""
    return TRANSITIONS[state].get(order)


@frozen
class Standing:
    """A market's trading state with its reason, since when (epoch s). A state, told and journalled as a whole."""

    market: str
    trading: Trading
    why: str = ""
    since: float = 0.0


def restored(market: str, initial: Trading, remembered: Mapping[str, Standing]) -> Standing:
    """Where a market stands after a restart: as it was left, but for the end itself, and never freer than `initial`.

    A market that was not there when all were killed or paused stands as all did. A flatten that was cut short is
    paused: what it was to sell is still to be looked at by whoever ordered it.
    """
    left = remembered.get(market) or remembered.get(ALL)
    if left is None or left.trading not in _OUTLASTS:
        return Standing(market, initial)
    return evolve(left, market=market, trading=_OUTLASTS[left.trading])


_OUTLASTS = {
    Trading.SAFE: Trading.SAFE,
    Trading.PAUSED: Trading.PAUSED,
    Trading.FLATTENING: Trading.PAUSED,
}
