"""The chain's JSON-RPC as wallets meet it: reads that agree with the books, and plain EOAs' own transactions."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
import trio
from eth_account import Account
from polymarket.types import HexString
from trio.testing import MockClock

from adapters.emulator import addresses
from adapters.emulator.accounts import FUNDED, FUNDING
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.listings import DRAFTS, Listing, Listings, generate
from adapters.emulator.position_ids import with_position_ids
from tests.clients.wallets import CONFIG, Call, Submitter, merge, sdk, split
from tests.emulator.floor import neg_risk_event
from tests.emulator.harness import Venue, open_venue

ONE = 1_000_000
ANN = FUNDED[0]


class Node:
    """A JSON-RPC client on one stream."""

    def __init__(self, venue: Venue) -> None:
        self.rest, self.ids = venue.rest("rpc"), iter(range(1, 1_000))

    async def post(self, body: object) -> Any:  # noqa: ANN401 - JSON
        status, answer = await self.rest.call("POST", "/", json.dumps(body).encode())
        assert status == 200
        return answer

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - JSON
        body = {"jsonrpc": "2.0", "id": next(self.ids), "method": method, "params": list(params)}
        answer = await self.post(body)
        assert answer["id"] == body["id"]
        return answer.get("result", answer.get("error"))

    async def read(self, call: Call) -> str:
        answer = await self.ask("eth_call", {"to": str(call.to), "data": call.data}, "latest")
        return str(answer)

    async def send(self, call: Call, nonce: int) -> Any:  # noqa: ANN401 - a hash or an error
        terms = {"gas": 250_000, "gasPrice": 30 * 10**9, "chainId": 137, "value": call.value}
        signed = Account.from_key(ANN.private_key).sign_transaction(
            {"to": str(call.to), "data": call.data, "nonce": nonce, **terms}
        )
        return await self.ask("eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())

    async def shares(self, owner: str, listing: Listing, contract: str) -> tuple[int, ...]:
        call = sdk.erc1155_balance_of_batch_call(
            token_address=contract, owners=[owner, owner], token_ids=list(listing.market.tokens)
        )
        held: tuple[int, ...] = sdk.decode_erc1155_balance_of_batch_result(await self.read(call))
        return held


async def test_balances_and_approvals_are_read_as_the_books_have_them(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        node, market = Node(venue), venue.listings[0]
        account = venue.emulator.exchange.accounts.open(ANN.address)
        venue.emulator.desk.chain.split(account, market, 3 * ONE)
        assert await node.shares(ANN.address, market, CONFIG.conditional_tokens) == (3 * ONE, 3 * ONE)
        nobody = "0x" + "ab" * 20
        assert await node.shares(nobody, market, CONFIG.conditional_tokens) == (0, 0)
        cash = await node.ask(
            "eth_call", {"to": addresses.PUSD_TOKEN, "data": "0x70a08231" + "0" * 24 + ANN.address[2:]}
        )
        assert int(cash, 16) == FUNDING - 3 * ONE
        for owner, allowed in ((ANN.address, 2**256 - 1), (nobody, 0)):
            asked = sdk.erc20_allowance_call(
                token_address=CONFIG.collateral_token, owner=owner, spender=CONFIG.standard_exchange
            )
            assert sdk.decode_erc20_allowance_result(await node.read(asked)) == allowed
            operated = sdk.erc1155_is_approved_for_all_call(
                token_address=CONFIG.conditional_tokens, owner=owner, operator=CONFIG.collateral_adapter
            )
            assert sdk.decode_erc1155_is_approved_for_all_result(await node.read(operated)) is bool(allowed)


async def test_a_payout_is_read_once_the_market_has_resolved(autojump_clock: MockClock) -> None:
    from adapters.emulator import abi

    async with open_venue() as venue:
        node, market = Node(venue), venue.listings[0]

        async def read(signature: str, *words: int) -> int:
            data = abi.selector(signature) + bytes.fromhex(market.market.condition_id[2:]) + abi.words(*words)
            asked = {"to": addresses.CONDITIONAL_TOKENS, "data": "0x" + data.hex()}
            return int(await node.ask("eth_call", asked, "latest"), 16)

        venue.emulator.desk.lifecycle.propose(market, YES_WINS)
        assert await read("payoutDenominator(bytes32)") == 0
        venue.emulator.desk.lifecycle.resolve(market, YES_WINS)
        denominator = await read("payoutDenominator(bytes32)")
        numerators = [await read("payoutNumerators(bytes32,uint256)", outcome) for outcome in (0, 1)]
        assert numerators == [denominator, 0]
        assert denominator > 0


async def test_an_eoa_splits_and_merges_by_its_own_transactions(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        node, market = Node(venue), venue.listings[0]
        assert await node.ask("eth_chainId") == "0x89"
        first = await node.send(split(market, 5 * ONE), 0)
        second = await node.send(merge(market, 2 * ONE), 1)
        assert await node.ask("eth_getTransactionReceipt", first) is None
        counts = [await node.ask("eth_getTransactionCount", ANN.address, block) for block in ("latest", "pending")]
        assert counts == ["0x0", "0x2"]
        await trio.sleep(3)
        receipts = [await node.ask("eth_getTransactionReceipt", sent) for sent in (first, second)]
        assert [(one["transactionHash"], one["status"]) for one in receipts] == [(first, "0x1"), (second, "0x1")]
        assert await node.shares(ANN.address, market, CONFIG.conditional_tokens) == (3 * ONE, 3 * ONE)
        assert await node.ask("eth_getTransactionCount", ANN.address, "latest") == "0x2"


async def test_a_transaction_that_reverts_has_a_receipt_that_says_so_and_changes_nothing(
    autojump_clock: MockClock,
) -> None:
    async with open_venue() as venue:
        node, market = Node(venue), venue.listings[0]
        sent = await node.send(merge(market, ONE), 0)
        await trio.sleep(3)
        assert (await node.ask("eth_getTransactionReceipt", sent))["status"] == "0x0"
        assert await node.shares(ANN.address, market, CONFIG.conditional_tokens) == (0, 0)
        assert (await node.send(split(market, ONE), 1)).startswith("0x")


async def test_what_would_revert_is_told_when_its_gas_is_asked_for(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        node, market = Node(venue), venue.listings[0]

        async def estimate(call: Call) -> Any:  # noqa: ANN401 - a number or an error
            return await node.ask("eth_estimateGas", {"from": ANN.address, "to": str(call.to), "data": call.data})

        assert int(await estimate(split(market, ONE)), 16) > 21_000
        answer = await estimate(merge(market, ONE))
        assert (answer["code"], answer["message"][:18]) == (3, "execution reverted")
        assert await node.shares(ANN.address, market, CONFIG.conditional_tokens) == (0, 0)


@pytest.mark.parametrize(("nonce", "way"), [(1, "high"), (5, "high")])
async def test_nonces_come_one_after_the_other(nonce: int, way: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        node, market = Node(venue), venue.listings[0]
        assert f"nonce too {way}" in (await node.send(split(market, ONE), nonce))["message"]
        await node.send(split(market, ONE), 0)
        assert "nonce too low" in (await node.send(split(market, 2 * ONE), 0))["message"]


async def test_requests_come_alone_or_in_batches_and_bad_ones_are_answered_one_by_one(
    autojump_clock: MockClock,
) -> None:
    async with open_venue() as venue:
        node = Node(venue)
        bodies = [
            {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
            {"jsonrpc": "2.0", "id": 2, "method": "eth_mine", "params": []},
            {"jsonrpc": "2.0", "id": 3, "method": "eth_call", "params": [{"to": addresses.PUSD_TOKEN, "data": "0x1"}]},
            {"jsonrpc": "2.0", "id": 4, "method": "eth_call", "params": []},
            {
                "jsonrpc": "2.0",
                "id": 5,
                "method": "eth_call",
                "params": [{"to": addresses.ROUTER, "data": "0x"}, "latest"],
            },
            7,
        ]
        answers = await node.post(bodies)
        assert [answer.get("error", {}).get("code", answer.get("result")) for answer in answers] == [
            *("0x89", -32601, -32602, -32602),
            *("0x", -32600),
        ]
        assert [answer["id"] for answer in answers[:5]] == [1, 2, 3, 4, 5]
        assert (await node.rest.call("POST", "/", b"{"))[1]["error"]["code"] == -32700
        block = await node.ask("eth_getBlockByNumber", "latest", False)
        assert int(block["timestamp"], 16) == int(venue.wall())
        assert block["number"] == await node.ask("eth_blockNumber")


async def test_protocol_v2_markets_split_merge_and_redeem_through_the_router(autojump_clock: MockClock) -> None:
    listings = generate(3, DRAFTS[:1])
    market = listings.all[0]
    market.market = with_position_ids(market.market, Random(3))
    async with open_venue(listings=Listings.of([market])) as venue:
        ann, node = Submitter(venue), Node(venue)
        condition, router = market.market.condition_id, CONFIG.protocol_v2_router
        await ann.submit(
            "WALLET",
            sdk.router_split_call(router=router, condition_id=condition, amount=9 * ONE),
            sdk.router_merge_call(router=router, condition_id=condition, amount=4 * ONE),
        )
        await trio.sleep(6)
        held = await node.shares(ann.owned.deposit, market, CONFIG.position_manager)
        assert held == (5 * ONE, 5 * ONE)
        venue.emulator.desk.lifecycle.resolve(market, YES_WINS)
        redeems = [
            sdk.router_redeem_call(router=router, condition_id=condition, outcome_index=outcome, amount=amount)
            for outcome, amount in ((0, 2 * ONE), (1, 5 * ONE))
        ]
        _, answer = await ann.submit("WALLET", *redeems)
        await trio.sleep(6)
        assert await ann.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)
        assert await node.shares(ann.owned.deposit, market, CONFIG.position_manager) == (3 * ONE, 0)
        account = venue.emulator.exchange.accounts.open(ann.owned.deposit)
        assert account.cash == FUNDING - 3 * ONE


async def test_nos_of_a_neg_risk_event_convert_through_its_adapter(autojump_clock: MockClock) -> None:
    from adapters.emulator import abi
    from adapters.emulator.wire_gamma import neg_risk_id

    race = neg_risk_event("race", 4)
    assert len({neg_risk_id(market) for market in race}) == 1
    async with open_venue(listings=Listings.of(race)) as venue:
        ann = Submitter(venue)
        account = venue.emulator.exchange.accounts.open(ann.owned.safe)
        for market in race[:2]:
            venue.emulator.desk.chain.split(account, market, 6 * ONE)
        event = bytes.fromhex(neg_risk_id(race[0])[2:])
        data = abi.selector("convertPositions(bytes32,uint256,uint256)") + event + abi.words(0b0011, 4 * ONE)
        _, answer = await ann.submit("SAFE", Call(CONFIG.neg_risk_collateral_adapter, HexString("0x" + data.hex())))
        await trio.sleep(6)
        assert await ann.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)
        assert [account.shares[one.market.no] for one in race] == [2 * ONE, 2 * ONE, 0, 0]
        assert [account.shares[one.market.yes] for one in race] == [6 * ONE, 6 * ONE, 4 * ONE, 4 * ONE]
        assert account.cash == FUNDING - 12 * ONE + 4 * ONE
