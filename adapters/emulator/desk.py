"""What the REST routes work on: the exchange and what stands around it. Holds, decides nothing."""

from __future__ import annotations

from random import Random

from attrs import define, field

from adapters.emulator.accounts import Account
from adapters.emulator.builders import Builders
from adapters.emulator.chain import Chain
from adapters.emulator.checks import Checks
from adapters.emulator.exchange import Exchange
from adapters.emulator.faults import Faults
from adapters.emulator.gates import Gates
from adapters.emulator.heartbeats import Heartbeats
from adapters.emulator.keys import Credential, Keys
from adapters.emulator.lifecycle import Lifecycle
from adapters.emulator.limits import Limits
from adapters.emulator.listings import Listing
from adapters.emulator.notifications import Notifications
from adapters.emulator.portfolio import Portfolios
from adapters.emulator.rebates import Rebates
from adapters.emulator.refusal import Refused
from adapters.emulator.rewards import LiquidityRewards
from adapters.emulator.tape import Tape


@define(eq=False, repr=False)
class Desk:
    exchange: Exchange
    keys: Keys
    heartbeats: Heartbeats
    faults: Faults
    chain: Chain
    tape: Tape
    portfolios: Portfolios
    limits: Limits = field(factory=Limits)
    gates: Gates = field(factory=Gates)
    builders: Builders = field(init=False)
    rewards: LiquidityRewards = field(init=False)
    rebates: Rebates = field(init=False)
    notifications: Notifications = field(init=False)

    def __attrs_post_init__(self) -> None:
        exchange, seed = self.exchange, self.keys.seed
        self.builders = Builders(seed, self.keys.wall)
        self.rewards = LiquidityRewards(exchange, Random(f"{seed}/rewards"))
        self.rebates = Rebates(exchange, Random(f"{seed}/rebates"))
        self.notifications = Notifications(exchange.wall, exchange.accounts.by_address.values)
        exchange.listeners += [self.rebates.hear, self.notifications.hear]
        self.rebates.start()
        self.rewards.start()

    @property
    def lifecycle(self) -> Lifecycle:
        return Lifecycle(self.exchange)

    @property
    def checks(self) -> Checks:
        return Checks(self.exchange)

    def account(self, credential: Credential) -> Account:
        """The account behind a key; every key has one from its creation."""
        return self.exchange.accounts.open(credential.address)

    def listing_of_token(self, token: str) -> Listing:
        """Raises Refused 404 with the venue's text."""
        listing = self.exchange.listings.by_token.get(token)
        if listing is None:
            raise Refused(404, "No orderbook exists for the requested token id")
        return listing

    def listing(self, condition_id: str) -> Listing:
        listing = self.exchange.listings.by_condition.get(condition_id)
        if listing is None:
            raise Refused(404, "market not found")
        return listing
