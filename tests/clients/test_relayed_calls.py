"""What relayed calls may do: approvals, the right adapter, one redemption, no delegate but the batch contract."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from adapters.emulator.accounts import FUNDING
from adapters.emulator.lifecycle import HALVES
from tests.clients.wallets import CONFIG, Submitter, holdings, merge, redeem, sdk, split
from tests.emulator.harness import open_venue

ONE = 1_000_000


async def test_a_split_needs_the_adapters_approval_and_uses_a_limited_one_up(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        limited = sdk.erc20_approval_call(
            token_address=CONFIG.collateral_token, spender=CONFIG.collateral_adapter, amount=3 * ONE
        )
        _, answer = await ann.submit("PROXY", limited, split(market, 2 * ONE), split(market, 2 * ONE))
        await trio.sleep(6)
        assert await ann.state(answer["transactionID"]) == (
            "STATE_INVALID",
            "execution reverted: ERC20: insufficient allowance",
        )
        _, answer = await ann.submit("PROXY", limited, split(market, 2 * ONE), split(market, ONE))
        await trio.sleep(6)
        assert await ann.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)


async def test_a_merge_needs_the_adapters_approval(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        revoked = sdk.erc1155_set_approval_for_all_call(
            token_address=CONFIG.conditional_tokens, operator=CONFIG.collateral_adapter, approved=False
        )
        _, answer = await ann.submit("SAFE", split(market, ONE), revoked, merge(market, ONE))
        await trio.sleep(6)
        assert (await ann.state(answer["transactionID"]))[0] == "STATE_INVALID"


async def test_each_collateral_adapter_serves_its_own_markets(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        plain = venue.listings[0]
        neg_risk = next(listing for listing in venue.listings if listing.market.neg_risk)
        _, good = await ann.submit("SAFE", split(neg_risk, ONE))
        crossed = sdk.ctf_split_position_call(
            target=CONFIG.neg_risk_collateral_adapter,
            collateral=CONFIG.collateral_token,
            condition_id=plain.market.condition_id,
            amount=ONE,
        )
        _, bad = await ann.submit("PROXY", crossed)
        await trio.sleep(6)
        assert (await ann.state(good["transactionID"]))[0] == "STATE_CONFIRMED"
        assert (await ann.state(bad["transactionID"]))[0] == "STATE_INVALID"


async def test_a_resolved_market_redeems_once_through_the_relayer(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        await ann.submit("WALLET", split(market, 10 * ONE))
        await trio.sleep(6)
        _, early = await ann.submit("WALLET", redeem(market))
        await trio.sleep(6)
        assert (await ann.state(early["transactionID"]))[0] == "STATE_INVALID"
        venue.emulator.desk.lifecycle.resolve(market, HALVES)
        await ann.submit("WALLET", redeem(market), redeem(market))
        await trio.sleep(6)
        assert holdings(venue, ann.owned.deposit) == (FUNDING, 0, 0)


async def test_a_safe_delegates_to_nothing_but_the_batch_contract(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        batch = ann.envelope("SAFE", [split(market, ONE), merge(market, ONE)], "0")
        assert batch["signatureParams"]["operation"] == "1"
        status, answer = await ann.post({**batch, "to": CONFIG.collateral_adapter})
        assert (status, "has to be multiSend" in answer["error"]) == (400, True)
        assert (await ann.post(batch))[0] == 200
