"""The relayer's client against the exchange's relayer: what is sent happens once, whatever becomes of the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
import trio
from attrs import define, evolve, field
from trio.testing import MockClock

from actors.model.conversion import Conversion, Declined, Kind, Relayed, of_pairs, redemption
from actors.model.market import Market
from actors.model.numbers import PUSD, SHARE, Price
from actors.model.order import Settlement
from actors.model.outcome import Unread
from actors.records import Batch
from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED, FUNDING
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.routes_relayer import key_of
from adapters.polymarket.keys import Key
from adapters.polymarket.relayer import RestRelayer
from adapters.polymarket.signing import Account
from tests.emulator.harness import Venue, open_venue
from tests.faults.network import Network

KEY = Key(FUNDED[0].private_key)
OWNED = wallets.of(KEY.address)
WALLETS = {1: OWNED.proxy, 2: OWNED.safe, 3: OWNED.deposit}


@define(eq=False)
class Desk:
    """A venue in memory and our client of one of the demo account's wallets."""

    venue: Venue
    network: Network
    relay: RestRelayer
    wallet: str
    keys: int = field(default=0)

    @property
    def market(self) -> Market:
        return self.venue.listings[0].market

    def pairs(self, kind: Kind, size: int, market: Market | None = None) -> Conversion:
        self.keys += 1
        return of_pairs(kind, f"1.{self.keys}", market or self.market, size, self.venue.wall())

    async def signed(self, conversion: Conversion, market: Market | None = None) -> Batch:
        batch = await self.relay.sign(conversion, market or self.market)
        assert isinstance(batch, Batch), batch
        return batch

    async def done(self, conversion: Conversion, market: Market | None = None) -> Relayed:
        """Send it and see it through."""
        batch = await self.signed(conversion, market)
        assert isinstance(await self.relay.submit(batch), Relayed)
        return await self.ended(batch)

    async def ended(self, batch: Batch) -> Relayed:
        await trio.sleep(6.0)
        found = await self.relay.find(batch)
        assert isinstance(found, Relayed), found
        return found

    def holds(self, market: Market | None = None) -> tuple[int, int, int]:
        """(pUSD, YES, NO) in base units."""
        account = self.venue.emulator.exchange.accounts.get(self.wallet)
        assert account is not None
        of = market or self.market
        return account.cash, account.shares[of.yes], account.shares[of.no]


@asynccontextmanager
async def desk(signature_type: int = 3) -> AsyncIterator[Desk]:
    async with open_venue() as venue:
        network = Network(venue.emulator, venue.nursery, Random(1))
        key = key_of(venue.emulator.desk.keys.seed, KEY.address)
        account = Account.of(KEY, WALLETS[signature_type], signature_type)
        relay = RestRelayer.open("http://relayer", account, key, venue.wall, network.transport)
        yield Desk(venue, network, relay, account.funder)
        await relay.close()


@pytest.mark.parametrize("signature_type", [1, 2, 3])
@pytest.mark.parametrize("neg_risk", [False, True])
async def test_every_wallet_splits_merges_and_redeems(
    signature_type: int, neg_risk: bool, autojump_clock: MockClock
) -> None:
    async with desk(signature_type) as d:
        listing = next(one for one in d.venue.listings if one.market.neg_risk == neg_risk)
        market = listing.market
        assert (await d.done(d.pairs(Kind.SPLIT, 30 * SHARE, market), market)).settlement is Settlement.CONFIRMED
        assert d.holds(market) == (FUNDING - 30 * PUSD, 30 * SHARE, 30 * SHARE)
        assert (await d.done(d.pairs(Kind.MERGE, 12 * SHARE, market), market)).settlement is Settlement.CONFIRMED
        assert d.holds(market) == (FUNDING - 18 * PUSD, 18 * SHARE, 18 * SHARE)
        d.venue.emulator.desk.lifecycle.resolve(listing, YES_WINS)
        redeem = redemption("1.9", market, 18 * SHARE, 18 * SHARE, Price(10_000), d.venue.wall())
        assert (await d.done(redeem, market)).settlement is Settlement.CONFIRMED
        assert d.holds(market) == (FUNDING, 0, 0)


async def test_a_batch_sent_again_is_the_same_transaction_and_pays_once(autojump_clock: MockClock) -> None:
    async with desk() as d:
        batch = await d.signed(d.pairs(Kind.SPLIT, SHARE))
        first, again = await d.relay.submit(batch), await d.relay.submit(batch)
        assert isinstance(first, Relayed)
        assert first == again
        ended = await d.ended(evolve(batch, taken=first.id))
        assert ended == Relayed(first.id, Settlement.CONFIRMED)
        assert await d.relay.submit(batch) == ended
        assert d.holds() == (FUNDING - PUSD, SHARE, SHARE)


async def test_a_lost_answer_is_unknown_and_found_by_its_label(autojump_clock: MockClock) -> None:
    async with desk() as d:
        batch = await d.signed(d.pairs(Kind.SPLIT, SHARE))
        assert await d.relay.find(batch) is None
        assert isinstance(await d.relay.submit(batch), Relayed)  # suppose that this was never heard
        found = await d.relay.find(batch)
        assert isinstance(found, Relayed)
        assert (await d.ended(batch)).settlement is Settlement.CONFIRMED
        d.network.down = True
        await d.network.cut()
        assert isinstance(await d.relay.find(batch), Unread)


async def test_a_busy_wallet_declines_and_a_nonce_that_is_spent_says_so(autojump_clock: MockClock) -> None:
    async with desk() as d:
        batch, other = await d.signed(d.pairs(Kind.SPLIT, SHARE)), await d.signed(d.pairs(Kind.SPLIT, 2 * SHARE))
        assert isinstance(await d.relay.submit(batch), Relayed)
        busy = await d.relay.submit(other)
        assert isinstance(busy, Declined)
        assert "wallet busy" in busy.why
        await trio.sleep(6.0)
        declined = await d.relay.submit(other)
        assert isinstance(declined, Declined)
        assert "does not match on-chain nonce" in declined.why
        found = await d.relay.find(other)
        assert isinstance(found, Declined)
        assert found.spent


async def test_what_cannot_work_fails_with_the_contracts_words_and_leaves_its_nonce(autojump_clock: MockClock) -> None:
    async with desk() as d:
        failed = await d.done(d.pairs(Kind.MERGE, SHARE))
        assert (failed.settlement, "burn amount exceeds balance" in failed.why) == (Settlement.FAILED, True)
        assert (await d.done(d.pairs(Kind.SPLIT, SHARE))).settlement is Settlement.CONFIRMED


async def test_a_key_that_the_relayer_does_not_know_is_told_and_an_eoa_has_no_relayer(
    autojump_clock: MockClock,
) -> None:
    async with desk() as d:
        stranger = RestRelayer.open("http://relayer", d.relay.account, "no", d.venue.wall, d.network.transport)
        unread = await stranger.sign(d.pairs(Kind.SPLIT, SHARE), d.market)
        assert isinstance(unread, Unread)
        assert "HTTP 401" in unread.why
        with pytest.raises(ValueError, match="an EOA sends its own"):
            RestRelayer.open("http://relayer", Account.of(KEY), "no", d.venue.wall)
