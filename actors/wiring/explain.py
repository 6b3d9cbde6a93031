"""`explain`: why a market quotes or does not, as a rule with its inputs and the key that would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actors.model.quote import Grounds, groundless
from actors.model.ramp import WHOLE
from actors.model.reason import Reason, Refusal
from actors.model.strategy_settings import GROWING

# What a person does about rules that no configuration key lifts.
_REMEDIES: dict[Reason, str] = {
    Reason.PAUSED: "run `resume`",
    Reason.SAFE: "find out why it was killed, then run `resume --ack-kill`",
    Reason.PARKED: "look at the log for the cause, then run `resume MARKET`; it is retried by itself",
    Reason.RESTARTING: "wait a moment; after too many crashes the market is parked, and the log says what crashes",
    Reason.STARTING: "wait: the venue is being read",
    Reason.RECONCILING: "wait: orders and trades are being read",
    Reason.NO_BOOK: "wait for the venue's snapshots; `status` shows the feed's state",
    Reason.STALE_BOOK: "check the connection to the venue; a REST check is under way",
    Reason.STALE_SPOT: "wait: the source is being reconnected; `status` shows every spot price with its age",
    Reason.REST_ONLY: "wait for the market socket; `status` shows the feed's state",
    Reason.NOT_ACCEPTING: "nothing: it is quoted again by itself if it takes orders again; what is held is kept and named",
    Reason.SIGNATURE_REFUSED: "wait: if fresh terms do not help the market is parked",
    Reason.ONE_SIDED: "wait until someone quotes the other side",
    Reason.ADMISSION_CLOSED: "wait: what is down is being restarted, and the venue is asked again by itself; "
    "`status --json` names it under `admission` and `venue`",
    Reason.VENUE_CLOSED: "wait: it is tried again by itself; `status --json` says why under `venue`",
    Reason.UNKNOWN_ORDERS: "wait: the orders are being queried; their money stays reserved until then",
    Reason.RATE_LIMIT: "wait: it is tried again by itself; a higher `limits.order_rate` must fit the venue's limit",
    Reason.ORDER_CEILING: "raise `limits.max_open_orders`, or quote fewer markets or levels",
    Reason.AWAITING_APPROVAL: "run `approve` and answer; `set approval.orders=none` ends the asking",
    Reason.NOT_APPROVED: "wait: it is proposed again after `approval.timeout`, or at once if the quote changes",
    Reason.RETUNED: "nothing: it is decided anew within a second",
    Reason.FEES_UNKNOWN: "wait: the market's terms are read again every `feed.terms` seconds; quotes that rest pay no fee",
    Reason.FLATTENING: "wait until it is flat; it then stays paused",
    Reason.LEAVING: "wait until nothing is held; `markets on MARKET` keeps it; `on_leave` says what becomes of what is held",
    Reason.NOT_UP_DOWN: "give this market another strategy, or name a series such as `btc-updown-15m` instead",
    Reason.TAKE_OPEN: "wait: it is being followed, or queried; its money stays reserved until then",
    Reason.BET_HELD: "wait for the end: what it wins is redeemed; `flatten` sells it now",
    Reason.SETTLEMENT_UNKNOWN: "nothing: the market's terms are read again; without `venue.gamma_url` nobody tells it",
    Reason.TIME_LEFT: "wait for the window's time, or the next window",
    Reason.CLOCK_BEHIND: "set this machine's clock (NTP)",
    Reason.STALE_STREAM: "wait: the source is being reconnected; `status` shows every spot price with its age",
    Reason.BOOK_TOO_OLD: "wait: a REST check is under way",
    Reason.IMBALANCED: "wait until both sides are quoted again",
    Reason.MOVING: "wait a minute",
    Reason.TOXIC_FLOW: "wait: it is counted anew with every trade",
    Reason.BAD_MARKOUT: "wait: it is forgotten with time",
    Reason.VOLATILITY_UNKNOWN: "wait: it takes a minute or two of settlement prices",
    Reason.TOO_VOLATILE: "wait until it is calmer",
    Reason.STRIKE_UNKNOWN: "wait for the next window: a start that was not heard cannot be heard later",
    Reason.MODEL_OFF: "nothing: the next price may say otherwise",
    Reason.EDGE_TOO_SMALL: "nothing: the book is about right, as it mostly is",
    Reason.EDGE_BELOW_FEES: "nothing: the fee eats it",
    Reason.BALANCE_UNKNOWN: "wait: the account is being read",
    Reason.ASK_TOO_SMALL: "wait until more is offered",
    Reason.BET_LIMIT: "see what allows too little under `inputs`: raise that key, or wait until other bets are over",
    Reason.EDGE_TOO_YOUNG: "wait: most edges are gone by then",
    Reason.OUTSIDE_HOURS: "wait: `series.skip_first` and `series.skip_last` say when a window is quoted",
}

# Limits and breakers order a standing, and that is what a person ends.
_STANDING_REMEDIES = {
    "safe": _REMEDIES[Reason.SAFE],
    "paused": "find out why; it ends with `resume`, or at the time given under `until`",
    "reducing": "wait: it ends by itself, or with `resume`; what is held can still be sold",
}


# What is said of one order, where each other one that waits needs as much again.
_ALONE = " or more: that makes room for this order alone, and others may wait"
_AND_MORE = {Reason.BUDGET_MARKET: _ALONE, Reason.BUDGET_TOTAL: _ALONE}

_RAMPED = ("risk.", "budget.", "markets[].budget", *(f"strategy.{key}" for key in sorted(GROWING)))
_RAMP = "only {} % of the limits count, by a ramp: wait until it rises, or `resume --ramp 100%` ends it"


def explain(
    market: Mapping[str, Any], refusal: Refusal | None, part: int = WHOLE, grounds: Grounds = groundless
) -> dict[str, Any]:
    """The rule, what it was judged on, and what would change it: a configuration key with a value, or an action.

    While only `part` percent of the limits count no value of theirs would lift what the ramp forbids.
    """
    if refusal is None:
        quotes = f"bid {market['our_bid']} ask {market['our_ask']}"
        held = f"; held back: {market['held_text']}" if market["held"] else ""
        return {
            "market": market["market"],
            "state": market["state"],
            "reason": None,
            "held": market["held"],
            "rule": f"quoting: {quotes}{held}",
            "inputs": dict(grounds()),
            "takers": market["fees"]["takers"],
        }
    hint, remedy = refusal.hint, _REMEDIES.get(refusal.reason) or _STANDING_REMEDIES.get(market["state"], "")
    if hint is not None and part < WHOLE and hint.key.startswith(_RAMPED):
        hint, remedy = None, _RAMP.format(part)
    return {
        "market": market["market"],
        "state": market["state"],
        "reason": refusal.code,
        "rule": refusal.reason.value,
        "inputs": dict(refusal.inputs),
        "hint": {"key": hint.key, "value": hint.value} if hint else None,
        "takers": market["fees"]["takers"],
        "remedy": f"set {hint.key} to {hint.value}{_AND_MORE.get(refusal.reason, '')}" if hint else remedy,
    }
