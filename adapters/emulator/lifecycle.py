"""A market's way from its listing to its payout, and its tick on the way. Moves no balance.

OPEN → CLOSED → PROPOSED → DISPUTED → (PROPOSED →) RESOLVED; steps may be left out, a resolved market never moves again.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.numbers import PUSD
from adapters.emulator.events import Listed, PhaseMoved
from adapters.emulator.exchange import Exchange
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase

RESOLVED = "CANCELED_MARKET_RESOLVED"  # what the owner of a cancelled order reads (polymarket.md §7.2)
YES_WINS, NO_WINS, HALVES = (PUSD, 0), (0, PUSD), (PUSD // 2, PUSD // 2)


class OutOfTurn(ValueError):
    """The market cannot take this step from where it is; says why. Nothing changed."""


@frozen
class Lifecycle:
    """Every step is atomic, written to the ledger and told to the listeners. All may raise OutOfTurn."""

    exchange: Exchange

    def open(self, listing: Listing) -> None:
        """List a new market."""
        if listing.market.condition_id in self.exchange.listings.by_condition:
            raise OutOfTurn(f"{listing.market.slug} is listed already")
        self.exchange.listings.add(listing)
        self.exchange.ledger.listed(listing)
        self.exchange.emit(Listed(listing))

    def retick(self, listing: Listing, tick: int) -> None:
        """New orders need the new grid at once; resting ones stay valid."""
        self.exchange.retick(listing, tick)

    def close(self, listing: Listing) -> None:
        """Take no more orders; resting ones may still be cancelled."""
        self._move(listing, Phase.CLOSED)

    def propose(self, listing: Listing, payouts: tuple[int, int]) -> None:
        """Somebody says how it ended; not paid yet."""
        _judge(listing, payouts)
        listing.payouts = payouts
        self._move(listing, Phase.PROPOSED)

    def dispute(self, listing: Listing) -> None:
        """The proposal is contested: no payout until it is resolved after all, perhaps the other way."""
        if listing.phase is not Phase.PROPOSED:
            raise OutOfTurn(f"{listing.market.slug} has no proposal to dispute")
        self._move(listing, Phase.DISPUTED)

    def resolve(self, listing: Listing, payouts: tuple[int, int]) -> None:
        """The payout stands: shares can be redeemed at `payouts` (cash units a share).

        Trades on their way to the chain settle first; what rests or waits is cancelled. In a neg-risk event a YES
        resolves every other market NO, and the last market left without one cannot be NO (§13).
        Resolving again the same way changes nothing.
        """
        if listing.phase is Phase.RESOLVED and listing.payouts == payouts:
            return
        _judge(listing, payouts)
        others = [one for one in self.exchange.listings.siblings(listing) if one is not listing]
        if payouts == NO_WINS and others and all(one.payouts == NO_WINS and _resolved(one) for one in others):
            raise OutOfTurn(f"{listing.market.slug}: one market of a neg-risk event must pay")
        self._resolve(listing, payouts)
        if payouts == YES_WINS:
            for other in others:
                if not _resolved(other):
                    self._resolve(other, NO_WINS)

    def _resolve(self, listing: Listing, payouts: tuple[int, int]) -> None:
        self.exchange.settlement.hurry(listing.market.condition_id)
        listing.payouts = payouts
        self._move(listing, Phase.RESOLVED)
        self._cancel_everything(listing)

    def _move(self, listing: Listing, phase: Phase) -> None:
        if _resolved(listing):
            raise OutOfTurn(f"{listing.market.slug} is resolved")
        listing.phase, listing.changed_at = phase, self.exchange.wall()
        listing.market = evolve(listing.market, accepting=False)
        payouts = None if listing.payouts is None else list(listing.payouts)
        market = listing.market.condition_id
        self.exchange.ledger.write("phase", market=market, phase=phase.value, payouts=payouts)
        self.exchange.emit(PhaseMoved(listing))

    def _cancel_everything(self, listing: Listing) -> None:
        """After the resolution was told (§15). No order outlives it, not even one that a fault keeps from its cancel."""
        for order_id in list(listing.book.orders):
            self.exchange.cancel(self.exchange.tickets.by_id[order_id], "market resolved", RESOLVED, forced=True)
        self.exchange.end_delayed(listing, "market resolved", RESOLVED)


def _resolved(listing: Listing) -> bool:
    return listing.phase is Phase.RESOLVED


def _judge(listing: Listing, payouts: tuple[int, int]) -> None:
    """A pair of shares pays 1 pUSD; a neg-risk market pays one side in full (§13)."""
    if _resolved(listing):
        raise OutOfTurn(f"{listing.market.slug} is resolved")
    if min(payouts) < 0 or sum(payouts) != PUSD:
        raise OutOfTurn(f"payouts {payouts} do not add up to 1 pUSD")
    if listing.market.neg_risk and 0 not in payouts:
        raise OutOfTurn(f"{listing.market.slug} is neg-risk: it cannot pay {payouts}")
