"""Liquidity rewards (polymarket.md §11.4): every book sampled once a minute, paid out once a day.

For the routes: `desk.rewards.scores(ticket)` (does it score now), `.earnings(account, day)` (cash units by condition id
for a UTC day, `payouts.day_of(wall)`; today's as it stands), `.percentages(account)` (its part of each market now, in
1/10,000), `.pay()` (pay now what would be paid at midnight). A day's whole pool is paid however few its samples were.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from attrs import define, field

from adapters.emulator.accounts import Account
from adapters.emulator.exchange import Exchange
from adapters.emulator.listings import Listing
from adapters.emulator.payouts import Payouts, at_midnights
from adapters.emulator.reward_scores import middle, parts, qualities, score
from adapters.emulator.terms import Rewards
from adapters.emulator.tickets import Ticket
from adapters.matching import Order

MINUTE = 60
WHOLE = 10**18  # what the makers of one sample share: Qnormal is a part of it
_PERCENT = 10_000


@define(eq=False)
class LiquidityRewards:
    """`epoch` is today's Qepoch by condition id and lower-case address, in 1/WHOLE samples."""

    exchange: Exchange
    rng: Random
    epoch: dict[str, dict[str, int]] = field(factory=dict)
    samples: int = 0
    payouts: Payouts = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.payouts = Payouts(self.exchange, "reward", self.rng)

    def start(self) -> None:
        """Sample at a random moment of every minute and pay at every midnight (UTC) from now on."""
        self._plan(int(self.exchange.wall() // MINUTE) + 1)
        at_midnights(self.exchange, self.pay)

    def sample(self) -> None:
        """Look once at every market that pays rewards and takes orders."""
        self.samples += 1
        for listing, rewards in self._rewarded():
            epoch = self.epoch.setdefault(listing.market.condition_id, {})
            for owner, part in self._parts(listing, rewards, WHOLE).items():
                epoch[owner] = epoch.get(owner, 0) + part

    def scores(self, ticket: Ticket) -> bool:
        """Would the order count in a sample now?"""
        rewards, resting = ticket.listing.terms.rewards, ticket.listing.book.orders.get(ticket.order.id)
        if rewards is None or resting is None or not ticket.listing.accepting or not self._rested(ticket, rewards):
            return False
        mid = middle(ticket.listing.book, rewards)
        return mid is not None and score(rewards, abs(2 * ticket.order.yes_price - mid), resting.remaining) > 0

    def percentages(self, account: Account) -> dict[str, int]:
        """The account's part of a sample taken now, by condition id, in 1/10,000; markets without any are left out."""
        owner = account.address.lower()
        now = {
            li.market.condition_id: self._parts(li, rewards, _PERCENT).get(owner) for li, rewards in self._rewarded()
        }
        return {market: part for market, part in now.items() if part}

    def earnings(self, account: Account, day: int) -> dict[str, int]:
        """Cash units by condition id: earned on a day that is over, or what today's samples promise so far."""
        return self.payouts.of(account.address, day, self._earned)

    def pay(self, day: int | None = None) -> int:
        """Share out the pools by today's samples and begin a new epoch; the sum of cash units paid."""
        earned = self._earned()
        self.epoch.clear()
        self.samples = 0
        return self.payouts.pay(day, earned)

    def _earned(self) -> dict[str, dict[str, int]]:
        earned: dict[str, dict[str, int]] = {}
        for market, epoch in self.epoch.items():
            rewards, total = self.exchange.listings.by_condition[market].terms.rewards, sum(epoch.values())
            pool = rewards.per_day if rewards else 0
            for address, part in epoch.items():
                earned.setdefault(address, {})[market] = pool * part // total
        return earned

    def _plan(self, minute: int) -> None:
        """Sample somewhere within a minute since 1970, then plan the next."""
        at = (minute + self.rng.random()) * MINUTE

        def due() -> None:
            self.sample()
            self._plan(minute + 1)

        self.exchange.schedule.after(at - self.exchange.wall(), due)

    def _rewarded(self) -> Iterator[tuple[Listing, Rewards]]:
        for listing in self.exchange.listings.all:
            if listing.terms.rewards is not None and listing.accepting:
                yield listing, listing.terms.rewards

    def _parts(self, listing: Listing, rewards: Rewards, scale: int) -> dict[str, int]:
        def rested(order: Order) -> bool:
            return self._rested(self.exchange.tickets.by_id[order.id], rewards)

        return parts(qualities(listing.book, rewards, rested), scale)

    def _rested(self, ticket: Ticket, rewards: Rewards) -> bool:
        return self.exchange.wall() - ticket.created_at >= rewards.min_age
