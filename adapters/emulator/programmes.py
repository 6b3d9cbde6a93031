"""The reward programmes that run now: market, terms, event and how crowded it is (polymarket.md §11.4). Reads only."""

from __future__ import annotations

from attrs import frozen

from actors.model.numbers import SHARE
from adapters.emulator import groups
from adapters.emulator.desk import Desk
from adapters.emulator.groups import Group
from adapters.emulator.listings import Listing
from adapters.emulator.reward_scores import ONE_SIDED, least, qualities
from adapters.emulator.terms import Rewards


@frozen
class Programme:
    """A market that pays for resting orders and takes them."""

    listing: Listing
    rewards: Rewards
    group: Group

    @property
    def market(self) -> str:
        return self.listing.market.condition_id

    @property
    def competitiveness(self) -> float:
        """The sum of all makers' Qmin now: an emulator choice, the venue's own measure is not documented."""
        mid, by_owner = qualities(self.listing.book, self.rewards, lambda order: True) or (0, {})
        total = sum(least(quality, mid) for quality in by_owner.values())
        return round(total / (ONE_SIDED * 4 * self.rewards.max_spread**2 * SHARE), 4)


def running(desk: Desk) -> list[Programme]:
    """In order of listing."""
    return [
        Programme(listing, listing.terms.rewards, group)
        for group in groups.events(desk.exchange.listings.all)
        for listing in group.listings
        if listing.terms.rewards is not None and listing.accepting
    ]
