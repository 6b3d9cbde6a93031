"""A market's way from its listing to its payout, and its tick on the way. Moves no balance."""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.numbers import PUSD, Price
from adapters.emulator.events import Listed, PhaseMoved, TickMoved
from adapters.emulator.exchange import Exchange
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase

RESOLVED = "CANCELED_MARKET_RESOLVED"  # what the owner of a cancelled order reads (polymarket.md §7.2)
YES_WINS, NO_WINS, HALVES = (PUSD, 0), (0, PUSD), (PUSD // 2, PUSD // 2)


@frozen
class Lifecycle:
    """Every step is atomic, written to the ledger and told to the listeners."""

    exchange: Exchange

    def open(self, listing: Listing) -> None:
        """List a new market."""
        self.exchange.listings.add(listing)
        self.exchange.ledger.listed(listing)
        self.exchange.emit(Listed(listing))

    def retick(self, listing: Listing, tick: int) -> None:
        """New orders need the new grid at once; resting ones stay valid."""
        old = listing.market.tick
        if tick == old:
            return
        listing.market = evolve(listing.market, tick=Price(tick))
        self.exchange.ledger.write("tick", market=listing.market.condition_id, old=old, new=tick)
        self.exchange.emit(TickMoved(listing, old))

    def close(self, listing: Listing) -> None:
        """Take no more orders; resting ones may still be cancelled."""
        self._move(listing, Phase.CLOSED)

    def propose(self, listing: Listing, payouts: tuple[int, int]) -> None:
        """Somebody says how it ended; not paid yet."""
        listing.payouts = payouts
        self._move(listing, Phase.PROPOSED)

    def dispute(self, listing: Listing) -> None:
        """The proposal is contested: no payout until it is resolved after all, perhaps the other way."""
        self._move(listing, Phase.DISPUTED)

    def resolve(self, listing: Listing, payouts: tuple[int, int]) -> None:
        """Cancel what rests, then the payout stands: shares can be redeemed at `payouts` (cash units a share)."""
        listing.payouts = payouts
        self._move(listing, Phase.RESOLVED)

    def _move(self, listing: Listing, phase: Phase) -> None:
        listing.phase, listing.changed_at = phase, self.exchange.wall()
        listing.market = evolve(listing.market, accepting=False)
        if phase is Phase.RESOLVED:
            self._cancel_everything(listing)
        payouts = None if listing.payouts is None else list(listing.payouts)
        market = listing.market.condition_id
        self.exchange.ledger.write("phase", market=market, phase=phase.value, payouts=payouts)
        self.exchange.emit(PhaseMoved(listing))

    def _cancel_everything(self, listing: Listing) -> None:
        for order_id in list(listing.book.orders):
            self.exchange.cancel(self.exchange.tickets.by_id[order_id], "market resolved", RESOLVED)
