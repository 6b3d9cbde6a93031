"""What happens to markets, heartbeats, balances and sockets at a moment (F17, F18, F20, F23). Every act is one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from attrs import evolve, frozen

from actors.model.numbers import parse_price
from adapters.emulator.faults_keys import choice
from adapters.emulator.faults_stage import Stage
from adapters.emulator.faults_where import is_account
from adapters.emulator.heartbeats import Beat
from adapters.emulator.lifecycle import HALVES, NO_WINS, YES_WINS, OutOfTurn
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase

_PAYOUTS = {"yes": YES_WINS, "no": NO_WINS, "half": HALVES}
_TICKS = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")  # the venue has no others (polymarket.md §3.5)
_RUNNING = (Phase.OPEN, Phase.CLOSED, Phase.PROPOSED, Phase.DISPUTED)


@frozen
class Retick:
    """The market's tick changes while orders rest (F18)."""

    KIND: ClassVar[str] = "retick"
    tick: str = choice(_TICKS, "0.001")

    def act(self, stage: Stage) -> str:
        listing, tick = stage.listing(Phase.OPEN), parse_price(self.tick)
        if listing is None or listing.market.tick == tick:
            return ""
        stage.desk.lifecycle.retick(listing, tick)
        return f"market {listing.market.slug}"


@frozen
class CloseMarket:
    """The market takes no more orders (F20)."""

    KIND: ClassVar[str] = "close_market"

    def act(self, stage: Stage) -> str:
        return _move(stage.listing(Phase.OPEN), stage.desk.lifecycle.close)


@frozen
class Propose:
    """Somebody says how the market ended; it closes, nothing is paid yet (F20)."""

    KIND: ClassVar[str] = "propose"
    winner: str = choice(tuple(_PAYOUTS), "yes")

    def act(self, stage: Stage) -> str:
        listing, payouts = stage.listing(Phase.OPEN, Phase.CLOSED), _PAYOUTS[self.winner]
        return _move(listing, lambda one: stage.desk.lifecycle.propose(one, payouts))


@frozen
class Dispute:
    """The proposal is contested (F20)."""

    KIND: ClassVar[str] = "dispute"

    def act(self, stage: Stage) -> str:
        return _move(stage.listing(Phase.PROPOSED), stage.desk.lifecycle.dispute)


@frozen
class Resolve:
    """The market ends (F20); leave `market_resolved` out with a `drop` of that event."""

    KIND: ClassVar[str] = "resolve"
    winner: str = choice(tuple(_PAYOUTS), "yes")

    def act(self, stage: Stage) -> str:
        listing, payouts = stage.listing(*_RUNNING), _PAYOUTS[self.winner]
        return _move(listing, lambda one: stage.desk.lifecycle.resolve(one, payouts))


@frozen
class BreakHeartbeat:
    """The exchange expects another heartbeat id than it last gave out (F23): 400 with the expected one."""

    KIND: ClassVar[str] = "break_heartbeat"

    def act(self, stage: Stage) -> str:
        beats = stage.desk.heartbeats.beats
        for key, beat in _beats(stage):
            fresh = f"{stage.rng.getrandbits(128):032x}"
            beats[key] = evolve(
                beat, expected="-".join((fresh[:8], fresh[8:12], fresh[12:16], fresh[16:20], fresh[20:]))
            )
        return ", ".join(f"heartbeat of {beat.credential.address}" for _, beat in _beats(stage))


@frozen
class ExpireHeartbeat:
    """The exchange takes the heartbeat for missed: at its next check (within 5 s) it cancels the key's orders (F23)."""

    KIND: ClassVar[str] = "expire_heartbeat"

    def act(self, stage: Stage) -> str:
        for _, beat in _beats(stage):
            beat.at = float("-inf")
        return ", ".join(f"heartbeat of {beat.credential.address}" for _, beat in _beats(stage))


@frozen
class FreezeBalance:
    """From now on the exchange judges orders by the balances it sees now, until it is asked to look again (F17)."""

    KIND: ClassVar[str] = "freeze_balance"

    def act(self, stage: Stage) -> str:
        account = stage.account()
        if account is None:
            return ""
        account.freeze()
        return f"account {account.address}"


def _move(listing: Listing | None, step: Callable[[Listing], None]) -> str:
    """Take the step if there is a market for it; a step out of turn is no hit."""
    if listing is None:
        return ""
    try:
        step(listing)
    except OutOfTurn:
        return ""
    return f"market {listing.market.slug}"


def _beats(stage: Stage) -> list[tuple[str, Beat]]:
    """The armed heartbeats that the filter's account has, all of them without one."""
    wanted = stage.where.account
    every = stage.desk.heartbeats.beats.items()
    return [(key, beat) for key, beat in every if wanted is None or is_account(wanted, beat.credential.address)]


MARKETS = (Retick, CloseMarket, Propose, Dispute, Resolve, BreakHeartbeat, ExpireHeartbeat, FreezeBalance)
