"""Whether a market may trade: the states, the commands that move between them, and what a restart makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import evolve, frozen

from actors.model.day import utc_text
from actors.model.reason import Reason, Refusal

ALL = ""  # the "market" whose standing follows every order to all: where one starts that has none of its own


class Trading(Enum):
    """A market's standing. RUNNING quotes, REDUCING quotes sales of what is held; FLATTENING sells it, then ends in PAUSED."""

    RUNNING = "running"
    REDUCING = "reducing"
    PAUSED = "paused"
    FLATTENING = "flattening"
    SAFE = "safe"
    DRAINING = "draining"


class Order(Enum):
    """What a person, the shutdown or risk itself may order.

    HOLD is risk's own pause, which does not interrupt a flatten; LIFT ends what risk itself has ordered.
    """

    PAUSE = "pause"
    RESUME = "resume"
    ACK_KILL = "resume --ack-kill"
    FLATTEN = "flatten"
    FLAT = "flat"
    KILL = "kill"
    DRAIN = "drain"
    REDUCE = "reduce"
    HOLD = "hold"
    LIFT = "lift"


# SAFE is left only by an acknowledged resume, not even by the end of the process; DRAINING only by a kill.
TRANSITIONS: dict[Trading, dict[Order, Trading]] = {
    Trading.RUNNING: {
        Order.PAUSE: Trading.PAUSED,
        Order.RESUME: Trading.RUNNING,
        Order.ACK_KILL: Trading.RUNNING,
        Order.FLATTEN: Trading.FLATTENING,
        Order.HOLD: Trading.PAUSED,
        Order.REDUCE: Trading.REDUCING,
    },
    Trading.REDUCING: {
        Order.PAUSE: Trading.PAUSED,
        Order.RESUME: Trading.RUNNING,
        Order.ACK_KILL: Trading.RUNNING,
        Order.FLATTEN: Trading.FLATTENING,
        Order.HOLD: Trading.PAUSED,
        Order.REDUCE: Trading.REDUCING,
        Order.LIFT: Trading.RUNNING,
    },
    Trading.PAUSED: {
        Order.PAUSE: Trading.PAUSED,
        Order.HOLD: Trading.PAUSED,
        Order.LIFT: Trading.RUNNING,
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
for _state in (Trading.RUNNING, Trading.REDUCING, Trading.PAUSED, Trading.FLATTENING):
    TRANSITIONS[_state] |= {Order.DRAIN: Trading.DRAINING}

REASONS: dict[Trading, Reason] = {
    Trading.REDUCING: Reason.REDUCING,
    Trading.PAUSED: Reason.PAUSED,
    Trading.FLATTENING: Reason.FLATTENING,
    Trading.SAFE: Reason.SAFE,
    Trading.DRAINING: Reason.DRAINING,
}


def after(state: Trading, order: Order) -> Trading | None:
    """The state an order leads to; None if it is not allowed in `state`."""
    return TRANSITIONS[state].get(order)


@frozen
class Trip:
    """What a limit or breaker orders, of one market or of all, and why; with `cool` (s) it lifts by itself after that."""

    order: Order
    cause: Reason
    why: str
    market: str | None = None
    cool: float = 0.0


@frozen
class Standing:
    """A market's trading state with its reason, since when (epoch s). A state, told and journalled as a whole.

    `cause` is the rule by which risk itself has ordered it, None if somebody else did. Risk lifts such a standing at
    `until` (epoch s), or, where that is 0, when its cause is gone, if that can be; else it waits for a resume.
    """

    market: str
    trading: Trading
    why: str = ""
    since: float = 0.0
    cause: Reason | None = None
    until: float = 0.0

    def yields(self, to: Standing) -> bool:
        """Whether `to` replaces it: a move, or a longer hold of the same kind in place of one that lifts by itself."""
        longer = self.until and not 0 < to.until <= self.until
        return to.trading is not self.trading or bool(longer)

    @property
    def refusal(self) -> Refusal | None:
        """Why the market does not quote as it could; None while it runs."""
        if self.trading is Trading.RUNNING:
            return None
        said = {"since": utc_text(self.since) if self.since else "", "because": self.why}
        said["until"] = utc_text(self.until) if self.until else ""
        inputs = tuple((name, text) for name, text in said.items() if text)
        return Refusal(self.cause or REASONS[self.trading], inputs)


def restored(market: str, initial: Trading, remembered: Mapping[str, Standing]) -> Standing:
    """Where a market stands after a restart: as it was left, but for the end itself, and never freer than `initial`.

    A market that was not there when all were killed or paused stands as all did. A flatten that was cut short is
    paused: what it was to sell is still to be looked at by whoever ordered it. Where a start waits for a resume, what
    risk would have lifted by itself does, too.
    """
    left = remembered.get(market) or remembered.get(ALL)
    if left is None or left.trading not in _OUTLASTS:
        return Standing(market, initial)
    now = evolve(left, market=market, trading=_OUTLASTS[left.trading])
    if initial is Trading.PAUSED and now.trading is not Trading.SAFE:
        return evolve(now, trading=Trading.PAUSED, cause=None, until=0.0)
    return now


_OUTLASTS = {
    Trading.SAFE: Trading.SAFE,
    Trading.REDUCING: Trading.REDUCING,
    Trading.PAUSED: Trading.PAUSED,
    Trading.FLATTENING: Trading.PAUSED,
}
