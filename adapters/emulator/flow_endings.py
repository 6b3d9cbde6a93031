"""How the markets of a resolving family end: closed, proposed, sometimes disputed, resolved. Sets no price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from attrs import frozen

from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import Resolving, Value
from adapters.emulator.families import Family
from adapters.emulator.lifecycle import NO_WINS, YES_WINS, Lifecycle
from adapters.emulator.listings import Listing

PROPOSED_AFTER, RESOLVED_AFTER = (1.0, 4.0), (3.0, 6.0)  # seconds after the close, and after the last word
DISPUTED_AFTER, OVERRULED_AFTER = 8.0, 20.0


@frozen
class Endings:
    """Hours at the venue take seconds here; the order of the steps is the venue's (polymarket.md §9.5)."""

    exchange: Exchange
    seed: int

    def announce(self, family: Family, listings: Sequence[Listing], values: Mapping[str, Value]) -> None:
        """Put the end of every market that has one into the exchange's schedule."""
        for listing in listings:
            value, plan = values[listing.market.slug], family.plan(listing)
            if isinstance(value, Resolving):
                self._at_the_end(listing, value, disputed=plan.disputed)

    def _at_the_end(self, listing: Listing, value: Resolving, *, disputed: bool) -> None:
        self.exchange.schedule.after(value.seconds, lambda: self._end(listing, value.happens, disputed=disputed))

    def _end(self, listing: Listing, happened: bool, *, disputed: bool) -> None:
        rng, life = Random(f"{self.seed}/ending/{listing.market.slug}"), Lifecycle(self.exchange)
        after = self.exchange.schedule.after
        right, wrong = (YES_WINS, NO_WINS) if happened else (NO_WINS, YES_WINS)
        life.close(listing)
        at = rng.uniform(*PROPOSED_AFTER)
        after(at, lambda: life.propose(listing, wrong if disputed else right))
        if disputed:
            at += DISPUTED_AFTER
            after(at, lambda: life.dispute(listing))
            at += OVERRULED_AFTER
        after(at + rng.uniform(*RESOLVED_AFTER), lambda: life.resolve(listing, right))
