"""The relayer as wallets meet it: it does what was really signed, once, one batch of a wallet at a time."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import trio
from eth_account.messages import encode_typed_data
from polymarket._internal.actions.relayer.submit import is_retryable_submit_error, onchain_nonce_from_submit_error
from polymarket.errors import RequestRejectedError
from py_clob_client_v2.signing.hmac import build_hmac_signature
from trio.testing import MockClock

from adapters.emulator.accounts import FUNDED, FUNDING
from adapters.emulator.lifecycle import HALVES
from tests.clients.wallets import CONFIG, KINDS, Envelope, Submitter, merge, redeem, sdk, split
from tests.emulator.harness import Venue, open_venue

ONE = 1_000_000


def holdings(venue: Venue, wallet: str) -> tuple[int, int, int]:
    """(pUSD, YES, NO) of the first market, in base units."""
    account = venue.emulator.exchange.accounts.get(wallet)
    assert account is not None
    market = venue.listings[0].market
    return account.cash, account.shares[market.yes], account.shares[market.no]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_batch_goes_through_every_state_and_moves_money_when_it_is_mined(
    kind: str, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        status, answer = await ann.submit(kind, split(venue.listings[0], 5 * ONE))
        assert (status, answer["state"]) == (200, "STATE_NEW")
        seen = []
        for _ in range(60):
            seen.append((await ann.state(answer["transactionID"]), holdings(venue, ann.wallet(kind))))
            await trio.sleep(0.1)
        states = list(dict.fromkeys(state for (state, _), _ in seen))
        assert states == ["STATE_NEW", "STATE_EXECUTED", "STATE_MINED", "STATE_CONFIRMED"]
        for (state, _), held in seen:
            moved = state in ("STATE_MINED", "STATE_CONFIRMED")
            assert held == ((FUNDING - 5 * ONE, 5 * ONE, 5 * ONE) if moved else (FUNDING, 0, 0))


@pytest.mark.parametrize("kind", KINDS)
async def test_several_calls_are_one_batch_and_happen_in_order(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        _, answer = await ann.submit(kind, split(market, 5 * ONE), merge(market, 2 * ONE), split(market, ONE))
        await trio.sleep(6)
        assert await ann.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)
        assert holdings(venue, ann.wallet(kind)) == (FUNDING - 4 * ONE, 4 * ONE, 4 * ONE)
        assert await ann.nonce(kind) == "1"


def _tampered(kind: str, envelope: Envelope) -> list[Envelope]:
    """The same batch with one thing changed after it was signed."""
    changes: list[dict[str, Any]] = [{"nonce": "1"}]
    if kind == "WALLET":
        terms = envelope["depositWalletParams"]
        other = [{**terms["calls"][0], "data": terms["calls"][0]["data"][:-1] + "1"}]
        changes += [
            {"depositWalletParams": {**terms, "deadline": str(int(terms["deadline"]) + 1)}},
            {"depositWalletParams": {**terms, "calls": other}},
            {"depositWalletParams": {**terms, "calls": terms["calls"] * 2}},
        ]
    else:
        key = "safeTxnGas" if kind == "SAFE" else "gasLimit"
        changes += [
            {"data": envelope["data"][:-1] + "1"},
            {"signatureParams": {**envelope["signatureParams"], key: "7"}},
        ]
    changes += [{"signature": envelope["signature"][:20] + "11" + envelope["signature"][22:]}, {"signature": "0x"}]
    return [{**copy.deepcopy(envelope), **change} for change in changes]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_not_signed_is_refused_and_never_happens(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        good = ann.envelope(kind, [split(venue.listings[0], 5 * ONE)], "0")
        for bad in _tampered(kind, good):
            assert await ann.post(bad) == (400, {"error": "invalid signature"})
        await trio.sleep(10)
        assert holdings(venue, ann.wallet(kind)) == (FUNDING, 0, 0)
        assert (await ann.post(good))[0] == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_speaks_for_somebody_elses_wallet(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob = Submitter(venue), Submitter(venue, FUNDED[1].private_key)
        theirs = bob.envelope(kind, [split(venue.listings[0], ONE)], "0")
        status, answer = await ann.post({**theirs, "from": ann.signer.address})
        assert (status, "does not belong to the signer" in answer["error"]) == (400, True)
        status, _ = await ann.post({**theirs, "from": "0x12"})
        assert status == 400


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wallet_has_one_batch_under_way_and_others_do_not_wait_for_it(
    kind: str, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        ann, bob, market = Submitter(venue), Submitter(venue, FUNDED[1].private_key), venue.listings[0]
        await ann.submit(kind, split(market, ONE))
        status, answer = await ann.submit(kind, split(market, 2 * ONE))
        assert (status, is_retryable_submit_error(RequestRejectedError(answer["error"], status=status))) == (400, True)
        assert (await bob.submit(kind, split(market, ONE)))[0] == 200
        await trio.sleep(3)
        assert (await ann.submit(kind, split(market, 2 * ONE)))[0] == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_nonce_is_refused_with_the_right_one(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        status, answer = await ann.post(ann.envelope(kind, [split(venue.listings[0], ONE)], "4"))
        assert onchain_nonce_from_submit_error(RequestRejectedError(answer["error"], status=status)) == "0"


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_batch_twice_is_one_transaction(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        envelope = ann.envelope(kind, [split(venue.listings[0], ONE)], "0")
        _, first = await ann.post(envelope)
        _, second = await ann.post(envelope)
        await trio.sleep(10)
        _, third = await ann.post(envelope)
        assert first["transactionID"] == second["transactionID"] == third["transactionID"]
        assert third["state"] == "STATE_CONFIRMED"
        await trio.sleep(10)
        assert holdings(venue, ann.wallet(kind)) == (FUNDING - ONE, ONE, ONE)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_work_is_never_sent_and_may_come_again(kind: str, autojump_clock: MockClock) -> None:
    """All of a batch or none of it: the split before the impossible merge leaves nothing behind."""
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        envelope = ann.envelope(kind, [split(market, ONE), merge(market, 3 * ONE)], "0")
        _, answer = await ann.post(envelope)
        await trio.sleep(10)
        state, problem = await ann.state(answer["transactionID"])
        assert (state, problem) == ("STATE_INVALID", "execution reverted: ERC1155: burn amount exceeds balance")
        assert holdings(venue, ann.wallet(kind)) == (FUNDING, 0, 0)
        assert await ann.nonce(kind) == "0"
        account = venue.emulator.exchange.accounts.open(ann.wallet(kind))
        venue.emulator.desk.chain.split(account, market, 2 * ONE)
        _, again = await ann.post(envelope)
        assert again["transactionID"] != answer["transactionID"]
        await trio.sleep(10)
        assert await ann.state(again["transactionID"]) == ("STATE_CONFIRMED", None)


async def test_a_batch_that_reverts_on_the_chain_fails_and_uses_its_nonce(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, chain = Submitter(venue), venue.emulator.desk.chain
        account = venue.emulator.exchange.accounts.open(ann.owned.safe)
        _, answer = await ann.submit("SAFE", split(venue.listings[0], ONE), split(venue.listings[0], 2 * ONE))
        await trio.sleep(1)
        assert await ann.state(answer["transactionID"]) == ("STATE_EXECUTED", None)
        chain.transfer(account, FUNDED[1].address, FUNDING - 2 * ONE)
        await trio.sleep(5)
        state, problem = await ann.state(answer["transactionID"])
        assert (state, problem) == ("STATE_FAILED", "execution reverted: ERC20: transfer amount exceeds balance")
        assert holdings(venue, ann.owned.safe) == (2 * ONE, 0, 0)
        assert await ann.nonce("SAFE") == "1"


async def test_a_batch_past_its_deadline_is_never_sent(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        late = ann.envelope("WALLET", [split(venue.listings[0], ONE)], "0", deadline=int(venue.wall()) - 1)
        _, answer = await ann.post(late)
        await trio.sleep(3)
        assert await ann.state(answer["transactionID"]) == (
            "STATE_INVALID",
            "execution reverted: deadline has passed",
        )


async def test_a_minute_takes_twenty_five_submits(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        statuses = [(await ann.post({"type": "?"}))[0] for _ in range(26)]
        assert statuses == [400] * 25 + [429]
        await trio.sleep(60)
        assert (await ann.post({"type": "?"}))[0] == 400


async def test_only_keys_of_the_venue_submit(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, envelope = Submitter(venue), {}
        envelope = ann.envelope("SAFE", [split(venue.listings[0], ONE)], "0")
        wrong = {**ann.headers, "RELAYER_API_KEY": "00000000-0000-4000-8000-000000000000"}
        foreign = {**ann.headers, "RELAYER_API_KEY_ADDRESS": FUNDED[1].address}
        for headers in ({}, wrong, foreign):
            assert (await ann.post(envelope, headers))[0] == 401
        account = "/v1/account/transactions/params?address=" + ann.signer.address
        assert (await ann.rest.call("GET", account + "&type=SAFE"))[0] == 401
        assert (await ann.post(envelope))[0] == 200


@pytest.mark.parametrize("body", [None, [], "x", {"type": "SAFE"}, {"type": "PROXY", "from": 7}, {"type": "WALLET"}])
async def test_a_body_that_is_no_batch_is_refused(body: object, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        assert (await Submitter(venue).post(body))[0] == 400


async def test_a_new_key_gets_its_deposit_wallet_and_somebodys_money(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        rich, new = Submitter(venue), Submitter(venue, "0x" + "22" * 32)
        deployed = f"/deployed?address={new.owned.deposit}&type=WALLET"
        assert await new.get(deployed) == (200, {"deployed": False})
        early = new.envelope("WALLET", [split(venue.listings[0], ONE)], "0")
        assert "is not deployed" in (await new.post(early))[1]["error"]
        factory = CONFIG.wallet_derivation.deposit_wallet_factory
        status, answer = await new.post({"type": "WALLET-CREATE", "from": new.signer.address, "to": factory})
        assert (status, answer["state"]) == (200, "STATE_NEW")
        gift = sdk.erc20_transfer_call(
            token_address=CONFIG.collateral_token, recipient=new.owned.deposit, amount=9 * ONE
        )
        await rich.submit("SAFE", gift)
        await trio.sleep(6)
        assert await new.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)
        assert await new.get(deployed) == (200, {"deployed": True})
        assert holdings(venue, new.owned.deposit)[0] == 9 * ONE
        assert holdings(venue, rich.owned.safe)[0] == FUNDING - 9 * ONE


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


async def test_older_clients_read_their_transactions_in_camel_case(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        _, answer = await ann.submit("SAFE", split(venue.listings[0], ONE))
        await trio.sleep(6)
        (row,) = (await ann.get(f"/transaction?id={answer['transactionID']}"))[1]
        assert (row["transactionID"], row["state"], row["proxyAddress"]) == (
            answer["transactionID"],
            "STATE_CONFIRMED",
            ann.owned.safe,
        )
        assert (await ann.get("/transactions"))[1] == [row]
        assert (await ann.get("/transaction?id=none"))[0] == 404
        assert (await ann.get(f"/nonce?address={ann.signer.address}&type=SAFE"))[1]["nonce"] == "1"


async def test_a_new_key_gets_its_safe_by_signing_for_it(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        new = Submitter(venue, "0x" + "33" * 32)
        zero, factory = "0x" + "00" * 20, CONFIG.wallet_derivation.safe_factory
        typed = {
            "types": {
                "EIP712Domain": _fields(name="string", chainId="uint256", verifyingContract="address"),
                "CreateProxy": _fields(paymentToken="address", payment="uint256", paymentReceiver="address"),
            },
            "primaryType": "CreateProxy",
            "domain": {"name": "Polymarket Contract Proxy Factory", "chainId": 137, "verifyingContract": factory},
            "message": {"paymentToken": zero, "payment": 0, "paymentReceiver": zero},
        }
        signature = new.signer.sign_message(encode_typed_data(full_message=typed)).signature.hex()
        envelope = {
            "type": "SAFE-CREATE",
            "from": new.signer.address,
            "to": factory,
            "proxyWallet": new.owned.safe,
            "data": "0x",
            "signature": "0x" + signature.removeprefix("0x"),
            "signatureParams": {"paymentToken": zero, "payment": "0", "paymentReceiver": zero},
        }
        deployed = f"/deployed?address={new.owned.safe}"
        assert (await new.post({**envelope, "signature": "0x" + "11" * 65}))[0] == 400
        assert (await new.post({**envelope, "proxyWallet": Submitter(venue).owned.safe}))[0] == 400
        assert (await new.post(envelope))[0] == 200
        await trio.sleep(6)
        assert await new.get(deployed) == (200, {"deployed": True})
        status, again = await new.post(envelope)
        assert (status, "already deployed" in again["error"]) == (400, True)


def _fields(**kinds: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in kinds.items()]


async def test_a_safe_delegates_to_nothing_but_the_batch_contract(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        batch = ann.envelope("SAFE", [split(market, ONE), merge(market, ONE)], "0")
        assert batch["signatureParams"]["operation"] == "1"
        status, answer = await ann.post({**batch, "to": CONFIG.collateral_adapter})
        assert (status, "has to be multiSend" in answer["error"]) == (400, True)
        assert (await ann.post(batch))[0] == 200


async def test_a_builder_key_submits_until_it_is_revoked(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        desk = venue.emulator.desk
        key = desk.builders.create(ann.signer.address)
        envelope = ann.envelope("SAFE", [split(venue.listings[0], ONE)], "0")

        def headers(secret: str) -> dict[str, str]:
            stamp = str(int(venue.wall()))
            return {
                "POLY_BUILDER_API_KEY": key.key,
                "POLY_BUILDER_PASSPHRASE": key.passphrase,
                "POLY_BUILDER_TIMESTAMP": stamp,
                "POLY_BUILDER_SIGNATURE": build_hmac_signature(secret, stamp, "POST", "/submit", json.dumps(envelope)),
            }

        assert (await ann.post(envelope, headers("c2VjcmV0")))[0] == 401
        assert (await ann.post(envelope, headers(key.secret)))[0] == 200
        desk.builders.revoke(key)
        assert (await ann.post(envelope, headers(key.secret)))[0] == 401
